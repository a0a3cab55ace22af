"""Salesforce's REST API on this machine, as far as we use it, and its bad days on demand.

By hand: `python -m tests.fakes.salesforce_server --port 8080` prints the settings that sign in to it.
"""

import argparse
import gzip
import json
import re
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.fakes.salesforce_org import RestError, SalesforceOrg
from tests.fakes.soql import Record, SoqlError, parse

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_DATA = re.compile(r"/services/data/v(?P<version>\d+)\.0/(?P<rest>.+)")
_RECORD = re.compile(r"sobjects/(?P<table>\w+)/(?P<column>\w+)/(?P<value>[^/]+)")
_MOST_ROLLED_BACK = "Record rolled back because not all records were valid and the request was using AllOrNone"


@dataclass
class Trouble:
    """One bad answer to come: `kind` is one of `TROUBLES`, `on` the start of "METHOD path" it waits for."""

    kind: str
    on: str


TROUBLES: dict[str, tuple[int, str, str]] = {
    "unavailable": (503, "SERVER_UNAVAILABLE", "The server is too busy"),
    "request_limit": (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    "too_many_requests": (429, "REQUEST_LIMIT_EXCEEDED", "Too many requests"),
    "locked_row": (400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record"),
    "lost_race": (400, "DUPLICATE_VALUE", "duplicate value found: SupportMax_Ticket_Id__c duplicates value"),
    "validation_rule": (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Every case needs a product"),
}


class SalesforceServer:
    """Serves an organisation on 127.0.0.1. Use as a context manager; `port=0` takes a free one."""

    def __init__(self, port: int = 0) -> None:
        self.org = SalesforceOrg()
        self.consumer_key = "3MVG9-consumer-key"
        self.username = "integration@pebblebank.example"
        self.approved_users = {self.username}
        self.page_size = 2000
        self.sessions: set[str] = set()
        self.sign_ins = 0
        self.requests: list[str] = []
        self.released = threading.Event()
        self._troubles: list[Trouble] = []
        self._meanwhile: dict[str, Callable[[], object]] = {}
        self._cursors: dict[str, list[Record]] = {}
        self.private_key, self.public_key = _key_pair()
        self._http = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> "SalesforceServer":
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def trouble(self, kind: str, on: str = "", times: int = 1) -> None:
        """The next `times` requests that start with `on` go wrong: a key of TROUBLES, or one of `silent` (no
        answer until the end), `trickle` (one byte at a time), `cut_before` or `cut_after` (the connection
        breaks before or after the work is done), `expired` (the session ends first)."""
        self._troubles += [Trouble(kind, on)] * times

    def expire_sessions(self) -> None:
        """What an administrator, or time, does."""
        self.sessions.clear()

    def meanwhile(self, on: str, act: Callable[[], object]) -> None:
        """Before the next request that starts with `on` is worked on, something else happens."""
        self._meanwhile[on] = act

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(_Handler):
            salesforce = server

        return Handler

    def next_trouble(self, request: str) -> str:
        for on in [on for on in self._meanwhile if request.startswith(on)]:
            self._meanwhile.pop(on)()
        for trouble in self._troubles:
            if request.startswith(trouble.on):
                self._troubles.remove(trouble)
                return trouble.kind
        return ""

    def grant(self, form: dict[str, str]) -> tuple[int, Record]:
        """The token endpoint."""
        if form.get("grant_type") != GRANT:
            return 400, {"error": "unsupported_grant_type", "error_description": "grant type not supported"}
        try:
            claims = jwt.decode(
                form.get("assertion", ""),
                self.public_key,
                algorithms=["RS256"],
                audience=self.url,
                options={"require": ["iss", "sub", "aud", "exp"]},
            )
        except jwt.InvalidAudienceError:
            return 400, {"error": "invalid_grant", "error_description": "audience is invalid"}
        except jwt.PyJWTError:
            return 400, {"error": "invalid_grant", "error_description": "invalid assertion"}
        return self._grant_claims(claims)

    def _grant_claims(self, claims: Record) -> tuple[int, Record]:
        if claims["iss"] != self.consumer_key:
            return 400, {"error": "invalid_client_id", "error_description": "client identifier invalid"}
        if claims["exp"] > time() + 180:
            return 400, {"error": "invalid_grant", "error_description": "invalid assertion"}
        if claims["sub"] not in self.approved_users:
            return 400, {"error": "invalid_grant", "error_description": "user hasn't approved this consumer"}
        self.sign_ins += 1
        token = f"00D5g0000000001!session{self.sign_ins}"
        self.sessions.add(token)
        identity = f"{self.url}/id/00D5g0000000001EAA/0055g0000000001AAA"
        return 200, {
            "access_token": token,
            "scope": "api",
            "instance_url": self.url,
            "id": identity,
            "token_type": "Bearer",
        }

    def query(self, soql: str, base: str) -> Record:
        try:
            query = parse(soql)
            rows = self.org.select(query)
        except SoqlError as error:
            raise RestError(400, error.code, str(error)) from error
        table = query.table
        shown = [{"attributes": {"type": table, "url": f"{base}sobjects/{table}"}} | _as_json(row) for row in rows]
        return self._page(f"01g5g{len(self._cursors):07d}AAA", shown, 0, base)

    def more(self, cursor: str, base: str) -> Record:
        name, _, offset = cursor.rpartition("-")
        if name not in self._cursors:
            raise RestError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(name, self._cursors[name], int(offset), base)

    def _page(self, cursor: str, rows: list[Record], offset: int, base: str) -> Record:
        end = offset + self.page_size
        page: Record = {"totalSize": len(rows), "done": end >= len(rows), "records": rows[offset:end]}
        if not page["done"]:
            self._cursors[cursor] = rows
            page["nextRecordsUrl"] = f"{base}query/{cursor}-{end}"
        return page

    def create_collection(self, body: Record) -> list[Record]:
        """sObject Collections: 200 with a result each; `allOrNone` undoes all when one fails."""
        if len(body["records"]) > 200:
            raise RestError(400, "LIMIT_EXCEEDED", "record limit reached. cannot submit more than 200 records")
        results = [self._create(record) for record in body["records"]]
        if body.get("allOrNone") and not all(result["success"] for result in results):
            return [self._roll_back(result) for result in results]
        return results

    def _create(self, record: Record) -> Record:
        values = {name: value for name, value in record.items() if name != "attributes"}
        try:
            record_id = self.org.insert(record["attributes"]["type"], values)
        except RestError as fault:
            told = fault.body[0]
            error = {
                "statusCode": told["errorCode"],
                "message": told["message"],
                "fields": told["fields"],
            }
            return {"success": False, "errors": [error]}
        return {"id": record_id, "success": True, "errors": []}

    def _roll_back(self, result: Record) -> Record:
        if not result["success"]:
            return result
        for table in self.org.tables.values():
            table.pop(result["id"], None)
        error = {
            "statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK",
            "message": _MOST_ROLLED_BACK,
            "fields": [],
        }
        return {"success": False, "errors": [error]}


class _Handler(BaseHTTPRequestHandler):
    salesforce: SalesforceServer
    protocol_version = "HTTP/1.1"
    timeout = 30
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PATCH(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: Any) -> None:
        """Tests read `requests` instead."""

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        request = f"{self.command} {urlsplit(self.path).path}"
        self.salesforce.requests.append(request)
        trouble = self.salesforce.next_trouble(request)
        if trouble == "silent":
            self.salesforce.released.wait(self.timeout)
        if trouble in ("silent", "cut_before"):
            return self._cut()
        if trouble == "expired":
            self.salesforce.expire_sessions()
        status, answer = self._answer(trouble, body)
        if trouble == "cut_after":
            return self._cut()
        return self._send(status, answer, slowly=trouble == "trickle")

    def _answer(self, trouble: str, body: bytes) -> tuple[int, Any]:
        if trouble in TROUBLES:
            status, code, message = TROUBLES[trouble]
            return status, [{"message": message, "errorCode": code}]
        if self.path == "/services/oauth2/token":
            return self.salesforce.grant({k: v[0] for k, v in parse_qs(body.decode()).items()})
        try:
            self._check_session()
            return self._data(body)
        except RestError as fault:
            return fault.status, fault.body

    def _check_session(self) -> None:
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        if token not in self.salesforce.sessions:
            raise RestError(401, "INVALID_SESSION_ID", "Session expired or invalid")

    def _data(self, body: bytes) -> tuple[int, Any]:
        parts = urlsplit(self.path)
        data = _DATA.fullmatch(parts.path)
        if data is None:
            raise RestError(404, "NOT_FOUND", "The requested resource does not exist")
        base, rest = parts.path.removesuffix(data["rest"]), data["rest"].rstrip("/")
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        record = _RECORD.fullmatch(rest)
        if record and self.command == "PATCH":
            return self._upsert(record, json.loads(body), int(data["version"]))
        if record and self.command == "GET":
            return self._read(record, query["fields"])
        return 200, self._collection(f"{self.command} {rest}", query, base, body)

    def _collection(self, request: str, query: dict[str, str], base: str, body: bytes) -> Any:
        if request == "GET query":
            return self.salesforce.query(query["q"], base)
        if request.startswith("GET query/"):
            return self.salesforce.more(request.removeprefix("GET query/"), base)
        if request == "POST composite/sobjects":
            return self.salesforce.create_collection(json.loads(body))
        raise RestError(404, "NOT_FOUND", "The requested resource does not exist")

    def _upsert(self, record: re.Match[str], values: Record, version: int) -> tuple[int, Any]:
        allow = "allowSave=true" in (self.headers.get("Sforce-Duplicate-Rule-Header") or "")
        record_id, created = self.salesforce.org.upsert(
            record["table"], record["column"], unquote(record["value"]), values, allow
        )
        saved: Record = {"id": record_id, "success": True, "errors": []}
        if version >= 46:
            return (201 if created else 200), saved | {"created": created}
        return (201, saved) if created else (204, None)

    def _read(self, record: re.Match[str], fields: str) -> tuple[int, Any]:
        found = self.salesforce.org.by_external_id(record["table"], record["column"], unquote(record["value"]))
        if not found:
            raise RestError(404, "NOT_FOUND", "The requested resource does not exist")
        return 200, _as_json({name: found[0][name] for name in fields.split(",")})

    def _send(self, status: int, answer: Any, slowly: bool) -> None:
        """As Salesforce sends it: compressed, in chunks."""
        self.send_response(status)
        if answer is None:
            return self.end_headers()
        self.send_header("Content-Type", "application/json;charset=UTF-8")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        body = gzip.compress(json.dumps(answer).encode())
        with suppress(OSError):
            self._send_chunks([body[i : i + 1] for i in range(len(body))] if slowly else [body])
        return None

    def _send_chunks(self, chunks: list[bytes]) -> None:
        for chunk in chunks:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            if len(chunks) > 1 and self.salesforce.released.wait(0.02):
                return
        self.wfile.write(b"0\r\n\r\n")

    def _cut(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


@cache
def _key_pair() -> tuple[str, rsa.RSAPublicKey]:
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem.decode(), key.public_key()


def _as_json(row: Record) -> Record:
    return {
        name: f"{value:%Y-%m-%dT%H:%M:%S}.000+0000" if isinstance(value, datetime) else value
        for name, value in row.items()
    }


def main() -> None:
    """Serves until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8080)
    with SalesforceServer(parser.parse_args().port) as server:
        print(f"SUPPORTMAX_SALESFORCE_LOGIN_URL={server.url}")
        print(f"SUPPORTMAX_SALESFORCE_CONSUMER_KEY={server.consumer_key}")
        print(f"SUPPORTMAX_SALESFORCE_USERNAME={server.username}")
        print("SUPPORTMAX_SALESFORCE_PRIVATE_KEY=" + server.private_key.strip().replace("\n", "\\n"), flush=True)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
