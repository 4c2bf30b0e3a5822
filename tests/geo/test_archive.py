import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import archive
from geo.archive import HASHES, unpack, write_archive
from geo.archive_limits import Limits
from geo.errors import WorkspaceError
from geo.ledger import listed_hashes, sha256_of


@pytest.fixture
def files(tmp_path):
    source = tmp_path / "source"
    (source / "runs").mkdir(parents=True)
    (source / "a.toml").write_bytes(b"a" * 100)
    (source / "runs" / "bản đồ.html").write_bytes(bytes(range(256)))
    return {path: source / path for path in ("runs/bản đồ.html", "a.toml")}


def packed(files):
    stream = io.BytesIO()
    write_archive(stream, files)
    return stream


def crafted(*members, hashes=None, **attributes):
    """Return an archive that somebody made: names and contents, and a list of hashes that agrees unless given."""
    import hashlib

    agreeing = listed_hashes({name: hashlib.sha256(data).hexdigest() for name, data in members})
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            for key, value in attributes.items():
                setattr(info, key, value)
            made.writestr(info, data)
        made.writestr(HASHES, agreeing if hashes is None else hashes)
    return stream


def test_what_is_unpacked_is_what_was_packed(files, tmp_path):
    assert unpack(packed(files), "b.zip", tmp_path / "out") == sorted(files)
    assert {path: (tmp_path / "out" / path).read_bytes() for path in files} == {
        path: file.read_bytes() for path, file in files.items()
    }


def test_the_same_files_make_the_same_bytes(files):
    assert packed(files).getvalue() == packed(dict(reversed(files.items()))).getvalue()


def test_the_hashes_are_those_of_the_files(files):
    assert write_archive(io.BytesIO(), files) == {path: sha256_of(file) for path, file in files.items()}


@pytest.mark.parametrize(
    "name",
    ["../a", "/a", "a/../../b", "a//b", "./a", "a/.", "C:/a", "a\\b", "..", "a/..", "\x07"],
)
def test_no_path_leads_out_of_the_folder(tmp_path, name):
    with pytest.raises(WorkspaceError, match="leads out of the folder"):
        unpack(crafted((name, b"1")), "b.zip", tmp_path / "out")
    assert not any(tmp_path.rglob("*"))


@given(st.text("./\\a:", min_size=1, max_size=8))
def test_whatever_a_path_is_nothing_is_written_elsewhere(tmp_path_factory, name):
    place = tmp_path_factory.mktemp("place")
    out = place / "x" / "y" / "out"
    out.mkdir(parents=True)
    try:
        unpack(crafted((name, b"1")), "b.zip", out)
    except WorkspaceError:
        assert not any(out.iterdir())
    assert [path for path in place.rglob("*") if path.is_file() and not path.is_relative_to(out)] == []


def test_links_are_not_unpacked(tmp_path):
    with pytest.raises(WorkspaceError, match="links or folders"):
        unpack(crafted(("a", b"/etc/passwd"), external_attr=0o120777 << 16), "b.zip", tmp_path / "out")


def test_two_files_of_one_name_are_refused(tmp_path):
    with pytest.raises(WorkspaceError, match="one name"):
        unpack(crafted(("a", b"1"), ("A", b"2")), "b.zip", tmp_path / "out")


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    with pytest.raises(WorkspaceError, match="more than 250 times its size"):
        unpack(crafted(("a", bytes(2**25))), "b.zip", tmp_path / "out")
    monkeypatch.setattr(archive, "LIMITS", Limits(members=2, unpacked=1000, depth=1))
    with pytest.raises(WorkspaceError, match="more than 1000 bytes"):
        unpack(crafted(("a", bytes(1001))), "b.zip", tmp_path / "out")
    with pytest.raises(WorkspaceError, match="more than 2 files"):
        unpack(crafted(("a", b"1"), ("b", b"1")), "b.zip", tmp_path / "out")
    with pytest.raises(WorkspaceError, match="more than 1 folders within each other"):
        unpack(crafted(("a/b/c", b"1")), "b.zip", tmp_path / "out")
    assert not any(tmp_path.rglob("*"))


def test_a_size_that_lies_is_found_out(tmp_path):
    stream = crafted(("a", b"1" * 5000))
    data = stream.getvalue().replace((5000).to_bytes(4, "little"), (50).to_bytes(4, "little"))
    with pytest.raises(WorkspaceError, match="not unpacked"):
        unpack(io.BytesIO(data), "b.zip", tmp_path / "out")
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) <= 50


@pytest.mark.parametrize(
    ("hashes", "said"),
    [
        (listed_hashes({"a": "0" * 64}), "does not agree"),
        (listed_hashes({"b": "0" * 64}), "names other files"),
        ("", "names other files"),
        ("?", "damaged, or of another kind"),
    ],
)
def test_hashes_must_agree(tmp_path, hashes, said):
    with pytest.raises(WorkspaceError, match=said):
        unpack(crafted(("a", b"1"), hashes=hashes), "b.zip", tmp_path / "out")


def test_every_flipped_byte_is_found_or_harmless(files, tmp_path):
    """Never other content than was packed, whatever byte of the archive is damaged."""
    data = packed(files).getvalue()
    refused = 0
    for place in range(0, len(data), 3):
        out = tmp_path / str(place)
        try:
            names = unpack(io.BytesIO(data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :]), "b.zip", out)
        except WorkspaceError:
            refused += 1
            continue
        assert {name: (out / name).read_bytes() for name in names} == {n: f.read_bytes() for n, f in files.items()}
    assert refused > len(data) / 3 / 2


@pytest.mark.parametrize("data", [b"", b"not a zip", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_archive_is_refused(tmp_path, data):
    with pytest.raises(WorkspaceError, match="zip is not unpacked"):
        unpack(io.BytesIO(data), "b.zip", tmp_path / "out")


@pytest.mark.parametrize("names", [["a", "A"], ["a\\b"], [HASHES]])
def test_what_could_not_be_unpacked_is_not_packed(files, names):
    with pytest.raises(WorkspaceError, match="cannot be in an archive"):
        packed(dict.fromkeys(names, files["a.toml"]))
