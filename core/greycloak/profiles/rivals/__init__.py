"""Rules of other tools, read into profiles: who comes from there keeps his rules, or is told which he cannot keep."""

from greycloak.profiles.rivals.sheet import Imported, ImportedLine
from greycloak.profiles.rivals.which import FORMATS, import_rules

__all__ = ["FORMATS", "Imported", "ImportedLine", "import_rules"]
