"""What Slicer's "Reload and Test" and its test runner do."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from GreycloakLib.choices import Choices, Pseudonyms

if TYPE_CHECKING:
    from GreycloakLib.run import Summary


def anonymize_a_sample(logic: Any) -> Summary:  # noqa: ANN401  a GreycloakLogic
    """Anonymize an image that pydicom brings along, with a key and store of its own."""
    from pydicom.data import get_testdata_file  # noqa: PLC0415  bundled with Slicer

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        source = place / "source"
        source.mkdir()
        sample = get_testdata_file("CT_small.dcm", download=False)
        assert isinstance(sample, str)
        (source / "image.dcm").write_bytes(Path(sample).read_bytes())
        pseudonyms = Pseudonyms(address=f"sqlite:///{place / 'store.sqlite'}", key_file=place / "key")
        found: Summary = logic.anonymizeFolder(
            source, choices=Choices(pseudonyms=pseudonyms), destination=place / "anonymized"
        )
        return found
