"""Many objects: find them, de-identify them, and put the new ones in place."""

from greycloak.batch.job import Job, Result
from greycloak.batch.layouts import Layout, LayoutError, output_path
from greycloak.batch.run import ProcessDiedError, record_run, run

__all__ = ["Job", "Layout", "LayoutError", "ProcessDiedError", "Result", "output_path", "record_run", "run"]
