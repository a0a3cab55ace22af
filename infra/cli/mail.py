"""`supportmax mail …`: read mail files, and drop them where SES would."""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from infra.cli.connection import AsJson, running_stack
from infra.cli.one_line import clear_errors
from infra.cli.output import console, print_json
from infra.cli.progress import progress
from supportmax.domain.errors import InvalidInput

app = typer.Typer(no_args_is_help=True, help="Mail: parse files, send them into the desk.")

Files = Annotated[list[Path], typer.Argument(help="Mail files (.eml).", show_default=False)]
FIELDS = ("message_id", "from", "to", "subject", "date", "text", "reply_text", "attachments", "auto_submitted")


@app.command(epilog="Example: supportmax mail send events/emails/*.eml")
def send(
    files: Files,
    bucket: Annotated[
        str, typer.Option(help="An inbound bucket on AWS, with your AWS credentials.", show_default="the local stack's")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Put mails into the inbound bucket, as SES does when they arrive. The same mail again changes nothing."""
    with clear_errors():
        mails = [(file, _bytes(file)) for file in files]
        target, s3 = _inbound(bucket)
        sent = []
        for file, raw in progress(mails, "sending"):
            key = f"inbound/{hashlib.sha256(raw).hexdigest()}.eml"
            s3.put_object(Bucket=target, Key=key, Body=raw, ContentType="message/rfc822")
            sent.append({"file": str(file), "bucket": target, "key": key})
    if as_json:
        print_json(sent)
        return
    for one in sent:
        console.print(f"sent {one['file']}", markup=False, soft_wrap=True)


def _inbound(bucket: str) -> tuple[str, Any]:
    if bucket:
        import boto3

        return bucket, boto3.client("s3")
    from infra.local.stack import Stack

    return running_stack("--bucket").inbound_bucket, Stack().emulator.client("s3")


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{file}: {(error.strerror or str(error)).lower()}") from None


@app.command(epilog="Example: supportmax mail parse events/emails/*.eml --json")
def parse(files: Files, as_json: AsJson = False) -> None:
    """Read mails as the desk does: who, what, the reply without its quotes, the files. Needs no stack.

    With --json one object a line and file. What is no mail is one line with an `error`; the exit code is 1 only when a
    file could not be read from disk.
    """
    unreadable = 0
    with clear_errors():
        for file in files:
            try:
                parsed = _parse(_bytes(file))
            except InvalidInput as error:
                unreadable += 1
                parsed = _refused(str(error))
            if as_json:
                typer.echo(json.dumps({"file": str(file), **parsed}, ensure_ascii=False))
            else:
                _show(file, parsed)
    raise typer.Exit(1 if unreadable else 0)


def _parse(raw: bytes) -> dict[str, Any]:
    from supportmax.services.mail.parse import parse_mail

    try:
        return parse_mail(raw).to_json_dict()
    except InvalidInput as error:
        return _refused(" ".join(str(error).split()))
    except Exception as error:  # one mail in a thousand files must not hide the others
        return _refused(f"cannot be parsed: {type(error).__name__}: {' '.join(str(error).split())[:200]}")


def _refused(reason: str) -> dict[str, Any]:
    return {**dict.fromkeys(FIELDS), "error": reason}


def _show(file: Path, parsed: dict[str, Any]) -> None:
    if parsed["error"]:
        console.print(f"{file}: {parsed['error']}", markup=False, soft_wrap=True)
        return
    lines = [
        str(file),
        f"  from     {parsed['from'] or '-'}",
        f"  subject  {parsed['subject'] or '-'}",
        f"  date     {parsed['date'] or '-'}",
        *([f"  automatic: {parsed['auto_submitted']}"] if parsed["auto_submitted"] else []),
        *(f"  file     {a['name']} ({a['type']}, {a['size']:,} bytes)" for a in parsed["attachments"]),
        *(f"  | {line}" for line in parsed["reply_text"].splitlines()),
    ]
    console.print("\n".join(lines), markup=False, soft_wrap=True)
