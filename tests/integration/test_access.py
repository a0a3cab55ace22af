"""Signing in, sessions, API keys, user management, mails about accounts, the audit log: through the front door."""

import re
from collections.abc import Callable
from datetime import timedelta
from email import message_from_string, policy
from typing import Any

import psycopg
import pytest

from supportmax.domain.clock import utcnow
from supportmax.domain.ids import new_id
from supportmax.services.prepare_workspace import WorkspaceSetup, prepare_workspace
from tests.cloud import Cloud, Response
from tests.desk import ADMIN

Connection = psycopg.Connection[tuple[object, ...]]
Headers = dict[str, str]
PROBLEM = "urn:supportmax:problem:"
CREDENTIALS = {"email": ADMIN.email, "password": ADMIN.password}
NEW = "a much better password"


def bearer(token: str) -> Headers:
    return {"Authorization": f"Bearer {token}"}


def is_problem(response: Response, status: int, kind: str) -> dict[str, Any]:
    document: dict[str, Any] = response.json()
    assert (response.status_code, document["type"]) == (status, PROBLEM + kind), response.text
    return document


class Person:
    """Somebody at the front door of the admin function."""

    def __init__(self, cloud: Cloud, credentials: dict[str, str]) -> None:
        self.http = cloud.http("admin")
        self.credentials = credentials
        self.tokens: dict[str, Any] = {}

    def sign_in(self, address: str = "", **also: str) -> Response:
        client = self.http
        response = client.post("/v1/auth/token", json=self.credentials | also)
        if response.status_code == 200:
            self.tokens = response.json()
        return response

    @property
    def headers(self) -> Headers:
        return bearer(self.tokens["access_token"])

    def me(self) -> int:
        return int(self.http.get("/v1/me", headers=self.headers).status_code)


@pytest.fixture
def ada(cloud: Cloud) -> Person:
    """The administrator, signed in."""
    ada = Person(cloud, CREDENTIALS)
    assert ada.sign_in().status_code == 200
    return ada


@pytest.fixture
def hire(cloud: Cloud, ada: Person) -> Callable[..., Person]:
    """An agent with a password, signed in."""

    def hired(name: str = "Ines", role: str = "agent") -> Person:
        body = {"name": name, "email": f"{name.lower()}@desk.example", "password": "ten characters", "role": role}
        assert ada.http.post("/v1/users", json=body, headers=ada.headers).status_code == 201
        person = Person(cloud, {"email": body["email"], "password": body["password"]})
        assert person.sign_in().status_code == 200
        return person

    return hired


# Sessions


def test_a_session_that_is_ended_stops_its_tokens_at_once(ada: Person) -> None:
    sessions = ada.http.get("/v1/auth/sessions", headers=ada.headers).json()
    assert [(s["current"], s["method"], s["address"]) for s in sessions] == [(True, "password", "testclient")]
    url = f"/v1/auth/sessions/{ada.tokens['session_id']}"
    assert ada.http.delete(url, headers=ada.headers).status_code == 204
    assert ada.me() == 401
    refreshed = ada.http.post("/v1/auth/refresh", json={"refresh_token": ada.tokens["refresh_token"]})
    is_problem(refreshed, 401, "unauthorized")


def test_everywhere_else_can_be_signed_out(cloud: Cloud, ada: Person) -> None:
    elsewhere = Person(cloud, CREDENTIALS)
    elsewhere.sign_in()
    assert ada.http.delete("/v1/auth/sessions", headers=ada.headers).status_code == 204
    assert (ada.me(), elsewhere.me()) == (200, 401)


def test_nobody_sees_or_ends_another_ones_sessions(ada: Person, hire: Callable[..., Person]) -> None:
    ines = hire()
    url = f"/v1/auth/sessions/{ada.tokens['session_id']}"
    is_problem(ines.http.delete(url, headers=ines.headers), 404, "not-found")
    own = ines.http.get("/v1/auth/sessions", headers=ines.headers).json()
    assert [session["id"] for session in own] == [ines.tokens["session_id"]]
    assert ada.me() == 200


