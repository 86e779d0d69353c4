"""What Orthanc's "PythonScript" points at: find Greycloak's packages, and start it.

Packages come from the virtual environment that ``VirtualEnvironment`` in section ``"Greycloak"`` names (of the minor
version of Python that the plugin embeds), from the Python path otherwise.
"""

import json
import site
import sys
import sysconfig
from pathlib import Path

import orthanc

section = json.loads(orthanc.GetConfiguration()).get("Greycloak", {})
environment = section.get("VirtualEnvironment") if isinstance(section, dict) else None
if environment:
    packages = sysconfig.get_path("purelib", "venv", {"base": environment, "platbase": environment})
    if not Path(packages).is_dir():
        orthanc.LogError(f"Greycloak does not start: there is no {packages}; make the virtual environment anew")
    before = len(sys.path)
    site.addsitedir(packages)
    sys.path[:] = sys.path[before:] + sys.path[:before]  # before what the distribution packages

from greycloak_orthanc import plugin  # noqa: E402  only now can it be found

plugin.register()
