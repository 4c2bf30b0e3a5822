"""Workbooks with one trouble each, some of them written part by part."""

import datetime as dt
import io
import struct
import zipfile

import openpyxl

from tests.geo.intake.corpus.files import CSV, PDF, FileTrouble, cut, zipped
from tests.geo.intake.corpus.rows import CANARY


def book(*sheets, after=None):
    """Return what writes a workbook of sheets (lists of rows), changed by ``after`` before it is saved."""

    def write(path):
        made = openpyxl.Workbook()
        made.remove(made.active)
        for number, rows in enumerate(sheets, start=1):
            sheet = made.create_sheet(f"Quý {number}")
            for row in rows:
                sheet.append(row)
        if after:
            after(made)
        made.save(path)

    return write


def rows_of(text):
    """Return the cells of a small CSV text as lists."""
    return [line.split(",") for line in text.strip().split("\n")]


TABLE = rows_of(CSV)


def bytes_of(make, name="t.xlsx"):
    """Return the content that a writer of workbooks makes."""
    stream = io.BytesIO()
    make(stream)
    return stream.getvalue()


def part_replaced(name, change, make=book(TABLE)):  # noqa: B008
    """Return what writes a workbook with one part of its archive changed."""

    def write(path):
        with zipfile.ZipFile(io.BytesIO(bytes_of(make))) as archive:
            parts = {part: archive.read(part) for part in archive.namelist()}
        parts[name] = change(parts[name])
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part, content in parts.items():
                archive.writestr(part, content)

    return write


SHEET = "xl/worksheets/sheet1.xml"


def external_entity(content):
    """Return XML whose first text asks for a file of the system."""
    declared = content.split(b"?>", 1)[-1] if content.startswith(b"<?xml") else content
    entity = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
    return entity + declared.replace(b"police", b"&e;")


def laughs(content):
    """Return XML whose first text would grow to 10^9 letters."""
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    declared = content.split(b"?>", 1)[-1] if content.startswith(b"<?xml") else content
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{levels}]>'.encode() + declared.replace(
        b"police", b"&l9;"
    )


def with_empty_rows(path):
    """Write two sheets that have rows to the last that Excel knows, of which two of each hold something."""
    empty = "".join(f'<row r="{number}"/>' for number in range(4, 2**20 + 1)).encode()

    def fill(content):
        return content.replace(b"</sheetData>", empty + b"</sheetData>")

    second = rows_of(CSV.replace("-2,", "-4,").replace(f"{CANARY},", f"{CANARY}-3,"))
    once = part_replaced(SHEET, fill, book(TABLE, second))
    part_replaced("xl/worksheets/sheet2.xml", fill, once)(path)


def bomb(path):
    """Write a workbook whose sheet unpacks to more than a gigabyte."""
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(SHEET, "w", force_zip64=True) as member,
    ):
        piece = b" " * 2**22
        for _ in range(260):
            member.write(piece)


def lying_directory(path):
    """Write a workbook whose directory says another size of its sheet than it has."""
    content = bytearray(bytes_of(book(TABLE)))
    at = content.rfind(b"PK\x01\x02")
    struct.pack_into("<I", content, at + 24, 7)
    path.write_bytes(content)


def far_cell(content):
    """Return a sheet with one more cell in the last row and column."""
    far = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    return content.replace(b"</sheetData>", far)


def formulas(made):
    """Put in a formula whose value no program ever saved."""
    made.active["E2"] = "=1+0"


def merged(made):
    """Merge a title over the headings and the heading of two columns."""
    sheet = made.active
    sheet.merge_cells("A1:F1")


def hidden(made):
    """Hide the second sheet, and a row of the first."""
    made.worksheets[1].sheet_state = "hidden"
    made.worksheets[0].row_dimensions[3].hidden = True


def quarters(title, *days):
    """Return what writes an office's report: a title, and rows whose time leaves its year to that."""
    heading = ["STT", "Thời gian", "Xã", "Số nạn nhân"]
    communes = ("Mường Nhé", "Nậm Kè", "Quảng Lâm")
    rows = [[n, day, commune, 1] for n, (day, commune) in enumerate(zip(days, communes, strict=False), start=1)]
    return book([["CÔNG AN TỈNH ĐIỆN BIÊN"], [title], heading, *rows])


