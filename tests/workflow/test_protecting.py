import hashlib
import io
import os
import zipfile

import pyrage
import pytest

import workflow
from geo.errors import ReleaseError, WorkspaceError
from geo.workspace import Settings, Workspace

WORDS = "a made-up passphrase"


@pytest.fixture
def plain(tmp_path):
    file = tmp_path / "queue.csv"
    file.write_text("absence_id\nmade-up-1\n")
    return file


@pytest.fixture
def key(tmp_path):
    made = workflow.new_key(tmp_path / "my.key")
    return tmp_path / "my.key", str(made.messages[1].values["key"])


def test_what_is_encrypted_for_a_key_is_opened_by_it_and_left_alone(plain, key, tmp_path):
    secret, public = key
    made = workflow.protect(plain, to=[public])
    assert made.path == tmp_path / "queue.csv.age"
    assert b"made-up-1" not in made.path.read_bytes()
    assert plain.exists()
    opened = workflow.unprotect(made.path, keys=[secret], out=tmp_path / "back.csv")
    assert opened.path.read_bytes() == plain.read_bytes()
    assert opened.path.stat().st_mode & 0o077 == 0
    assert secret.stat().st_mode & 0o077 == 0


def test_another_age_program_opens_it(plain, key):
    made = workflow.protect(plain, to=[key[1]])
    identity = pyrage.x25519.Identity.from_str(key[0].read_text().splitlines()[1])
    assert pyrage.decrypt(made.path.read_bytes(), [identity]) == plain.read_bytes()


def test_several_keys_from_a_file_open_it_each(plain, tmp_path):
    keys = [workflow.new_key(tmp_path / f"{n}.key") for n in "ab"]
    lines = "\n".join(["# the team", *(str(made.messages[1].values["key"]) for made in keys)])
    (tmp_path / "team.txt").write_text(lines)
    made = workflow.protect(plain, to=[str(tmp_path / "team.txt")])
    for n in "ab":
        opened = workflow.unprotect(made.path, keys=[tmp_path / f"{n}.key"], out=tmp_path / n)
        assert opened.path.read_bytes() == plain.read_bytes()


def test_a_passphrase_opens_it(plain, tmp_path):
    made = workflow.protect(plain, passphrase=WORDS)
    assert workflow.needs_passphrase(made.path)
    opened = workflow.unprotect(made.path, passphrase=WORDS, out=tmp_path / "back.csv")
    assert opened.path.read_bytes() == plain.read_bytes()
    with pytest.raises(ReleaseError, match="not opened by this key or passphrase"):
        workflow.unprotect(made.path, passphrase=WORDS + "x", out=tmp_path / "other.csv")
    assert not (tmp_path / "other.csv").exists()


def test_a_wrong_key_or_a_flipped_byte_opens_nothing(plain, key, tmp_path):
    made = workflow.protect(plain, to=[key[1]])
    workflow.new_key(tmp_path / "other.key")
    with pytest.raises(ReleaseError, match="not opened by this key"):
        workflow.unprotect(made.path, keys=[tmp_path / "other.key"], out=tmp_path / "back")
    data = bytearray(made.path.read_bytes())
    data[-1] ^= 1
    made.path.write_bytes(data)
    with pytest.raises(ReleaseError, match="or it is damaged"):
        workflow.unprotect(made.path, keys=[key[0]], out=tmp_path / "back")
    assert not (tmp_path / "back").exists()


@pytest.mark.file_store  # settings of a copy name no database
def test_a_folder_comes_back_as_a_folder(key, tmp_path):
    workspace = Workspace.create(tmp_path / "w", Settings())
    made = workflow.protect(workspace.folder, to=[key[1]])
    assert made.path.name == "w.folder.zip.age"
    with pytest.raises(ReleaseError, match="is there already"):
        workflow.unprotect(made.path, keys=[key[0]])
    opened = workflow.unprotect(made.path, keys=[key[0]], out=tmp_path / "back")
    assert (opened.path / "workspace.toml").read_bytes() == (workspace.folder / "workspace.toml").read_bytes()
    assert workflow.verify(opened.path).is_whole


def test_remove_overwrites_what_it_removes_and_does_not_promise_too_much(plain, key, tmp_path):
    (tmp_path / "other name").hardlink_to(plain)  # sees what becomes of the bytes
    said = workflow.protect(plain, to=[key[1]], remove=True).messages
    assert not plain.exists()
    assert set((tmp_path / "other name").read_bytes()) == {0}
    assert "SSDs" in str(said[-1])


def test_nothing_is_removed_if_the_encrypted_file_could_not_be_written(plain, key):
    plain.with_name("queue.csv.age").write_text("in the way")
    with pytest.raises(ReleaseError, match="exists already"):
        workflow.protect(plain, to=[key[1]], remove=True)
    assert plain.read_text().startswith("absence_id")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "Say either for whom"),
        ({"to": ["age1xyz"], "passphrase": WORDS}, "Say either for whom"),
        ({"to": ["age1xyz"]}, "takes public keys"),
        ({"to": ["missing.txt"]}, "missing.txt cannot be read: No such file"),
        ({"passphrase": "short"}, "has 5 letters; give at least 12"),
    ],
)
def test_what_cannot_be_meant_is_refused(plain, options, said):
    with pytest.raises(ReleaseError, match=said):
        workflow.protect(plain, **options)
    assert os.listdir(plain.parent) == ["queue.csv"]  # noqa: PTH208


def test_errors_hold_no_secret(plain, key, tmp_path):
    made = workflow.protect(plain, to=[key[1]])
    (tmp_path / "bad.key").write_text("AGE-SECRET-KEY-1MADEUP")
    with pytest.raises(ReleaseError, match="holds no secret key") as raised:
        workflow.unprotect(made.path, keys=[tmp_path / "bad.key"])
    assert "MADEUP" not in str(raised.value)


def test_the_encrypted_file_is_not_put_into_the_folder_it_is_made_of(key, tmp_path):
    (tmp_path / "f").mkdir()
    with pytest.raises(ReleaseError, match="would lie in what it is made of"):
        workflow.protect(tmp_path / "f", to=[key[1]], out=tmp_path / "f" / "f.age", remove=True)


def test_what_is_not_encrypted_is_not_opened(plain):
    with pytest.raises(ReleaseError, match="is not encrypted by age"):
        workflow.unprotect(plain)


@pytest.mark.parametrize("member", ["../a", "/a", "a/" * 33 + "a"])
def test_a_hostile_folder_that_was_encrypted_for_us_is_not_unpacked(key, tmp_path, member):
    """Anybody can encrypt for a public key: what comes out is distrusted like any other archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(member, b"1")
        archive.writestr("archive.sha256", f"{hashlib.sha256(b'1').hexdigest()}  {member}\n")
    public = pyrage.x25519.Recipient.from_str(key[1])
    (tmp_path / "w.folder.zip.age").write_bytes(pyrage.encrypt(stream.getvalue(), [public]))
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(WorkspaceError, match="is not unpacked"):
        workflow.unprotect(tmp_path / "w.folder.zip.age", keys=[key[0]])
    assert sorted(tmp_path.rglob("*")) == before
