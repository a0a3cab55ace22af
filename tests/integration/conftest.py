"""The command line's way to the functions of this process."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from infra.container.app import app
from supportmax.runtime import container
from tests.cloud import Cloud


class Through:
    """Takes the place of httpx.Client: requests go to the app in this process; asking for status lets queues run."""

    def __init__(self, cloud: Cloud, client: TestClient, headers: dict[str, str]) -> None:
        self.base_url = "http://desk.test"
        self._cloud, self._client, self._headers = cloud, client, headers

    def request(self, method: str, path: str, **parts: Any) -> Any:
        if path == "/v1/knowledge/status":
            self._cloud.drain()
        return self._client.request(method, path, headers=self._headers, **parts)


@pytest.fixture
def desk_at_work(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with TestClient(app, raise_server_exceptions=False) as client:
        # Only the name that the client looks up: the embeddings endpoint is asked with the same library.
        through = SimpleNamespace(
            Client=lambda base_url, headers, timeout: Through(cloud, client, headers), HTTPError=httpx.HTTPError
        )
        monkeypatch.setattr("infra.api_client.httpx", through)
        yield cloud
        assert client.portal is not None
        client.portal.call(container.get().database.close)
