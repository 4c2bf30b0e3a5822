"""Rows with one trouble each: what is changed in a good row, and what has to become of it. All of it is made up."""

import unicodedata
from dataclasses import dataclass

CANARY = "KHONGLO-123"
"""Stands in each troubled row; nothing that is said of a file may hold it."""

ACCEPTED, REPAIRED, REJECTED, UNPLACED = "accepted", "repaired", "rejected", "unplaced"

PLACE = {"lon": "", "lat": "", "commune_code": "03160", "vintage": "2025-07-01", "commune": "", "district": ""}
GOOD = {
    "cases": {
        "case_id": "c-#",
        "date": "2017-03-31",
        **PLACE,
        "precision": "",
        "victims": "1",
        "offenders": "",
        "crossing_id": "lối mở #",
        "source": "police",
    },
    "absences": {
        "absence_id": "a-#",
        "reported_on": "2017-03-31",
        "absent_since": "2017-03-01",
        **PLACE,
        "sex": "female",
        "age_band": "12-15",
        "status": "open",
    },
    "outreach": {
        "session_id": "s-#",
        "date": "2017-03-31",
        **PLACE,
        "agency": "justice",
        "kind": "loa #",
        "sessions": "2",
        "attendees": "40",
    },
    "services": {
        "service_id": "v-#",
        "kind": "mailbox",
        "subkind": "",
        **PLACE,
        "since": "2016-01-01",
        "until": "2020-01-01",
    },
    "posts": {"post_id": "p-#", "name": "Chốt mẫu #", "teams": "2", "lon": "103.017", "lat": "21.386"},
    "patrols": {"patrol_id": "t-#", "date": "2017-03-31", "sector_id": "LAO-001", "hours": "7.5", "teams": "1"},
}
"""A good row of each table, as text; # is the number of the row."""


@dataclass(frozen=True)
class Trouble:
    """One changed row and its outcome.

    Attributes
    ----------
    name
        Of the entry.
    table
        Of `GOOD`.
    cells
        What is changed in the good row.
    outcome
        `ACCEPTED`, `REPAIRED`, `REJECTED`, or `UNPLACED` (accepted without a commune).
    column
        Which column is named in the message and the fix list.
    said
        A part of the reason or of the repair.
    mend
        What the fix list proposes.
    """

    name: str
    table: str
    cells: dict[str, str]
    outcome: str = ACCEPTED
    column: str = ""
    said: str = ""
    mend: str | None = None


def _of(table, column, outcome, *kinds):
    """Return entries that change one cell of a table: (name, cell, part of what is said[, mend])."""
    return [
        Trouble(f"{table} {column}: {name}", table, {column: cell}, outcome, column, said, *mend)
        for name, cell, said, *mend in kinds
    ]


def _at(outcome, column, *kinds):
    """Return cases with a place only: (name, cells, part of what is said[, mend])."""
    nowhere = dict.fromkeys(PLACE, "")
    return [
        Trouble(f"place: {name}", "cases", nowhere | cells, outcome, column, said, *mend)
        for name, cells, said, *mend in kinds
    ]


def _point(lon, lat=""):
    return {"lon": lon, "lat": lat}