OFFICE = [["CÔNG AN TỈNH ĐIỆN BIÊN", None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"]]
HEADINGS = ["STT", "Họ và tên", "Ngày phát hiện", "Tên xã", "Số nạn nhân", "Tóm tắt"]
PEOPLE = [[n, f"Lò Thị {CANARY}", f"0{n}/01/2017", "Mường Nhé", n, CANARY] for n in (1, 2, 3)]


def reports(name, said, rows, read, rejected=0, repaired=0, merges=(), kind="cases", **options):
    """Return an office's report as an entry: its rows, and the cells that are merged."""

    def merge(made):
        for cells in merges:
            made.active.merge_cells(cells)

    return FileTrouble(
        name, "t.xlsx", book(rows, after=merge), said, read, rejected, repaired, kind, tuple(options.items())
    )


REPORTS = [
    reports("a first record below the headings", "3 rows read, 3 accepted", [*OFFICE, HEADINGS, *PEOPLE], 3),
    reports("two titles on the line above the headings", "Records of: police", [*OFFICE, HEADINGS, *PEOPLE], 3),
    reports(
        "columns of what was planned and what was done",
        "Columns not read: Kế hoạch Số buổi, Kế hoạch Số người",
        [
            ["HỘI LHPN TỈNH"],
            ["STT", "Quý", "Xã", "Kế hoạch", None, "Thực hiện", None],
            [None, None, None, "Số buổi", "Số người", "Số buổi", "Số người"],
            [1, "Quý 1/2017", "Mường Nhé", 10, 500, 4, 180],
        ],
        1,
        0,
        1,
        ("D2:E2", "F2:G2", "A2:A3", "B2:B3", "C2:C3"),
        "outreach",
    ),
    reports(
        "counts by sex",
        "Số nạn nhân nữ + Số nạn nhân nam: the parts were added up",
        [*OFFICE, ["Ngày", "Xã", "Số nạn nhân nữ", "Số nạn nhân nam"], ["05/01/2017", "Mường Nhé", 1, 2]],
        1,
    ),
    FileTrouble(
        "two columns that fit equally well",
        "t.xlsx",
        book([*OFFICE, ["Ngày", "Xã", "Phát hiện nạn nhân", "Giải cứu nạn nhân"], ["05/01/2017", "Mường Nhé", 1, 2]]),
        "it is not clear which column is victims (Phát hiện nạn nhân, Giải cứu nạn nhân)",
    ),
    reports(
        "rows with few cells filled",
        "rows 5, 7: Số nạn nhân is empty",
        [
            *OFFICE,
            ["STT", "Ngày", "Xã", "Số nạn nhân"],
            [1, "05/01/2017", "Mường Nhé", 1],
            [2, None, None, 4],
            [3, "06/02/2017", None, None],
            [4, None, "Nậm Kè", None],
            [None, "07/02/2017", None, None],
            [5],
        ],
        5,
        4,
    ),
    reports(
        "totals and districts that are merged over the row",
        "rows 3 hold a title or a note",
        [
            *OFFICE,
            ["STT", "Ngày", "Xã", "Số nạn nhân"],
            ["I. Huyện Mường Nhé"],
            [1, "05/01/2017", "Mường Nhé", 1],
            ["Tổng cộng", None, None, 1],
        ],
        1,
        0,
        0,
        ("A3:D3", "A5:C5"),
    ),
    reports(
        "districts with their sums",
        "rows 3, 5, 6 hold totals",
        [
            *OFFICE,
            ["STT", "Ngày", "Xã", "Số nạn nhân"],
            [None, "Huyện Mường Nhé", None, 1],
            [1, "05/01/2017", "Mường Nhé", 1],
            [None, "Cộng huyện Mường Nhé", None, 1],
            [None, None, "Tổng cộng toàn tỉnh", 1],
        ],
        1,
    ),
    reports(
        "sums of the whole province",
        "rows 4, 5 hold totals",
        [
            *OFFICE,
            ["STT", "Quý", "Xã", "Số nạn nhân"],
            [1, "Quý III/2017", "Mường Nhé", 2],
            [None, "Quý III/2017", "Toàn tỉnh", 2],
            ["Tỉnh Điện Biên", None, None, 2],
        ],
        1,
        0,
        1,
    ),
    reports(
        "the whole province with a day or a number",
        "rows 3, 4: Xã means a whole unit",
        [
            *OFFICE,
            ["STT", "Ngày", "Xã", "Số nạn nhân"],
            [None, "05/01/2017", "Toàn tỉnh", 2],
            [2, "Quý III/2017", "Tỉnh Điện Biên", 2],
            [3, "05/01/2017", "Mường Nhé", 2],
        ],
        3,
        2,
        0,
    ),
    reports(
        "quarters, their half-year and their year",
        "rows 5, 6: Số nạn nhân covers the time and place of 2 other rows, the first of them 3",
        [
            *OFFICE,
            ["Thời gian", "Xã", "Số nạn nhân"],
            ["Quý I/2017", "Mường Nhé", 1],
            ["Quý II/2017", "Xã Mường Nhé", 2],
            ["6 tháng đầu năm 2017", "Mường Nhé", 3],
            ["Cả năm 2017", "Mường Nhé", 5],
        ],
        4,
        2,
        2,
    ),
    reports(
        "a month beside single days of it",
        "rows 5 name a longer time or a whole district in which other rows lie",
        [
            *OFFICE,
            ["Thời gian", "Xã", "Số nạn nhân"],
            ["05/01/2017", "Mường Nhé", 1],
            ["06/01/2017", "Mường Nhé", 1],
            ["tháng 1/2017", "Mường Nhé", 1],
        ],
        3,
        0,
        1,
    ),
    FileTrouble(
        "a sheet that repeats another",
        "t.xlsx",
        book(
            [*OFFICE, ["Ngày", "Xã", "Số nạn nhân"], ["05/01/2017", "Mường Nhé", 1], ["06/01/2017", "Nậm Kè", 1]],
            [*OFFICE, ["Ngày", "Xã", "Số nạn nhân"], ["05/01/2017", "Xã Mường Nhé", 1], ["07/01/2017", "Nậm Kè", 1]],
        ),
        "rows Quý 2!3: the row is the same as Quý 1!3 on another sheet",
        4,
        1,
    ),
    reports(
        "a district with its sum in columns of their own",
        "rows 3: Số nạn nhân covers the time and place of 2 other rows, the first of them 4",
        [
            *OFFICE,
            ["STT", "Huyện", "Xã", "Quý", "Số nạn nhân"],
            ["I", "Huyện Mường Nhé", None, "Quý III/2017", 5],
            [1, None, "Mường Nhé", "Quý III/2017", 3],
            [2, None, "Nậm Kè", "Quý III/2017", 2],
        ],
        3,
        1,
        2,
    ),
    reports(
        "a district with its sum among the communes",
        "rows 3: Số nạn nhân covers the time and place of 2 other rows, the first of them 4",
        [
            *OFFICE,
            ["STT", "Địa bàn", "Quý", "Số nạn nhân"],
            ["I", "Huyện Mường Nhé", "Quý III/2017", 5],
            [1, "Mường Nhé", "Quý III/2017", 3],
            [2, "Nậm Kè", "Quý III/2017", 2],
        ],
        3,
        1,
        2,
    ),
    reports(
        "months as titles of the rows below",
        "2 rows were given the date of the title above them",
        [
            *OFFICE,
            ["STT", "Thời gian", "Địa bàn", "Số nạn nhân"],
            ["I", "Tháng 7 năm 2017"],
            [1, None, "Mường Nhé", 1],
            ["II", "Tháng 8 năm 2017"],
            [1, None, "Nậm Kè", 2],
        ],
        2,
        0,
        2,
    ),
    reports(
        "several cases in a row",
        "rows 3, 5: Số vụ is not 1: write each case in a row of its own",
        [
            *OFFICE,
            ["Quý", "Xã", "Số vụ", "Số nạn nhân"],
            ["Quý III/2017", "Mường Nhé", 3, 5],
            ["Quý III/2017", "Nậm Kè", 1, 2],
            ["Quý III/2017", "Quảng Lâm", None, 2],
        ],
        3,
        2,
        1,
    ),
    reports(
        "nothing to report",
        "rows 3, 4, 5 say that there was nothing to report, and are not records",
        [
            *OFFICE,
            ["Quý", "Xã", "Số nạn nhân", "Số đối tượng"],
            ["Quý III/2017", "Mường Nhé", 0, 0],
            ["Quý III/2017", "Nậm Kè", "Không", None],
            ["Không phát sinh", "Quảng Lâm", None, None],
            ["Quý III/2017", "Mường Toong", 0, 2],
            ["05/01/2017", "Mường Nhé", 0, None],
        ],
        2,
        0,
        1,
    ),
    reports(
        "days that Excel exchanged with the month",
        "rows 3, 4: Ngày may have day and month exchanged",
        [
            *OFFICE,
            ["Ngày", "Xã", "Số nạn nhân"],
            [dt.datetime(2017, 1, 3), "Mường Nhé", 1],
            [dt.datetime(2017, 2, 4), "Mường Nhé", 1],
            [dt.datetime(2017, 5, 5), "Mường Nhé", 1],
            ["13/02/2017", "Mường Nhé", 1],
        ],
        4,
        2,
    ),
    reports(
        "days typed in ISO 8601 beside later ones",
        "2 rows read, 2 accepted",
        [
            *OFFICE,
            ["Ngày", "Xã", "Số nạn nhân"],
            ["2017-01-03", "Mường Nhé", 1],
            ["13/02/2017", "Mường Nhé", 1],
        ],
        2,
    ),
    reports(
        "absences below a signature",
        "rows 4, 5 are a signature below the table, or stand below it",
        [
            *OFFICE,
            ["Ngày báo cáo", "Xã", "Tình trạng"],
            ["05/01/2017", "Mường Nhé", "chưa về"],
            ["Người lập biểu", None, "Thủ trưởng đơn vị"],
            [None, None, f"Đại tá {CANARY}"],
            ["06/01/2017", "Nậm Kè", "chưa về"],
            [None, "Quảng Lâm", "đã về"],
        ],
        3,
        1,
        kind="absences",
    ),
    reports(
        "a mailbox below a signature",
        "2 rows read, 2 accepted",
        [
            ["Loại mô hình", "Xã"],
            ["hòm thư tố giác", "Mường Nhé"],
            ["Người lập biểu", None],
            ["hòm thư tố giác", "Nậm Kè"],
        ],
        2,
        kind="services",
    ),
    FileTrouble(
        "a plan",
        "t.xlsx",
        book([["HỘI LHPN TỈNH"], ["KẾ HOẠCH NĂM 2017"], ["Quý", "Xã", "Số buổi"], ["Quý I", "Mường Nhé", 2]]),
        "the titles say that this is a plan",
        kind="outreach",
    ),
    FileTrouble(
        "a plan on one sheet, and on another what came of it",
        "t.xlsx",
        book(
            [["HỘI LHPN TỈNH"], ["KẾ HOẠCH NĂM 2017"], ["Quý", "Xã", "Số buổi"], ["Quý I", "Mường Nhé", 2]],
            [["HỘI LHPN TỈNH"], ["KẾT QUẢ THỰC HIỆN KẾ HOẠCH 2017"], ["Quý", "Xã", "Số buổi"], ["I/2017", "Nậm Kè", 1]],
        ),
        "sheets of plans are not read: Quý 1",
        1,
        0,
        1,
        kind="outreach",
    ),
    reports(
        "a period in the title alone",
        "all rows are of the time in the title above the table",
        [*OFFICE, ["BÁO CÁO QUÝ III NĂM 2017"], ["STT", "Xã", "Số nạn nhân"], [1, "Mường Nhé", 3]],
        1,
        0,
        1,
    ),
    FileTrouble(
        "a period in the title above days that have no known heading",
        "t.xlsx",
        book(
            [*OFFICE, ["BÁO CÁO QUÝ III NĂM 2017"], ["Tiếp nhận", "Xã", "Số nạn nhân"], ["05/07/2017", "Mường Nhé", 3]]
        ),
        "needs the columns date",
    ),
    reports(
        "communes as titles of the rows below",
        "3 rows were given the commune of the title above them",
        [
            *OFFICE,
            ["STT", "Ngày", "Số nạn nhân"],
            ["I", "Xã Mường Nhé"],
            [1, "05/01/2017", 1],
            [2, "06/01/2017", 1],
            ["II", "Xã Nậm Kè"],
            [1, "05/01/2017", 1],
        ],
        3,
    ),
    reports(
        "village, commune and district in one cell",
        "rows 3, 4, 5: Địa điểm names several units in one cell and was read in its parts",
        [
            *OFFICE,
            ["Ngày", "Địa điểm", "Số nạn nhân"],
            ["05/01/2017", "Bản Thử, xã Sín Thầu, huyện Mường Nhé", 1],
            ["05/01/2017", "Sín Thầu - Mường Nhé", 1],
            ["05/01/2017", "xã Sín Thầu (Mường Nhé)", 2],
            ["05/01/2017", "Sín Thầu - Nậm Kè", 1],
        ],
        4,
        1,
        3,
    ),
    reports(
        "a signature below the table",
        "rows 4, 5, 6 are a signature below the table",
        [
            *OFFICE,
            ["Ngày", "Xã", "Số nạn nhân"],
            ["05/01/2017", "Mường Nhé", 1],
            ["Người lập biểu", None, "Thủ trưởng đơn vị"],
            [CANARY, None, CANARY],
            ["05/01/2017", CANARY, f"Đại tá {CANARY}"],
        ],
        1,
    ),
    reports(
        "quarters below their heading, of the title's year",
        "read as 2017-01-01: the first day of the year; the cell names 9 months of it; the year stands in the title",
        [
            *OFFICE,
            ["BÁO CÁO NĂM 2017"],
            ["Quý", "Xã", "Số nạn nhân"],
            *[[cell, "Mường Nhé", 1] for cell in ("I", "Quý II", 3, "III/2017")],
            *[[cell, "Nậm Kè", 1] for cell in ("9 tháng", "Cả năm", "Cả năm 2017")],
        ],
        7,
        0,
        7,
    ),
    reports(
        "month and year in two columns",
        "read as 2017-03-01: the first day of the month",
        [*OFFICE, ["Năm", "Tháng", "Xã", "Số nạn nhân"], [2017, 3, "Mường Nhé", 1]],
        1,
        0,
        1,
    ),
    reports(
        "headings on each printed page",
        "rows 4 repeat the headings",
        [*OFFICE, HEADINGS, PEOPLE[0], HEADINGS, PEOPLE[1]],
        2,
    ),
    reports(
        "a second table with its columns in another order",
        "2 rows read, 2 accepted",
        [
            *OFFICE,
            ["Ngày", "Xã", "Số nạn nhân"],
            ["05/01/2017", "Mường Nhé", 1],
            ["B. Quý 2"],
            ["STT", "Số nạn nhân", "Ngày", "Xã"],
            [1, 3, "05/05/2017", "Nậm Kè"],
        ],
        2,
    ),
    reports("headings below sixty lines", "1 rows read", [*OFFICE, *[["dòng dẫn"]] * 60, HEADINGS, PEOPLE[0]], 1),
    reports(
        "both coordinates in a column of their own",
        "both coordinates stood in one cell",
        [*OFFICE, ["Ngày", "Tọa độ", "Số nạn nhân"], ["05/01/2017", "22.19, 102.45", 1]],
        1,
        0,
        1,
    ),
]

BOOKS = [
    *REPORTS,
    FileTrouble(
        "quarters of the year in the title",
        "t.xlsx",
        quarters("BÁO CÁO KẾT QUẢ NĂM 2017", "Quý I", "Quý 3", "6 tháng đầu năm"),
        "read as 2017-07-01: the first day of the quarter; the year stands in the title",
        3,
        0,
        3,
    ),
    *(
        FileTrouble(name, "t.xlsx", quarters(*texts), "has no year", len(texts) - 1, rejected)
        for name, texts, rejected in (
            ("quarters below two years", ("Số liệu năm 2016 và năm 2017", "Quý I", "Quý 3"), 2),
            ("a quarter below a report's own day", ("Điện Biên, ngày 5 tháng 1 năm 2017", "Quý I"), 1),
            ("a quarter beside a day of another year", ("Báo cáo năm 2017", "Quý I", "31/12/2016"), 1),
        )
    ),
    FileTrouble("a PDF named as a workbook", "t.xlsx", PDF, "not a readable workbook"),
    FileTrouble("a web page named as a workbook", "t.xls", f"<html><table><tr><td>{CANARY}", "a web page"),
    FileTrouble("CSV named as a workbook", "t.xlsx", CSV, "not a readable workbook"),
    FileTrouble("a workbook cut in the middle", "t.xlsx", cut(book(TABLE), 0.6), "not a readable workbook"),
    FileTrouble(
        "an old workbook of which only the start is left",
        "t.xls",
        b"\xd0\xcf\x11\xe0" + b"\0" * 600,
        "not a readable workbook",
    ),
    FileTrouble("an archive without a workbook", "t.xlsx", zipped({"a.txt": CANARY}), "not a readable workbook"),
    FileTrouble("a workbook named as CSV", "t.csv", book(TABLE), "2 rows read", 2),
    FileTrouble("a zip bomb", "t.xlsx", bomb, "too large when unpacked"),
    FileTrouble("an archive of 10,001 parts", "t.xlsx", zipped({str(n): b"" for n in range(10_001)}), "too large"),
    FileTrouble("a directory that lies about sizes", "t.xlsx", lying_directory, "not a readable workbook"),
    FileTrouble("a cell in the last corner", "t.xlsx", part_replaced(SHEET, far_cell), "too large when unpacked"),
    FileTrouble("two million empty rows", "t.xlsx", with_empty_rows, "4 rows read", 4),
    FileTrouble("an external entity", "t.xlsx", part_replaced(SHEET, external_entity), "not a readable workbook"),
    FileTrouble("a thousand million laughs", "t.xlsx", part_replaced(SHEET, laughs), "not a readable workbook"),
    FileTrouble(
        "XML that is not closed", "t.xlsx", part_replaced(SHEET, lambda content: content[:-60]), "not a readable"
    ),
    FileTrouble(
        "a formula without a value", "t.xlsx", book(TABLE, after=formulas), "victims holds a formula without", 2, 1
    ),
    FileTrouble(
        "a merged title above the headings",
        "t.xlsx",
        book([["CÔNG AN TỈNH"] + [None] * 5, *TABLE], after=merged),
        "2 rows read",
        2,
    ),
    FileTrouble("a hidden sheet and a hidden row", "t.xlsx", book(TABLE, TABLE, after=hidden), "hidden sheets", 2),
    FileTrouble("no sheet that holds anything", "t.xlsx", book([], []), "no headings"),
    FileTrouble("one identifier on two sheets", "t.xlsx", book(TABLE, TABLE), "Quý 1!2", 4, 4),
    FileTrouble(
        "errors of formulas in the cells",
        "t.xlsx",
        book([*TABLE, [f"{CANARY}-8", "#N/A", "03160", "2025-07-01", "#DIV/0!", "police"]]),
        "date holds the error #N/A of its workbook",
        3,
        1,
    ),
    reports(
        "an error in a cell of a place",
        "Xã holds the error #REF! of its workbook",
        [
            *OFFICE,
            ["Ngày", "Xã", "Số nạn nhân", "Ghi chú"],
            ["05/01/2017", "#REF!", 1],
            ["06/01/2017", "Mường Nhé", 1, "#N/A"],
        ],
        2,
        1,
    ),
    reports(
        "codes and days that are merged over rows",
        "3 rows read, 3 accepted",
        [
            *OFFICE,
            ["Ngày", "Mã xã", "Số nạn nhân"],
            ["05/01/2017", "03160", 1],
            [None, None, 2],
            [None, None, 3],
        ],
        3,
        merges=("A3:A5", "B3:B5"),
    ),
    reports(
        "a count that is merged over rows",
        "Số nạn nhân is empty",
        [*OFFICE, ["Ngày", "Mã xã", "Số nạn nhân"], ["05/01/2017", "03160", 4], ["06/01/2017", "03160", None]],
        2,
        1,
        merges=("C3:C4",),
    ),
    reports(
        "a count with its unit that is merged over rows and columns",
        "rows 4: Số nạn nhân is empty",
        [
            *OFFICE,
            ["Ngày", "Mã xã", "Số nạn nhân", "Số đối tượng"],
            ["05/01/2017", "03160", "3 người", None],
            ["06/01/2017", "03160", None, None],
        ],
        2,
        1,
        1,
        merges=("C3:D4",),
    ),
    FileTrouble(
        "numbers as codes and days",
        "t.xlsx",
        book([TABLE[0], [f"{CANARY}-9", 42825, 3160, "2025-07-01", 2.0, "police"]]),
        "got its leading zero back",
        1,
        0,
        1,
    ),
]
