"""Tickets as agents and programs drive them through the API."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from supportmax.domain.people import User
from tests.cloud import Cloud, Response


@dataclass
class Front:
    """The tickets function, called by one agent."""

    cloud: Cloud
    user: User
    headers: Mapping[str, str]

    @classmethod
    def of(cls, cloud: Cloud, role: Any = "agent") -> "Front":
        user, headers = cloud.person(role)
        return cls(cloud, user, headers)

    def call(self, method: str, path: str, **given: Any) -> Response:
        headers = {**self.headers, **given.pop("headers", {})}
        return self.cloud.http("tickets").request(method, path, headers=headers, **given)

    def ok(self, method: str, path: str, body: Any = None, **params: Any) -> Any:
        """What a call that must succeed answers; None where it answers nothing."""
        response = self.call(method, path, json=body, params=params)
        assert response.status_code < 300, response.text
        return response.json() if response.content else None

    def problem(self, method: str, path: str, body: Any = None, **params: Any) -> tuple[int, str]:
        """Status and detail of a call that must fail."""
        response = self.call(method, path, json=body, params=params)
        assert response.headers["content-type"] == "application/problem+json", response.text
        return response.status_code, response.json()["detail"]

    def open(self, **fields: Any) -> dict[str, Any]:
        given = {"subject": "My card", "body": "The machine kept it.", "requester_email": "ann@customer.example"}
        made: dict[str, Any] = self.ok("POST", "/v1/tickets", given | fields)
        return made

    def change(self, ticket: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
        changed: dict[str, Any] = self.ok("PATCH", f"/v1/tickets/{ticket['id']}", fields)
        return changed

    def read(self, ticket: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self.ok("GET", f"/v1/tickets/{ticket['id']}")
        return found

    def events(self, ticket: Mapping[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ok("GET", f"/v1/tickets/{ticket['id']}/events")["events"]
        return found

    def said(self, ticket: Mapping[str, Any]) -> list[str]:
        return [m["body"] for m in self.ok("GET", f"/v1/tickets/{ticket['id']}/messages")["messages"]]

    def find(self, q: str, **params: Any) -> list[int]:
        """Numbers of the tickets that a search finds, in its order."""
        return [t["number"] for t in self.ok("GET", "/v1/tickets", q=q, **params)["tickets"]]