def _refresh(person: Person, token: str) -> Response:
    return person.http.post("/v1/auth/refresh", json={"refresh_token": token})


def test_a_refresh_token_is_good_once_and_its_return_ends_the_session(ada: Person, owner: Connection) -> None:
    first = ada.tokens["refresh_token"]
    second = _refresh(ada, first).json()
    assert second["session_id"] == ada.tokens["session_id"]
    third = _refresh(ada, second["refresh_token"]).json()
    assert ada.http.get("/v1/me", headers=bearer(third["access_token"])).status_code == 200
    is_problem(_refresh(ada, first), 401, "unauthorized")
    assert ada.http.get("/v1/me", headers=bearer(third["access_token"])).status_code == 401
    is_problem(_refresh(ada, third["refresh_token"]), 401, "unauthorized")
    assert owner.execute("SELECT count(*) FROM audit_entries WHERE action = 'login_session.reused'").fetchone() == (1,)


def test_an_answer_that_got_lost_may_be_asked_for_again(ada: Person, owner: Connection) -> None:
    once = _refresh(ada, ada.tokens["refresh_token"])
    again = _refresh(ada, ada.tokens["refresh_token"])
    assert (once.status_code, again.status_code) == (200, 200)
    assert again.json()["refresh_token"] == once.json()["refresh_token"]
    owner.execute("UPDATE login_sessions SET refreshed_at = refreshed_at - interval '11 seconds'")
    is_problem(_refresh(ada, ada.tokens["refresh_token"]), 401, "unauthorized")


def test_a_session_ends_by_itself(ada: Person, owner: Connection) -> None:
    owner.execute("UPDATE login_sessions SET expires_at = now() - interval '1 second'")
    assert ada.me() == 401
    is_problem(_refresh(ada, ada.tokens["refresh_token"]), 401, "unauthorized")


def test_no_token_is_of_use_as_another_kind(ada: Person) -> None:
    assert ada.http.get("/v1/me", headers=bearer(ada.tokens["refresh_token"])).status_code == 401
    is_problem(_refresh(ada, ada.tokens["access_token"]), 401, "unauthorized")
    body = {"token": ada.tokens["refresh_token"], "password": NEW}
    for path in ("/v1/auth/invitations/accept", "/v1/auth/password-resets/confirm"):
        is_problem(ada.http.post(path, json=body), 401, "unauthorized")


def test_a_new_password_ends_all_other_sessions(cloud: Cloud, ada: Person) -> None:
    elsewhere = Person(cloud, CREDENTIALS)
    elsewhere.sign_in()
    body = {"current_password": ADMIN.password, "new_password": NEW}
    wrong = body | {"current_password": "not this one"}
    is_problem(ada.http.put("/v1/auth/password", json=wrong, headers=ada.headers), 403, "forbidden")
    assert ada.http.put("/v1/auth/password", json=body, headers=ada.headers).status_code == 204
    assert (ada.me(), elsewhere.me()) == (200, 401)
    assert ada.sign_in().status_code == 401
    assert ada.sign_in(password=NEW).status_code == 200


def test_one_signs_in_to_the_workspace_that_one_names(cloud: Cloud) -> None:
    store = cloud.tools.store
    other = prepare_workspace(store, WorkspaceSetup("other", "Other", ADMIN.email, "another password"), new_id())
    there = Person(cloud, {"email": ADMIN.email, "password": "another password", "workspace": "other"})
    assert there.sign_in().status_code == 200
    assert there.http.get("/v1/workspace", headers=there.headers).json()["id"] == str(other.id)
    is_problem(Person(cloud, CREDENTIALS | {"workspace": "other"}).sign_in(), 401, "unauthorized")
    is_problem(Person(cloud, CREDENTIALS | {"workspace": "nowhere"}).sign_in(), 401, "unauthorized")


