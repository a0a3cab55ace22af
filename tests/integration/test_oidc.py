"""Signing in through an OpenID Connect provider that speaks HTTP, and does not always tell the truth."""

import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from supportmax.adapters.openid import PATIENCE
from supportmax.adapters.public_http import PublicHTTP, is_public
from supportmax.domain.errors import PermanentFailure, SupportMaxError
from tests.cloud import Cloud, Response
from tests.desk import ADMIN
from tests.fakes.openid_server import CLIENT, SECRET, OpenIDServer

Connection = psycopg.Connection[tuple[object, ...]]
Json = dict[str, Any]
PROBLEM = "urn:supportmax:problem:"
REDIRECT = "https://desk.example.com/signed-in"
INES = {"sub": "ines-1", "email": "Ines@Desk.example", "email_verified": True, "name": "Ines"}


@pytest.fixture
def provider() -> Iterator[OpenIDServer]:
    with OpenIDServer.running() as server:
        server.person = dict(INES)
        yield server


class Desk:
    """The workspace with a provider that its administrator has set up."""

    def __init__(self, cloud: Cloud, provider: OpenIDServer) -> None:
        self.http, self.provider = cloud.http("admin"), provider
        self.headers = cloud.person("admin")[1]
        self.id = self.set_up().json()["id"]

    def set_up(self, **also: Any) -> Response:
        body = {
            "name": "Company login", "issuer": self.provider.url, "client_id": CLIENT, "client_secret": SECRET,
            "redirect_uris": [REDIRECT], "email_domains": ["desk.example"], "joins_as": "agent",
        }  # fmt: skip
        return self.http.post("/v1/identity-providers", json=body | also, headers=self.headers)

    def begin(self) -> Json:
        answer = self.http.post("/v1/auth/oidc/start", json={"provider_id": self.id, "redirect_uri": REDIRECT})
        assert answer.status_code == 200, answer.text
        begun: Json = answer.json()
        return begun

    def finish(self, begun: Json, **also: str) -> Response:
        back = self.provider.authorise(begun["authorization_url"]) | {"browser_secret": begun["browser_secret"]}
        return self.http.post("/v1/auth/oidc/finish", json=back | also)

    def sign_in(self) -> Response:
        return self.finish(self.begin())

    def me(self, signed_in: Response) -> Json:
        assert signed_in.status_code == 200, signed_in.text
        headers = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
        found: Json = self.http.get("/v1/me", headers=headers).json()
        return found


@pytest.fixture
def desk(cloud: Cloud, provider: OpenIDServer, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("SUPPORTMAX_ALLOW_PRIVATE_ADDRESSES", "true")
    cloud.forget()
    return Desk(cloud, provider)


def _refused(response: Response, status: int = 401, kind: str = "unauthorized") -> str:
    document = response.json()
    assert (response.status_code, document["type"]) == (status, PROBLEM + kind), response.text
    return str(document["detail"])


def test_who_is_new_joins_and_comes_back_as_the_same(desk: Desk) -> None:
    first = desk.me(desk.sign_in())
    assert (first["email"], first["role"], first["has_password"]) == ("ines@desk.example", "agent", False)
    desk.provider.person["email"] = "married@desk.example"
    assert desk.me(desk.sign_in())["id"] == first["id"]
    sessions = desk.http.get("/v1/auth/oidc/providers").json()
    assert sessions == [{"id": desk.id, "name": "Company login"}]


def test_who_is_known_keeps_their_role(desk: Desk) -> None:
    desk.provider.person |= {"sub": "boss", "email": ADMIN.email}
    assert desk.me(desk.sign_in())["role"] == "admin"


def test_the_way_there_carries_what_it_must(desk: Desk) -> None:
    url = urlsplit(desk.begin()["authorization_url"])
    query = parse_qs(url.query)
    assert query["tenant"] == ["1"]
    assert {"state", "nonce", "code_challenge", "client_id", "redirect_uri"} <= query.keys()


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"aud": "another client"},
        {"aud": [CLIENT, "another client"]},
        {"azp": "another client"},
        {"iss": "https://evil.example"},
        {"exp": int(time.time()) - 3_600},
        {"exp": None},
        {"iat": int(time.time()) + 3_600},
        {"sub": None},
    ],
    ids=range(10),
)
def test_a_token_that_does_not_hold_lets_nobody_in(claims: Json, desk: Desk, owner: Connection) -> None:
    desk.provider.claims = claims
    _refused(desk.sign_in())
    assert owner.execute("SELECT count(*) FROM login_sessions").fetchone() == (0,)


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_only_the_providers_key_vouches(algorithm: str, desk: Desk) -> None:
    desk.provider.algorithm = algorithm
    _refused(desk.sign_in())


