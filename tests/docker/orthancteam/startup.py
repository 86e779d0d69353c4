"""What the image of the Orthanc team does with variables before it starts Orthanc, as far as Greycloak needs it."""

import json
import os
import sys
from pathlib import Path

configuration = {}


def set_value(path, value):
    section = configuration
    for name in path[:-1]:
        section = section.setdefault(name, {})
    section[path[-1]] = value


for file in sorted(Path("/etc/orthanc").glob("*.json")):
    lines = file.read_text().splitlines()
    configuration |= json.loads("".join(line for line in lines if not line.startswith("//")))
for variable, text in os.environ.items():
    if variable.startswith("ORTHANC__"):
        names = variable.removeprefix("ORTHANC__").split("__")
        path = ["".join(word.capitalize() for word in name.split("_")) for name in names]
        try:
            set_value(path, json.loads(text))
        except ValueError:
            set_value(path, text)
defaults = {"StorageDirectory": "/var/lib/orthanc/db", "RemoteAccessAllowed": True, "AuthenticationEnabled": True}
if "PythonScript" in configuration:
    defaults["Plugins"] = ["/usr/share/orthanc/plugins-available/libOrthancPython.so"]
Path(sys.argv[1]).write_text(json.dumps(defaults | configuration))
os.execvp("Orthanc", ["Orthanc", sys.argv[1]])
