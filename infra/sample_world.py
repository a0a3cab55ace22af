"""The sample world: a fictional online bank's groups, agents, labels, examples and articles, loaded through the API.

Loading it again changes nothing.
"""

import csv
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

import yaml

from infra.api_client import ApiClient, ApiError
from infra.local.paths import ROOT
from infra.local.stack import Status
from supportmax.services.read_articles import read_articles

FOLDER = ROOT / "infra" / "sample"
ARTICLES_A_REQUEST = 25
EXAMPLES_A_REQUEST = 100
INDEX_SECONDS = 120

T = TypeVar("T")
Say = Callable[[str], None]


def load(status: Status, say: Say) -> None:
    """Raises ApiError when the API refuses, TimeoutError when the articles are not searchable in time."""
    api = ApiClient.sign_in(status.api_url, status.agent["email"], status.agent["password"])
    say("groups and agents")
    groups = _load_groups(api)
    say("labels and examples")
    _load_labels(api, groups)
    _load_examples(api)
    say("articles")
    _load_articles(api)
    _await_index(api, say)


def _load_groups(api: ApiClient) -> dict[str, str]:
    """Group ids by name."""
    people = {user["email"]: user["id"] for user in api.get("/v1/users", role="agent", limit=100)["users"]}
    ids = {}
    for group in _yaml("groups.yaml")["groups"]:
        members = [people.get(agent["email"]) or _hire(api, agent) for agent in group["agents"]]
        ids[group["name"]] = api.post("/v1/groups", {"name": group["name"], "member_ids": members})["id"]
    return ids


def _hire(api: ApiClient, agent: dict[str, str]) -> str:
    return str(api.post("/v1/users", {"role": "agent", "name": agent["name"], "email": agent["email"]})["id"])


def _load_labels(api: ApiClient, groups: dict[str, str]) -> None:
    known = {label["name"] for label in api.get("/v1/labels")}
    for label in _yaml("labels.yaml")["labels"]:
        if label["name"] not in known:
            group_id = groups.get(label.pop("group", ""))
            api.post("/v1/labels", {**label, "group_id": group_id})


def _load_examples(api: ApiClient) -> None:
    for batch in _batches(_examples(), EXAMPLES_A_REQUEST):
        api.post("/v1/labelled-examples", {"examples": batch})


def _examples() -> Iterator[dict[str, str]]:
    for name in ("triage_examples.csv", "spam_examples.csv"):
        with (FOLDER / name).open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


def _load_articles(api: ApiClient) -> None:
    drafts = read_articles(FOLDER / "kb")
    for batch in _batches(drafts, ARTICLES_A_REQUEST):
        fields = ("external_id", "title", "body", "questions", "topics", "language", "status")
        api.post("/v1/articles/import", {"articles": [{f: getattr(draft, f) for f in fields} for draft in batch]})


def _await_index(api: ApiClient, say: Say) -> None:
    deadline = time.monotonic() + INDEX_SECONDS
    while True:
        now = api.get("/v1/knowledge/status")
        say(f"{now['indexed']} of {now['articles']} articles searchable")
        if now["indexed"] == now["articles"]:
            return
        if time.monotonic() > deadline:
            raise ApiError(f"only {now['indexed']} of {now['articles']} articles are searchable; see `dev logs index`")
        time.sleep(0.25)


def _yaml(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


def _batches(rows: Iterable[T], size: int) -> Iterator[Sequence[T]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, size)):
        yield batch
