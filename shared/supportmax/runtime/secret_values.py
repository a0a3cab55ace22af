"""Secrets: in the environment on one machine, in Secrets Manager on AWS."""

import json
from functools import cache
from typing import Any
from urllib.parse import quote

from pydantic import SecretStr

from supportmax.domain.errors import PermanentFailure


def plain(value: SecretStr, arn: str, setting: str) -> str:
    """The value itself, or that of the secret `arn` (its text, or the field `value` or `key` of its JSON)."""
    if value.get_secret_value():
        return value.get_secret_value()
    if not arn:
        prefix = setting.removesuffix("_SECRET")
        raise PermanentFailure(f"set SUPPORTMAX_{setting} or SUPPORTMAX_{prefix}_SECRET_ARN")
    text = _fetch(arn)
    fields = _as_fields(text)
    return str(fields.get("value") or fields.get("key") or text)


def database_url(value: SecretStr, arn: str, setting: str) -> str:
    """A libpq URL; RDS keeps the parts of one in its secret."""
    if value.get_secret_value():
        return value.get_secret_value()
    if not arn:
        prefix = setting.removesuffix("_URL")
        raise PermanentFailure(f"set SUPPORTMAX_{setting} or SUPPORTMAX_{prefix}_SECRET_ARN")
    fields = _as_fields(_fetch(arn))
    if url := fields.get("url"):
        return str(url)
    user, password = quote(str(fields["username"]), safe=""), quote(str(fields["password"]), safe="")
    name = fields.get("dbname") or "postgres"
    return f"postgresql://{user}:{password}@{fields['host']}:{fields.get('port', 5432)}/{name}?sslmode=require"


def _as_fields(text: str) -> dict[str, Any]:
    try:
        fields = json.loads(text)
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


@cache
def _fetch(arn: str) -> str:
    from botocore.exceptions import BotoCoreError, ClientError

    from supportmax.adapters.aws import client

    try:
        return str(client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])
    except (BotoCoreError, ClientError) as error:
        raise PermanentFailure(f"the secret {arn} cannot be read: {error}") from error
