"""A simulated AWS account for the adapters that talk to one."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from supportmax.adapters import aws

REGION = "eu-central-1"


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Credentials that open nothing, and clients that are made anew."""
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "test")
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.setenv(name, REGION)
    with mock_aws():
        aws.client.cache_clear()
        yield
    aws.client.cache_clear()
