"""What Slicer's "Reload and Test" and its test runner do."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from GreycloakLib.choices import Choices, Pseudonyms
from GreycloakLib.finding_core import CoreMissingError, import_core

if TYPE_CHECKING:
    import unittest


def check_a_sample(test: unittest.TestCase, logic: Any) -> None:  # noqa: ANN401  a GreycloakLogic
    """Anonymize an image that pydicom brings along, with a key and store of its own; skip if packages are missing."""
    try:
        import_core()
    except CoreMissingError as error:  # nobody has agreed to their installation yet
        test.skipTest(str(error))
    from pydicom.data import get_testdata_file  # noqa: PLC0415  bundled with Slicer

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        source = place / "source"
        source.mkdir()
        sample = get_testdata_file("CT_small.dcm", download=False)
        assert isinstance(sample, str)
        (source / "image.dcm").write_bytes(Path(sample).read_bytes())
        pseudonyms = Pseudonyms(address=f"sqlite:///{place / 'store.sqlite'}", key_file=place / "key")
        summary = logic.anonymizeFolder(
            source, choices=Choices(pseudonyms=pseudonyms), destination=place / "anonymized"
        )
        test.assertEqual((summary.anonymized, len(summary.quarantined)), (1, 0))  # noqa: PT009  unittest's
