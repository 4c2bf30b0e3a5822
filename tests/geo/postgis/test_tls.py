"""A server that takes TLS only, its certificate by a made-up authority: who verifies it, and what a refusal says."""

import os
import shutil
import subprocess

import pytest
from sqlalchemy import text

from geo.errors import WorkspaceError
from geo.postgis.database import Database
from tests.conftest import SOCKETS
from tests.postgres import OWNER, Cluster, binaries

HOST, OTHER, SECRET = "store.made-up.example", "other.made-up.example", "made-up-secret"
LOOPBACK = f"127.77.{os.getpid() // 250 % 250 + 1}.{os.getpid() % 250 + 1}"
"""An address of this machine's own for each process of the tests, so that no other server has its port."""

HBA = "local all all trust\nhostssl all all all scram-sha-256\n"


def certify(folder, name, *options):
    """Make a key and a certificate."""
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key")
    command = ["openssl", "req", "-x509", "-days", "2", "-subj", f"/CN={name}", *key, "-out", f"{name}.pem", *options]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def roots(tmp_path_factory):
    """The folder with the certificates of two authorities, and of a server by the first of them."""
    folder = tmp_path_factory.mktemp("roots")
    certify(folder, "right")
    certify(folder, "wrong")
    by_right = ("-CA", "right.pem", "-CAkey", "right.key", "-addext", "basicConstraints=critical,CA:FALSE")
    certify(folder, "server", *by_right, "-addext", f"subjectAltName=DNS:{HOST}")
    return folder


@pytest.fixture(scope="module")
def server(cluster, roots):
    """A server of its own on this machine's loopback; it needs the fixture of the others only to skip with them."""
    made = Cluster(binaries(), SOCKETS)
    data = made.folder / "data"
    made.execute(f"CREATE ROLE office LOGIN SUPERUSER PASSWORD '{SECRET}'")
    for file in ("server.pem", "server.key"):
        shutil.copyfile(roots / file, data / file)
        if os.geteuid() == 0:
            shutil.chown(data / file, OWNER, OWNER)
    (data / "server.key").chmod(0o600)
    for name, value in {"ssl": "on", "ssl_cert_file": "server.pem", "ssl_key_file": "server.key"}.items():
        made.execute(f"ALTER SYSTEM SET {name} = '{value}'")
    (data / "pg_hba.conf").write_text(HBA, encoding="utf-8")
    made.stop()
    made.start(listen=LOOPBACK)
    SOCKETS.update({HOST, OTHER})
    yield made
    SOCKETS.difference_update({HOST, OTHER})
    made.remove()


@pytest.fixture
def ask(server, roots, monkeypatch):
    """Return a function that asks the server how it is reached."""
    monkeypatch.setenv("PGPASSWORD", SECRET)

    def asking(host=HOST, root="right", mode="verify-full"):
        options = f"hostaddr={LOOPBACK}&sslmode={mode}&sslrootcert={roots / root}.pem"
        reached = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        address = f"postgresql://office@{host}/with_postgis?{options}"
        return Database(address).read(lambda connection: connection.scalar(text(reached)))

    return asking


def test_who_has_the_right_root_is_let_in_with_tls(ask):
    assert ask() is True


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"root": "wrong"}, "SSL error: certificate verify failed"),
        ({"host": OTHER}, f'server certificate for "{HOST}" .*does not match host name "{OTHER}"'),
        ({"root": "missing"}, "root certificate file .* does not exist"),
        ({"mode": "disable"}, "no pg_hba.conf entry for host .*, no encryption"),
    ],
)
def test_a_refusal_says_why_and_no_credentials(ask, asked, said):
    with pytest.raises(WorkspaceError, match=f"The database cannot be reached: .*{said}; nothing was written") as error:
        ask(**asked)
    assert SECRET not in str(error.value)
    assert error.value.__suppress_context__


def test_a_wrong_password_is_not_repeated(ask, monkeypatch):
    monkeypatch.setenv("PGPASSWORD", "another-secret")
    with pytest.raises(WorkspaceError, match="password authentication failed") as error:
        ask()
    assert "another-secret" not in str(error.value)
