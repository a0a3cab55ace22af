"""The `supportmax` command. Each group of commands is a file of its own; heavy imports wait until they are needed."""

import typer

from infra.cli import dev, doctor, embeddings, evaluate, kb, mail, metrics, operations, triage
from infra.cli.answering import answering, costs
from infra.cli.ask import ask
from infra.cli.explain import explain
from infra.cli.one_line import OneLineGroup
from infra.cli.rescue import rescue

app = typer.Typer(
    name="supportmax",
    cls=OneLineGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="SupportMax Pro: an AI support desk on small functions and one Postgres.",
)
app.add_typer(dev.app, name="dev")
app.command(epilog='Example: supportmax ask "My card was swallowed by the machine, what now?" --json')(ask)
app.command(epilog="Example: supportmax explain 019ab0c2-7a88-7f10-b3c2-1a2b3c4d5e6f")(explain)
app.command(epilog="Example: supportmax costs --calls 20")(costs)
app.command(epilog="Example: supportmax answering --precision 0.97 --budget 2.50")(answering)
app.add_typer(kb.app, name="kb")
app.add_typer(embeddings.app, name="embeddings")
app.add_typer(triage.app, name="triage")
app.add_typer(mail.app, name="mail")
app.add_typer(evaluate.app, name="eval")
app.command(epilog="Example: supportmax migrate --database-url postgresql://owner@host/supportmax")(operations.migrate)
app.command(epilog="Example: supportmax optimise --database-url postgresql://owner@host/supportmax")(
    operations.optimise
)
app.command(epilog="Example: supportmax outbox --json")(operations.outbox)
app.add_typer(metrics.app, name="metrics")
app.add_typer(operations.dlq, name="dlq")
app.command(epilog="Example: supportmax rescue admin@example.com --database-url postgresql://…@host/supportmax")(rescue)
app.command(epilog="Example: supportmax doctor --json")(doctor.doctor)


if __name__ == "__main__":
    app()
