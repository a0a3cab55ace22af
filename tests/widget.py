"""Chat widgets as pages and their visitors drive them."""

from dataclasses import dataclass, field
from typing import Any

from tests.cloud import Cloud, Response

SHOP = "https://shop.example"


@dataclass
class Site:
    """A page of a host site with a widget key, at `origin`."""

    cloud: Cloud
    key: dict[str, Any]
    origin: str = SHOP

    @classmethod
    def of(cls, cloud: Cloud, *origins: str) -> "Site":
        body = {"name": "Web shop", "allowed_origins": origins or [SHOP]}
        made = cloud.http("admin").post("/v1/widget-keys", json=body, headers=cloud.person("admin")[1])
        assert made.status_code == 201, made.text
        return cls(cloud, made.json())

    def ask(self, **body: Any) -> Response:
        headers = {"X-Widget-Key": self.key["key"], "Origin": self.origin}
        return self.cloud.http("chat").post("/v1/sessions", json=body, headers=headers)

    def visitor(self, **body: Any) -> "Visitor":
        begun = self.ask(**body)
        assert begun.status_code == 201, begun.text
        return Visitor(self.cloud, begun.json()["token"], begun.json()["session"]["id"], self.origin)


@dataclass
class Visitor:
    """Somebody with a chat's token. `etag` and `last` are what they saw last."""

    cloud: Cloud
    token: str
    session_id: str
    origin: str = SHOP
    etag: str = ""
    last: str | None = None
    seen: list[tuple[str, str]] = field(default_factory=list)

    @property
    def path(self) -> str:
        return f"/v1/sessions/{self.session_id}"

    def call(self, method: str, path: str, **given: Any) -> Response:
        headers = {"X-Session-Token": self.token, "Origin": self.origin} | given.pop("headers", {})
        return self.cloud.http("chat").request(method, path, headers=headers, **given)

    def say(self, text: str, key: str | None = None) -> Response:
        headers = {"Idempotency-Key": key} if key else {}
        return self.call("POST", f"{self.path}/messages", json={"message": text}, headers=headers)

    def poll(self, **params: Any) -> Response:
        """Ask what is new; it is in `seen` then."""
        answer = self.call(
            "GET",
            f"{self.path}/messages",
            params=params | ({"after": self.last} if self.last else {}),
            headers={"If-None-Match": self.etag},
        )
        if answer.status_code == 200:
            self.etag = answer.headers["etag"]
            self.seen += [(m["author"], m["text"]) for m in answer.json()["messages"]]
            self.last = answer.json()["messages"][-1]["id"] if answer.json()["messages"] else self.last
        return answer

    def state(self) -> dict[str, Any]:
        """The session as it says itself."""
        found: dict[str, Any] = self.call("GET", self.path).json()
        return found
