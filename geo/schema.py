"""Every table: columns, types, units and allowed values. The names are final; the lists may grow.

No table has a column for a person's name, ethnicity or religion. A place is given as WGS 84 ``lon``/``lat``, or
as ``commune_code`` with the ``vintage`` of the unit system it belongs to, or as ``commune`` (and ``district``) names,
or as a ``village`` of the user's list.
"""

import pandas as pd
import pandera.pandas as pa

AGENCIES = ("police", "border_guard", "labour", "justice", "womens_union", "information")
CASE_SOURCES = ("police", "border_guard", "hotline", "mailbox", "return", "other")
PRECISIONS = ("point", "commune", "district")
ABSENCE_STATUSES = ("open", "verified_trafficked", "returned", "cleared")
SEXES = ("female", "male", "unknown")
AGE_BANDS = ("0-5", "6-11", "12-15", "16-17", "18-24", "25-39", "40+", "unknown")
SERVICE_KINDS = ("mailbox", "legal_club", "womens_club", "support_model")
NEIGHBOURS = ("LAO", "CHN", "KHM")
CROSSING_KINDS = ("international", "main", "secondary", "opening", "trail")
GEOMETRY_QUALITIES = ("official", "approximate")
DATA_KINDS = ("recorded", "simulated")
VINTAGES = ("2020-01-01", "2025-07-01")
"""The days on which the unit systems that the program knows took effect."""

LINK_STATUSES = ("proposed", "confirmed", "undone")

DATE_PRECISIONS = ("day", "month", "quarter", "half_year", "year")
BOUNDS = ("more_than", "at_least", "nearly", "about", "at_most", "less_than")

CODE = r"^\d{5}$"
COVARIATE_NAME = r"^[a-z][a-z0-9_]{0,39}$"
COVARIATE_STATS = ("mean", "share", "distance", "density", "count")
MOST_OF_A_ROW = 10_000
"""No row tells of more victims, offenders or sessions: it is a slip, or the number of an identity card."""
MOST_ATTENDEES = 1_000_000
"""More than the province has inhabitants."""
EARLIEST = pd.Timestamp("1990-01-01")
"""No record is older: the fight against trafficking keeps no rows from before."""


def _text(allowed: tuple[str, ...] | None = None, *, nullable: bool = False, required: bool = True) -> pa.Column:
    return pa.Column(str, pa.Check.isin(allowed) if allowed else None, nullable=nullable, required=required)


def _count(
    *, at_least: int = 0, at_most: int | None = None, nullable: bool = False, required: bool = True
) -> pa.Column:
    checks = [pa.Check.ge(at_least), *([] if at_most is None else [pa.Check.le(at_most)])]
    return pa.Column("Int64", checks, nullable=nullable, required=required)


def _measure(
    *, low: float = 0.0, high: float = float("inf"), nullable: bool = True, required: bool = False
) -> pa.Column:
    return pa.Column(float, pa.Check.in_range(low, high), nullable=nullable, required=required)


def _date(*, nullable: bool = False, required: bool = True) -> pa.Column:
    return pa.Column("datetime64[ns]", pa.Check.ge(EARLIEST), nullable=nullable, required=required)


def _identifier() -> pa.Column:
    return pa.Column(str, pa.Check.str_length(min_value=1, max_value=64), unique=True)


PLACE = {
    "lon": _measure(low=-180, high=180),
    "lat": _measure(low=-90, high=90),
    "commune_code": pa.Column(str, pa.Check.str_matches(CODE), nullable=True, required=False),
    "vintage": _text(VINTAGES, nullable=True, required=False),
    "commune": _text(nullable=True, required=False),
    "district": _text(nullable=True, required=False),
    "village": _text(nullable=True, required=False),
}
"""The columns that say where, in every table whose rows have a place."""

KIND_OF_DATA = {"data_kind": _text(DATA_KINDS, nullable=True, required=False)}
"""Simulated rows say so in every table, and so does every output that they reach; recorded ones need not."""

PRECISION_OF_DATE = {"date_precision": _text(DATE_PRECISIONS, nullable=True, required=False)}
"""How long the time is that a record's date begins: a day where it is empty."""

PROVENANCE = {
    "intake_id": _text(nullable=True, required=False),
    "file_sheet": _text(nullable=True, required=False),
    "file_row": _count(nullable=True, required=False),
}
"""Where a stored record came from; files do not bring these columns, the program adds them."""

