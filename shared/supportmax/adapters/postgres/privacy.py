"""A person's footprint across all tables: gathered, erased, and looked for afterwards."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from supportmax.adapters.postgres.people import Users
from supportmax.adapters.postgres.repository import Repository, columns
from supportmax.domain.errors import InvalidInput, NotFound
from supportmax.domain.people import User, normal_email
from supportmax.domain.privacy import (
    Footprint,
    Kept,
    Proof,
    RetentionRule,
    StoredObject,
    Whom,
    mark_of_id,
    mark_of_words,
)
from supportmax.domain.tickets import Status

# In this order: what only points at a ticket or chat goes before it. What hangs on one (ON DELETE CASCADE) goes with
# it.
ERASED = (
    "erase_labelled_examples",
    "erase_article_proposals",
    "erase_inbound_mails",
    "erase_outbox",
    "erase_idempotency_keys",
    "erase_webhook_deliveries",
    "erase_jobs",
    "erase_model_calls",
    "erase_messages",
    "erase_visitor_identities",
    "erase_tickets",
    "erase_sessions",
    "erase_users",
)
EXPORTED = (
    "export_person",
    "export_visitor_identities",
    "export_sessions",
    "export_tickets",
    "export_ticket_events",
    "export_messages",
    "export_attachments",
    "export_inbound_mails",
    "export_turns",
    "export_ratings",
    "export_satisfaction_ratings",
    "export_escalations",
    "export_labelled_examples",
    "export_crm_links",
)
REPLACEMENT = "[erased]"
# Functions may only add to it; forget_in_audit_log() has seen to it.
_APPEND_ONLY = {"audit_entries"}
# They can hold nobody's address; any other type is read.
_WORDLESS = {
    "bigint", "boolean", "date", "double precision", "integer", "interval", "regconfig", "timestamp with time zone",
    "vector",
}  # fmt: skip
_NEVER = "%nothing is like this%"


class Privacy(Repository):
    file = "privacy"

    def of(self, whom: Whom) -> Footprint:
        user = self._user(whom)
        user_id = user.id if user else None
        email = user.email if user else whom.email and normal_email(whom.email)
        chats_of = {"session_id": whom.session_id, "user_id": user_id, "email": email}
        sessions = [row["id"] for row in self.rows("sessions_of", **chats_of)]
        tickets = self.rows("tickets_of", session_ids=sessions, user_id=user_id)
        ticket_ids = [row["id"] for row in tickets]
        mails = [row["id"] for row in self.rows("mails_of", ticket_ids=ticket_ids, email=email)]
        chats = {*sessions, *(row["session_id"] for row in tickets if row["session_id"])}
        return Footprint(user_id, email, ticket_ids, sorted(chats), mails)

    def _user(self, whom: Whom) -> User | None:
        users = Users(self._connection, self.workspace_id)
        try:
            user = users.get(whom.user_id) if whom.user_id else users.by_address(whom.email) if whom.email else None
        except NotFound:
            return None
        if user and user.role != "customer":
            raise InvalidInput("They work here: deactivate them, and make them a customer first.")
        return user

    def objects(self, footprint: Footprint) -> list[StoredObject]:
        return self.many(StoredObject, "objects_of", **_params(footprint))

    def contents(self, footprint: Footprint) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        for query in EXPORTED:
            yield query.removeprefix("export_"), [row["row"] for row in self.rows(query, **_params(footprint))]

    def crm_cases(self, footprint: Footprint) -> list[str]:
        return [row["case_id"] for row in self.rows("crm_cases_of", ticket_ids=list(footprint.ticket_ids))]

    # The end

    def remember(self, footprint: Footprint, secret: str) -> None:
        marks = {mark_of_id(each) for each in (*footprint.ticket_ids, *footprint.session_ids)}
        for row in self.rows("marks_of", **_params(footprint)):
            is_id = row["kind"] == "id"
            marks.add(mark_of_id(UUID(row["value"])) if is_id else mark_of_words(secret, row["kind"], row["value"]))
        if footprint.email:
            marks.add(mark_of_words(secret, "address", footprint.email))
        self.run_many("add_mark", [{"mark": mark} for mark in sorted(marks)])

    def knows(self, marks: Sequence[bytes]) -> datetime | None:
        found = self.value("known_marks", marks=list(marks))
        return found if isinstance(found, datetime) else None

    def erase(self, footprint: Footprint) -> dict[str, int]:
        params = _params(footprint)
        gone = {query.removeprefix("erase_"): self.run(query, **params) for query in ERASED}
        return gone | {"audit_entries": int(self.value("forget_in_audit_log", **params))}

    # The proof

    def prove(self, values: Sequence[str]) -> Proof:
        self.send("be_patient")
        patterns, rewritten, found = [_pattern(value) for value in values], 0, {}
        tables = {name: list(rows) for name, rows in groupby(self.rows("columns"), lambda row: row["table_name"])}
        for table, of_table in tables.items():
            if not self._holding(table, of_table, patterns):
                continue
            if table not in _APPEND_ONLY:
                rewritten += self._rewrite(table, of_table, values)
            if left := self._holding(table, of_table, patterns):
                found[table] = left
        return Proof(len(tables), rewritten, found)

    def _holding(self, table: str, of_table: list[dict[str, Any]], patterns: list[str]) -> int:
        """How many rows hold one of the values in any column."""
        query = sql.SQL(
            "SELECT count(*) FROM {} WHERE workspace_id = %(workspace_id)s"
            " AND concat_ws(' ', {}) ILIKE ANY(%(patterns)s)"
        ).format(sql.Identifier(table), sql.SQL(", ").join(_readable(row) for row in of_table))
        row = self._connection.execute(query, self._params({"patterns": patterns})).fetchone()
        return int(row[0]) if row else 0

    def _rewrite(self, table: str, of_table: list[dict[str, Any]], values: Sequence[str]) -> int:
        """Free text goes on without the values. A column that does not take that is left to be found."""
        changed = 0
        for row in of_table:
            cast = {"text": sql.SQL("text"), "jsonb": sql.SQL("jsonb"), "text[]": sql.SQL("text[]")}.get(row["type"])
            if cast is None or row["generated"]:
                continue
            for value in values:
                with suppress(psycopg.errors.IntegrityError), self._connection.transaction():
                    changed += self._replace(table, sql.Identifier(row["column_name"]), cast, value)
        return changed

    def _replace(self, table: str, column: sql.Identifier, cast: sql.SQL, value: str) -> int:
        query = sql.SQL(
            "UPDATE {table} SET {column} = regexp_replace({column}::text, %(literal)s, %(replacement)s, 'gi')::{cast}"
            " WHERE workspace_id = %(workspace_id)s AND {column}::text ILIKE %(pattern)s"
        ).format(table=sql.Identifier(table), column=column, cast=cast)
        given = {"literal": _literal(value), "replacement": REPLACEMENT, "pattern": _pattern(value)}
        cursor = self._connection.execute(query, self._params(given))
        self._connection.settle()
        return cursor.rowcount


def _readable(column: dict[str, Any]) -> sql.Composable:
    """As text. Bytes become what they spell, other than letters by their numbers."""
    name = sql.Identifier(column["column_name"])
    if column["type"] in _WORDLESS:
        return sql.SQL("NULL")
    return sql.SQL("encode({}, 'escape')").format(name) if column["type"] == "bytea" else name


class Retention(Repository):
    file = "privacy"

    def rules(self) -> list[RetentionRule]:
        rows = self.rows("rules")
        return [RetentionRule(row["what"], row["days"], row["status"] or None) for row in rows]

    def replace(self, rules: Sequence[RetentionRule]) -> None:
        self.send("delete_rules")
        self.run_many("add_rule", [columns(rule) | {"status": rule.status or ""} for rule in rules])

    def too_old(self, what: Kept, status: Status | None, before: datetime, limit: int) -> list[UUID]:
        return [row["id"] for row in self.rows(_OLD[what], status=status, before=before, limit=limit)]

    def mails_of(self, ticket_ids: Sequence[UUID]) -> list[UUID]:
        return [row["id"] for row in self.rows("mails_of", ticket_ids=list(ticket_ids), email=None)]

    def count(self, what: Kept, status: Status | None, before: datetime) -> int:
        return int(self.value(_COUNT[what], status=status, before=before))


_OLD: dict[Kept, str] = {"tickets": "old_tickets", "chats": "old_chats", "held_mails": "old_held_mails"}
_COUNT: dict[Kept, str] = {
    "tickets": "count_old_tickets",
    "chats": "count_old_chats",
    "held_mails": "count_old_held_mails",
}


def _params(footprint: Footprint) -> dict[str, Any]:
    lists = {name: list(getattr(footprint, name)) for name in ("ticket_ids", "session_ids", "mail_ids")}
    own = [str(footprint.user_id)] if footprint.user_id else []
    ids = [*own, *(str(each) for each in (*footprint.ticket_ids, *footprint.session_ids))]
    words = [word for word in (footprint.email, *own) if word]
    return (
        columns(footprint)
        | lists
        | {
            "needles": [*ids, *([footprint.email] if footprint.email else [])],
            "own_id": [f"%{each}%" for each in own] or [_NEVER],
            "id_patterns": [f"%{each}%" for each in ids] or [_NEVER],
            "value_patterns": [_pattern(word) for word in words] or [_NEVER],
        }
    )


def _pattern(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _literal(value: str) -> str:
    """As a regular expression of Postgres that means just this."""
    return "".join(character if character.isalnum() else f"\\{character}" for character in value)
