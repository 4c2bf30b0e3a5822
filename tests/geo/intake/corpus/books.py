"""Workbooks with one trouble each, some of them written part by part."""

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
    rows = [[number, day, "Mường Nhé", 1] for number, day in enumerate(days, start=1)]
    return book([["CÔNG AN TỈNH ĐIỆN BIÊN"], [title], heading, *rows])


BOOKS = [
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
    FileTrouble("a formula without a value", "t.xlsx", book(TABLE, after=formulas), "victims is empty", 2, 1),
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
        "date is empty",
        3,
        1,
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
