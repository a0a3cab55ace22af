"""Visitors whom a host site vouches for: its signature, its keys, and a history that follows them."""

from datetime import timedelta
from typing import Any

import jwt
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from supportmax.domain.clock import utcnow
from tests.cloud import Cloud, Response
from tests.tickets import Front
from tests.widget import Site

Connection = psycopg.Connection[tuple[object, ...]]


class Host:
    """A host site that signs who its visitors are."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud, self.site, self.headers = cloud, Site.of(cloud), cloud.person("admin")[1]
        self.audience = str(cloud.workspace_id)

    def ask(self, method: str, path: str, **body: Any) -> Response:
        return self.cloud.http("admin").request(
            method, f"/v1/visitor-keys{path}", json=body or None, headers=self.headers
        )

    def secret(self, kid: str) -> tuple[str, str]:
        """Of a new HS256 key, and its id."""
        made = self.ask("POST", "", kid=kid, algorithm="HS256")
        assert made.status_code == 201, made.text
        assert made.json()["audience"] == self.audience
        return made.json()["secret"], made.json()["visitor_key"]["id"]

    def token(self, key: Any, kid: str | None, algorithm: str = "HS256", **claims: Any) -> str:
        expires = utcnow() + timedelta(hours=1)
        given = {"sub": "customer-seven", "aud": self.audience, "exp": expires} | claims
        claimed = {name: value for name, value in given.items() if value is not None}
        return jwt.encode(claimed, key, algorithm=algorithm, headers={"kid": kid} if kid else None)

    def begin(self, token: str) -> Response:
        return self.site.ask(identity_token=token)


@pytest.fixture
def host(cloud: Cloud) -> Host:
    return Host(cloud)


def _pem(private: Any) -> str:
    return str(private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


def test_a_token_is_good_only_as_its_key_signs_it(host: Host) -> None:
    secret, key_id = host.secret("one")
    pair = rsa.generate_private_key(65537, 2048)
    assert host.ask("POST", "", kid="rsa", algorithm="RS256", public_key=_pem(pair)).status_code == 201
    late, far = utcnow() - timedelta(minutes=2), utcnow() + timedelta(hours=25)
    refused = {
        "None": jwt.encode({"sub": "s"}, "", algorithm="none", headers={"kid": "one"}),
        "Signature": host.token(secret + "x", "one"),
        "alg": host.token(secret, "rsa"),  # HS256, where the key is for RS256
        "alg value": host.token(pair, "one", "RS256"),
        "kid": host.token(secret, "unknown"),
        "no kid": host.token(secret, None),
        "expired": host.token(secret, "one", exp=late),
        '"exp"': host.token(secret, "one", exp=None),
        "24 hours": host.token(secret, "one", exp=far),
        "udience": host.token(secret, "one", aud="another-desk"),
        '"sub"': host.token(secret, "one", sub=None),
        "200": host.token(secret, "one", sub="s" * 201),
        "visible": host.token(secret, "one", sub="s\u200b"),
        "address": host.token(secret, "one", email="nobody"),
        "JSON Web Token": "nonsense",
    }
    for words, token in refused.items():
        answer = host.begin(token)
        assert answer.status_code == 401, (words, answer.text)
        assert answer.json()["detail"].startswith("identity_token: "), words
    assert host.site.ask(identity_token=host.token(secret, "one"), name="Ann").status_code == 422
    assert host.begin(host.token(secret, "one")).status_code == 201
    for curve, algorithm in (
        (ec.generate_private_key(ec.SECP256R1()), "ES256"),
        (ed25519.Ed25519PrivateKey.generate(), "EdDSA"),
    ):
        assert host.ask("POST", "", kid=algorithm, algorithm=algorithm, public_key=_pem(curve)).status_code == 201
        assert host.begin(host.token(curve, algorithm, algorithm)).json()["session"]["visitor"] == "verified"
    wrong = {
        "RS256": _pem(ed25519.Ed25519PrivateKey.generate()),
        "ES256": _pem(pair),
        "HS256": _pem(pair),
        "EdDSA": "x",
    }
    for algorithm, public_key in wrong.items():
        answer = host.ask("POST", "", kid="wrong", algorithm=algorithm, public_key=public_key)
        assert (answer.status_code, answer.json()["detail"][:11]) == (422, "public_key:")

    # Rotation: both are good, until the one before is revoked.
    following, _ = host.secret("two")
    ann = host.site.visitor(identity_token=host.token(secret, "one"))
    assert host.begin(host.token(following, "two")).status_code == 201
    assert host.ask("DELETE", f"/{key_id}").status_code == 204
    assert host.begin(host.token(secret, "one")).status_code == 401
    assert host.begin(host.token(following, "two")).status_code == 201
    assert ann.poll().status_code == 200
    assert host.ask("POST", "", kid="one", algorithm="HS256").status_code == 409
    assert secret not in host.ask("GET", "").text
    assert {key["kid"] for key in host.ask("GET", "").json()["visitor_keys"]} == {"one", "two", "rsa", "ES256", "EdDSA"}


def test_history_follows_the_subject_and_nothing_that_was_typed(host: Host, owner: Connection) -> None:
    secret, _ = host.secret("one")
    agent = Front.of(host.cloud)
    mailed = agent.open(requester_email="ann@customer.example")

    def visitor(subject: str, **claims: Any) -> Any:
        return host.site.visitor(identity_token=host.token(secret, "one", sub=subject, **claims))

    def mine(visitor: Any, **params: Any) -> list[str]:
        return [chat["id"] for chat in visitor.call("GET", "/v1/sessions", params=params).json()["sessions"]]

    phone = visitor("ann", name="Ann", email="Ann@Customer.example", email_verified=True)
    said = phone.say("I want to speak to a human").json()
    laptop = visitor("ann", email="somebody-else@customer.example", email_verified=True)
    assert mine(laptop) == mine(phone) == [laptop.session_id, phone.session_id]
    assert mine(laptop, limit=1) == [laptop.session_id]
    assert mine(laptop, after=laptop.session_id) == [phone.session_id]
    here, laptop.session_id = laptop.session_id, phone.session_id
    assert laptop.say("Are you there?").status_code == 201
    assert len(laptop.poll().json()["messages"]) == 4
    laptop.session_id = here
    # Ann is who wrote the mails: the host site has checked her address.
    assert agent.read({"id": said["ticket_id"]})["requester_id"] == mailed["requester_id"]

    # A reply finds her by mail when the chat is over.
    assert phone.call("PATCH", phone.path, json={"end": True}).status_code == 200
    replied = agent.ok("POST", f"/v1/tickets/{said['ticket_id']}/messages", {"body": "It is on its way."})
    assert (replied["channel"], replied["delivery"]) == ("email", "queued")
    assert phone.poll().json()["messages"][-1]["text"] == "It is on its way."

    strangers = [
        host.site.visitor(name="Ann", email="ann@customer.example"),
        visitor("mallory", name="Ann", email="ann@customer.example"),
        visitor("mallory-two", email="ann@customer.example", email_verified=True),
    ]
    for stranger in strangers:
        assert mine(stranger) == [stranger.session_id]
        stranger.session_id = phone.session_id
        assert stranger.poll().status_code == stranger.say("hello").status_code == 404
    assert owner.execute("SELECT count(DISTINCT user_id) FROM visitor_identities").fetchone() == (3,)
    # Nor does the address of somebody who works here.
    staff = host.cloud.person("agent")[0].email
    worker = visitor("worker", email=staff, email_verified=True)
    assert mine(worker) == [worker.session_id]
