"""The API as agents and programs use it: tickets, knowledge, triage, people, operations."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import psycopg
import pytest

from supportmax.adapters import aws
from supportmax.adapters.postgres.migrations import SCHEMA_VERSION
from supportmax.services.answering.phrases import phrases_in
from tests.cloud import SECRET, Cloud
from tests.desk import ADMIN

Connection = psycopg.Connection[tuple[object, ...]]
TICKET = {"subject": "My card", "body": "The machine kept it.", "requester_email": "Ann@Customer.Example"}
ARTICLE = {
    "external_id": "change-pin",
    "title": "Changing your PIN",
    "body": "Change your PIN in the app: Cards, then PIN.",
    "questions": ["How do I change my PIN?"],
    "topics": ["change_pin"],
}

WORDS = phrases_in("en")


@pytest.fixture
def agent(cloud: Cloud) -> dict[str, str]:
    return cloud.person("agent")[1]


@pytest.fixture
def admin(cloud: Cloud) -> dict[str, str]:
    return cloud.person("admin")[1]


def _ticket(cloud: Cloud, headers: dict[str, str], **changed: Any) -> dict[str, Any]:
    response = cloud.http("tickets").post("/v1/tickets", json=TICKET | changed, headers=headers)
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.json()
    return found


def _pages(cloud: Cloud, function: str, path: str, key: str, headers: dict[str, str]) -> list[list[dict[str, Any]]]:
    """Every page of a list, two rows each."""
    pages, after = [], None
    while True:
        query = {"limit": 2} | ({"after": after} if after else {})
        page = cloud.http(function).get(path, params=query, headers=headers).json()
        pages.append(page[key])
        after = page["next_cursor"]
        if after is None:
            return pages


# Chat


def test_a_chat_and_its_messages(cloud: Cloud) -> None:
    chat = cloud.http("chat")
    first = chat.post("/chat", json={"message": "hello"}).json()
    second = chat.post("/chat", json={"message": "hi", "session_id": first["session_id"]}).json()
    assert second["session_id"] == first["session_id"]
    assert (first["reply"], first["action"], first["citations"], first["ticket_id"]) == (
        WORDS.greeting,
        "small_talk",
        [],
        None,
    )
    messages = chat.get(f"/v1/sessions/{first['session_id']}/messages").json()
    assert [(m["author"], m["text"]) for m in messages["messages"]][:3] == [
        ("customer", "hello"),
        ("assistant", WORDS.greeting),
        ("customer", "hi"),
    ]
    assert messages["next_cursor"] is None
    pages = _pages(cloud, "chat", f"/v1/sessions/{first['session_id']}/messages", "messages", {})
    assert [[m["text"] for m in page] for page in pages] == [
        ["hello", WORDS.greeting],
        ["hi", WORDS.greeting],
    ]


def test_an_answer_names_its_source(cloud: Cloud, agent: dict[str, str]) -> None:
    cloud.http("knowledge").post("/v1/articles", json=ARTICLE, headers=agent)
    cloud.drain()
    answer = cloud.http("chat").post("/chat", json={"message": "How do I change my PIN?"}).json()
    assert answer["action"] == "answer"
    assert answer["citations"] == [{"article_id": "change-pin", "title": "Changing your PIN", "quote": ARTICLE["body"]}]
    assert answer["confidence"] > 0.9


def test_the_widget_key_chooses_the_workspace(cloud: Cloud) -> None:
    with cloud.tools.store.begin(cloud.workspace_id) as tx:
        key = tx.workspace.get().widget_key
    response = cloud.http("chat").post("/chat", json={"message": "hello"}, headers={"X-Widget-Key": key})
    assert response.status_code == 200


# Tickets


def test_a_ticket_is_opened_read_changed_and_deleted(cloud: Cloud, agent: dict[str, str], owner: Connection) -> None:
    tickets = cloud.http("tickets")
    opened = _ticket(cloud, agent, tags=[" VIP "])
    url = f"/v1/tickets/{opened['id']}"
    assert (opened["number"], opened["status"], opened["channel"], opened["tags"]) == (1, "new", "api", ["vip"])
    assert tickets.get(url, headers=agent).json() == opened
    changed = tickets.patch(url, json={"status": "solved", "priority": "high"}, headers=agent).json()
    assert (changed["status"], changed["priority"], changed["version"]) == ("solved", "high", 2)
    assert changed["solved_at"] is not None
    assert tickets.delete(url, headers=agent).status_code == 204
    assert tickets.get(url, headers=agent).status_code == 404
    assert tickets.delete(url, headers=agent).status_code == 404
    audited = owner.execute("SELECT action FROM audit_entries WHERE subject_id = %s ORDER BY id", [opened["id"]])
    assert [action for (action,) in audited] == ["ticket.created", "ticket.updated", "ticket.deleted"]


def test_a_change_that_changes_nothing_is_none(cloud: Cloud, agent: dict[str, str]) -> None:
    opened = _ticket(cloud, agent)
    cloud.waiting("crm-sync")
    url = f"/v1/tickets/{opened['id']}"
    same = cloud.http("tickets").patch(url, json={"subject": opened["subject"], "status": None}, headers=agent).json()
    assert same["version"] == opened["version"]
    assert cloud.waiting("crm-sync") == []


def test_null_clears_what_can_be_empty(cloud: Cloud, agent: dict[str, str], admin: dict[str, str]) -> None:
    cloud.http("knowledge").post("/v1/labels", json={"name": "cards"}, headers=admin)
    opened = _ticket(cloud, agent, category="cards")
    url = f"/v1/tickets/{opened['id']}"
    cleared = cloud.http("tickets").patch(url, json={"category": None, "priority": None}, headers=agent).json()
    assert (cleared["category"], cleared["priority"]) == (None, opened["priority"])


def test_the_list_is_newest_first_in_pages(cloud: Cloud, agent: dict[str, str]) -> None:
    ids = [_ticket(cloud, agent)["id"] for _ in range(5)]
    pages = _pages(cloud, "tickets", "/v1/tickets", "tickets", agent)
    assert [[ticket["id"] for ticket in page] for page in pages] == [ids[:2:-1], ids[2:0:-1], ids[:1]]


def test_a_full_last_page_has_no_next_one(cloud: Cloud, agent: dict[str, str]) -> None:
    for _ in range(4):
        _ticket(cloud, agent)
    assert [len(page) for page in _pages(cloud, "tickets", "/v1/tickets", "tickets", agent)] == [2, 2]


@pytest.mark.parametrize(
    "query",
    [
        {"status": "solved"},
        {"priority": "urgent"},
        {"tag": "vip"},
        {"assignee_id": "me"},
        {"requester_id": "hers"},
        {"status": "solved", "tag": "vip"},
    ],
)
def test_filters_must_all_match(query: dict[str, str], cloud: Cloud) -> None:
    me, agent = cloud.person("agent")
    tickets = cloud.http("tickets")
    wanted = _ticket(cloud, agent, priority="urgent", tags=["vip"], requester_email="her@customer.example")
    _ticket(cloud, agent)
    half = _ticket(cloud, agent)
    tickets.patch(f"/v1/tickets/{half['id']}", json={"tags": ["other"]}, headers=agent)
    tickets.patch(f"/v1/tickets/{wanted['id']}", json={"status": "solved", "assignee_id": str(me.id)}, headers=agent)
    ids = {"me": str(me.id), "hers": wanted["requester_id"]}
    filters = {name: ids.get(value, value) for name, value in query.items()}
    found = tickets.get("/v1/tickets", params=filters, headers=agent).json()["tickets"]
    assert [ticket["id"] for ticket in found] == [wanted["id"]]


def test_a_reply_goes_out_by_mail_and_a_note_stays_inside(cloud: Cloud, agent: dict[str, str]) -> None:
    opened = _ticket(cloud, agent)
    url = f"/v1/tickets/{opened['id']}/messages"
    tickets = cloud.http("tickets")
    reply = tickets.post(url, json={"body": "Freeze it."}, headers=agent)
    note = tickets.post(url, json={"body": "Again?", "visibility": "internal"}, headers=agent)
    assert (reply.status_code, note.status_code) == (201, 201)
    cloud.drain()
    mails = [mail for mail in cloud.mail() if "To: ann@customer.example" in mail]
    assert len(mails) == 1
    assert "Freeze it." in mails[0]
    said = tickets.get(url, headers=agent).json()["messages"]
    public = [(m["author"], m["body"], m["delivery"]) for m in said if m["visibility"] == "public"]
    assert public == [("customer", TICKET["body"], None), ("agent", "Freeze it.", "sent")]
    assert [m["body"] for m in said if m["author"] == "agent" and m["visibility"] == "internal"] == ["Again?"]
    assert tickets.get(f"/v1/tickets/{opened['id']}", headers=agent).json()["first_response_at"] is not None


def test_messages_come_in_pages(cloud: Cloud, agent: dict[str, str]) -> None:
    opened = _ticket(cloud, agent)
    url = f"/v1/tickets/{opened['id']}/messages"
    for number in range(4):
        cloud.http("tickets").post(url, json={"body": f"{number}", "visibility": "internal"}, headers=agent)
    pages = _pages(cloud, "tickets", url, "messages", agent)
    assert [[m["body"] for m in page] for page in pages] == [[TICKET["body"], "0"], ["1", "2"], ["3"]]


def test_whoever_gets_a_ticket_reads_of_it(cloud: Cloud) -> None:
    _, agent = cloud.person("agent")
    cloud.http("chat").post("/chat", json={"message": "I want to talk to a human"})
    cloud.drain()
    (note,) = cloud.http("tickets").get("/v1/notifications", headers=agent).json()["notifications"]
    assert "the customer asked for a human" in note["text"]
    assert UUID(note["ticket_id"]).version == 7
    assert note["read_at"] is None


# Knowledge


def test_an_article_is_written_indexed_edited_and_deleted(cloud: Cloud, agent: dict[str, str]) -> None:
    knowledge = cloud.http("knowledge")
    created = knowledge.post("/v1/articles", json=ARTICLE, headers=agent)
    assert (created.status_code, created.json()["indexed"], created.json()["version"]) == (201, False, 1)
    url = f"/v1/articles/{created.json()['id']}"
    cloud.drain()
    assert knowledge.get(url, headers=agent).json()["indexed"] is True
    edited = knowledge.put(url, json=ARTICLE | {"title": "Your PIN"}, headers=agent).json()
    assert (edited["title"], edited["version"], edited["indexed"]) == ("Your PIN", 2, False)
    assert knowledge.delete(url, headers=agent).status_code == 204
    assert knowledge.get(url, headers=agent).status_code == 404


def test_an_external_id_that_is_taken_is_a_conflict(cloud: Cloud, agent: dict[str, str]) -> None:
    knowledge = cloud.http("knowledge")
    knowledge.post("/v1/articles", json=ARTICLE, headers=agent)
    other = knowledge.post("/v1/articles", json=ARTICLE | {"external_id": "other"}, headers=agent).json()
    response = knowledge.put(f"/v1/articles/{other['id']}", json=ARTICLE, headers=agent)
    assert (response.status_code, response.json()["type"]) == (409, "urn:supportmax:problem:conflict")


def test_importing_twice_changes_nothing(cloud: Cloud, agent: dict[str, str]) -> None:
    def send(*articles: dict[str, Any]) -> dict[str, int]:
        body = {"articles": articles}
        found: dict[str, int] = cloud.http("knowledge").post("/v1/articles/import", json=body, headers=agent).json()
        return found

    second = ARTICLE | {"external_id": "second"}
    assert send(ARTICLE, second) == {"created": 2, "updated": 0, "unchanged": 0}
    assert len(cloud.waiting("index")) == 2
    assert send(ARTICLE, second) == {"created": 0, "updated": 0, "unchanged": 2}
    assert cloud.waiting("index") == []
    assert send(ARTICLE, second | {"title": "New"}) == {"created": 0, "updated": 1, "unchanged": 1}


def test_a_bad_article_in_an_import_leaves_nothing_of_it(cloud: Cloud, agent: dict[str, str]) -> None:
    knowledge = cloud.http("knowledge")
    body = {"articles": [ARTICLE, ARTICLE | {"external_id": ""}]}
    assert knowledge.post("/v1/articles/import", json=body, headers=agent).status_code == 422
    assert knowledge.get("/v1/articles", headers=agent).json()["articles"] == []


def test_articles_come_in_pages(cloud: Cloud, agent: dict[str, str]) -> None:
    names = [f"article-{number}" for number in range(3)]
    for name in names:
        cloud.http("knowledge").post("/v1/articles", json=ARTICLE | {"external_id": name}, headers=agent)
    pages = _pages(cloud, "knowledge", "/v1/articles", "articles", agent)
    assert [[article["external_id"] for article in page] for page in pages] == [names[:0:-1], names[:1]]


def test_search_and_status(cloud: Cloud, agent: dict[str, str]) -> None:
    knowledge = cloud.http("knowledge")
    knowledge.post("/v1/articles", json=ARTICLE, headers=agent)
    knowledge.post("/v1/articles", json=ARTICLE | {"external_id": "draft", "status": "draft"}, headers=agent)
    assert knowledge.get("/v1/knowledge/status", headers=agent).json()["indexed"] == 0
    cloud.drain()
    status = knowledge.get("/v1/knowledge/status", headers=agent).json()
    assert (status["articles"], status["indexed"], status["failed"], status["chunks"]) == (2, 2, 0, 6)
    found = knowledge.get("/v1/knowledge/search", params={"q": "a new PIN"}, headers=agent).json()
    assert [result["article_id"] for result in found["results"]] == ["change-pin"]
    assert 0 <= found["confidence"] <= 1


# Triage


def test_labels_and_examples(cloud: Cloud, agent: dict[str, str], admin: dict[str, str]) -> None:
    knowledge = cloud.http("knowledge")
    group = cloud.http("admin").post("/v1/groups", json={"name": "Cards"}, headers=admin).json()
    label = {"name": "card_swallowed", "priority": "urgent", "group_id": group["id"], "description": "A card is gone."}
    made = knowledge.post("/v1/labels", json=label, headers=admin)
    assert (made.status_code, made.json()["examples"]) == (201, 0)
    texts = ["The machine kept it.", "An ATM took my card", "The machine kept my card"]
    body = {"examples": [{"text": text, "label": "card_swallowed"} for text in texts]}
    assert knowledge.post("/v1/labelled-examples", json=body, headers=agent).json() == {"added": 3, "waiting": 0}
    assert knowledge.post("/v1/labelled-examples", json=body, headers=agent).json() == {"added": 0, "waiting": 0}
    (listed,) = knowledge.get("/v1/labels", headers=agent).json()
    assert {name: listed[name] for name in label} == label
    assert listed["examples"] == 3
    pages = _pages(cloud, "knowledge", "/v1/labelled-examples", "examples", agent)
    assert [len(page) for page in pages] == [2, 1]
    assert {row["text"] for page in pages for row in page} == set(texts)


def test_a_ticket_of_the_api_is_triaged(cloud: Cloud, agent: dict[str, str], admin: dict[str, str]) -> None:
    knowledge = cloud.http("knowledge")
    knowledge.post("/v1/labels", json={"name": "card_swallowed", "priority": "urgent"}, headers=admin)
    texts = [TICKET["body"], "An ATM took my card", "The machine kept my card"]
    body = {"examples": [{"text": text, "label": "card_swallowed"} for text in texts]}
    knowledge.post("/v1/labelled-examples", json=body, headers=agent)
    opened = _ticket(cloud, agent)
    cloud.drain()
    found = cloud.http("tickets").get(f"/v1/tickets/{opened['id']}", headers=agent).json()
    assert (found["category"], found["priority"]) == ("card_swallowed", "urgent")
    assert found["triage"]["unsure"] is False


# People


def test_signing_in(cloud: Cloud) -> None:
    admin = cloud.http("admin")
    signed_in = admin.post("/v1/auth/token", json={"email": ADMIN.email.upper(), "password": ADMIN.password}).json()
    me = admin.get("/v1/me", headers={"Authorization": f"Bearer {signed_in['access_token']}"}).json()
    assert (me["email"], me["role"]) == (ADMIN.email, "admin")
    assert signed_in["expires_in"] == 8 * 3600


def test_a_new_agent_can_sign_in(cloud: Cloud, admin: dict[str, str]) -> None:
    people = cloud.http("admin")
    body = {"name": "Eve", "email": "Eve@Desk.example", "password": "  a long password  "}
    created = people.post("/v1/users", json=body, headers=admin)
    assert (created.status_code, created.json()["email"]) == (201, "eve@desk.example")
    assert body["password"] not in created.text
    again = people.post("/v1/users", json=body, headers=admin)
    assert (again.status_code, again.json()["type"]) == (409, "urn:supportmax:problem:conflict")
    credentials = {"email": body["email"], "password": "a long password"}
    assert people.post("/v1/auth/token", json=credentials).status_code == 401
    assert people.post("/v1/auth/token", json=credentials | {"password": body["password"]}).status_code == 200


def test_users_and_groups(cloud: Cloud, admin: dict[str, str]) -> None:
    people = cloud.http("admin")
    first, second = cloud.person("agent")[0], cloud.person("agent")[0]

    def save(members: Sequence[Any]) -> dict[str, Any]:
        body = {"name": "Cards", "member_ids": [str(user.id) for user in members]}
        found: dict[str, Any] = people.post("/v1/groups", json=body, headers=admin).json()
        return found

    assert save([first])["members"] == 1
    assert save([first, second])["members"] == 2
    assert [(group["name"], group["members"]) for group in people.get("/v1/groups", headers=admin).json()] == [
        ("Cards", 2)
    ]
    agents = people.get("/v1/users?role=agent", headers=admin).json()["users"]
    assert {user["id"] for user in agents} == {str(first.id), str(second.id)}


# Operations


def test_held_mail_can_be_seen_in_pages(cloud: Cloud, agent: dict[str, str]) -> None:
    for number in range(3):
        key = f"inbound/{number}"
        aws.client("s3").put_object(Bucket="desk-inbound", Key=key, Body=f"no mail {number}".encode())
        cloud.invoke("email_ingest", {"Records": [{"s3": {"object": {"key": key}}}]})
    pages = _pages(cloud, "admin", "/v1/quarantine", "mails", agent)
    assert [[mail["object_key"] for mail in page] for page in pages] == [["inbound/2", "inbound/1"], ["inbound/0"]]
    assert pages[0][0]["outcome"] == "quarantined"
    assert pages[0][0]["reason"].startswith("Not a mail")


def test_health_is_ok(cloud: Cloud) -> None:
    response = cloud.http("admin").get("/health")
    found = response.json()
    assert (response.status_code, found["status"]) == (200, "ok")
    assert found["checks"]["migrations"]["detail"] == SCHEMA_VERSION
    assert found["checks"]["queues"]["detail"]["classify"] == 0
    assert SECRET not in response.text


def _unhealthy(cloud: Cloud, part: str) -> str:
    response = cloud.http("admin").get("/health")
    checks = response.json()["checks"]
    assert (response.status_code, response.json()["status"]) == (503, "degraded")
    assert checks[part]["ok"] is False
    return str(checks[part]["detail"])


def test_health_names_a_database_that_is_down(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud.http("admin")
    monkeypatch.setenv("SUPPORTMAX_DATABASE_URL", "postgresql://x:s3cret@127.0.0.1:1/none")
    cloud.forget()
    reason = _unhealthy(cloud, "database")
    assert reason.startswith("database: ")
    assert "s3cret" not in reason


def test_health_names_old_migrations(cloud: Cloud, owner: Connection) -> None:
    owner.execute("DELETE FROM _yoyo_migration WHERE migration_id = %s", [SCHEMA_VERSION])
    assert "run the migrations" in _unhealthy(cloud, "migrations")


def test_health_names_a_database_without_tables(cloud: Cloud, owner: Connection) -> None:
    owner.execute("DROP FUNCTION find_workspace")
    cloud.forget()
    assert "run the migrations" in _unhealthy(cloud, "database")


def test_health_names_a_workspace_that_is_missing(cloud: Cloud, owner: Connection) -> None:
    owner.execute("UPDATE workspaces SET slug = 'renamed'")
    cloud.forget()
    assert "there is no workspace 'default'" in _unhealthy(cloud, "database")


def test_health_names_queues_that_are_gone(cloud: Cloud) -> None:
    sqs = aws.client("sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName="classify")["QueueUrl"])
    assert _unhealthy(cloud, "queues").startswith("queue: ")


def test_metrics_count(cloud: Cloud, agent: dict[str, str]) -> None:
    cloud.http("knowledge").post("/v1/articles", json=ARTICLE, headers=agent)
    cloud.drain()
    for message in ("How do I change my PIN?", "What is your CEO's shoe size?", "hello"):
        cloud.http("chat").post("/chat", json={"message": message})
    found = cloud.http("admin").get("/metrics").json()
    assert (found["articles"], found["sessions"], found["messages"], found["tickets"]) == (1, 3, 6, 1)
    assert (found["answered"], found["handed_over"], found["automation_rate"]) == (1, 1, 0.5)
    assert found["queues"]["classify"] == 1


def test_without_any_turn_there_is_no_rate(cloud: Cloud) -> None:
    assert cloud.http("admin").get("/metrics").json()["automation_rate"] is None


def test_a_turn_survives_queues_that_are_down(cloud: Cloud) -> None:
    """The ticket is made and promised; its message waits in the outbox for the sweep."""
    sqs = aws.client("sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName="classify")["QueueUrl"])
    response = cloud.http("chat").post("/chat", json={"message": "I want to talk to a human"})
    assert (response.status_code, response.json()["action"]) == (200, "hand_over")
    with cloud.tools.store.begin(cloud.workspace_id) as tx:
        assert tx.workspace.counts()["outbox_waiting"] == 1


def test_a_database_that_is_down_is_a_problem_to_try_again(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    chat = cloud.http("chat")
    monkeypatch.setenv("SUPPORTMAX_DATABASE_URL", "postgresql://x:s3cret@127.0.0.1:1/none")
    cloud.forget()
    response = chat.post("/chat", json={"message": "hello"})
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    assert response.json()["type"] == "urn:supportmax:problem:unavailable"
    assert "s3cret" not in response.text
