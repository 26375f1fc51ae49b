"""A real MariaDB for tests: its own data folder, private socket and free port; stopped by its process id.

with start_mariadb(tmp_path) as mariadb:
    url = mariadb.create_database("orders")
"""

import os
import secrets
import socket as sockets
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree, which

import pymysql

from tests.servers.web import free_port

USER = "mvidarr"
_INSTALLATIONS = 2
"""Tries: where several begin at once, one may find the kernel's room for asynchronous files taken."""
_START_WITHIN = 60.0
_STOP_WITHIN = 20.0
DEFAULT_BUFFERS = "128M"
"""MariaDB's own; a test needs less, and several servers run at once."""
_FAST = (
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-log-file-size=16M",
    "--innodb-doublewrite=0",
    "--skip-log-bin",
    "--skip-name-resolve",
    "--performance-schema=0",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_unicode_ci",
)


@dataclass(frozen=True)
class MariaDB:
    """A running server. ``password`` belongs to ``user``, who may do everything."""

    host: str
    port: int
    user: str
    password: str
    socket: Path
    process: "subprocess.Popen[bytes]"

    def url(self, name: str) -> str:
        """A database's URL. It names no driver."""
        return f"mysql://{self.user}:{self.password}@{self.host}:{self.port}/{name}?charset=utf8mb4"

    def create_database(self, name: str) -> str:
        """Makes an empty database and returns its URL."""
        self.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
        return self.url(name)

    def drop_database(self, name: str) -> None:
        self.execute(f"DROP DATABASE IF EXISTS `{name}`")

    def execute(self, statement: str) -> None:
        connection = pymysql.connect(host=self.host, port=self.port, user=self.user, password=self.password)
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)

    def kill(self) -> None:
        """As the machine's failure would: at once, without a word."""
        self.process.kill()
        self.process.wait(_STOP_WITHIN)


@contextmanager
def start_mariadb(directory: Path, *, port: int | None = None, buffers: str = "32M") -> Iterator[MariaDB]:
    """A server in ``directory``. A folder that a server left behind is used again; ``port`` is then the one it had."""
    data = directory / "data"
    fresh = not data.exists()
    if fresh:
        _install(data)
    socket = _socket_path(directory)
    password = _password(directory)
    log = directory / "mariadb.log"
    with _running(data, socket, port or free_port(), log, buffers) as (process, taken):
        server = MariaDB("127.0.0.1", taken, USER, password, socket, process)
        _wait_until_ready(server, log)
        if fresh:
            _create_user(server)
        yield server


def _install(data: Path) -> None:
    command = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=socket"]
    command += ["--skip-test-db", "--innodb-log-file-size=16M", *_user()]
    for _ in range(_INSTALLATIONS):
        made = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
        if made.returncode == 0:
            return
        rmtree(data, ignore_errors=True)
    raise RuntimeError(f"MariaDB was not installed:\n{made.stdout[-2000:]}{made.stderr[-2000:]}")


@contextmanager
def _running(
    data: Path, socket: Path, port: int, log: Path, buffers: str
) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    # Its own: a server that starts removes what another one has in the shared folder.
    temporary = data.parent / "tmp"
    temporary.mkdir(exist_ok=True)
    own = [f"--datadir={data}", f"--socket={socket}", f"--tmpdir={temporary}", f"--innodb-buffer-pool-size={buffers}"]
    command = [which("mariadbd") or "/usr/sbin/mariadbd", "--no-defaults", *own]
    command += [f"--port={port}", "--bind-address=127.0.0.1", f"--pid-file={data / 'mariadbd.pid'}", *_FAST, *_user()]
    with log.open("ab") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            yield process, port
        finally:
            _stop(process)
            socket.unlink(missing_ok=True)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        process.wait(_STOP_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_until_ready(server: MariaDB, log: Path) -> None:
    """By the socket, as the account that owns the process: before the first start there is no other."""
    deadline = time.monotonic() + _START_WITHIN
    while True:
        if server.process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"MariaDB did not start:\n{log.read_text(errors='replace')[-2000:]}")
        if _accepts(server.socket):
            _as_owner(server).close()
            return
        time.sleep(0.05)


def _accepts(path: Path) -> bool:
    with sockets.socket(sockets.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def _create_user(server: MariaDB) -> None:
    with _as_owner(server) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE USER %s@'127.0.0.1' IDENTIFIED BY %s", (server.user, server.password))
        cursor.execute("GRANT ALL ON *.* TO %s@'127.0.0.1' WITH GRANT OPTION", (server.user,))


def _as_owner(server: MariaDB) -> "pymysql.Connection[pymysql.cursors.Cursor]":
    name = "root" if os.geteuid() == 0 else os.environ.get("USER") or os.getlogin()
    return pymysql.connect(unix_socket=str(server.socket), user=name)


def _user() -> list[str]:
    return ["--user=root"] if os.geteuid() == 0 else []


def _password(directory: Path) -> str:
    """Kept beside the data, for a second start on it."""
    file = directory / "password"
    if not file.exists():
        file.write_text(secrets.token_hex(8))
    return file.read_text()


def _socket_path(directory: Path) -> Path:
    """Socket paths end at 107 bytes, and pytest's folders are long."""
    inside = directory / "db.sock"
    if len(os.fsencode(inside)) < 100:
        return inside
    return Path("/tmp") / f"mvidarr-{os.getpid()}-{secrets.token_hex(4)}.sock"
