"""The command line of Greycloak with Slicer's Python.

    PythonSlicer greycloak_cli.py anonymize incoming anonymized --project trial

or, where only Slicer itself can be started:

    Slicer --no-splash --no-main-window --python-script greycloak_cli.py anonymize incoming anonymized --workers 1
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from GreycloakLib.finding_core import import_core

if __name__ == "__main__":
    import_core()
    from greycloak.cli import main

    status = main(sys.argv[1:])
    try:
        import slicer
    except ImportError:  # another Python than Slicer's
        sys.exit(status)
    if not hasattr(slicer, "app"):  # PythonSlicer, which is no application
        sys.exit(status)
    slicer.util.exit(status)
