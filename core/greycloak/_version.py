"""Who wrote an object: the version, and the names it goes by inside DICOM."""

__version__ = "0.1.0"

IMPLEMENTATION_CLASS_UID = "2.25.32188288933348809497055725081366246918"
"""Greycloak's own, made once from a random UUID (PS3.5 section B.2)."""

IMPLEMENTATION_VERSION_NAME = f"GREYCLOAK_{__version__}"