CASES = pa.DataFrameSchema(
    {
        "case_id": _identifier(),
        "date": _date(),
        **PRECISION_OF_DATE,
        **PLACE,
        "precision": _text(PRECISIONS, nullable=True, required=False),
        "victims": _count(at_most=MOST_OF_A_ROW),
        "offenders": _count(at_most=MOST_OF_A_ROW, nullable=True, required=False),
        "crossing_id": _text(nullable=True, required=False),
        "source": _text(CASE_SOURCES),
        **KIND_OF_DATA,
    },
    name="cases",
)
ABSENCES = pa.DataFrameSchema(
    {
        "absence_id": _identifier(),
        "reported_on": _date(),
        **PRECISION_OF_DATE,
        "absent_since": _date(nullable=True, required=False),
        **PLACE,
        "sex": _text(SEXES, nullable=True, required=False),
        "age_band": _text(AGE_BANDS, nullable=True, required=False),
        "status": _text(ABSENCE_STATUSES),
        **KIND_OF_DATA,
    },
    name="absences",
)
OUTREACH = pa.DataFrameSchema(
    {
        "session_id": _identifier(),
        "date": _date(),
        **PRECISION_OF_DATE,
        **PLACE,
        "agency": _text(AGENCIES),
        "kind": _text(nullable=True, required=False),
        "sessions": _count(at_least=1, at_most=MOST_OF_A_ROW),
        "attendees": _count(at_most=MOST_ATTENDEES, nullable=True, required=False),
        "attendees_bound": _text(BOUNDS, nullable=True, required=False),
        **KIND_OF_DATA,
    },
    name="outreach",
)
SERVICES = pa.DataFrameSchema(
    {
        "service_id": _identifier(),
        "kind": _text(SERVICE_KINDS),
        "subkind": _text(nullable=True, required=False),
        **PLACE,
        "since": _date(nullable=True, required=False),
        "until": _date(nullable=True, required=False),
        **KIND_OF_DATA,
    },
    name="services",
)
POSTS = pa.DataFrameSchema(
    {
        "post_id": _identifier(),
        "name": _text(nullable=True, required=False),
        "teams": _count(at_least=1),
        "lon": _measure(low=-180, high=180, nullable=False, required=True),
        "lat": _measure(low=-90, high=90, nullable=False, required=True),
        **KIND_OF_DATA,
    },
    name="posts",
)
PATROLS = pa.DataFrameSchema(
    {
        "patrol_id": _identifier(),
        "date": _date(),
        "sector_id": _text(),
        "hours": _measure(low=0.0, high=24.0 * 31, nullable=False, required=True),
        "teams": _count(at_least=1),
        **KIND_OF_DATA,
    },
    name="patrols",
)

TABLES: dict[str, pa.DataFrameSchema] = {
    "cases": CASES,
    "absences": ABSENCES,
    "outreach": OUTREACH,
    "services": SERVICES,
    "posts": POSTS,
    "patrols": PATROLS,
}
"""The tables of records that `diemnong add` takes; the first identifier column is the table's key."""

VILLAGES = pa.DataFrameSchema(
    {
        "village": _text(),
        "commune_code": pa.Column(str, pa.Check.str_matches(CODE), nullable=True),
        "vintage": _text(VINTAGES, nullable=True),
        "lon": _measure(low=-180, high=180, required=True),
        "lat": _measure(low=-90, high=90, required=True),
    },
    name="villages",
)
COMMUNES = pa.DataFrameSchema(
    {
        "commune_code": pa.Column(str, pa.Check.str_matches(CODE), unique=True),
        "vintage": _text(VINTAGES),
        "name": _text(),
        "district": _text(nullable=True),
        "area_km2": _measure(nullable=False, required=True),
        "population": _count(),
        "women_children": _count(nullable=True),
        "border_km_laos": _measure(required=True),
        "border_km_china": _measure(required=True),
        "geometry_quality": _text(GEOMETRY_QUALITIES),
        "geometry": pa.Column("geometry"),
    },
    name="communes",
)
BORDER = pa.DataFrameSchema(
    {
        "sector_id": _identifier(),
        "neighbour": _text(NEIGHBOURS),
        "length_km": _measure(nullable=False, required=True),
        "geometry_quality": _text(GEOMETRY_QUALITIES),
        "geometry": pa.Column("geometry"),
    },
    name="border",
)
CROSSINGS = pa.DataFrameSchema(
    {
        "crossing_id": _identifier(),
        "name": _text(),
        "kind": _text(CROSSING_KINDS),
        "neighbour": _text(NEIGHBOURS),
        "commune_code": pa.Column(str, pa.Check.str_matches(CODE)),
        "position_quality": _text(("published", "demo", "unknown")),
        "geometry": pa.Column("geometry", nullable=True),
    },
    name="crossings",
)
WAYS = pa.DataFrameSchema(
    {
        "speed_kmh": _measure(high=120, required=True),
        "file": _text(),
        "sha256": pa.Column(str, pa.Check.str_matches(r"^[0-9a-f]{64}$")),
        "data_kind": _text(DATA_KINDS),
        "geometry": pa.Column("geometry"),
    },
    name="ways",
)
"""Roads, trails and rivers of the terrain: lines, rivers also areas; speeds of roads where they are known."""