# Guessing


def _guess(person: Person, times: int, **also: str) -> list[int]:
    return [person.sign_in(password=f"guess {number}", **also).status_code for number in range(times)]


def test_after_five_wrong_tries_one_waits_and_then_gets_in(ada: Person, owner: Connection) -> None:
    assert _guess(ada, 5) == [401] * 5
    refused = ada.sign_in()
    is_problem(refused, 429, "too-many-requests")
    assert 0 < int(refused.headers["retry-after"]) <= 900
    owner.execute("UPDATE sign_in_attempts SET window_started_at = now() - interval '15 minutes'")
    assert ada.sign_in().status_code == 200


def test_trying_while_one_has_to_wait_makes_it_no_longer(ada: Person) -> None:
    _guess(ada, 6)
    before = int(ada.sign_in().headers["retry-after"])
    _guess(ada, 10)
    assert int(ada.sign_in().headers["retry-after"]) <= before


def test_an_address_that_nobody_has_is_slowed_down_alike(cloud: Cloud) -> None:
    nobody = Person(cloud, {"email": "nobody@desk.example", "password": "whatever it is"})
    assert [nobody.sign_in().status_code for _ in range(7)] == [401] * 5 + [429] * 2


def test_the_right_password_takes_the_wrong_tries_back(ada: Person) -> None:
    for _ in range(3):
        assert _guess(ada, 4) == [401] * 4
        assert ada.sign_in().status_code == 200


def _tries_elsewhere(owner: Connection, count: int) -> None:
    """Somebody guesses this account from many addresses."""
    owner.execute("UPDATE sign_in_attempts SET tries = %s WHERE name LIKE 'account:%%'", [count])


def test_who_locks_an_account_from_elsewhere_does_not_lock_out_its_owner(ada: Person, owner: Connection) -> None:
    _guess(ada, 1)
    _tries_elsewhere(owner, 50)
    assert ada.sign_in().status_code == 200  # from an address that is known
    _guess(ada, 1)
    _tries_elsewhere(owner, 50)
    owner.execute("DELETE FROM known_addresses")
    is_problem(ada.sign_in(), 429, "too-many-requests")


def test_a_new_password_by_mail_opens_a_locked_account(cloud: Cloud, ada: Person, owner: Connection) -> None:
    owner.execute("DELETE FROM known_addresses")
    _guess(ada, 5)
    _tries_elsewhere(owner, 50)
    assert ada.sign_in().status_code == 429
    token = _reset_token(cloud, ADMIN.email)
    body = {"token": token, "password": NEW}
    assert ada.http.post("/v1/auth/password-resets/confirm", json=body).status_code == 200
    _tries_elsewhere(owner, 50)  # and the attacker goes on
    assert ada.sign_in(password=NEW).status_code == 200


def test_one_address_cannot_try_everybody(cloud: Cloud) -> None:
    tried = [
        Person(cloud, {"email": f"agent{n}@desk.example", "password": "Summer2026!"}).sign_in().status_code
        for n in range(62)
    ]
    assert tried == [401] * 60 + [429] * 2


def test_being_slowed_down_is_in_the_audit_log_once(ada: Person, owner: Connection) -> None:
    _guess(ada, 8)
    slowed = owner.execute("SELECT actor FROM audit_entries WHERE action = 'sign_in.slowed'").fetchall()
    assert slowed == [("system",)]


def test_where_people_came_from_is_kept_as_a_hash_where_only_equality_matters(ada: Person, owner: Connection) -> None:
    _guess(ada, 1)
    names = " ".join(str(name) for (name,) in owner.execute("SELECT name FROM sign_in_attempts"))
    assert ADMIN.email not in names
    assert "testclient" not in names


# API keys


def _key(ada: Person, *scopes: str, **also: Any) -> dict[str, Any]:
    body = {"name": "Web shop", "scopes": list(scopes)} | also
    response = ada.http.post("/v1/api-keys", json=body, headers=ada.headers)
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    return made