COUNTS = [
    *_of(
        "cases",
        "victims",
        REJECTED,
        ("text", CANARY, "is not a whole number"),
        ("negative", "-2", "is less than 0"),
        ("not a number", "NaN", "is not a whole number"),
        ("infinite", "inf", "is not a whole number"),
        ("minus infinity of numpy", "-Infinity", "is not a whole number"),
        ("a half", "1,5", "is not a whole number"),
        ("digits lost to an exponent", "1E+05", "has lost digits"),
        ("a percentage", "50%", "is a percentage"),
        ("empty", "", "is empty"),
        ("unknown and needed", "không rõ", "is empty"),
        ("more than a float holds", "99999999999999999999", "is not a whole number"),
        ("a span", "2-3", "is not a whole number"),
        ("two numbers", "2 nữ 1 nam", "is not a whole number"),
        ("Excel's broken reference", "#REF!", "holds the error #REF! of its workbook"),
        ("a formula as text", "=1+1", "is not a whole number"),
        ("Arabic digits", "٣", "is not a whole number"),
        ("Roman digits", "IV", "is not a whole number"),
        ("a date", "2017-03-01", "is not a whole number"),
        ("a truth value", "True", "is not a whole number"),
        ("four hundred digits", "9" * 400, "is not a whole number"),
        ("unfinished exponent", "1e", "is not a whole number"),
        ("an exponent beyond all", "1e999", "has lost digits"),
        ("hexadecimal", "0x10", "is not a whole number"),
        ("an underscore of Python", "1_000", "is not a whole number"),
        ("a million in words", "1 triệu", "is not a whole number"),
    ),
    *_of(
        "cases",
        "victims",
        REPAIRED,
        ("a word", "hai", "read as 2: the cell holds a word"),
        ("no one", "không", "read as 0: the cell holds a word"),
        ("with a unit", "3 nạn nhân", "read as 3: the unit “nạn nhân” was left out"),
        ("at least", "≥ 4", "read as 4: the cell says at least"),
        ("thousands with a dot", "1.200", "read as 1200: the dot separates thousands"),
        ("zeros in front", "005", "zeros before it were left out"),
    ),
    *_of("cases", "victims", ACCEPTED, ("a float of a spreadsheet", "2.0", ""), ("none", "0", "")),
    *_of("cases", "offenders", REJECTED, ("negative", "-1", "is less than 0"), ("letter O", "1O", "is not a whole")),
    *_of("cases", "offenders", REPAIRED, ("unknown", "chưa rõ", "read as empty")),
    *_of("outreach", "sessions", REJECTED, ("none", "0", "is less than 1"), ("infinite", "∞", "is not a whole")),
    *_of(
        "outreach",
        "attendees",
        REPAIRED,
        ("more than", "trên 6.200 người", "read as 6200: the dot separates thousands; the cell says more than"),
        ("spaces for thousands", "17 400", "spaces separate thousands"),
    ),
    *_of("outreach", "attendees", REJECTED, ("negative", "-40", "is less than 0")),
    *_of("posts", "teams", REJECTED, ("none", "0", "is less than 1"), ("half a team", "0.5", "is not a whole")),
    *_of("patrols", "teams", REJECTED, ("negative", "-1", "is less than 0")),
    *_of(
        "patrols",
        "hours",
        REJECTED,
        ("more than a month has", "745", "is out of range"),
        ("negative", "-0.5", "is out of range"),
        ("not a number", "nan", "is not a number"),
        ("infinite", "Infinity", "is not a number"),
        ("minutes", "90 phút", "is not a number"),
        ("empty", "", "is empty"),
        ("a comma before three digits", "1,250", "can mean"),
    ),
    *_of("patrols", "hours", REPAIRED, ("with a unit", "7,5 giờ", "read as 7.5")),
]

