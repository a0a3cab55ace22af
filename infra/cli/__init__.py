"""The command line: one Typer app, one file per group of commands."""
