"""Anonymize a folder into Slicer's DICOM database, without the panel: an example to start from.

    Slicer --no-splash --no-main-window --python-script anonymize_folder.py FOLDER [PROFILE] [PROJECT]

Only anonymized copies enter the database. The exit status is 0 if every file went through, 1 if some were quarantined,
2 if nothing was delivered.
"""

import sys

import ctk

import slicer


def anonymize(folder, profile="basic", project="default"):
    """Anonymize a folder into the database; return the exit status."""
    from Greycloak import GreycloakLogic
    from GreycloakLib.choices import Choices
    from GreycloakLib.finding_core import CoreMissingError
    from GreycloakLib.problems import ProblemError

    try:
        summary = GreycloakLogic().anonymizeFolder(
            folder,
            choices=Choices(profile=profile, project=project),
            database=slicer.dicomDatabase,
            make_indexer=ctk.ctkDICOMIndexer,
        )
    except (CoreMissingError, ProblemError) as problem:
        print(f"Nothing was delivered: {problem}")
        return 2
    for line in summary.tally.lines():
        print(line)
    return 1 if summary.quarantined else 0


if __name__ == "__main__":
    slicer.util.exit(anonymize(*sys.argv[1:]))