REPEATS = pa.DataFrameSchema(
    {
        "table": _text(tuple(TABLES)),
        "key": _text(),
        **PLACE,
        **PROVENANCE,
    },
    name="repeats",
)
"""Rows of files that the store has from an earlier file: where else they came from, and how that says their place."""

LINKS_TABLE = pa.DataFrameSchema(
    {
        "id_a": _text(),
        "id_b": _text(),
        "score": _measure(high=1, required=True),
        "status": _text(LINK_STATUSES),
    },
    checks=pa.Check(lambda links: links["id_a"] < links["id_b"], name="id_a before id_b"),
    unique=["id_a", "id_b"],
    name="links",
)
"""Pairs of cases that may be one, by their identifiers in order; ``score`` is the probability that they are (missing if
one of them is not there any more). The program proposes them, users decide; they are no records that users add."""


OVERRIDES = pa.DataFrameSchema(
    {
        "commune_code": pa.Column(str, pa.Check.str_matches(CODE), unique=True),
        "vintage": _text(VINTAGES),
        "move": pa.Column("Int64", nullable=True),
        "to_rank": _count(at_least=1, nullable=True),
        "reason": _text(),
        "made_by": _text(nullable=True),
        "made_on": _date(),
        "until": _date(),
    },
    checks=pa.Check(lambda rows: rows["move"].isna() ^ rows["to_rank"].isna(), name="either a move or a rank"),
    name="overrides",
)
"""What planners decided about the rank of communes, one row each: so many places up (``move`` above 0) or down, or a
rank, up to and with the day ``until``."""

COVARIATES = pa.DataFrameSchema(
    {
        "commune_code": pa.Column(str, pa.Check.str_matches(CODE)),
        "vintage": _text(VINTAGES),
        "name": pa.Column(str, pa.Check.str_matches(COVARIATE_NAME)),
        "stat": _text(COVARIATE_STATS),
        "value": pa.Column(float, nullable=True),
        "missing": pa.Column(bool),
        "coverage": _measure(high=1, nullable=False, required=True),
        "unit": _text(nullable=True),
        "classes": _text(nullable=True),
        "file": _text(),
        "sha256": pa.Column(str, pa.Check.str_matches(r"^[0-9a-f]{64}$")),
        "data_kind": _text(DATA_KINDS),
        "measured_on": _text(),
        "intake_id": _text(),
    },
    checks=pa.Check(lambda rows: rows["missing"] == rows["value"].isna(), name="what is missing says so"),
    unique=["commune_code", "name"],
    name="covariates",
)
"""What layers of the user's say of each commune: a row for each commune and covariate. ``coverage`` is the share of the
commune that the layer speaks of, ``measured_on`` the commune layer (`geo.covariates.layer_digest`)."""


def key_of(table: str) -> str:
    """Return the name of the identifier column of a table of records.

    >>> key_of("cases")
    'case_id'
    """
    return next(str(name) for name, column in TABLES[table].columns.items() if column.unique)


def dtype_of(schema: pa.DataFrameSchema, column: str) -> str:
    """Return the pandas dtype of a column by name.

    >>> [dtype_of(CASES, name) for name in ("case_id", "date", "victims", "lon")]
    ['str', 'datetime64[ns]', 'Int64', 'float64']
    """
    dtype = str(schema.columns[column].dtype)
    return "str" if dtype.startswith("str") else dtype
