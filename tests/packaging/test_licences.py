"""Whatever Greycloak needs may be given away together with it."""

from __future__ import annotations

from importlib.metadata import distribution

import pytest
from dependencies import EXTRAS, needed

# Apache-2.0 and AGPL-3.0-or-later go with all of these. A new one needs somebody who has thought about it.
ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "LGPL-3.0-only",  # psycopg: used as a library that anybody can replace
    "LLVM-exception",  # llvmlite: leave to link without the conditions of Apache-2.0
    "MIT",
    "MIT-0",
    "MIT-CMU",  # Pillow
    "MPL-2.0",  # certifi, tqdm: used as they are
    "PSF-2.0",
    "Zlib",
}
SAID_OTHERWISE = {
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "3-Clause BSD License": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}


def licences(name):
    """Return the licences of a package, as SPDX spells them."""
    said = distribution(name).metadata
    if expression := said.get("License-Expression"):
        return set(expression.replace("(", " ").replace(")", " ").split()) - {"AND", "OR", "WITH"}
    classifiers = [line.rpartition(" :: ")[2] for line in said.get_all("Classifier", []) if line.startswith("License")]
    classifiers = [one for one in classifiers if one != "OSI Approved"]  # the heading of all others
    if classifiers:
        return {SAID_OTHERWISE.get(one, one) for one in classifiers}
    return {SAID_OTHERWISE.get(one, one) for one in (said.get("License") or "nothing").split(" AND ")}


@pytest.mark.parametrize("name", needed("greycloak", EXTRAS))
def test_the_licence_of_a_dependency_is_one_that_is_allowed(name):
    allowed = ALLOWED | {"AGPL-3.0-or-later"} if name == "greycloak" else ALLOWED
    assert licences(name) <= allowed


def test_the_whole_tree_is_looked_at():
    assert {"cffi", "certifi", "pydantic-core", "psycopg-binary", "typing-extensions"} <= set(
        needed("greycloak", EXTRAS)
    )
