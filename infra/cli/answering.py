"""`supportmax costs` and `supportmax answering`: what language models cost, and how sure the desk has to be."""

from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from infra.cli.connection import ApiUrl, AsJson, Email, Password, as_agent
from infra.cli.one_line import clear_errors
from infra.cli.output import console, print_json
from supportmax.domain.errors import InvalidInput

MILLION = 1_000_000


def costs(
    day: Annotated[str, typer.Option("--day", help="YYYY-MM-DD in UTC.", show_default="today")] = "",
    calls: Annotated[int, typer.Option("--calls", min=0, max=100, help="How many of the last calls to show.")] = 10,
    as_json: AsJson = False,
    api_url: ApiUrl = "",
    email: Email = "",
    password: Password = "",
) -> None:
    """Show what language models cost in a day, on what, and the last calls. For administrators."""
    with clear_errors():
        desk = as_agent(api_url, email, password)
        budget = desk.get("/v1/budget", day=day or None)
        last = desk.get("/v1/model-calls", limit=calls)["calls"] if calls else []
    if as_json:
        print_json({"budget": budget, "calls": last})
        return
    _show_budget(budget)
    if last:
        _show_calls(last)


def _show_budget(budget: dict[str, Any]) -> None:
    spent, reserved, whole = (budget[f"{name}_microusd"] for name in ("spent", "reserved", "budget"))
    share = f" ({spent / whole:.0%})" if whole else ""
    aside = f", {_dollars(reserved)} set aside" if reserved else ""
    console.print(f"{budget['day']}: {_dollars(spent)} of {whole / MILLION:,.2f} dollars{share}{aside}")
    if not budget["uses"]:
        return
    table = Table("purpose", "model", "calls", "failed", "tokens in", "cached", "out", "cost", box=None)
    for use in budget["uses"]:
        counts = ("calls", "failed", "input_tokens", "cached_tokens", "output_tokens")
        table.add_row(
            use["purpose"], escape(use["model"]), *(f"{use[name]:,}" for name in counts), _dollars(use["cost_microusd"])
        )
    console.print(table)


def _show_calls(calls: list[dict[str, Any]]) -> None:
    console.print("\n[dim]last calls, newest first[/dim]")
    for call in calls:
        outcome = f"{call['outcome']}: {call['detail']}" if call["detail"] else call["outcome"]
        facts = f"{call['purpose']}  {call['model']}  {_dollars(call['cost_microusd'])}  {call['latency_ms']:.0f} ms"
        console.print(f"[dim]{call['created_at'][:19]}[/dim]  {escape(facts)}  {escape(outcome)}", soft_wrap=True)


def _dollars(microusd: int) -> str:
    return f"${microusd / MILLION:.6f}"


def answering(
    precision: Annotated[
        float | None, typer.Option("--precision", help="The share of all answers that should be right, such as 0.95.")
    ] = None,
    budget: Annotated[
        str,
        typer.Option("--budget", help="Dollars a day for language models; 0 for none; `default` for the settings'."),
    ] = "",
    as_json: AsJson = False,
    api_url: ApiUrl = "",
    email: Email = "",
    password: Password = "",
) -> None:
    """Show how sure the desk has to be before it answers, and what it may spend; or change that. For administrators."""
    with clear_errors():
        changes: dict[str, Any] = {} if precision is None else {"wanted_precision": precision}
        if budget:
            changes["daily_budget_microusd"] = _microusd(budget)
        desk = as_agent(api_url, email, password)
        path = "/v1/workspace/answering"
        found = desk.patch(path, changes) if changes else desk.get(path)
    if as_json:
        print_json(found)
        return
    own = found["daily_budget_microusd"]
    console.print(f"wanted precision  {found['wanted_precision']:.1%} of all answers right")
    thresholds = f"{found['threshold']:.2f}, with labelled examples {found['threshold_with_examples']:.2f}"
    console.print(f"answers from      confidence {thresholds} (calibration {escape(found['calibration'])})")
    money = found["default_daily_budget_microusd"] if own is None else own
    console.print(f"daily budget      {money / MILLION:,.2f} dollars{' (default)' if own is None else ''}")


def _microusd(dollars: str) -> int | None:
    if dollars == "default":
        return None
    try:
        amount = float(dollars)
        if not 0 <= amount <= MILLION:
            raise ValueError
    except ValueError:
        raise InvalidInput(f"--budget {dollars!r} is no amount of dollars such as 2.50, nor `default`") from None
    return round(amount * MILLION)
