"""Files of any office become typed rows: read, recognised, and accepted or rejected one by one."""

from geo.intake.accept import accept
from geo.intake.outcome import Intake, Kind, Rejection, compare
from geo.intake.reading import FIXLIST_COLUMNS, RawTable, places_in_file, read_table, row_in_file, without_rows
from geo.intake.record_file import read_records

__all__ = [
    "FIXLIST_COLUMNS",
    "Intake",
    "Kind",
    "RawTable",
    "Rejection",
    "accept",
    "compare",
    "places_in_file",
    "read_records",
    "read_table",
    "row_in_file",
    "without_rows",
]
