"""A private PostgreSQL on this machine: a folder of its own, loopback only, gone after the test.

Started as a program it only says, by its exit code, whether there is one to start.

Belongs here: starting and stopping it. Does not belong here: anything that Dagster does with it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.faults.live import free_port, wait_until

USER, PASSWORD = "adoption", "not: a/secret @all"
"""The password has what must be quoted in an address."""
ACCOUNTS = ("postgres", "nobody")


def programs() -> Path | None:
    """The folder of PostgreSQL's programs, of which Debian puts none on PATH."""
    on_path = shutil.which("initdb")
    debian = sorted(Path("/", "usr", "lib", "postgresql").glob("*/bin/initdb"))
    return Path(on_path).resolve().parent if on_path else debian[-1].parent if debian else None


@dataclass(frozen=True)
class Server:
    """A server that runs: where it is, and how Dagster finds it."""

    port: int
    database: str = "postgres"

    def new_database(self, name: str) -> Server:
        """The same server with a database of this name, which is made."""
        with self.connected() as connection, connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute(f'create database "{name}"')
        return replace(self, database=name)

    def environment(self) -> dict[str, str]:
        """What deploy/dagster.yaml asks the environment for."""
        return {
            "ADOPTION_PG_HOST": "127.0.0.1",
            "ADOPTION_PG_PORT": str(self.port),
            "ADOPTION_PG_USER": USER,
            "ADOPTION_PG_PASSWORD": PASSWORD,
            "ADOPTION_PG_DATABASE": self.database,
        }

    @contextmanager
    def connected(self) -> Iterator[Any]:
        """A connection that looks into the tables."""
        import psycopg2

        where = {"host": "127.0.0.1", "port": self.port, "dbname": self.database}
        with closing(psycopg2.connect(user=USER, password=PASSWORD, **where)) as connection:
            yield connection


@contextmanager
def running(bin_folder: Path) -> Iterator[Server]:
    """A new, empty server, until the block ends."""
    folder, account = Path(tempfile.mkdtemp(prefix="postgres-")), _account()
    try:
        (folder / "password").write_text(PASSWORD)
        if account is not None:
            for path in (folder, folder / "password"):
                os.chown(path, account.pw_uid, account.pw_gid)
        _run(account, bin_folder / "initdb", "-U", USER, "-A", "scram-sha-256", "-D", str(folder / "data"),
             f"--pwfile={folder / 'password'}", "-E", "UTF8", "--locale=C", "--no-sync")  # fmt: skip
        with _started(bin_folder, folder, account) as port:
            yield Server(port)
    finally:
        shutil.rmtree(folder)


@contextmanager
def _started(bin_folder: Path, folder: Path, account: pwd.struct_passwd | None) -> Iterator[int]:
    port = free_port()
    settings = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": folder, "fsync": "off"}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    command = [str(bin_folder / "postgres"), "-D", str(folder / "data"), *options]
    ids: dict[str, Any] = {"user": account.pw_uid, "group": account.pw_gid} if account else {}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, **ids)
        try:
            ready = [str(bin_folder / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
            wait_until(lambda: subprocess.run(ready, check=False).returncode == 0, process, "PostgreSQL was ready")
            yield port
        finally:
            process.send_signal(signal.SIGINT)  # a fast shutdown: sessions are ended
            process.wait(60)


def _account() -> pwd.struct_passwd | None:
    """Whom the server runs as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next(names[name] for name in ACCOUNTS if name in names)


def _run(account: pwd.struct_passwd | None, program: Path, *arguments: str) -> None:
    ids: dict[str, Any] = {"user": account.pw_uid, "group": account.pw_gid} if account else {}
    done = subprocess.run(
        [str(program), *arguments], env={**os.environ, "PGPASSWORD": PASSWORD}, cwd=Path("/"), capture_output=True,
        text=True, check=False, **ids,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


if __name__ == "__main__":
    sys.exit(0 if programs() else 1)