DATES = [
    *_of(
        "cases",
        "date",
        REJECTED,
        ("of 1900", "1900-01-01", "is earlier than 1990-01-01"),
        ("of 2099", "2099-12-31", "lies in the future"),
        ("of tomorrow", "2018-01-03", "lies in the future"),
        ("the day before the first", "31/12/1989", "is earlier than"),
        ("no such day", "30/02/2017", "is not a date"),
        ("no leap year", "29/02/2017", "is not a date"),
        ("month 13 and day 32", "32/13/2017", "is not a date"),
        ("Buddhist", "31/03/2560", "if it is Buddhist, write 2017"),
        ("empty", "", "is empty"),
        ("text", CANARY, "is not a date"),
        ("a feast", "Tết năm 2017", "is not a date"),
        ("Excel's day zero", "0", "is not a date"),
        ("zeros", "00/00/0000", "is not a date"),
        ("of the year 1", "0001-01-01", "is earlier than"),
        ("beyond what nanoseconds reach", "2500-01-01", "lies in the future"),
        ("before what nanoseconds reach", "1500-01-01", "is earlier than"),
        ("of five digits of year", "10000-01-01", "is not a date"),
        ("not a time", "NaT", "is not a date"),
        ("a span", "01/03/2017 - 31/03/2017", "is not a date"),
        ("a day number of before", "32000", "is not a date"),
        ("without a year", "31/3", "is not a date"),
        ("a quarter without a year, and no title", "Quý II", "has no year"),
        ("of the lunar calendar", "tháng chạp năm 2017", "may be of the lunar calendar"),
    ),
    *_of(
        "cases",
        "date",
        REPAIRED,
        ("a month", "tháng 3/2017", "read as 2017-03-01: the first day of the month"),
        ("a quarter", "quý II năm 2017", "read as 2017-04-01: the first day of the quarter"),
        ("a half-year", "6 tháng đầu năm 2017", "the first day of the half-year"),
        ("a month in words", "tháng ba năm 2017", "read as 2017-03-01: the first day of the month"),
        ("nine months", "9 tháng đầu năm 2017", "the first day of the year; the cell names 9 months of it"),
        (
            "the month of the New Year",
            "Tháng Giêng/2017",
            "of the quarter; the month may be of the lunar",
        ),
        ("a year", "2017", "the first day of the year"),
        ("Excel's day number", "42825", "read as 2017-03-31"),
        ("month before day", "3/31/2017", "read as 2017-03-31: the month stands first"),
    ),
    *_of(
        "cases",
        "date",
        ACCEPTED,
        ("with dots", "31.3.2017", ""),
        ("in words", "ngày 31 tháng 3 năm 2017", ""),
        ("with a time zone", "2017-03-31T23:00:00+07:00", ""),
        ("a leap day", "29/02/2016", ""),
        ("of today", "2018-01-02", ""),
    ),
    *_of("absences", "absent_since", REJECTED, ("after the report", "2017-04-01", "comes after reported_on")),
    *_of("absences", "absent_since", REPAIRED, ("not known", "?", "read as empty")),
    *_of("absences", "reported_on", REJECTED, ("in the future", "2018-12-31", "lies in the future")),
    *_of("services", "until", REJECTED, ("never", "9999-12-31", "lies in the future")),
    *_of("services", "until", ACCEPTED, ("in the planned future", "2030-12-31", "")),
    Trouble(
        "services since: after its end",
        "services",
        {"since": "2017-06-01", "until": "2017-05-31"},
        REJECTED,
        "since",
        "comes after until",
    ),
    *_of("patrols", "date", REJECTED, ("of 2099", "2099-01-01", "lies in the future")),
]

