import dataclasses
import hashlib
import io

import openpyxl
import pandas as pd
import pypdf
import pytest

from geo.errors import Message
from maps.document import Bullets, Table
from maps.document_html import render_html
from maps.document_pdf import write_pdf
from maps.document_text import render_text
from maps.drawing import Drawing, Label
from maps.fonts import MISSING
from maps.report import FILES, run_report, write_report
from maps.report_changes import moves_shown
from tests.maps.html_reader import Page
from tests.maps.map_content import HOSTILE
from tests.maps.report_content import account, changes, content, outreach, patrol

RIGHT_TO_LEFT = "Xã \u202eéhN\u200f"
NAMES = [*HOSTILE, RIGHT_TO_LEFT, "=cmd|'/c calc'!A0", "x" * 200]


def section(document, title):
    return next(part for part in document.sections if part.title == title)


def table(document, title):
    tables = [part for part in section(document, title).parts if isinstance(part, Table)]
    return tables[0]


def pdf_of(document, tmp_path):
    write_pdf(tmp_path / "r.pdf", document)
    return pypdf.PdfReader(io.BytesIO((tmp_path / "r.pdf").read_bytes()))


def pdf_text(reader):
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


class TestContent:
    def test_communes_stand_with_number_interval_chances_and_reasons(self):
        rows = table(run_report(content()), "Communes for outreach").rows
        assert rows[0] == (1, "Xã A", 12.5, 6.25, 25.0, 93.0, "17,400 rows; so Xã A")
        assert rows[2][1] == "Xã C (weak data)"

    def test_only_the_first_ten_stand_in_the_tables_and_it_says_of_how_many(self):
        document = run_report(content([f"Xã {i}" for i in range(45)]))
        assert [row[0] for row in table(document, "Communes for outreach").rows] == list(range(1, 11))
        _, before_the_table, below, *_ = section(document, "Communes for outreach").parts
        assert before_the_table.words.startswith("The first 10 of 45 communes")
        assert isinstance(below, Table)

    def test_a_note_begins_as_a_sentence_does(self):
        given = content()
        account = dataclasses.replace(given.account, notes=(Message("no way is known"),))
        (note,) = section(run_report(dataclasses.replace(given, account=account)), "To know first").parts
        assert note.words == "No way is known"

    def test_sectors_without_a_commune_or_hours_have_none(self):
        rows = table(run_report(content()), "Sectors for patrols").rows
        assert rows == (
            (1, "LAO-001", "Xã A", "Laos", 1.5, 0.6, 3.0, 75.0, 1234.4, "because"),
            (2, "CHN-001", None, "China", 0.5, 0.1, 1.25, 25.0, None, ""),
        )

    def test_the_example_of_an_interval_is_the_first_commune(self):
        (reading,) = section(run_report(content()), "How to read the numbers").parts
        assert any("Xã A, 12.50 expected, interval 6.25 to 25" in line for line in reading.lines)

    def test_rows_that_did_not_count_are_told_by_table_with_the_reason(self):
        assert table(run_report(content()), "Data and their gaps").rows == (
            ("cases", 1200, 1190, 3, 5, 2, 0, "2013-02", "2017-11", 39),
            ("posts", 12, None, None, None, None, 12, None, None, None),
        )

    def test_gaps_are_counted(self):
        gaps = section(run_report(content()), "Data and their gaps").parts[-1]
        assert gaps == Bullets(
            (
                "1 of 3 communes have no recorded case or suspected absence: silence is not safety",
                "1 of 3 communes have no recorded outreach session",
                "1 of 3 communes have weak data",
            )
        )

    def test_moves_stand_with_ranks_numbers_and_reasons(self):
        document = run_report(content(account=account(changes=changes())))
        said, differences, moves = section(document, "What changed since the run before").parts
        assert said.words == "Compared with the run of 2026-11-23, on records from 2013-01-01 to 2016-12-31."
        assert differences.lines == ("asked otherwise",)
        assert moves.rows == (
            ("Xã B", 3.0, 2, 0.5, 7.25, "more cases"),
            ("Xã C", 2.0, 3, None, 0.351, "fewer cases"),
        )

    def test_communes_that_entered_and_left_the_first_ranks_are_among_the_moves(self):
        moves = pd.DataFrame({"name": list("abcd"), "rank": [1, 2, 3, 4], "rank_before": [1, 4, 2, 3]})
        moves = moves.assign(expected=1.0, expected_before=1.0, reasons=[()] * 4)
        assert moves_shown(moves, 2)["name"].tolist() == ["b", "c"]
        assert moves_shown(moves.assign(rank_before=[1, 2, 4, 3]), 2).empty

    def test_ranks_that_cannot_be_compared_are_not_shown(self):
        parts = section(
            run_report(content(account=account(changes=dataclasses.replace(changes(), moves=None)))),
            "What changed since the run before",
        ).parts
        assert not any(isinstance(part, Table) for part in parts)

    def test_a_first_run_says_that_there_is_nothing_to_compare_with(self):
        (said,) = section(run_report(content()), "What changed since the run before").parts
        assert said.words.startswith("There is no earlier run")

    def test_what_it_must_not_be_used_for_is_said(self):
        (uses,) = section(run_report(content()), "What it must not be used for").parts
        assert uses.lines[0] == "not against any person"
        assert "small counts by commune can give a person away" in uses.lines[-1]

    def test_without_recorded_effort_it_is_not_called_risk(self):
        assert run_report(content(effort_known=False)).title == "Tỉnh Mẫu: report on recorded cases, not risk"

    def test_without_recorded_effort_no_number_is_said_to_be_evened_out(self):
        known, unknown = (render_text(run_report(content(effort_known=effort))) for effort in (True, False))
        for claim in ("watched alike", "corrected for how hard each commune was looked at"):
            assert claim in known
            assert claim not in unknown
        assert "what would go on being recorded in a year" in unknown

    def test_the_sources_of_cases_are_told_apart(self):
        found = outreach().assign(
            cases=[4, 0, 2], cases_reported=[3, 0, 1], cases_by_patrol=[1, 0, 0], cases_by_outreach=[0, 0, 1]
        )
        text = render_text(run_report(content(outreach=found)))
        assert "Of 6 cases 4 were reported, 1 found by patrols, 1 came from mailboxes of outreach." in text

    def test_a_border_without_sectors_is_said(self):
        parts = section(run_report(content(patrol=patrol().iloc[:0])), "Sectors for patrols").parts
        assert [part.words for part in parts] == ["The workspace has no border sector."]

    def test_unsure_and_moved_communes_are_marked_in_the_figure_and_the_marks_explained(self):
        given = content()
        moved = {"override_reason": "heard on the spot", "override_by": None, "override_until": "2018-06-30"}
        ranked = given.outreach.assign(unstable=[False, True, False], rank_model=[1, 3, 2])
        for name, value in moved.items():
            ranked[name] = [None, None, value]
        figure = next(
            part
            for part in section(run_report(dataclasses.replace(given, outreach=ranked)), "Communes for outreach").parts
            if isinstance(part, Drawing)
        )
        assert [mark.text for mark in figure.marks if isinstance(mark, Label) and "Xã" in mark.text] == [
            "1. Xã A", "2? Xã B", "3* Xã C",
        ]  # fmt: skip
        assert "? place unsure" in figure.caption
        assert "* moved by a planner" in figure.caption


