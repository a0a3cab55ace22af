"""`supportmax explain`: why the desk said what it said."""

from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from infra.cli.connection import ApiUrl, AsJson, Email, Password, as_agent
from infra.cli.one_line import clear_errors
from infra.cli.output import console, print_json

# Of the three figures and the gaps between the columns.
FIGURES_WIDTH = 32
ACTIONS = {"answer": "answered", "clarify": "asked back", "hand_over": "handed over", "small_talk": "small talk"}


def explain(
    message: Annotated[str, typer.Argument(help="The id of a reply, or of the customer's message.")],
    as_json: AsJson = False,
    api_url: ApiUrl = "",
    email: Email = "",
    password: Password = "",
) -> None:
    """Show what was found for a message, how sure the desk was, and what a language model did and cost."""
    with clear_errors():
        found = as_agent(api_url, email, password).get(f"/v1/messages/{message}/explanation")
    if as_json:
        print_json(found)
        return
    _show_decision(found)
    _show_articles(found["retrieved"])
    _show_writing(found)


def _show_decision(found: dict[str, Any]) -> None:
    decided = found["decision"]
    console.print(f"[bold]{escape(found['question'])}[/bold]", soft_wrap=True)
    if found["searched_for"] != found["question"]:
        _line("searched for", found["searched_for"])
    _line("decision", f"{ACTIONS[found['action']]}, confidence {found['confidence']:.2f}")
    _line("why", found["why"])
    for part in decided.get("questions", ()):
        article = f", article {part['article']}" if part.get("article") else ""
        _line("", f"“{part['text']}”: {ACTIONS[part['decision']]}, {part['confidence']:.2f}{article}")
    if "calibration" in decided:
        examples = "with" if decided["with_examples"] else "without"
        _line("calibration", f"{decided['calibration']}, {examples} labelled examples")


def _show_articles(retrieved: list[dict[str, Any]]) -> None:
    if not retrieved:
        return
    table = Table("article", "share", "similarity", "words", "matched", box=None, padding=(0, 2, 0, 0))
    room = max(20, console.width - max(len(one["article"]) for one in retrieved) - FIGURES_WIDTH)
    for one in retrieved:
        figures = (one["share"], one["similarity"], one["words"])
        matched = " ".join(one["matched"].split())
        shown = matched if len(matched) <= room else f"{matched[: room - 1]}…"
        table.add_row(escape(one["article"]), *(f"{figure:.2f}" for figure in figures), escape(shown))
    console.print("\n[dim]found, best first[/dim]")
    console.print(table)
    console.print()


def _show_writing(found: dict[str, Any]) -> None:
    decided = found["decision"]
    if found["action"] == "answer":
        _line("words by", "the article itself" if found["model"] == "extractive" else found["model"])
    if "prompt" in decided:
        refused = "".join(f"; refused: {reason}" for reason in decided["refused"])
        _line("verified", f"{decided['verification']}, prompt {decided['prompt']}{refused}")
    if "no_model" in decided:
        _line("not asked", ", ".join(decided["no_model"]).replace("_", " "))
    for call in found["calls"]:
        tokens = f"{call['input_tokens']} tokens in ({call['cached_tokens']} cached), {call['output_tokens']} out"
        cost = f"${call['cost_microusd'] / 1e6:.6f}"
        _line("call", f"{call['purpose']}: {call['model']}, {call['outcome']}, {tokens}, {cost}")
        if call["detail"]:
            _line("", call["detail"])
    _line("cost", f"${found['cost_microusd'] / 1e6:.6f}, {found['latency_ms']:.0f} ms")


def _line(name: str, text: str) -> None:
    console.print(f"[dim]{name:<13}[/dim]{escape(text)}", soft_wrap=True)