WORDS = [
    *_of(
        "cases",
        "source",
        REJECTED,
        ("nobody's", CANARY, "is not one of"),
        ("misspelt", "polise", "is not one of: police, border guard", "công an"),
        ("empty", "", "is empty"),
        ("a missing value of pandas", "nan", "is not one of"),
    ),
    *_of("cases", "source", ACCEPTED, ("in Vietnamese capitals", "CÔNG AN", ""), ("a number", "111", "")),
    *_of("cases", "precision", REJECTED, ("unknown", "xóm", "is not one of")),
    *_of(
        "cases",
        "vintage",
        REJECTED,
        ("unknown", "2019-01-01", "is not one of: 2020-01-01, 2025-07-01", "2020-01-01"),
        ("as the day is written", "01/07/2025", "is not one of", "2025-07-01"),
        ("only its year", "2025", "is not one of", "2025-07-01"),
        ("words", "đơn vị cũ", "is not one of"),
    ),
    *_of(
        "cases",
        "crossing_id",
        REPAIRED,
        ("a person's name", "Lò Thị Khonglo", "looked like a person's name"),
        ("a telephone number", "0912345678", "looked like a person's name or number"),
        ("an identity card", "011123456789", "looked like a person's name or number"),
        ("an e-mail address", "khonglo@example.org", "looked like a person's name or number"),
    ),
    *_of("cases", "crossing_id", ACCEPTED, ("a formula", "=HYPERLINK(1)", ""), ("a script", "<script>1</script>", "")),
    *_of("absences", "sex", REJECTED, ("another", "x", "is not one of")),
    *_of("absences", "sex", ACCEPTED, ("in Vietnamese", "Nữ", "")),
    *_of(
        "absences",
        "age_band",
        REJECTED,
        ("made a date by Excel", "2017-12-15", "is not one of: 0-5, 6-11, 12-15", "12-15"),
        ("over two bands", "12-17", "is not one of: 0-5, 6-11, 12-15", "12-15 / 16-17"),
        ("below all ages", "trẻ em", "is not one of"),
    ),
    *_of(
        "absences", "age_band", REPAIRED, ("an age", "14 tuổi", "read as 12-15"), ("a bare age", "17", "read as 16-17")
    ),
    *_of("absences", "status", REJECTED, ("unknown", "mất tích", "is not one of"), ("empty", "", "is empty")),
    *_of("absences", "status", ACCEPTED, ("in Vietnamese", "Đã trở về", "")),
    *_of("outreach", "agency", REJECTED, ("unknown", "bưu điện", "is not one of")),
    *_of(
        "outreach",
        "agency",
        REPAIRED,
        ("of a district", "Hội LHPN huyện Mường Nhé", "read as women's union"),
        ("an office below it", "Phòng LĐ-TB&XH huyện", "read as labour"),
        ("a department", "Sở TT&TT", "read as information"),
    ),
    *_of("outreach", "agency", REJECTED, ("two", "Công an và Hội Phụ nữ", "is not one of")),
    *_of(
        "cases",
        "source",
        REPAIRED,
        ("a station", "Đồn Biên phòng Leng Su Sìn", "read as border guard"),
        ("a short name among others", "BĐBP tỉnh", "read as border guard"),
        ("an office that is no source of its own", "Phòng Tư pháp", "read as other"),
    ),
    *_of("outreach", "agency", ACCEPTED, ("by its short name", "Hội LHPN", "")),
    *_of("outreach", "kind", REPAIRED, ("a speaker's number", "0912 345 678", "looked like a person's name or number")),
    *_of("services", "kind", REJECTED, ("unknown", "quán cà phê", "is not one of")),
    *_of("services", "kind", ACCEPTED, ("in Vietnamese", "Hòm thư tố giác", "")),
    *_of("posts", "name", REPAIRED, ("a person's", "Giàng A Khonglo", "looked like a person's name")),
    *_of(
        "outreach",
        "kind",
        REPAIRED,
        ("a name in small letters", "gặp vừ a khonglo", "looked like a person's name"),
        ("an ethnicity", "dân tộc Mông, Khonglo", "said an ethnicity or a religion and was removed"),
        ("a religion", "đạo Tin Lành, Khonglo", "said an ethnicity or a religion and was removed"),
    ),
    *_of(
        "cases",
        "case_id",
        REPAIRED,
        ("a person's with low lines", "lo_van_khonglo", "looked like a person's name or number: one that is made"),
        ("a person's in one word", "LòVănKhonglo", "looked like a person's name or number: one that is made"),
    ),
    *_of(
        "cases",
        "victims",
        REJECTED,
        ("a card's number in groups", "145.678.901", "is like a telephone or identity-card number"),
        ("a number of eight digits", "40123456", "is like a telephone or identity-card number"),
        ("more than one row can tell of", "10001", "is more than 10000"),
    ),
    *_of("outreach", "attendees", ACCEPTED, ("of a large meeting", "17400", "")),
    *_of("patrols", "sector_id", REJECTED, ("unknown", CANARY, "is not a border sector"), ("empty", "", "is empty")),
    *_of("cases", "case_id", REJECTED, ("empty", "", "is empty"), ("of 65 letters", "K" * 65, "")),
]

