"""`supportmax triage …`: labels and labelled examples, in and out, and how good they are."""

import csv
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from infra.cli.connection import ApiUrl, AsJson, Email, Password, as_agent
from infra.cli.one_line import clear_errors
from infra.cli.output import console, print_json
from infra.cli.progress import bar
from supportmax.domain.errors import InvalidInput

if TYPE_CHECKING:
    from infra.api_client import ApiClient
    from infra.label_files import LabelFile

app = typer.Typer(no_args_is_help=True, help="Triage: import, export and judge labels and labelled examples.")
BATCH = 100
ExampleId = Annotated[str, typer.Argument(help="The example's id, as `triage waiting` and `triage report` show it.")]


@app.command("import", epilog="Example: supportmax triage import labels.csv examples.csv")
def import_(
    paths: Annotated[list[Path], typer.Argument(help="CSV text,label or name,description,priority,group,is_spam.")],
    as_json: AsJson = False,
    api_url: ApiUrl = "",
    email: Email = "",
    password: Password = "",
) -> None:
    """Bring in labels and examples; the same again changes nothing. Any mistake in the files imports nothing.

    Labels that only examples name are made. Names and descriptions alone are enough to start with.
    """
    from infra.label_files import read_label_files

    with clear_errors():
        files = read_label_files(paths)
        api = as_agent(api_url, email, password)
        groups = {group["name"]: group["id"] for group in api.get("/v1/groups")}
        _check_groups(files, groups)
        counts = _import(api, files, groups)
    if as_json:
        print_json(counts)
        return
    waiting = f", {counts['waiting']} of them wait for approval" if counts["waiting"] else ""
    console.print(f"{counts['labels']} labels saved, {counts['added']} examples added{waiting}")


def _check_groups(files: "LabelFile", groups: dict[str, str]) -> None:
    for label in files.labels:
        if label.group and label.group not in groups:
            raise InvalidInput(f"{label.where}: there is no group {label.group!r}: make it first, or leave it empty")


def _import(api: "ApiClient", files: "LabelFile", groups: dict[str, str]) -> dict[str, int]:
    known = {label["name"] for label in api.get("/v1/labels")}
    bodies = [label.body(groups) for label in files.labels]
    named = {str(body["name"]) for body in bodies} | known
    bodies += [{"name": name} for name in sorted({label for _, label in files.examples} - named)]
    counts = {"labels": len(bodies), "added": 0, "waiting": 0}
    with bar(len(bodies) + len(files.examples), "importing") as shown:
        for done, body in enumerate(bodies, 1):
            api.post("/v1/labels", body)
            shown.at(done)
        for start in range(0, len(files.examples), BATCH):
            batch = [{"text": text, "label": label} for text, label in files.examples[start : start + BATCH]]
            answer = api.post("/v1/labelled-examples", {"examples": batch})
            counts = counts | {name: counts[name] + answer[name] for name in ("added", "waiting")}
            shown.at(len(bodies) + start + len(batch))
    return counts


@app.command(epilog="Example: supportmax triage export > examples.csv")
def export(
    labels: Annotated[bool, typer.Option("--labels", help="The labels' definitions instead of the examples.")] = False,
    api_url: ApiUrl = "",
    email: Email = "",
    password: Password = "",
) -> None:
    """Print examples that count as CSV text,label, or labels with --labels: what `triage import` reads."""
    with clear_errors():
        api = as_agent(api_url, email, password)
        if labels:
            groups = {group["id"]: group["name"] for group in api.get("/v1/groups")}
            rows = [_label_row(label, groups) for label in api.get("/v1/labels")]
            _write(("name", "description", "priority", "group", "is_spam"), rows)
        else:
            _write(("text", "label"), [(one["text"], one["label"]) for one in _examples(api, "active")])


def _label_row(label: dict[str, Any], groups: dict[str, str]) -> tuple[str, ...]:
    spam = "true" if label["is_spam"] else "false"
    return label["name"], label["description"], label["priority"], groups.get(label["group_id"], ""), spam


def _write(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)


def _examples(api: "ApiClient", status: str) -> Iterator[dict[str, Any]]:
    after: str | None = None
    while True:
        page = api.get("/v1/labelled-examples", status=status, after=after, limit=100)
        yield from page["examples"]
        after = page["next_cursor"]
        if after is None:
            return


@app.command(epilog="Example: supportmax triage waiting --json")
def waiting(as_json: AsJson = False, api_url: ApiUrl = "", email: Email = "", password: Password = "") -> None:
    """List examples that wait for a second opinion, newest first."""
    with clear_errors():
        found = list(_examples(as_agent(api_url, email, password), "waiting"))
    if as_json:
        print_json(found)
        return
    for one in found:
        console.print(f"{one['id']}  [bold]{escape(one['label'])}[/bold]  [dim]{escape(one['waits_for'] or '')}[/dim]")
        console.print(f"   {' '.join(one['text'].split())[:160]}", markup=False, soft_wrap=True)
    if not found:
        console.print("No example waits.")


@app.command(epilog="Example: supportmax triage approve 0199f3a2-5b1c-7c11-8f21-2d1f6f0c9a30")
def approve(example_id: ExampleId, api_url: ApiUrl = "", email: Email = "", password: Password = "") -> None:
    """Agree to an example that waits: it counts from now on."""
    with clear_errors():
        as_agent(api_url, email, password).post(f"/v1/labelled-examples/{example_id}/approve", {})
    console.print("Approved.")


@app.command(epilog="Example: supportmax triage retire 0199f3a2-5b1c-7c11-8f21-2d1f6f0c9a30")
def retire(example_id: ExampleId, api_url: ApiUrl = "", email: Email = "", password: Password = "") -> None:
    """Take an example back: it no longer counts."""
    with clear_errors():
        as_agent(api_url, email, password).delete(f"/v1/labelled-examples/{example_id}")
    console.print("Taken back.")


@app.command(epilog="Example: supportmax triage report --json")
def report(as_json: AsJson = False, api_url: ApiUrl = "", email: Email = "", password: Password = "") -> None:
    """How good the examples are, each judged by all others; made anew within minutes of a change."""
    with clear_errors():
        found = as_agent(api_url, email, password).get("/v1/triage/report")
    if as_json:
        print_json(found)
        return
    console.print(
        f"[bold]{found['accuracy']:.1%} of {found['judged']} examples get their label from the others[/bold] "
        f"(fitted {found['fitted_at'][:16]})",
        soft_wrap=True,
    )
    _table("Labels, the weakest first", ("label", "precision", "recall", "examples"), found["labels"])
    _table("Most confused", ("label", "taken_for", "count"), found["confusions"])
    _table("Look mislabelled", ("id", "text", "label", "looks_like", "by"), found["suspects"])


@app.command(epilog="Example: supportmax triage fit")
def fit(api_url: ApiUrl = "", email: Email = "", password: Password = "") -> None:
    """Fit triage to the examples now, in the background; by itself it happens within minutes."""
    with clear_errors():
        as_agent(api_url, email, password).post("/v1/triage/fit", {})
    console.print("Asked for; `supportmax triage report` shows the result.")


def _table(title: str, columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    table = Table(*(name.replace("_", " ") for name in columns), box=None, title=title, title_justify="left")
    for row in rows:
        table.add_row(*(_cell(row[name]) for name in columns))
    console.print(table)


def _cell(value: Any) -> str:
    return "-" if value is None else escape(f"{value:.2f}" if isinstance(value, float) else str(value))
