"""AWS clients: boto3 takes 200 ms to import, so nothing imports it before the first call."""

from functools import cache
from typing import Any


@cache
def client(service: str) -> Any:
    """One client per service and sandbox, with deadlines and bounded retries."""
    import boto3
    from botocore.config import Config

    # A mail whose answer got lost may have gone out: botocore must not send it a second time.
    attempts = 1 if service == "ses" else 3
    config = Config(
        connect_timeout=3,
        read_timeout=10,
        retries={"total_max_attempts": attempts, "mode": "standard"},
        signature_version="s3v4" if service == "s3" else None,  # presigned ones would be of version 2 in old regions
    )
    return boto3.client(service, config=config)


def error_code(error: Exception) -> str:
    """`NoSuchKey`, `Throttling` …: the code of a botocore ClientError, or an empty string."""
    response = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))


def error_status(error: Exception) -> int:
    """The HTTP status of a botocore ClientError, or 0."""
    response = getattr(error, "response", None) or {}
    return int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
