"""One deployed stack for the session, with a Salesforce stand-in that it signs in to."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.e2e.stack import DeployedStack
from tests.fakes.salesforce_server import SalesforceServer


@pytest.fixture(scope="session")
def salesforce() -> Iterator[SalesforceServer]:
    with SalesforceServer() as server:
        yield server


@pytest.fixture(scope="session")
def stack(salesforce: SalesforceServer) -> Iterator[DeployedStack]:
    settings = {
        "SUPPORTMAX_SALESFORCE_ENABLED": "true",
        "SUPPORTMAX_SALESFORCE_LOGIN_URL": salesforce.url,
        "SUPPORTMAX_SALESFORCE_CONSUMER_KEY": salesforce.consumer_key,
        "SUPPORTMAX_SALESFORCE_USERNAME": salesforce.username,
        "SUPPORTMAX_SALESFORCE_PRIVATE_KEY": salesforce.private_key.replace("\n", "\\n"),
    }
    # Not among pytest's folders: it closes them to other users, and Postgres runs as one of those.
    with TemporaryDirectory(prefix="supportmax-stack-") as home:
        deployed = DeployedStack.up(Path(home), settings)
        yield deployed
        deployed.down()
