"""Another embedding model while the desk is in use: filled beside the first, switched, rolled back, dropped."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import psycopg
import pytest

from infra.cli import embeddings as command
from supportmax.domain.embedding import LOCAL_MODEL
from supportmax.domain.ids import new_id
from supportmax.runtime import embedders
from supportmax.services import fill_index
from supportmax.services.prepare_workspace import WorkspaceSetup, prepare_workspace
from supportmax.services.read_articles import read_articles
from tests.cloud import ROOT, Cloud, batch
from tests.fakes.embedders import RememberingEmbedder
from tests.fakes.embeddings_server import KEY, EmbeddingsServer, Raw, embedding
from tests.integration.conftest import Through
from tests.integration.test_command_line import AT
from tests.unit.cli.run import run

NAME = "words-small"
MODEL = f"{NAME}@256"
PATH = "/v1/embeddings"
EXAMPLE = "HELP the atm just ate my card!!!"
QUESTION = "The ATM ate my card"
PLACES = ("card-swallowed", "change-pin", "card-arrival", "age-limit", "atm-support", "cancel-transfer")
LABELS = {"cards": "My card is gone", "money": "Where is my money"}
Headers = dict[str, str]


@pytest.fixture
def endpoint(
    cloud: Cloud, embedder: RememberingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> Iterator[EmbeddingsServer]:
    """The functions know the endpoint; a sandbox hears of a switch after a fifth of a second."""
    with EmbeddingsServer.start() as server:
        monkeypatch.setenv("SUPPORTMAX_EMBEDDINGS_BASE_URL", server.url)
        monkeypatch.setenv("SUPPORTMAX_EMBEDDINGS_API_KEY", KEY)
        monkeypatch.setattr(embedders, "REMEMBERED_SECONDS", 0.2)
        cloud.forget()
        cloud.tools.embedder = embedder
        yield server
        cloud.tools.database.close()


@pytest.fixture
def admin(cloud: Cloud, endpoint: EmbeddingsServer) -> Headers:
    """Of a desk with six articles and two labelled examples."""
    headers = cloud.person("admin")[1]
    drafts = [draft for name in PLACES for draft in read_articles(ROOT / "infra" / "sample" / "kb" / f"{name}.md")]
    names = ("external_id", "title", "body", "questions", "topics")
    articles = [{name: getattr(draft, name) for name in names} for draft in drafts]
    _call(cloud, headers, "POST", "/v1/articles/import", json={"articles": articles})
    for label, text in LABELS.items():
        _call(cloud, headers, "POST", "/v1/labels", json={"name": label})
        _call(cloud, headers, "POST", "/v1/labelled-examples", json={"examples": [{"text": text, "label": label}]})
    cloud.drain()
    return headers


def _call(cloud: Cloud, headers: Headers, method: str, path: str, **parts: Any) -> Any:
    response = cloud.http("knowledge").request(method, path, headers=headers, **parts)
    assert response.is_success, response.text
    return response.json() if response.content else None


def _prepare(cloud: Cloud, admin: Headers, model: str = NAME) -> Any:
    return _call(cloud, admin, "POST", PATH, json={"model": model})


def _switch(cloud: Cloud, admin: Headers, model: str = NAME) -> Any:
    return _call(cloud, admin, "POST", f"{PATH}/switch", json={"model": model})


def _status(cloud: Cloud, admin: Headers) -> Any:
    return _call(cloud, admin, "GET", PATH)


def _search(cloud: Cloud, admin: Headers, words: str = QUESTION) -> Any:
    """By a sandbox that has heard of the last switch."""
    cloud.tools._active_models._known.clear()
    return _call(cloud, admin, "GET", "/v1/knowledge/search", params={"q": words})


def _say(cloud: Cloud, text: str) -> Any:
    cloud.tools._active_models._known.clear()
    return cloud.http("chat").post("/chat", json={"message": text}).json()


def _cosine(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


@contextmanager
def _asking(cloud: Cloud, admin: Headers) -> Iterator[list[Any]]:
    """A customer in another thread who searches all along; afterwards, what each search found."""
    from fastapi.testclient import TestClient

    from functions.knowledge.app import app

    found: list[Any] = []
    begun, over = Event(), Event()

    def search() -> None:
        with TestClient(app) as client:
            while not over.is_set():
                response = client.get("/v1/knowledge/search", params={"q": QUESTION}, headers=admin)
                found.append((response.status_code, [r["article_id"] for r in response.json().get("results", [])]))
                begun.set()
            assert client.portal is not None
            client.portal.call(cloud.tools.database.close)

    thread = Thread(target=search)
    thread.start()
    assert begun.wait(30)
    try:
        yield found
    finally:
        over.set()
        thread.join()


def test_searches_find_something_from_the_first_step_to_the_last(
    cloud: Cloud, admin: Headers, owner: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    with _asking(cloud, admin) as found:
        assert _prepare(cloud, admin)["spare"]["state"] == "building"
        cloud.drain()
        assert _status(cloud, admin)["spare"]["state"] == "ready"
        assert _switch(cloud, admin)["active"] == MODEL
        _search(cloud, admin)
        _call(cloud, admin, "POST", f"{PATH}/rollback")
        _search(cloud, admin)
        owner.execute("UPDATE spare_indexes SET active_until = active_until - interval '2 minutes'")
        _call(cloud, admin, "DELETE", PATH, params={"model": NAME})
    assert {status for status, _ in found} == {200}
    assert all("card-swallowed" in results for _, results in found)
    assert _status(cloud, admin) == {"active": LOCAL_MODEL, "spare": None}
    for table in ("chunks", "indexed_articles", "labelled_examples", "spare_vectors"):
        models = owner.execute(f"SELECT DISTINCT embedding_model FROM {table}".encode()).fetchall()
        assert models in ([], [(LOCAL_MODEL,)])


def test_after_the_switch_the_new_model_finds_and_answers(
    cloud: Cloud, admin: Headers, endpoint: EmbeddingsServer
) -> None:
    before = _search(cloud, admin)["results"][0]
    _prepare(cloud, admin)
    cloud.drain()
    _switch(cloud, admin)
    endpoint.requests.clear()
    after = _search(cloud, admin)["results"][0]
    assert endpoint.texts == [QUESTION]
    near = _cosine(embedding(QUESTION, 256), embedding(after["passage"], 256))
    assert (after["article_id"], after["similarity"]) == ("card-swallowed", pytest.approx(near, abs=1e-3))
    assert before["similarity"] != pytest.approx(near, abs=1e-3)
    said = _say(cloud, EXAMPLE)
    assert (said["action"], said["citations"][0]["article_id"]) == ("answer", "card-swallowed")
    explained = cloud.http("tickets").get(f"/v1/messages/{said['message_id']}/explanation", headers=admin).json()
    assert explained["decision"]["calibration"].startswith(f"{MODEL} ")
    stranger = _say(cloud, "Which sheep won the race in Wales last year?")
    assert stranger["action"] == "hand_over"


def test_an_edit_at_any_time_is_in_both_indexes(cloud: Cloud, admin: Headers) -> None:
    new = {"title": "Piggy banks", "body": "We do not take piggy banks.", "questions": ["Do you take piggy banks?"]}
    _prepare(cloud, admin)
    _call(cloud, admin, "POST", "/v1/articles", json=new | {"external_id": "meanwhile"})
    cloud.drain()
    _switch(cloud, admin)
    edited = _call(cloud, admin, "POST", "/v1/articles", json=new | {"external_id": "after", "title": "Afterwards"})
    cloud.drain()
    _call(cloud, admin, "DELETE", f"/v1/articles/{edited['id']}")
    _call(cloud, admin, "POST", "/v1/articles", json=new | {"external_id": "again", "title": "Again"})
    cloud.drain()
    spare = _status(cloud, admin)["spare"]
    assert (spare["state"], spare["articles"], spare["articles_done"]) == ("previous", len(PLACES) + 2, len(PLACES) + 2)
    assert _search(cloud, admin, "Do you take piggy banks?")["results"][0]["article_id"] in {"meanwhile", "again"}
    _call(cloud, admin, "POST", f"{PATH}/rollback")
    assert _search(cloud, admin, "Do you take piggy banks?")["results"][0]["article_id"] in {"meanwhile", "again"}


def test_labelled_examples_move_along(cloud: Cloud, admin: Headers) -> None:
    _prepare(cloud, admin)
    cloud.drain()
    assert _switch(cloud, admin)["spare"]["examples_done"] == 2 * len(LABELS)  # of each, its name and one text
    late = {"text": "My transfer is missing", "label": "money"}
    cloud.tools._active_models._known.clear()
    _call(cloud, admin, "POST", "/v1/labelled-examples", json={"examples": [late]})
    cloud.invoke("maintenance", {})
    cloud.drain()
    spare = _status(cloud, admin)["spare"]
    assert (spare["examples"], spare["examples_done"]) == (5, 5)
    for _ in range(2):
        ticket = {"subject": late["text"], "body": late["text"], "requester_email": "ann@example.com"}
        made = cloud.http("tickets").post("/v1/tickets", json=ticket, headers=admin)
        cloud.drain()
        assert made.status_code == 201, made.text
        found = cloud.http("tickets").get(f"/v1/tickets/{made.json()['id']}", headers=admin).json()
        assert found["category"] == "money"
        _call(cloud, admin, "POST", f"{PATH}/rollback")
        cloud.tools._active_models._known.clear()


def _step(cloud: Cloud, *more: str) -> list[str]:
    """The index function works on what waits, and on `more`; gives back what failed."""
    bodies = [message["body"] for message in cloud.waiting("index")] + list(more)
    answer = cloud.invoke("index", batch(*bodies))
    return [bodies[int(failed["itemIdentifier"])] for failed in answer["batchItemFailures"]]


def test_filling_goes_on_after_a_crash_and_works_twice_delivered_messages_once(
    cloud: Cloud, admin: Headers, endpoint: EmbeddingsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fill_index, "ARTICLES", 2)
    _prepare(cloud, admin)
    (first,) = [message["body"] for message in cloud.waiting("index")]
    assert _step(cloud, first, first) == []
    waiting = cloud.waiting("index")
    assert [json.loads(message["body"])["type"] for message in waiting] == ["IndexFellBehind"]
    assert 0 < _status(cloud, admin)["spare"]["articles_done"] < len(PLACES)
    endpoint.down = True
    (failed,) = _step(cloud, waiting[0]["body"])
    spare = _status(cloud, admin)["spare"]
    assert (spare["state"], "HTTP 503" in spare["trouble"]) == ("building", True)
    refused = cloud.http("knowledge").post(f"{PATH}/switch", json={"model": NAME}, headers=admin)
    assert (refused.status_code, "HTTP 503" in refused.json()["detail"]) == (409, True)
    endpoint.down = False
    endpoint.requests.clear()
    assert _step(cloud, failed) == []
    cloud.drain()
    spare = _status(cloud, admin)["spare"]
    assert (spare["state"], spare["trouble"], spare["calibrated"]) == ("ready", None, True)
    assert len(endpoint.texts) == len(set(endpoint.texts))


def test_who_asks_again_after_trouble_does_not_wait_for_the_queue(
    cloud: Cloud, admin: Headers, endpoint: EmbeddingsServer
) -> None:
    _prepare(cloud, admin)
    endpoint.key = "another key"
    assert _step(cloud) == []
    (buried,) = cloud.waiting("dead-letters")
    assert "SUPPORTMAX_EMBEDDINGS_API_KEY" in buried["reason"]
    assert "SUPPORTMAX_EMBEDDINGS_API_KEY" in _status(cloud, admin)["spare"]["trouble"]
    endpoint.key = KEY
    assert _prepare(cloud, admin)["spare"]["trouble"] is None
    cloud.drain()
    assert _status(cloud, admin)["spare"]["state"] == "ready"


def test_one_text_that_the_model_refuses_leaves_one_article_out(
    cloud: Cloud, admin: Headers, endpoint: EmbeddingsServer
) -> None:
    _prepare(cloud, admin)
    endpoint.misbehaviour.extend([Raw(400)] * 2)
    cloud.drain()
    spare = _status(cloud, admin)["spare"]
    assert (spare["articles"] - spare["articles_done"], spare["state"]) == (1, "building")
    assert spare["trouble"].startswith("article ")


def test_trouble_of_the_second_index_does_not_hold_up_the_first(
    cloud: Cloud, admin: Headers, endpoint: EmbeddingsServer
) -> None:
    _prepare(cloud, admin)
    cloud.drain()
    endpoint.down = True
    new = {"external_id": "new", "title": "Piggy banks", "body": "We do not take piggy banks."}
    _call(cloud, admin, "POST", "/v1/articles", json=new)
    assert _step(cloud) == []
    assert _search(cloud, admin, "piggy banks")["results"][0]["article_id"] == "new"
    assert "HTTP 503" in _status(cloud, admin)["spare"]["trouble"]
    endpoint.down = False
    cloud.invoke("maintenance", {})
    cloud.drain()
    assert _status(cloud, admin)["spare"]["state"] == "ready"


@pytest.mark.parametrize(
    ("model", "key", "change"),
    [
        (NAME, "another key", "SUPPORTMAX_EMBEDDINGS_API_KEY"),
        ("unheard-of", KEY, "check the model's name, unheard-of"),
        (f"{NAME}@384", KEY, f"256 dimensions instead of 384: name the model {MODEL}"),
        ("words-huge", KEY, "at most 2000 dimensions"),
        ("two words", KEY, "neither a model's name nor name@dimensions"),
    ],
)
def test_a_model_that_cannot_be_used_says_what_to_change_before_anything_is_filled(
    model: str, key: str, change: str, cloud: Cloud, admin: Headers, endpoint: EmbeddingsServer
) -> None:
    endpoint.key, endpoint.models["words-huge"] = key, (3_072, False)
    refused = cloud.http("knowledge").post(PATH, json={"model": model}, headers=admin)
    assert (refused.status_code, change in refused.json()["detail"]) == (422, True), refused.text
    assert _status(cloud, admin) == {"active": LOCAL_MODEL, "spare": None}


def test_without_an_endpoint_it_is_said_what_to_set(cloud: Cloud) -> None:
    admin = cloud.person("admin")[1]
    refused = cloud.http("knowledge").post(PATH, json={"model": NAME}, headers=admin)
    assert (refused.status_code, "SUPPORTMAX_EMBEDDINGS_BASE_URL" in refused.json()["detail"]) == (422, True)


def test_a_vendor_with_longer_vectors_gives_shorter_ones_when_asked(cloud: Cloud, admin: Headers) -> None:
    assert _prepare(cloud, admin, "words-large@512")["spare"]["model"] == "words-large@512"
    cloud.drain()
    assert _switch(cloud, admin, "words-large")["active"] == "words-large@512"
    assert _search(cloud, admin)["results"][0]["article_id"] == "card-swallowed"


def test_a_desk_that_knows_too_little_hands_over_rather_than_guess(cloud: Cloud, endpoint: EmbeddingsServer) -> None:
    admin = cloud.person("admin")[1]
    article = {"external_id": "pin", "title": "Changing your PIN", "body": "In the app: Cards, then PIN."}
    _call(cloud, admin, "POST", "/v1/articles", json=article | {"questions": ["How do I change my PIN?"]})
    cloud.drain()
    assert _say(cloud, "How do I change my PIN?")["action"] == "answer"
    _prepare(cloud, admin)
    cloud.drain()
    assert _status(cloud, admin)["spare"]["calibrated"] is False
    _switch(cloud, admin)
    said = _say(cloud, "How do I change my PIN?")
    assert said["action"] == "hand_over"
    _call(cloud, admin, "POST", f"{PATH}/rollback")
    assert _say(cloud, "How do I change my PIN?")["action"] == "answer"


def test_articles_that_come_later_are_measured_on_the_schedule(cloud: Cloud, endpoint: EmbeddingsServer) -> None:
    admin = cloud.person("admin")[1]
    _prepare(cloud, admin)
    cloud.drain()
    _switch(cloud, admin)
    drafts = [draft for name in PLACES for draft in read_articles(ROOT / "infra" / "sample" / "kb" / f"{name}.md")]
    articles = [{n: getattr(d, n) for n in ("external_id", "title", "body", "questions", "topics")} for d in drafts]
    _call(cloud, admin, "POST", "/v1/articles/import", json={"articles": articles})
    cloud.drain()
    assert _say(cloud, EXAMPLE)["action"] == "hand_over"
    cloud.invoke("maintenance", {})
    cloud.drain()
    assert _say(cloud, EXAMPLE)["action"] == "answer"


def test_other_workspaces_notice_nothing(cloud: Cloud, admin: Headers) -> None:
    other = prepare_workspace(cloud.tools.store, WorkspaceSetup("other", "Other"), new_id()).id
    theirs = cloud.person("admin", other)[1]
    article = {"external_id": "theirs", "title": "Swallowed cards", "body": "Wait for the card."}
    _call(cloud, theirs, "POST", "/v1/articles", json=article)
    cloud.drain()
    _prepare(cloud, admin)
    cloud.drain()
    _switch(cloud, admin)
    assert _status(cloud, theirs) == {"active": LOCAL_MODEL, "spare": None}
    assert [found["article_id"] for found in _search(cloud, theirs)["results"]] == ["theirs"]
    for path in ("switch", "rollback"):
        refused = cloud.http("knowledge").post(f"{PATH}/{path}", json={"model": NAME}, headers=theirs)
        assert refused.status_code == 404


def test_only_administrators_change_the_model(cloud: Cloud, admin: Headers) -> None:
    agent = cloud.person("agent")[1]
    assert _status(cloud, agent)["active"] == LOCAL_MODEL
    knowledge = cloud.http("knowledge")
    for path in (PATH, f"{PATH}/switch", f"{PATH}/rollback"):
        assert knowledge.post(path, json={"model": NAME}, headers=agent).status_code == 403
    assert knowledge.delete(PATH, params={"model": NAME}, headers=agent).status_code == 403


def test_what_is_in_use_or_was_a_moment_ago_cannot_be_dropped(cloud: Cloud, admin: Headers) -> None:
    _prepare(cloud, admin)
    knowledge = cloud.http("knowledge")
    early = knowledge.post(f"{PATH}/switch", json={"model": NAME}, headers=admin)
    assert (early.status_code, "not in the index" in early.json()["detail"]) == (409, True)
    second = knowledge.post(PATH, json={"model": "words-large@512"}, headers=admin)
    assert (second.status_code, "drop it first" in second.json()["detail"]) == (409, True)
    cloud.drain()
    _switch(cloud, admin)
    assert knowledge.delete(PATH, params={"model": NAME}, headers=admin).status_code == 422
    assert knowledge.delete(PATH, params={"model": LOCAL_MODEL}, headers=admin).status_code == 409


def test_an_endpoint_that_dies_after_the_switch_costs_answers_but_no_question(
    cloud: Cloud, admin: Headers, endpoint: EmbeddingsServer
) -> None:
    _prepare(cloud, admin)
    cloud.drain()
    _switch(cloud, admin)
    endpoint.down = True
    said = _say(cloud, EXAMPLE)
    assert (said["action"], bool(said["ticket_id"])) == ("hand_over", True)
    search = cloud.http("knowledge").get("/v1/knowledge/search", params={"q": QUESTION}, headers=admin)
    assert search.status_code == 503
    _call(cloud, admin, "POST", f"{PATH}/rollback")
    assert _say(cloud, EXAMPLE)["action"] == "answer"


def test_the_command_line_prepares_switches_goes_back_and_drops(
    admin: Headers,
    desk_at_work: Cloud,
    owner: "psycopg.Connection[tuple[object, ...]]",
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ask = Through.request

    def asked(self: Through, method: str, path: str, **parts: Any) -> Any:
        if (method, path) == ("GET", PATH):
            desk_at_work.drain()
        return ask(self, method, path, **parts)

    monkeypatch.setattr(Through, "request", asked)
    monkeypatch.setattr(command, "POLL_SECONDS", 0)
    prepared = run("embeddings", "prepare", NAME, "--wait", "60", *AT)
    assert (prepared.code, f"{MODEL} is complete" in prepared.out, "6 of 6 articles" in prepared.out) == (0, True, True)
    assert f"{MODEL} is in use" in run("embeddings", "switch", NAME, *AT).out
    assert json.loads(run("embeddings", "status", "--json", *AT).out)["active"] == MODEL
    assert f"{LOCAL_MODEL} is in use" in run("embeddings", "rollback", *AT).out
    early = run("embeddings", "drop", NAME, *AT)
    assert (early.code, "in use until a moment ago" in early.err, early.err.count("\n")) == (1, True, 1)
    owner.execute("UPDATE spare_indexes SET active_until = active_until - interval '2 minutes'")
    assert run("embeddings", "drop", NAME, *AT).out == f"Dropped the index of {NAME}.\n"


def test_the_command_line_says_what_stopped_the_filling(
    admin: Headers, desk_at_work: Cloud, endpoint: EmbeddingsServer
) -> None:
    run("embeddings", "prepare", NAME, *AT)
    endpoint.key = "another key"
    desk_at_work.drain()
    shown = run("embeddings", "status", *AT)
    assert "stopped: embeddings: " in shown.out
    wrong = run("embeddings", "prepare", "words-small@384", *AT)
    assert (wrong.code, wrong.out, wrong.err.count("\n")) == (1, "", 1)