def test_keys_may_be_replaced(desk: Desk, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.sign_in()
    desk.sign_in()
    assert desk.provider.key_fetches == 1
    desk.provider.rotate("second")
    moved = time.monotonic() + PATIENCE + 1
    monkeypatch.setattr(cloud.tools.openid, "_clock", lambda: moved)
    desk.me(desk.sign_in())
    assert desk.provider.key_fetches == 2
    desk.provider.rotate("stolen", publish=False)
    _refused(desk.sign_in())


def test_an_unknown_key_makes_us_ask_but_not_again_and_again(desk: Desk) -> None:
    desk.sign_in()
    desk.provider.rotate("unknown", publish=False)
    for _ in range(3):
        _refused(desk.sign_in())
    assert desk.provider.key_fetches == 1


def test_a_return_is_good_once(desk: Desk) -> None:
    begun = desk.begin()
    back = desk.provider.authorise(begun["authorization_url"]) | {"browser_secret": begun["browser_secret"]}
    assert desk.http.post("/v1/auth/oidc/finish", json=back).status_code == 200
    _refused(desk.http.post("/v1/auth/oidc/finish", json=back))


def test_another_browser_cannot_finish_what_one_has_begun(desk: Desk) -> None:
    _refused(desk.finish(desk.begin(), browser_secret=desk.begin()["browser_secret"]))
    _refused(desk.finish(desk.begin(), state="unknown"))


def test_who_comes_back_late_starts_again(desk: Desk, owner: Connection) -> None:
    begun = desk.begin()
    owner.execute("UPDATE oidc_attempts SET expires_at = now()")
    _refused(desk.finish(begun))


def test_a_code_that_the_provider_refuses(desk: Desk) -> None:
    assert "refused the code" in _refused(desk.finish(desk.begin(), code="stolen"))


@pytest.mark.parametrize(
    "person",
    [
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": None},
        {"email": "ines@elsewhere.example"},
        {"email": "customer@desk.example"},
        {"email": "left@desk.example"},
    ],
    ids=str,
)
def test_who_has_no_place_here(person: Json, desk: Desk, cloud: Cloud, owner: Connection) -> None:
    with cloud.tools.store.begin(cloud.workspace_id) as tx:
        tx.users.customer("customer@desk.example", "Cy")
        tx.users.add("agent", "Left", "left@desk.example", None)
    owner.execute("UPDATE users SET deactivated_at = now() WHERE email = 'left@desk.example'")
    desk.provider.person |= person
    _refused(desk.sign_in(), 403, "forbidden")


def test_only_who_is_known_gets_in_where_nobody_may_join(desk: Desk) -> None:
    url = f"/v1/identity-providers/{desk.id}"
    body = {
        "name": "Company login", "issuer": desk.provider.url, "client_id": CLIENT, "redirect_uris": [REDIRECT],
    }  # fmt: skip
    changed = desk.http.put(url, json=body, headers=desk.headers).json()
    assert (changed["joins_as"], changed["has_client_secret"]) == (None, True)  # the secret stays
    assert "invite" in _refused(desk.sign_in(), 403, "forbidden")
    desk.provider.person |= {"email": ADMIN.email}
    assert desk.me(desk.sign_in())["email"] == ADMIN.email


def test_a_provider_can_be_switched_off_and_removed(desk: Desk) -> None:
    url, begun = f"/v1/identity-providers/{desk.id}", desk.begin()
    body = {
        "name": "Company login", "issuer": desk.provider.url, "client_id": CLIENT, "redirect_uris": [REDIRECT],
        "enabled": False,
    }  # fmt: skip
    desk.http.put(url, json=body, headers=desk.headers)
    _refused(desk.finish(begun), 403, "forbidden")
    start = {"provider_id": desk.id, "redirect_uri": REDIRECT}
    _refused(desk.http.post("/v1/auth/oidc/start", json=start), 403, "forbidden")
    assert desk.http.get("/v1/auth/oidc/providers").json() == []
    assert desk.http.delete(url, headers=desk.headers).status_code == 204
    _refused(desk.http.post("/v1/auth/oidc/start", json=start), 404, "not-found")


def test_one_comes_back_only_to_where_the_administrator_said(desk: Desk) -> None:
    body = {"provider_id": desk.id, "redirect_uri": f"{REDIRECT}/elsewhere"}
    answer = desk.http.post("/v1/auth/oidc/start", json=body)
    assert _refused(answer, 422, "invalid-input").startswith("redirect_uri")


def test_the_clients_secret_is_stored_encrypted_and_never_shown(desk: Desk, owner: Connection) -> None:
    shown = desk.http.get("/v1/identity-providers", headers=desk.headers)
    assert SECRET not in shown.text
    (stored,) = owner.execute("SELECT client_secret FROM identity_providers").fetchone() or (b"",)
    assert isinstance(stored, bytes)
    assert SECRET.encode() not in stored


@pytest.mark.parametrize(
    "spoil",
    [
        lambda server: server.document.update(issuer="https://evil.example"),
        lambda server: server.document.update(jwks_uri="file:///etc/passwd"),
        lambda server: server.document.update(token_endpoint=None),
        lambda server: setattr(server, "status", 500),
        lambda server: setattr(server, "status", 404),
        lambda server: setattr(server, "flood", True),
        lambda server: setattr(server, "redirect_to", "http://169.254.169.254/"),
    ],
    ids=range(7),
)
def test_a_provider_that_is_none_shows_when_it_is_set_up(spoil: Callable[[OpenIDServer], None], desk: Desk) -> None:
    with OpenIDServer.running() as other:
        spoil(other)
        answer = desk.set_up(name="Other", issuer=other.url)
    assert _refused(answer, 422, "invalid-input").startswith("issuer")


def test_two_providers_have_two_names(desk: Desk) -> None:
    _refused(desk.set_up(), 409, "conflict")


def test_joining_takes_domains(desk: Desk) -> None:
    answer = desk.set_up(name="Anybody", email_domains=[])
    assert _refused(answer, 422, "invalid-input").startswith("email_domains")


@pytest.mark.parametrize(
    "issuer", ["http://login.example.com", "https://127.0.0.1", "https://[::1]", "https://10.0.0.8"]
)
def test_without_leave_no_provider_is_in_our_own_network(issuer: str, cloud: Cloud) -> None:
    body = {"name": "Inside", "issuer": issuer, "client_id": CLIENT, "redirect_uris": [REDIRECT]}
    answer = cloud.http("admin").post("/v1/identity-providers", json=body, headers=cloud.person("admin")[1])
    assert _refused(answer, 422, "invalid-input").startswith("issuer")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "::1", "::", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "255.255.255.255",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_addresses_that_are(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url", ["https://localhost/", "https://localhost.:443/x", "https://2130706433/", "https://0x7f.1/"]
)
def test_a_name_is_checked_by_what_it_stands_for(url: str) -> None:
    with pytest.raises(SupportMaxError):
        PublicHTTP().get(url)


@pytest.mark.parametrize(
    "url",
    ["https://user:password@example.com/", "https://exämple.com/", "https://example.com/ä", "https://a.example/\x15"],
)
def test_a_url_with_a_user_or_beyond_ascii_is_refused(url: str) -> None:
    with pytest.raises(PermanentFailure):
        PublicHTTP().check(url)
