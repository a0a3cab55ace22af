"""simple-salesforce travels with one function, but most of what it needs lies in the core layer."""

import re
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]


def locked(path: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9-]+)==", (ROOT / path).read_text(), re.MULTILINE))


def needed(name: str, extras: frozenset[str] = frozenset()) -> set[str]:
    found = {name}
    for line in requires(name) or ():
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras or {""}):
            found |= needed(requirement.name.lower().replace("_", "-"), frozenset(requirement.extras))
    return found


def test_layer_and_function_together_hold_all_that_simple_salesforce_needs() -> None:
    own = locked("functions/salesforce_sync/requirements.txt")
    layer = locked("shared/requirements.txt")

    assert needed("simple-salesforce") <= own | layer
    assert own & layer == set(), "the layer has these already: add --no-emit-package when locking"
