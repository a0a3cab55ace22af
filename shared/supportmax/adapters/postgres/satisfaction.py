"""What customers thought of the help."""

from datetime import datetime, timedelta
from uuid import UUID

from supportmax.adapters.postgres.repository import Repository, columns
from supportmax.domain.satisfaction import Rating, SatisfactionSettings, Score
from supportmax.domain.tickets import Ticket

# Where the schedule stood still for longer, nobody is asked about what they have forgotten.
STALE = timedelta(days=7)


class SatisfactionSettingsRow(Repository):
    file = "satisfaction"

    def get(self) -> SatisfactionSettings:
        return self.maybe(SatisfactionSettings, "settings") or SatisfactionSettings()

    def save(self, settings: SatisfactionSettings) -> None:
        self.send("save_settings", **columns(settings))


class SatisfactionRatings(Repository):
    file = "satisfaction"

    def due(self, now: datetime, settings: SatisfactionSettings, limit: int) -> list[Ticket]:
        latest = now - timedelta(hours=settings.delay_hours)
        return self.many(Ticket, "due", latest=latest, earliest=latest - STALE, limit=limit)

    def get(self, rating_id: UUID) -> Rating:
        return self.one(Rating, "get", id=rating_id)

    def lock(self, rating_id: UUID) -> Rating:
        return self.one(Rating, "lock", id=rating_id)

    def list(self, ticket_id: UUID | None, score: Score | None, after: UUID | None, limit: int) -> list[Rating]:
        return self.many(Rating, "list", ticket_id=ticket_id, score=score, after=after, limit=limit)

    def save(self, rating: Rating) -> None:
        self.send("save", **columns(rating))

    def forget(self, rating_id: UUID) -> None:
        self.send("forget", id=rating_id)