PLACES = [
    *_at(
        REJECTED,
        "commune_code",
        ("code of no commune", {"commune_code": "99999"}, "is not the code of any commune"),
        ("code of another province", {"commune_code": "11803", "vintage": "2025-07-01"}, "is not the code of any"),
        ("code with a letter O", {"commune_code": "O3160"}, "is not a code of five digits"),
        ("code of six digits", {"commune_code": "003160"}, "is not a code of five digits"),
        ("code of two units in one cell", {"commune_code": "03160;03162"}, "is not a code of five digits"),
        ("code of the other vintage", {"commune_code": "03154", "vintage": "2025-07-01"}, "it is one of 2020-01-01"),
    ),
    *_at(
        REPAIRED,
        "commune_code",
        ("code without its leading zero", {"commune_code": "3160"}, "got its leading zero back"),
        ("code as a float", {"commune_code": "3160.0"}, "got its leading zero back"),
        ("code of a unit merged in 2020", {"commune_code": "03144"}, "is a code of before 2020-01-01, read as 03145"),
    ),
    *_at(
        REJECTED,
        "commune",
        ("name of no commune", {"commune": f"Xã {CANARY}"}, ""),
        ("name of another province", {"commune": "Xã Bắc Yên"}, ""),
        ("name of a district", {"commune": "Huyện Mộc Châu"}, ""),
    ),
    *_at(REJECTED, "district", ("district of nowhere", {"district": CANARY}, "is not the name of a district")),
    *_at(REPAIRED, "commune", ("name with a wrong letter", {"commune": "Xã Si Pa Phìnn"}, "read as Xã Si Pa Phìn")),
    *_at(REJECTED, "commune", ("name between two", {"commune": "Xã Mường Nhéé"}, "is not", "Xã Mường Nhé")),
    *_at(
        ACCEPTED,
        "",
        ("name in NFD", {"commune": unicodedata.normalize("NFD", "Xã Mường Nhé")}, ""),
        ("name without accents", {"commune": "muong nhe"}, ""),
        ("name in capitals with hard spaces", {"commune": "XÃ\u00a0MƯỜNG\u00a0\u00a0NHÉ"}, ""),
        ("name with a zero-width mark", {"commune": "Xã Mường\u200b Nhé"}, ""),
        ("degrees with commas", _point("103,017", "21,386"), ""),
    ),
    *_at(
        UNPLACED,
        "",
        ("nothing", {}, ""),
        ("only a district", {"district": "Huyện Mường Nhé"}, ""),
    ),
    *_at(
        REJECTED,
        "lon",
        ("a point in Laos", _point("102.1", "20.5"), "lies outside the province"),
        ("a point in the sea", _point("109.5", "12.0"), "lies outside the province"),
        ("zero, zero", _point("0", "0"), "is 0, 0"),
        ("one coordinate", _point("103.017"), "is given without the other"),
        ("not a number", _point("NaN", "21.386"), "is not a coordinate"),
        ("infinite", _point("103.017", "inf"), "is not a coordinate"),
        ("beyond the pole", _point("103.017", "95"), "is out of range"),
        ("degrees beside metres", _point("103.017", "2365683.5"), "is out of range"),
        ("metres of nowhere", _point("1", "9999999"), "is out of range"),
        ("metres in no system", _point("900000", "100000"), "lies outside the province as metres"),
        ("the southern hemisphere", _point("103.017", "-21.386"), "lies outside the province"),
        ("two longitudes", _point("103.0 E", "21.4 E"), "has the same direction"),
        ("text", _point(CANARY, "21.386"), "is not a coordinate"),
        ("an exponent beyond all", _point("1e400", "21.386"), "has lost digits to an exponent"),
        ("metres that a spreadsheet shortened", _point("5E+05", "2.4E+06"), "has lost digits to an exponent"),
    ),
    *_at(
        REPAIRED,
        "lon",
        ("exchanged axes", _point("21.386", "103.017"), "latitude and longitude were exchanged"),
        ("metres", _point("501566.6", "2365683.5"), "were turned into degrees"),
        ("metres with the northing first", _point("2365683.5", "501566.6"), "the northing stood first"),
        ("degrees, minutes, seconds", _point("103°01'12\"E", "21°23'15\"N"), "minutes or a direction"),
        ("both in one cell", _point("21.386 N 103.017 E"), "both coordinates stood in one cell"),
        ("unknown", {"commune_code": "03160", **_point("-", "-")}, "read as empty"),
    ),
]

POINTS = [
    *(
        Trouble(f"posts: {name}", "posts", _point(lon, lat), outcome, "lon", said)
        for name, lon, lat, outcome, said in (
            ("a post in Laos", "102.1", "20.5", REJECTED, "lies outside the province"),
            ("a post in the sea", "109.5", "12.0", REJECTED, "lies outside the province"),
            ("a post without one coordinate", "103.017", "", REJECTED, "is given without the other"),
            ("exchanged axes", "21.386", "103.017", REPAIRED, "latitude and longitude were exchanged"),
        )
    ),
    *(
        Trouble(f"{table}: a point in Laos", table, nowhere | _point("102.1", "20.5"), REJECTED, "lon", "lies outside")
        for table, nowhere in ((name, dict.fromkeys(PLACE, "")) for name in ("absences", "outreach", "services"))
    ),
]

TROUBLES = [*COUNTS, *DATES, *WORDS, *PLACES, *POINTS]