class TestFiles:
    def test_the_same_content_gives_the_same_bytes(self, tmp_path):
        seen = []
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
            write_report(tmp_path / name, content(NAMES, account=account(changes=changes())))
            seen.append([hashlib.sha256((tmp_path / name / file).read_bytes()).hexdigest() for file in FILES])
        assert seen[0] == seen[1]

    def test_numbers_and_dates_have_the_readers_form(self, tmp_path):
        document = run_report(content(lang="vi"))
        reader = pdf_of(document, tmp_path)
        for text in (Page(render_html(document)).text, pdf_text(reader)):
            assert "01/01/2013" in text
            assert "31/12/2017" in text
            assert "23/11/2026" in text
            assert "17.400" in text
            assert "12,50" in text
            assert "1.200" in text
            assert "02/2013" in text
        english = Page(render_html(run_report(content()))).text
        assert "2026-11-23" in english
        assert "17,400" in english

    def test_hostile_names_stay_text_on_the_page(self):
        html = render_html(run_report(content(NAMES, title="<script>alert(1)</script>")))
        page = Page(html)
        assert "script" not in page.tags
        assert "img" not in page.tags
        assert not any(name.startswith("on") for name, _ in page.attributes)
        cells = [row[1] for row in page.rows if row and row[0] in {str(n) for n in range(1, 10)}]
        assert cells[: len(HOSTILE)] == [
            name.replace("\ufe0f", "") + (" (weak data)" if i % 3 == 2 else "") for i, name in enumerate(HOSTILE)
        ]
        assert "\u202e" not in html
        assert "Xã éhN" in page.text

    def test_the_page_allows_itself_no_script_and_no_request(self):
        html = render_html(run_report(content()))
        policy = next(value for name, value in Page(html).attributes if (value or "").startswith("default-src"))
        assert policy == "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"
        assert "http:" not in html
        assert "https:" not in html
        assert "url(" not in html

    def test_every_section_is_reached_from_the_contents(self):
        page = Page(render_html(run_report(content())))
        links = [value for name, value in page.attributes if name == "href"]
        assert links == [f"#s{n}" for n in range(1, 11)]
        assert {link[1:] for link in links} <= {value for name, value in page.attributes if name == "id"}

    def test_the_pdf_has_title_language_bookmarks_and_numbered_pages(self, tmp_path):
        document = run_report(content(NAMES))
        reader = pdf_of(document, tmp_path)
        assert reader.metadata.title == document.title
        assert reader.trailer["/Root"]["/Lang"] == "en"
        assert [mark["/Title"] for mark in reader.outline] == [part.title for part in document.sections]
        for n, page in enumerate(reader.pages, start=1):
            text = page.extract_text()
            assert f"Page {n} of {len(reader.pages)}" in text
            assert "SIMULATED DATA" in text
            assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx(
                (595.28, 841.89), abs=0.01
            )

    def test_the_pdfs_letters_are_embedded_and_what_they_lack_is_marked(self, tmp_path):
        reader = pdf_of(run_report(content(NAMES)), tmp_path)
        text = pdf_text(reader)
        assert f"Mường Nhé {MISSING}" in text
        assert "<script>window.hacked = 1</script>" in text
        for page in reader.pages:
            for font in page["/Resources"]["/Font"].values():
                descriptor = font.get_object().get("/FontDescriptor")
                assert descriptor is None or "/FontFile2" in descriptor
            used = {str(font.get_object()["/BaseFont"]) for font in page["/Resources"]["/Font"].values()}
            assert any("DejaVuSans" in name for name in used)

    @pytest.mark.parametrize("lang", ["vi", "en"])
    def test_no_word_of_a_heading_is_cut_on_paper(self, tmp_path, lang):
        document = run_report(dataclasses.replace(content(), lang=lang))
        lines = "\n".join(page.extract_text() for page in pdf_of(document, tmp_path).pages).replace("\u00a0", " ")
        words = {
            word
            for part in document.sections
            for table in part.parts
            if isinstance(table, Table)
            for column in table.columns
            for word in column.heading.split()
        }
        assert words <= set(lines.split())

    def test_the_workbook_holds_texts_first_and_each_table_with_real_numbers(self, tmp_path):
        write_report(tmp_path, content(NAMES, account=account(changes=changes())))
        book = openpyxl.load_workbook(tmp_path / "report.xlsx")
        assert book.sheetnames == [
            "Text",
            "Communes, highest first",
            "Border sectors, highest first",
            "Moves among the first 10",
            "Rows by table",
            "Efforts that are known",
            "Settings of the run",
        ]
        communes = list(book["Communes, highest first"].values)
        assert communes[0][0] == "SIMULATED DATA: nothing in these records happened"
        assert communes[2][:6] == (1, HOSTILE[0], 12.5, 6.25, 25, 93)
        cell = book["Communes, highest first"].cell(row=10, column=2)
        assert (cell.value, cell.data_type) == ("=cmd|'/c calc'!A0", "s")
        texts = list(book["Text"].values)
        assert ("What it must not be used for", "not against any person") in [row[:2] for row in texts]

    def test_one_commune_and_nothing_else_is_enough(self, tmp_path):
        bare = account(rows=account().rows.iloc[:0], efforts=account().efforts.iloc[:0], notes=(), model=())
        write_report(tmp_path, content(["Xã A"], patrol=patrol().iloc[:0], account=bare))
        assert all((tmp_path / file).stat().st_size for file in FILES)
        assert outreach(["Xã A"])["name"].tolist() == ["Xã A"]