def test_a_key_is_shown_once_and_stored_as_a_hash(ada: Person, owner: Connection) -> None:
    made = _key(ada, "tickets:read")
    assert made["key"].startswith("smx_")
    assert made["key"].endswith(made["api_key"]["hint"])
    listed = ada.http.get("/v1/api-keys", headers=ada.headers)
    assert [key["id"] for key in listed.json()["api_keys"]] == [made["api_key"]["id"]]
    assert made["key"] not in listed.text
    (stored,) = owner.execute("SELECT row_to_json(k)::text FROM api_keys k").fetchone() or ("",)
    assert made["key"] not in str(stored)


def test_a_key_may_do_what_its_scopes_say(cloud: Cloud, ada: Person) -> None:
    tickets, knowledge = cloud.http("tickets"), cloud.http("knowledge")
    ticket = {"subject": "A subject", "body": "A body"}
    reads, writes = (bearer(_key(ada, scope)["key"]) for scope in ("tickets:read", "tickets:write"))
    assert tickets.get("/v1/tickets", headers=reads).status_code == 200
    is_problem(tickets.post("/v1/tickets", json=ticket, headers=reads), 403, "forbidden")
    assert tickets.post("/v1/tickets", json=ticket, headers=writes).status_code == 201
    assert tickets.get("/v1/tickets", headers=writes).status_code == 200  # who writes may read
    is_problem(knowledge.get("/v1/articles", headers=writes), 403, "forbidden")
    is_problem(ada.http.get("/v1/audit-entries", headers=writes), 403, "forbidden")
    assert ada.http.get("/v1/audit-entries", headers=bearer(_key(ada, "admin")["key"])).status_code == 200


def test_a_key_acts_as_its_user_and_is_never_more_than_they_are(ada: Person, hire: Callable[..., Person]) -> None:
    ines = hire()
    me = ines.http.get("/v1/me", headers=ines.headers).json()
    key = bearer(_key(ada, "people:read", user_id=me["id"])["key"])
    assert ada.http.get("/v1/me", headers=key).json()["email"] == me["email"]
    body = {"name": "x", "scopes": ["admin"], "user_id": me["id"]}
    problem = is_problem(ada.http.post("/v1/api-keys", json=body, headers=ada.headers), 422, "invalid-input")
    assert problem["detail"].startswith("scopes: ")


def test_a_key_ends(ada: Person, owner: Connection) -> None:
    revoked, expired = _key(ada, "people:read"), _key(ada, "people:read")
    url = f"/v1/api-keys/{revoked['api_key']['id']}"
    assert ada.http.get("/v1/me", headers=bearer(revoked["key"])).status_code == 200
    assert [ada.http.delete(url, headers=ada.headers).status_code for _ in range(2)] == [204, 204]
    owner.execute("UPDATE api_keys SET expires_at = now() WHERE id = %s", [expired["api_key"]["id"]])
    for key in (revoked, expired):
        is_problem(ada.http.get("/v1/me", headers=bearer(key["key"])), 401, "unauthorized")
    shown = ada.http.get(url, headers=ada.headers).json()
    assert shown["revoked_at"]
    assert shown["last_used_at"]
    past = {"name": "x", "scopes": ["admin"], "expires_at": (utcnow() - timedelta(days=1)).isoformat()}
    is_problem(ada.http.post("/v1/api-keys", json=past, headers=ada.headers), 422, "invalid-input")


@pytest.mark.parametrize(
    "spoilt", [lambda key: key[:-2], lambda key: f"{key[:-3]}AAA", lambda _: "smx_", lambda _: "smx_é"], ids=range(4)
)
def test_a_key_that_is_not_quite_right(spoilt: Callable[[str], str], ada: Person) -> None:
    key = spoilt(_key(ada, "admin")["key"]).encode()
    response = ada.http.get("/v1/me", headers={b"Authorization": b"Bearer " + key})
    is_problem(response, 401, "unauthorized")


