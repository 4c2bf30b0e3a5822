"""Text files with one trouble each."""

from tests.geo.intake.corpus.files import CSV, HEADING, OTHER, PDF, ROW, FileTrouble
from tests.geo.intake.corpus.rows import CANARY
from tests.geo.intake.old_charsets import typed

NAMES = ("Mường Nhé", "Quảng Lâm", "Nậm Kè", "Chà Tở", "Búng Lao", "Tủa Chùa", "Tủa Thàng", "Sín Chải")
OLD_TEXT = "case_id,date,xã phường,victims,source\n" + "".join(
    f"{CANARY}-{n},2017-03-31,Xã {name},1,công an\n" for n, name in enumerate(NAMES)
)

TEXTS = [
    FileTrouble("an empty file", "t.csv", b"", "the file is empty"),
    FileTrouble("nothing but line ends", "t.csv", b"\r\n\r\n \r\n", "no headings"),
    FileTrouble("a heading alone", "t.csv", HEADING, "a heading but no row"),
    FileTrouble("rows without a heading", "t.csv", f"{ROW}\n{OTHER}\n", "no headings"),
    FileTrouble("a PDF named as CSV", "t.csv", PDF, "not text but PDF"),
    FileTrouble("a picture named as text", "t.txt", b"\xff\xd8\xff\xe0 JFIF", "not text but JPEG"),
    FileTrouble("RTF named as text", "t.txt", rb"{\rtf1 " + CANARY.encode(), "not text but RTF"),
    FileTrouble("an unknown suffix", "t.docx2", CSV, ".xls, .gpkg, .geojson, .json, .shp, .zip, .kml, .kmz, .gpx"),
    FileTrouble("a quotation mark that stays open", "t.csv", f'{HEADING}\n"{ROW}\n{OTHER}\n', "a quotation mark"),
    FileTrouble(
        "a cell of 200,000 letters", "t.csv", CSV + "x" * 200_000, "begins in line 4 has more than 131072 letters"
    ),
    FileTrouble(
        "a quotation mark that stays open for long",
        "t.csv",
        f'{CSV}"{ROW}\n' + f"{OTHER}\n" * 4000,
        "begins in line 4 has more",
    ),
    FileTrouble("zero bytes in the text", "t.csv", CSV.encode() + b"\0\0\0", "binary data"),
    FileTrouble("UTF-16 cut in a letter", "t.csv", CSV.encode("utf-16")[:-1], "UTF-16, but not in line"),
    FileTrouble(
        "one line of Latin-1 in UTF-8", "t.csv", f"{CSV}Mường".encode() + b"\nM\xe9o,\n", "UTF-8, but not in line 5"
    ),
    FileTrouble("French in Latin-1", "t.csv", CSV.encode() + "dépôt,\n".encode("latin-1"), "the text is not UTF-8"),
    FileTrouble("UTF-16 as Excel saves text", "t.txt", CSV.replace(",", "\t").encode("utf-16"), "2 rows read", 2),
    FileTrouble("semicolons and a byte mark", "t.csv", CSV.replace(",", ";").encode("utf-8-sig"), "2 rows read", 2),
    FileTrouble("line ends of an old Macintosh", "t.csv", CSV.replace("\n", "\r"), "2 rows read", 2),
    FileTrouble("Excel's own hint of the delimiter", "t.csv", f"sep=,\n{CSV}", "2 rows read", 2),
    FileTrouble("TCVN3", "t.csv", typed(OLD_TEXT, "TCVN3").encode("latin-1"), "TCVN3", 8),
    FileTrouble("VNI", "t.csv", typed(OLD_TEXT, "VNI").encode("latin-1"), "VNI", 8),
    FileTrouble("a comma too many", "t.csv", f"{CSV}{ROW.replace('123', '5')},7\n", "has more cells", 3, 1),
    FileTrouble(
        "a row cut off", "t.csv", f"{CSV}{CANARY}-5,2017-03-31,031", "commune_code is not a code of five digits", 3, 1
    ),
    FileTrouble("an identifier twice", "t.csv", f"{HEADING}\n{ROW}\n{OTHER}\n{ROW}\n", "more than one row", 3, 2),
    FileTrouble(
        "mixed vintages",
        "t.csv",
        f"{HEADING}\n{ROW}\n{CANARY}-6,2017-04-01,03154,2020-01-01,1,police\n",
        "2 rows read",
        2,
    ),
    FileTrouble(
        "a name that is another place in the other vintage",
        "t.csv",
        "case_id,date,commune,victims,source\n" + f"{CANARY},2017-03-31,Phường Mường Thanh,1,police\n",
        "another place in 2020-01-01",
        1,
    ),
    FileTrouble(
        "a table of another province",
        "t.csv",
        "case_id,date,commune,district,victims,source\n"
        + "".join(f"{CANARY}-{n},2017-03-31,Xã {name},Huyện Mộc Châu,1,police\n" for n, name in enumerate("ABC")),
        "is not the name of a",
        3,
        3,
    ),
    FileTrouble("a table of other things", "t.csv", "tên hàng,giá\ngạo,12000\n", "no headings of the table cases"),
    FileTrouble("a table without a needed column", "t.csv", CSV.replace(",victims", ",số xe"), "needs the columns"),
    FileTrouble(
        "degrees and metres of three systems in one column",
        "t.csv",
        "case_id,date,lon,lat,victims,source\n"
        f"{CANARY}-1,2017-03-31,103.017,21.386,1,police\n{CANARY}-2,2017-03-31,501566.6,2365683.5,1,police\n"
        f"{CANARY}-3,2017-03-31,21.386,103.017,1,police\n",
        "were turned into degrees",
        3,
        0,
        2,
    ),
    FileTrouble(
        "days of which none shows the order",
        "t.csv",
        f"{HEADING}\n{ROW.replace('2017-03-31', '3/31/2017')}\n{OTHER.replace('2017-04-01', '3/4/2017')}\n",
        "other cells have the month first",
        2,
        1,
        1,
    ),
    FileTrouble(
        "a heading that nobody knows, named",
        "t.csv",
        CSV.replace("victims", "người"),
        "2 rows read",
        2,
        options=(("columns", {"victims": "người"}),),
    ),
    FileTrouble("a heading twice", "t.csv", CSV.replace("source", "victims"), "not clear which column is victims"),
    FileTrouble(
        "a column of telephone numbers",
        "t.csv",
        "case_id,date,commune_code,victims,source,cửa khẩu\n"
        + "".join(f"{CANARY}-{n},2017-03-31,03160,1,police,091234567{n}\n" for n in range(3)),
        "personal data were dropped: cửa khẩu",
        3,
    ),
    FileTrouble(
        "totals and notes below the table", "t.csv", f"{CSV}Tổng cộng,,,,3,\nGhi chú {CANARY},,,,,\n", "hold totals", 2
    ),
]
