"""From files to checked tables: every row that comes in ends as accepted or as rejected with its reason."""

from geo.intake.accept import Intake, accept
from geo.intake.reading import RawTable, read_table

__all__ = ["Intake", "RawTable", "accept", "read_table"]