def test_a_key_makes_no_keys_and_changes_no_sign_in(ada: Person) -> None:
    headers = bearer(_key(ada, "admin")["key"])
    refused = [
        ada.http.post("/v1/api-keys", json={"name": "x", "scopes": ["admin"]}, headers=headers),
        ada.http.put("/v1/auth/password", json={"current_password": "x", "new_password": NEW}, headers=headers),
        ada.http.get("/v1/auth/sessions", headers=headers),
        ada.http.post("/v1/auth/second-factor", headers=headers),
    ]
    for response in refused:
        is_problem(response, 403, "forbidden")


# People


def _id(person: Person) -> str:
    return str(person.http.get("/v1/me", headers=person.headers).json()["id"])


def test_who_is_deactivated_is_out_at_once_and_can_come_back(
    cloud: Cloud, ada: Person, hire: Callable[..., Person]
) -> None:
    ines = hire()
    user_id = _id(ines)
    key = bearer(_key(ada, "tickets:read", user_id=user_id)["key"])
    url = f"/v1/users/{user_id}"
    assert ada.http.patch(url, json={"active": False}, headers=ada.headers).json()["active"] is False
    assert ines.me() == 401
    assert cloud.http("tickets").get("/v1/tickets", headers=key).status_code == 401
    is_problem(ines.sign_in(), 401, "unauthorized")
    is_problem(_refresh(ines, ines.tokens["refresh_token"]), 401, "unauthorized")
    assert ada.http.patch(url, json={"active": True}, headers=ada.headers).status_code == 200
    assert ines.me() == 401  # the old session stays ended
    assert ines.sign_in().status_code == 200


def test_a_deactivated_agent_gets_no_tickets(cloud: Cloud, ada: Person, hire: Callable[..., Person]) -> None:
    ines = hire()
    ada.http.patch(f"/v1/users/{_id(ines)}", json={"active": False}, headers=ada.headers)
    with cloud.tools.store.begin(cloud.workspace_id) as tx:
        found = tx.assignment.pick(None, [], in_turn=False)
    assert found
    assert found.email == ADMIN.email


def test_a_role_takes_effect_at_once(ada: Person, hire: Callable[..., Person]) -> None:
    ines = hire()
    url = f"/v1/users/{_id(ines)}"
    is_problem(ines.http.get("/v1/workspace", headers=ines.headers), 403, "forbidden")
    assert ada.http.patch(url, json={"role": "admin", "name": "Inês"}, headers=ada.headers).json()["name"] == "Inês"
    assert ines.http.get("/v1/workspace", headers=ines.headers).status_code == 200


@pytest.mark.parametrize("change", [{"role": "agent"}, {"active": False}])
def test_the_last_administrator_stays_one(
    change: dict[str, Any], cloud: Cloud, ada: Person, hire: Callable[..., Person]
) -> None:
    cloud.person("admin")  # nobody can sign in as this one: it does not count
    url = f"/v1/users/{_id(ada)}"
    is_problem(ada.http.patch(url, json=change, headers=ada.headers), 409, "conflict")
    hire("Bo", "admin")
    assert ada.http.patch(url, json=change, headers=ada.headers).status_code == 200


def test_users_are_listed_in_pages(ada: Person, hire: Callable[..., Person]) -> None:
    for name in ("Ines", "Bo", "Cy"):
        hire(name)
    names: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = ada.http.get("/v1/users", params={"limit": "2", **after}, headers=ada.headers).json()
        names += [user["name"] for user in page["users"]]
        if page["next_cursor"] is None:
            break
        after = {"after": page["next_cursor"]}
    assert names == ["Administrator", "Ines", "Bo", "Cy"]


