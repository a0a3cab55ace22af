"""What visitors hear when nobody is there: the desk's own words, and when somebody is there again."""

from datetime import datetime

from supportmax.domain.chats import ChatSettings
from supportmax.domain.clock import utcnow
from supportmax.domain.errors import InvalidInput, NotFound
from supportmax.domain.people import User
from supportmax.domain.time_zones import time_zone
from supportmax.ports import Transaction
from supportmax.services.manage_service_levels import find_calendar

AWAY = "Nobody is here right now. We are back on {opens}."
OPENS = "{opens}"


def away_words(tx: Transaction, now: datetime) -> str | None:
    """None while somebody is there."""
    settings = tx.chat_settings.get()
    if settings.business_hours_id is None:
        return None
    calendar = find_calendar(tx, settings.business_hours_id)
    if calendar.hours.open_at(now):
        return None
    opens = calendar.hours.opens_after(now).astimezone(time_zone(calendar.time_zone))
    told = f"{opens:%A}, {opens.day} {opens:%B} at {opens:%H:%M} ({calendar.time_zone})"
    return (settings.away_message or AWAY).replace(OPENS, told)


def save_chat_settings(tx: Transaction, wanted: ChatSettings, actor: User) -> None:
    """Raises InvalidInput for business hours that are not there."""
    if wanted.business_hours_id:
        try:
            find_calendar(tx, wanted.business_hours_id).hours.opens_after(utcnow())
        except NotFound:
            raise InvalidInput("business_hours_id: there are no such business hours") from None
    tx.chat_settings.save(wanted)
    changed: dict[str, object] = {"business_hours_id": str(wanted.business_hours_id), "idle_hours": wanted.idle_hours}
    tx.audit.add(str(actor.id), "chat_settings.updated", "workspace", tx.workspace_id, changed)
