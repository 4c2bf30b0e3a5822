"""Whatever cell, sheet or file name holds a person, nothing that is said or kept of the file does. All are made up."""

import contextlib
import io
import itertools
import sys
import zipfile
from unittest import mock

import openpyxl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import cli
import workflow
from geo.intake.personal import is_personal_heading
from maps.outputs import OUTREACH_HEADINGS, PATROL_HEADINGS
from maps.plans import HEADINGS as PLAN_HEADINGS
from maps.publication import HEADINGS as PUBLIC_HEADINGS

PERSONS = st.one_of(
    st.builds(
        "{} {} {}".format,
        st.sampled_from(["Lò", "Giàng", "Hờ", "Phàng", "Lù", "Tráng"]),
        st.sampled_from(["Thị", "Văn", "A"]),
        st.sampled_from(["Khonglo", "Bimatxyz"]),
    ),
    st.builds("0912{:06}".format, st.integers(0, 999_999)),
    st.builds("0112040{:05}".format, st.integers(0, 99_999)),
)
AROUND = st.sampled_from(["{}", "nhà ông {}", "1. {}, 2 người", "ngày {}", "{} (SN 2001)", "công an {}"])
GOOD = {
    "Số hồ sơ": "HS-{}", "Ngày": "05/01/2017", "Xã": "Mường Nhé", "Huyện": "", "Bản": "Nà Pán", "Số nạn nhân": "1",
    "Số đối tượng": "2", "Lối mở": "lối mở 1", "Nguồn tin": "công an", "Kinh độ": "", "Vĩ độ": "", "Ghi chú": "x",
}  # fmt: skip


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return workflow.init(tmp_path_factory.mktemp("privacy") / "w")


@pytest.fixture(scope="module")
def numbers():
    return itertools.count()


def kept(folder):
    """Return the bytes of everything that a workspace keeps, workbooks unpacked."""
    for path in folder.rglob("*"):
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                yield from map(book.read, book.namelist())
        elif path.is_file():
            yield path.read_bytes()
            yield str(path).encode()


def said_of(*arguments):
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["diemnong", *map(str, arguments)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        contextlib.suppress(SystemExit),
    ):
        cli.main()
    return out.getvalue() + err.getvalue()


@settings(max_examples=25, phases=(Phase.explicit, Phase.generate))
@given(
    person=PERSONS,
    around=AROUND,
    where=st.sampled_from(["sheet", "file", "heading", "title", *GOOD]),
    bad=st.booleans(),
    lang=st.sampled_from(["vi", "en"]),
)
def test_no_person_is_said_or_kept(tmp_path, workspace, numbers, person, around, where, bad, lang):
    number = next(numbers)
    planted = around.format(person)
    rows = [{name: cell.format(f"{number}-{row}") for name, cell in GOOD.items()} for row in range(3)]
    if where in GOOD:
        rows[1][where] = planted
    if bad:
        rows[2 if where not in GOOD else 1]["Số đối tượng"] = "nhiều"
    book = openpyxl.Workbook()
    book.active.title = planted[:31] if where == "sheet" else "Quý 1"
    if where == "title":
        book.active.append([planted])
    book.active.append([*(planted if where == "heading" and name == "Ghi chú" else name for name in GOOD)])
    for row in rows:
        book.active.append(list(row.values()))
    if number % 2:
        book.create_sheet(f"{number}").append(["x"])
    file = tmp_path / f"{planted if where == 'file' else number}.xlsx"
    book.save(file)
    said = said_of("add", "cases", file, "-w", workspace.folder, "--lang", lang)
    secret = person.split()[-1]  # surnames are parts of names of places too
    assert secret not in said
    assert not any(secret.encode() in content for content in kept(workspace.folder))


def test_no_column_of_any_output_says_who_somebody_is():
    outputs = (OUTREACH_HEADINGS, PATROL_HEADINGS, PLAN_HEADINGS, PUBLIC_HEADINGS)
    words = {part for told in outputs for name, heading in told.items() for part in (name, *heading.split("\n"))}
    assert len(words) > 100
    assert [word for word in words if is_personal_heading(word)] == ["Name of the post"], "that is a place"
    assert is_personal_heading("Dân tộc"), "it would be seen"
    assert is_personal_heading("victim_name")