def test_the_workspace_can_be_renamed_and_its_widget_key_replaced(cloud: Cloud, ada: Person) -> None:
    before = ada.http.get("/v1/workspace", headers=ada.headers).json()
    change = {"name": "New name", "new_widget_key": True}
    after = ada.http.patch("/v1/workspace", json=change, headers=ada.headers).json()
    assert (after["name"], after["slug"]) == ("New name", before["slug"])
    assert after["widget_key"] != before["widget_key"]
    cloud.tools._workspaces.clear()  # a minute goes by
    chat = cloud.http("chat")
    keys = [{"X-Widget-Key": each["widget_key"]} for each in (before, after)]
    assert [chat.post("/chat", json={"message": "hello"}, headers=key).status_code for key in keys] == [401, 200]


# Mails


def _mail(cloud: Cloud, to: str) -> str:
    """The only mail to that address, sent by now."""
    cloud.drain()
    mails = [message_from_string(raw, policy=policy.default) for raw in cloud.mail()]
    (found,) = [mail for mail in mails if mail["To"] == to]
    assert found["Auto-Submitted"] == "auto-generated"
    body = found.get_body()
    assert body
    return str(body.get_content())


def _token(text: str) -> str:
    found = re.search(r"^(?:\S*#token=)?(ey[\w.-]+)\s*$", text, re.MULTILINE)
    assert found, text
    return found[1]


def _reset_token(cloud: Cloud, email: str) -> str:
    answer = cloud.http("admin").post("/v1/auth/password-resets", json={"email": email})
    assert (answer.status_code, answer.content) == (202, b"null")
    return _token(_mail(cloud, email))


def _invited(cloud: Cloud, ada: Person) -> tuple[str, str]:
    """Whose invitation, and its token."""
    body: dict[str, Any] = {"name": "Ines", "email": "ines@desk.example", "invite": True}
    user = ada.http.post("/v1/users", json=body, headers=ada.headers).json()
    assert user["has_password"] is False
    return user["id"], _token(_mail(cloud, body["email"]))


def test_an_invitation_is_good_once(cloud: Cloud, ada: Person) -> None:
    _, token = _invited(cloud, ada)
    body = {"token": token, "password": NEW}
    assert ada.http.post("/v1/auth/invitations/accept", json=body).json()["has_password"] is True
    assert Person(cloud, {"email": "ines@desk.example", "password": NEW}).sign_in().status_code == 200
    is_problem(ada.http.post("/v1/auth/invitations/accept", json=body), 401, "unauthorized")


def test_an_invitation_opens_nothing_else_and_not_for_ever(cloud: Cloud, ada: Person, owner: Connection) -> None:
    user_id, token = _invited(cloud, ada)
    body = {"token": token, "password": NEW}
    is_problem(ada.http.post("/v1/auth/password-resets/confirm", json=body), 401, "unauthorized")
    ada.http.patch(f"/v1/users/{user_id}", json={"active": False}, headers=ada.headers)
    is_problem(ada.http.post("/v1/auth/invitations/accept", json=body), 401, "unauthorized")
    ada.http.patch(f"/v1/users/{user_id}", json={"active": True}, headers=ada.headers)
    is_problem(ada.http.post("/v1/auth/invitations/accept", json=body), 401, "unauthorized")
    again = ada.http.post(f"/v1/users/{user_id}/invitation", headers=ada.headers)
    assert again.status_code == 202
    owner.execute("UPDATE account_links SET expires_at = now()")
    cloud.drain()
    assert len(cloud.mail()) == 1  # the second one expired before it was sent


def test_no_table_and_no_queue_holds_a_link(cloud: Cloud, ada: Person, owner: Connection) -> None:
    answer = ada.http.post("/v1/auth/password-resets", json={"email": ADMIN.email})
    assert answer.status_code == 202
    queued = [message["body"] for message in cloud.waiting("email-send")]
    stored = owner.execute("SELECT row_to_json(l)::text FROM account_links l").fetchall()
    assert len(queued) == len(stored) == 1
    assert "eyJ" not in f"{queued} {stored}"
    assert ADMIN.email not in f"{queued} {stored}"


