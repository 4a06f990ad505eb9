"""A PostgreSQL for the tests alone, which they may stop and start."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2

_OWNER = "postgres"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A PostgreSQL of our own, on a socket in a temporary folder; it does not listen on TCP at all."""

    bin: Path
    folder: Path

    def command(self, *words: str) -> str:
        # PostgreSQL refuses to run as root.
        switch = ["setpriv", "--reuid", _OWNER, "--regid", _OWNER, "--clear-groups"] if os.getuid() == 0 else []
        done = subprocess.run(
            [*switch, str(self.bin / words[0]), *words[1:]],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.folder,
            timeout=30,
        )
        return done.stdout

    def create(self) -> None:
        if os.getuid() == 0:
            shutil.chown(self.folder, _OWNER, _OWNER)
        # Locale C is the poorest there is: what works in it works in any.
        self.command("initdb", "-D", str(self.folder / "data"), "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        with (self.folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write(
                f"listen_addresses = ''\nunix_socket_directories = '{self.folder}'\nfsync = off\n"
                "shared_buffers = 16MB\nmax_connections = 20\n"
            )

    def start(self) -> None:
        log = str(self.folder / "log")
        self.command("pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", log, "start")

    def stop(self) -> None:
        self.command("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", "immediate", "stop")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Every process of it stands still: connections stay, nothing answers."""
        connection = psycopg2.connect(self.url("postgres"))
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
            pids = [int(pid) for (pid,) in cursor.fetchall()]
        connection.close()
        pids.append(int((self.folder / "data" / "postmaster.pid").read_text().split()[0]))
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def url(self, name: str) -> str:
        user = _OWNER if os.getuid() == 0 else getpass.getuser()
        return f"postgresql://{user}@/{name}?host={self.folder}"

    def execute(self, sql: str) -> None:
        self._run(sql, False)

    def ask(self, sql: str) -> int:
        """The number that a query gives."""
        return self._run(sql, True)

    def _run(self, sql: str, answers: bool) -> int:
        connection = psycopg2.connect(self.url("postgres"))
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return int(cursor.fetchone()[0]) if answers else 0
        finally:
            connection.close()
