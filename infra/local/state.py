"""What the one-machine stack remembers between runs: ports, generated passwords, what was built and
deployed."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from infra.local import paths


def _secret() -> str:
    return secrets.token_hex(12)  # letters and digits only: it is typed, and stands in addresses


@dataclass
class State:
    """Passwords are generated once; `ports` maps a service to its port; `built` is the fingerprint of the sources of
    the last build; `outputs` are those of the deployed stack."""

    owner_password: str = field(default_factory=_secret)
    runtime_password: str = field(default_factory=_secret)
    token_secret: str = field(default_factory=lambda: secrets.token_urlsafe(36))
    admin_password: str = field(default_factory=_secret)
    ports: dict[str, int] = field(default_factory=dict)
    built: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    widget_key: str = ""
    admin_email: str = ""
    sample_loaded: bool = False

    @classmethod
    def load(cls, path: Path = paths.STATE) -> "State":
        """A missing or torn file is a new state: everything in it can be made again but the passwords."""
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return cls()
        known = {item.name for item in fields(cls)}
        return cls(**{key: value for key, value in stored.items() if key in known})

    def save(self, path: Path = paths.STATE) -> None:
        """Atomic, and readable by its owner only."""
        write_private(path, json.dumps(asdict(self), indent=2))


def write_private(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    partial.replace(path)
