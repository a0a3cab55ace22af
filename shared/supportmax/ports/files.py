"""Files that clients bring and fetch themselves, so that no function carries their bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class UploadForm:
    """A form to send as multipart/form-data: these fields first, then the file as `file`."""

    url: str
    fields: Mapping[str, str]


class FileLinks(Protocol):
    def upload(self, key: str, content_type: str, size: int, lifetime: timedelta) -> UploadForm:
        """Lets whoever has it store one object of exactly that type and size (bytes) under that key."""

    def download(self, key: str, name: str, content_type: str, lifetime: timedelta) -> str:
        """A URL that gives the object as a file called `name`."""

    def size(self, key: str) -> int | None:
        """In bytes; None when there is no such object. Raises TransientFailure."""
