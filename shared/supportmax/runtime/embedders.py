"""Which embedder a workspace uses: the local one, or a model of the endpoint in the settings."""

import time
from collections.abc import Callable
from uuid import UUID

from supportmax.domain.errors import PermanentFailure
from supportmax.ports import Embedder, Store

# A sandbox may use the model of before for so long after a switch: its index stays, and a drop waits longer.
REMEMBERED_SECONDS = 5.0


def _no_other(model: str) -> Embedder:
    raise PermanentFailure(f"there is no embedding model {model} here")


class EmbedderShelf:
    """Embedders by the name of their model, each made once. `remote` makes those that are not the local one."""

    def __init__(self, local: Embedder, remote: Callable[[str], Embedder] = _no_other) -> None:
        self._made = {local.model: local}
        self._remote = remote

    def named(self, model: str) -> Embedder:
        if model not in self._made:
            self._made[model] = self._remote(model)
        return self._made[model]


class ActiveModels:
    """The active model of each workspace, read again after a few seconds."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[UUID, tuple[float, str]] = {}

    def of(self, workspace_id: UUID) -> str:
        read_at, model = self._known.get(workspace_id, (float("-inf"), ""))
        if time.monotonic() - read_at > REMEMBERED_SECONDS:
            with self._store.begin(workspace_id) as tx:
                model = tx.embedding.active()
            self._known[workspace_id] = (time.monotonic(), model)
        return model
