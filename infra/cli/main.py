"""The `supportmax` command. Each group of commands is a file of its own; heavy imports wait until they are needed."""

import typer

from infra.cli import dev, doctor

app = typer.Typer(
    name="supportmax",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="SupportMax Pro: an AI support desk on small functions and one Postgres.",
)
app.add_typer(dev.app, name="dev")
app.command(epilog="Example: supportmax doctor --json")(doctor.doctor)


if __name__ == "__main__":
    app()
