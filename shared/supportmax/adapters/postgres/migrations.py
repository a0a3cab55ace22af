"""Migrations: plain SQL, applied in order under a lock, and the roles they need."""

from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

RUNTIME_ROLE = "supportmax_app"
# The newest migration that this code needs; a test holds it equal to the newest file.
SCHEMA_VERSION = "0065.triage_version_numbers"


def apply(owner_url: str, folder: Path) -> list[str]:
    """Bring the database to the newest schema; returns the ids of what was applied now."""
    from yoyo import get_backend, read_migrations

    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute((Path(__file__).parent / "roles.sql").read_bytes())
    backend = get_backend(_yoyo_url(owner_url))
    try:
        with backend.lock():
            waiting = backend.to_apply(read_migrations(str(folder)))
            applied = [migration.id for migration in waiting]
            backend.apply_migrations(waiting)
    finally:
        backend.connection.close()
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(f"GRANT SELECT ON _yoyo_migration TO {RUNTIME_ROLE}".encode())
    return applied


def set_runtime_password(owner_url: str, runtime_url: str) -> None:
    """Give the runtime role the password that the functions' URL carries, and the right to connect."""
    wanted = psycopg.conninfo.conninfo_to_dict(runtime_url)
    if wanted.get("user") != RUNTIME_ROLE:
        return  # the operator made a role of their own and granted it supportmax_app
    statement = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(
        sql.Identifier(RUNTIME_ROLE), sql.Literal(wanted.get("password"))
    )
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(statement)


def _yoyo_url(url: str) -> str:
    """yoyo picks its driver by the scheme; it has one for psycopg 3."""
    return urlunsplit(urlsplit(url)._replace(scheme="postgresql+psycopg"))