def test_a_new_password_ends_sessions_and_links(cloud: Cloud, ada: Person) -> None:
    token = _reset_token(cloud, ADMIN.email)
    body = {"token": token, "password": NEW}
    assert ada.http.post("/v1/auth/password-resets/confirm", json=body).status_code == 200
    assert ada.me() == 401
    assert ada.sign_in(password=NEW).status_code == 200
    is_problem(ada.http.post("/v1/auth/password-resets/confirm", json=body), 401, "unauthorized")


def test_nobody_learns_who_has_an_account(cloud: Cloud, hire: Callable[..., Person]) -> None:
    with cloud.tools.store.begin(cloud.workspace_id) as tx:
        tx.users.customer("customer@shop.example", "Cy")
    answers = [
        cloud.http("admin").post("/v1/auth/password-resets", json={"email": email})
        for email in ("nobody@desk.example", "customer@shop.example", ADMIN.email)
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, b"null")}
    assert len(cloud.waiting("email-send")) == 3  # the same work for everybody


def test_nobody_is_buried_in_mails(cloud: Cloud) -> None:
    for _ in range(5):
        cloud.http("admin").post("/v1/auth/password-resets", json={"email": ADMIN.email})
    cloud.drain()
    assert len(cloud.mail()) == 3


def test_a_link_begins_where_people_work(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPORTMAX_APP_URL", "https://desk.example.com/")
    cloud.forget()
    cloud.http("admin").post("/v1/auth/password-resets", json={"email": ADMIN.email})
    assert "https://desk.example.com/password-reset#token=eyJ" in _mail(cloud, ADMIN.email)


def test_a_mail_that_is_delivered_twice_is_sent_once(cloud: Cloud) -> None:
    cloud.http("admin").post("/v1/auth/password-resets", json={"email": ADMIN.email})
    (message,) = cloud.waiting("email-send")
    from tests.cloud import batch

    for _ in range(2):
        cloud.invoke("email_send", batch(message["body"]))
    assert len(cloud.mail()) == 1


# The audit log


def test_every_administrative_act_is_in_the_audit_log(cloud: Cloud, ada: Person, hire: Callable[..., Person]) -> None:
    ines = _id(hire())
    key = _key(ada, "admin")["api_key"]["id"]
    ada.http.delete(f"/v1/api-keys/{key}", headers=ada.headers)
    ada.http.patch(f"/v1/users/{ines}", json={"role": "admin"}, headers=ada.headers)
    ada.http.patch("/v1/workspace", json={"name": "Renamed"}, headers=ada.headers)
    ada.http.post("/v1/groups", json={"name": "Cards"}, headers=ada.headers)

    def entries(**query: str) -> list[dict[str, Any]]:
        answer = ada.http.get("/v1/audit-entries", params=query, headers=ada.headers)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["audit_entries"]
        return found

    acts = [entry["action"] for entry in entries()]
    assert acts == [
        "group.saved",
        "workspace.updated",
        "user.updated",
        "api_key.revoked",
        "api_key.created",
        "user.created",
    ]
    assert {entry["actor"] for entry in entries()} == {_id(ada)}
    assert [entry["action"] for entry in entries(subject_id=ines)] == ["user.updated", "user.created"]
    assert entries(subject_id=ines)[0]["detail"] == {"role": ["agent", "admin"]}
    assert [entry["subject_id"] for entry in entries(action="api_key.created")] == [key]
    assert len(entries(subject_kind="api_key")) == 2
    assert entries(actor=ines) == []
    assert entries(since=(utcnow() + timedelta(hours=1)).isoformat()) == []
    assert len(entries(until=(utcnow() + timedelta(hours=1)).isoformat())) == 6
    first = ada.http.get("/v1/audit-entries?limit=4", headers=ada.headers).json()
    assert [entry["action"] for entry in entries(after=first["next_cursor"])] == acts[4:]
