"""`supportmax kb propose …`: articles that the desk proposes, and how the knowledge base does."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from infra.cli.connection import ApiUrl, AsJson, Email, Password, as_agent
from infra.cli.one_line import clear_errors
from infra.cli.output import console, fail, print_json

ProposalId = Annotated[str, typer.Argument(help="The proposal's id, as `kb proposals` shows it.")]
LISTS = {
    "most_used": "Answers most",
    "badly_rated": "Badly rated",
    "answers_nothing": "Answers nothing",
    "stale": "Not changed for half a year",
}


def propose(as_json: AsJson = False, api_url: ApiUrl = "", email: Email = "", password: Password = "") -> None:
    """Propose articles from the last 30 days' unanswered and badly rated questions; it also happens every day."""
    with clear_errors():
        proposals = as_agent(api_url, email, password).post("/v1/article-proposals", {})
    _show(proposals, as_json, "Nothing to propose: no unanswered question was asked twice or answered by an agent.")


def list_proposals(
    status: Annotated[str, typer.Option(help="open, accepted or dismissed.")] = "open",
    as_json: AsJson = False,
    api_url: ApiUrl = "",
    email: Email = "",
    password: Password = "",
) -> None:
    """List proposed articles, newest first."""
    with clear_errors():
        found = as_agent(api_url, email, password).get("/v1/article-proposals", status=status, limit=100)
    _show(found["proposals"], as_json, f"No {status} proposals.")


def accept(
    proposal_id: ProposalId,
    title: Annotated[str | None, typer.Option(help="Another title.")] = None,
    body: Annotated[Path | None, typer.Option(help="A Markdown file with what the article should say.")] = None,
    api_url: ApiUrl = "",
    email: Email = "",
    password: Password = "",
) -> None:
    """Save a proposed article, or change; within seconds its questions are answered."""
    with clear_errors():
        words = {"title": title, "body": _text(body) if body else None}
        changed = {name: value for name, value in words.items() if value is not None}
        api = as_agent(api_url, email, password)
        article = api.post(f"/v1/article-proposals/{proposal_id}/accept", changed)
    console.print(f"Saved {escape(article['external_id'])}: {escape(article['title'])}", soft_wrap=True)


def dismiss(proposal_id: ProposalId, api_url: ApiUrl = "", email: Email = "", password: Password = "") -> None:
    """Say no: its questions will not be proposed again."""
    with clear_errors():
        as_agent(api_url, email, password).post(f"/v1/article-proposals/{proposal_id}/dismiss", {})
    console.print("Dismissed.")


def report(
    days: Annotated[int, typer.Option(min=1, max=365, help="How many days to look back.")] = 30,
    as_json: AsJson = False,
    api_url: ApiUrl = "",
    email: Email = "",
    password: Password = "",
) -> None:
    """How much the articles cover, which answer nothing, which are stale, which are rated badly."""
    with clear_errors():
        found = as_agent(api_url, email, password).get("/v1/knowledge/report", days=days)
    if as_json:
        print_json(found)
        return
    share = "no questions yet" if found["coverage"] is None else f"{found['coverage']:.1%} settled"
    console.print(
        f"[bold]{found['questions']} questions in {days} days: {share}[/bold] ({found['answered']} answered, "
        f"{found['clarified']} asked back, {found['handed_over']} handed over; {found['unhelpful']} rated bad, "
        f"{found['reopened']} came back)",
        soft_wrap=True,
    )
    for name, heading in LISTS.items():
        _show_articles(heading, found[name])


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{path}: cannot be read: {error}")


def _show(proposals: list[dict[str, Any]], as_json: bool, nothing: str) -> None:
    if as_json:
        print_json(proposals)
        return
    for one in proposals:
        kind = "new article" if one["kind"] == "article" else "change"
        console.print(f"{one['id']}  [bold]{escape(one['title'])}[/bold]  [dim]{kind}[/dim]", soft_wrap=True)
        asked = f"asked {len(one['evidence'])} times" if len(one["evidence"]) > 1 else "asked once"
        words = " ".join(one["body"].split())[:160] or "nobody has answered this yet: write what it should say"
        console.print(f"   {asked}: {words}", markup=False, soft_wrap=True)
    if not proposals:
        console.print(nothing)


def _show_articles(heading: str, articles: list[dict[str, Any]]) -> None:
    if not articles:
        return
    table = Table("id", "title", "answers", "helpful", "not", "changed", box=None, title=heading, title_justify="left")
    for one in articles:
        figures = (one["answers"], one["helpful"], one["unhelpful"])
        table.add_row(
            escape(one["external_id"]), escape(one["title"]), *map(str, figures), one["updated_at"].split("T")[0]
        )
    console.print(table)
