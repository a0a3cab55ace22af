"""Time zones by their names."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from supportmax.domain.errors import InvalidInput


def time_zone(name: str) -> ZoneInfo:
    """The zone of that name in the IANA database. Raises InvalidInput."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInput(f"time_zone: there is no {name!r}; a name such as Europe/Berlin") from None
