"""A Salesforce organisation in memory: three objects with the rules that an integration meets."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from tests.fakes.soql import Query, Record, SoqlError

_PREFIX = {"Case": "500", "Contact": "003", "CaseComment": "00a"}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class RestError(Exception):
    """An answer other than success: the HTTP status, and the decoded error body."""

    def __init__(self, status: int, code: str, message: str, fields: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.body: Any = [{"message": message, "errorCode": code, "fields": list(fields)}]


@dataclass(frozen=True)
class Column:
    """A field: `longest` in characters, or in bytes if `in_bytes`; `values` of a restricted picklist."""

    longest: int = 255
    in_bytes: bool = False
    required: bool = False
    writable: bool = True
    email: bool = False
    external_id: bool = False
    values: tuple[str, ...] = ()
    kind: type = str


_SYSTEM = {
    name: Column(writable=False, kind=datetime) for name in ("CreatedDate", "LastModifiedDate", "SystemModstamp")
} | {"Id": Column(writable=False)}


def _schema() -> dict[str, dict[str, Column]]:
    return {
        "Contact": {
            **_SYSTEM,
            "FirstName": Column(40),
            "LastName": Column(80, required=True),
            "Email": Column(80, email=True),
            "SupportMax_Requester_Id__c": Column(36, external_id=True),
        },
        "Case": {
            **_SYSTEM,
            "CaseNumber": Column(writable=False),
            "IsClosed": Column(writable=False, kind=bool),
            "Subject": Column(255),
            "Description": Column(32_000),
            "Status": Column(values=("New", "Working", "Escalated", "Closed")),
            "Priority": Column(values=("High", "Medium", "Low")),
            "ContactId": Column(18),
            "SuppliedName": Column(80),
            "SuppliedEmail": Column(80, email=True),
            "SupportMax_Ticket_Id__c": Column(36, external_id=True),
            "SupportMax_Status__c": Column(20),
            "SupportMax_Priority__c": Column(20),
            "SupportMax_Category__c": Column(255),
        },
        "CaseComment": {
            **_SYSTEM,
            "ParentId": Column(18, required=True),
            "CommentBody": Column(4000, in_bytes=True),
            "IsPublished": Column(kind=bool),
        },
    }


@dataclass
class SalesforceOrg:
    """The records, by object and id. Tests read `cases`, `contacts` and `comments`, and act as people there."""

    schema: dict[str, dict[str, Column]] = field(default_factory=_schema)
    tables: dict[str, dict[str, Record]] = field(default_factory=lambda: {"Contact": {}, "Case": {}, "CaseComment": {}})
    clock: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    blocking_duplicate_rule: bool = False
    alerting_duplicate_rule: bool = False
    _serial: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def cases(self) -> list[Record]:
        return list(self.tables["Case"].values())

    @property
    def contacts(self) -> list[Record]:
        return list(self.tables["Contact"].values())

    @property
    def comments(self) -> list[Record]:
        return list(self.tables["CaseComment"].values())

    def tick(self, seconds: int = 1) -> datetime:
        """Lets time pass; the organisation's times have whole seconds."""
        self.clock += timedelta(seconds=seconds)
        return self.clock

    def edit(self, table: str, record_id: str, **values: Any) -> None:
        """What a person in Salesforce, or a flow, changes."""
        self.tables[table][record_id].update(values)
        self._stamp(table, self.tables[table][record_id])

    def insert(self, table: str, values: Record, allow_duplicates: bool = False) -> str:
        self._check(table, values)
        self._require(table, values)
        if table == "Contact":
            self._apply_duplicate_rules(values, allow_duplicates)
        serial = next(self._serial)
        record_id = f"{_PREFIX[table]}5g00000{serial:06d}AAA"[:18]
        defaults: dict[str, Record] = {
            "Case": {"Status": "New", "Priority": "Medium", "CaseNumber": f"{serial:08d}"},
            "CaseComment": {"IsPublished": False},
        }
        blank: Record = dict.fromkeys(self.schema[table])
        record = blank | defaults.get(table, {}) | values | {"Id": record_id, "CreatedDate": self.clock}
        self.tables[table][record_id] = record
        self._stamp(table, record)
        return record_id

    def upsert(
        self, table: str, column: str, value: str, values: Record, allow_duplicates: bool = False
    ) -> tuple[str, bool]:
        """The id, and whether the record was created."""
        matches = self.by_external_id(table, column, value)
        if column in values:
            raise RestError(400, "INVALID_FIELD", f"The {column} field should not be specified in the sobject data.")
        if not matches:
            self._check(table, values)
            return self.insert(table, values | {column: value}, allow_duplicates), True
        self._check(table, values)
        self.tables[table][matches[0]["Id"]].update(values)
        self._stamp(table, matches[0])
        return str(matches[0]["Id"]), False

    def by_external_id(self, table: str, column: str, value: str) -> list[Record]:
        """None or one record; several are Salesforce's 300 answer."""
        known = self.schema.get(table, {}).get(column)
        if known is None or not known.external_id:
            raise RestError(
                404, "NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {column}"
            )
        matches = [row for row in self.tables[table].values() if (row[column] or "").lower() == value.lower()]
        if len(matches) > 1:
            fault = RestError(300, "", "")
            fault.body = [f"/services/data/v62.0/sobjects/{table}/{row['Id']}" for row in matches]
            raise fault
        return matches

    def select(self, query: Query) -> list[Record]:
        """Rows with the asked columns only."""
        if query.table not in self.schema:
            raise SoqlError("INVALID_TYPE", f"sObject type '{query.table}' is not supported.")
        for name in sorted(query.names() - self.schema[query.table].keys()):
            raise SoqlError("INVALID_FIELD", f"No such column '{name}' on entity '{query.table}'.")
        for comparison in query.comparisons:
            self._check_literal(query.table, comparison.field, comparison.value)
        rows = query.run(self.tables[query.table].values())
        return [{name: row[name] for name in query.fields} for row in rows]

    def _check_literal(self, table: str, name: str, value: Any) -> None:
        kind = self.schema[table][name].kind
        if value is not None and not isinstance(value, kind):
            raise SoqlError("INVALID_FIELD", f"value of filter criterion for field '{name}' has the wrong type")

    def _stamp(self, table: str, record: Record) -> None:
        record["LastModifiedDate"] = record["SystemModstamp"] = self.clock
        if table == "Case":
            record["IsClosed"] = str(record["Status"]).startswith("Closed")

    def _check(self, table: str, values: Record) -> None:
        for name, value in values.items():
            column = self.schema[table].get(name)
            if column is None:
                raise RestError(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {table}")
            if not column.writable:
                raise RestError(
                    400, "INVALID_FIELD_FOR_INSERT_UPDATE", f"Unable to create/update fields: {name}.", (name,)
                )
            if value is not None:
                _check_value(name, column, value)
        self._check_references(values)

    def _check_references(self, values: Record) -> None:
        for name, table in (("ContactId", "Contact"), ("ParentId", "Case")):
            if values.get(name) and values[name] not in self.tables[table]:
                raise RestError(
                    400, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "insufficient access rights", (name,)
                )

    def _require(self, table: str, values: Record) -> None:
        missing = [name for name, column in self.schema[table].items() if column.required and not values.get(name)]
        if missing:
            names = ", ".join(missing)
            raise RestError(400, "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{names}]", tuple(missing))

    def _apply_duplicate_rules(self, values: Record, allowed: bool) -> None:
        same = [row for row in self.contacts if row["LastName"] == values["LastName"]]
        if same and (self.blocking_duplicate_rule or (self.alerting_duplicate_rule and not allowed)):
            raise RestError(400, "DUPLICATES_DETECTED", "Use one of these records?")


def _check_value(name: str, column: Column, value: Any) -> None:
    if not isinstance(value, column.kind):
        raise RestError(400, "JSON_PARSER_ERROR", f"Cannot deserialize instance of {name}")
    if not isinstance(value, str):
        return
    if (len(value.encode()) if column.in_bytes else len(value)) > column.longest:
        raise RestError(400, "STRING_TOO_LONG", f"{name}: data value too large (max length={column.longest})", (name,))
    if column.email and not _EMAIL.fullmatch(value):
        raise RestError(400, "INVALID_EMAIL_ADDRESS", f"Email: invalid email address: {value}", (name,))
    if column.values and value not in column.values:
        raise RestError(
            400,
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"{name}: bad value for restricted picklist field: {value}",
            (name,),
        )
