"""`supportmax ask`: one chat turn, as a customer's widget takes it."""

from typing import Annotated, Any

import typer
from rich.markup import escape

from infra.cli.connection import ApiUrl, AsJson, as_customer
from infra.cli.one_line import clear_errors
from infra.cli.output import console, print_json


def ask(
    question: Annotated[str, typer.Argument(help="What the customer says.")],
    session: Annotated[str, typer.Option("--session", help="Continue this session.", show_default=False)] = "",
    as_json: AsJson = False,
    api_url: ApiUrl = "",
) -> None:
    """Ask the desk a question and print its answer with the sources."""
    with clear_errors():
        answer = as_customer(api_url).post("/chat", {"message": question, "session_id": session or None})
    if as_json:
        print_json(answer)
    else:
        _show(answer)


def _show(answer: dict[str, Any]) -> None:
    console.print(answer["reply"], markup=False, soft_wrap=True)
    for citation in answer["citations"]:
        console.print(f"[dim]source[/dim]  {escape(citation['title'])} ({escape(citation['article_id'])})")
    if answer["ticket_id"]:
        console.print(f"[dim]ticket[/dim]  {answer['ticket_id']}")
    if answer["message_id"]:
        console.print(f"[dim]why?    supportmax explain {answer['message_id']}[/dim]", soft_wrap=True)
    again = f'supportmax ask --session {answer["session_id"]} "…"'
    console.print(
        f"[dim]{answer['action']}, confidence {answer['confidence']:.2f}; go on: {again}[/dim]", soft_wrap=True
    )
