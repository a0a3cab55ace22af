"""The ledger of model calls, the day's budget, and which providers are down."""

from datetime import date, datetime, timedelta
from uuid import UUID

from supportmax.adapters.postgres.repository import Repository, columns
from supportmax.domain.clock import utcnow
from supportmax.domain.model_calls import ModelCall, ModelUse, Spending


class ModelCalls(Repository):
    file = "model_calls"

    def save(self, call: ModelCall) -> None:
        self.send("save_call", **columns(call))

    def newest(self, after: UUID | None, limit: int) -> list[ModelCall]:
        return self.many(ModelCall, "calls", after=after, limit=limit)

    def of_turn(self, turn_id: UUID) -> list[ModelCall]:
        return self.many(ModelCall, "calls_of_turn", turn_id=turn_id)


class CallCounts(Repository):
    file = "model_calls"

    def of_session(self, session_id: UUID, since: datetime) -> int:
        return int(self.value("calls_of_session", session_id=session_id, since=since))

    def of_requester(self, requester_id: UUID, since: datetime) -> int:
        return int(self.value("calls_of_requester", requester_id=requester_id, since=since))


class Budget(Repository):
    file = "model_calls"

    def reserve(self, day: date, amount: int, default_budget: int) -> Spending | None:
        locked = self.one(Spending, "lock_day", day=day, default_budget=default_budget)
        if locked.spent_microusd + locked.reserved_microusd + amount > locked.budget_microusd:
            return None
        self.send("reserve", day=day, amount=amount)
        return locked

    def settle(self, day: date, reserved: int, spent: int) -> None:
        self.send("settle", day=day, reserved=reserved, spent=spent)

    def warn_once(self, day: date) -> bool:
        return self.run("warn_once", day=day) == 1


class SpendingReport(Repository):
    file = "model_calls"

    def day(self, day: date, default_budget: int) -> Spending:
        return self.one(Spending, "day", day=day, default_budget=default_budget)

    def uses(self, day: date) -> list[ModelUse]:
        return self.many(ModelUse, "uses", day=day)


class CircuitBreakers(Repository):
    file = "model_calls"

    def may_call(self, provider: str, rest: timedelta) -> bool:
        rows = self.rows("breaker", provider=provider)
        if not rows or rows[0]["opened_at"] is None:
            return True
        return self.run("probe", provider=provider, now=utcnow(), rest=rest) == 1

    def note(self, provider: str, worked: bool, most_failures: int) -> None:
        if worked:
            self.send("note_success", provider=provider)
        else:
            self.send("note_failure", provider=provider, most=most_failures, now=utcnow())

    def tell_once(self, provider: str, though_closed: bool, pause: timedelta) -> bool:
        asked = {"provider": provider, "though_closed": though_closed, "now": utcnow(), "pause": pause}
        return self.run("tell_once", **asked) == 1
