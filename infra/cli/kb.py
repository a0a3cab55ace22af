"""`supportmax kb …`: the knowledge base."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from infra.cli import proposals
from infra.cli.connection import ApiUrl, AsJson, Email, Password, as_agent
from infra.cli.one_line import clear_errors
from infra.cli.output import console, fail, print_json
from infra.cli.progress import bar

if TYPE_CHECKING:
    from infra.api_client import ApiClient
    from supportmax.domain.knowledge import ArticleDraft

app = typer.Typer(no_args_is_help=True, help="The knowledge base: import, search, improve.")
app.command(epilog="Example: supportmax kb propose")(proposals.propose)
app.command("proposals", epilog="Example: supportmax kb proposals --status open")(proposals.list_proposals)
app.command(epilog="Example: supportmax kb accept 0199f3a2-5b1c-7c11-8f21-2d1f6f0c9a30")(proposals.accept)
app.command(epilog="Example: supportmax kb dismiss 0199f3a2-5b1c-7c11-8f21-2d1f6f0c9a30")(proposals.dismiss)
app.command(epilog="Example: supportmax kb report --days 7")(proposals.report)

BATCH = 50
BATCH_CHARACTERS = 500_000  # far below what the gateway lets through
POLL_SECONDS = 0.5
SHOWN = ("external_id", "title", "status", "language", "topics", "version", "indexed", "updated_at")


@app.command("import", epilog="Example: supportmax kb import infra/sample/kb")
def import_(
    path: Annotated[Path, typer.Argument(help="A folder of Markdown, or a .md, .json, .jsonl or .csv file.")],
    as_json: AsJson = False,
    wait: Annotated[float, typer.Option("--wait", min=0, help="Seconds to wait for the index; 0 does not wait.")] = 300,
    api_url: ApiUrl = "",
    email: Email = "",
    password: Password = "",
) -> None:
    """Bring articles in; the same articles again change nothing. Any mistake in the files imports nothing."""
    from supportmax.services.read_articles import read_articles

    with clear_errors():
        drafts = read_articles(path)
        api = as_agent(api_url, email, password)
        counts = _import(api, drafts)
        if as_json:
            print_json(counts)
        else:
            console.print("{created} created, {updated} updated, {unchanged} unchanged".format(**counts))
        if wait and counts["created"] + counts["updated"]:
            _await_index(api, wait)


def _import(api: "ApiClient", drafts: Sequence["ArticleDraft"]) -> dict[str, int]:
    counts = {"created": 0, "updated": 0, "unchanged": 0}
    done = 0
    with bar(len(drafts), "importing") as shown:
        for batch in _batches(drafts):
            result = api.post("/v1/articles/import", {"articles": [asdict(draft) for draft in batch]})
            counts = {name: counts[name] + result[name] for name in counts}
            shown.at(done := done + len(batch))
    return counts


def _batches(drafts: Sequence["ArticleDraft"]) -> Iterator[list["ArticleDraft"]]:
    batch: list[ArticleDraft] = []
    size = 0
    for draft in drafts:
        length = len(draft.title) + len(draft.body) + sum(map(len, draft.questions))
        if batch and (len(batch) == BATCH or size + length > BATCH_CHARACTERS):
            yield batch
            batch, size = [], 0
        batch.append(draft)
        size += length
    yield batch


def _await_index(api: "ApiClient", seconds: float) -> None:
    """Until every article can be found, or one cannot be indexed at all, or time is over."""
    deadline = time.monotonic() + seconds
    status = api.get("/v1/knowledge/status")
    with bar(status["articles"], "indexing") as shown:
        while status["indexed"] + status["failed"] < status["articles"] and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
            status = api.get("/v1/knowledge/status")
            shown.at(status["indexed"])
    missing = status["articles"] - status["indexed"]
    if missing:
        fail(
            f"imported, but {missing} of {status['articles']} articles cannot be found yet; "
            "see `supportmax dlq list` and `supportmax dev logs index`"
        )


@app.command(epilog='Example: supportmax kb search "exchange rate at the weekend" --json')
def search(
    query: Annotated[str, typer.Argument(help="What to look for.")],
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many articles at most.")] = 10,
    as_json: AsJson = False,
    api_url: ApiUrl = "",
    email: Email = "",
    password: Password = "",
) -> None:
    """Search as answering does, best article first."""
    with clear_errors():
        found = as_agent(api_url, email, password).get("/v1/knowledge/search", q=query, limit=limit)
    if as_json:
        print_json(found)
        return
    for place, result in enumerate(found["results"], 1):
        name = f"[bold]{escape(result['title'])}[/bold] ({escape(result['article_id'])})"
        console.print(f"{place}. {name}  [dim]{result['score']:.2f}[/dim]", soft_wrap=True)
        console.print(f"   {' '.join(result['passage'].split())[:160]}", markup=False, soft_wrap=True)
    if not found["results"]:
        console.print("Nothing found: the knowledge base has no published articles.")


@app.command("list", epilog="Example: supportmax kb list --json")
def list_(as_json: AsJson = False, api_url: ApiUrl = "", email: Email = "", password: Password = "") -> None:
    """List all articles, newest first."""
    with clear_errors():
        articles = list(_pages(as_agent(api_url, email, password)))
    if as_json:
        print_json([{name: article[name] for name in SHOWN} for article in articles])
        return
    table = Table("id", "title", "status", "indexed", box=None)
    for article in articles:
        indexed = "yes" if article["indexed"] else "[yellow]not yet[/yellow]"
        table.add_row(escape(article["external_id"]), escape(article["title"]), article["status"], indexed)
    console.print(table)


def _pages(api: "ApiClient") -> Iterator[dict[str, Any]]:
    after: str | None = None
    while True:
        page = api.get("/v1/articles", after=after, limit=50)
        yield from page["articles"]
        after = page["next_cursor"]
        if after is None:
            return
