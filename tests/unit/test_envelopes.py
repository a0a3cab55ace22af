"""Messages on the wire: what goes in comes out, and whatever else comes in is refused with a reason."""

import json
from datetime import UTC, datetime
from typing import Any, get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from supportmax.domain.errors import PermanentFailure
from supportmax.domain.events import EVENTS, QUEUE_OF, QUEUES, Envelope, Event, TicketOpened
from supportmax.domain.ids import new_id

EVENT_TYPES = get_args(Event)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
texts = st.text(st.characters(exclude_categories=["Cs"]))


def _of(kind: type[BaseModel]) -> st.SearchStrategy[Any]:
    """Events of one kind, with any words."""
    return st.builds(kind, **{name: texts for name in ("reason", "hand_over") if name in kind.model_fields})


events = st.sampled_from(EVENT_TYPES).flatmap(_of)
envelopes = st.builds(Envelope, id=st.uuids(version=4), workspace_id=st.uuids(), occurred_at=moments, event=events)
jsons = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(envelopes)
def test_what_goes_in_comes_out(envelope: Envelope) -> None:
    assert Envelope.from_json(envelope.to_json()) == envelope


@given(st.text() | jsons.map(json.dumps))
def test_whatever_else_comes_in_is_refused(text: str) -> None:
    with pytest.raises(PermanentFailure, match=r"^not one of our messages: "):
        Envelope.from_json(text)


def _wire(**changed: Any) -> str:
    event = TicketOpened(ticket_id=new_id(), message_id=new_id())
    wire = json.loads(Envelope.of(new_id(), event).to_json()) | changed
    return json.dumps({name: value for name, value in wire.items() if value is not None})


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"id": None}, "id"),
        ({"id": "x"}, "id"),
        ({"type": "TicketEaten"}, "type|tag"),
        ({"workspace_id": None}, "workspace_id"),
        ({"occurred_at": "yesterday"}, "occurred_at"),
        ({"payload": None}, "payload"),
        ({"payload": {}}, "ticket_id"),
        ({"payload": {"ticket_id": "x"}}, "ticket_id"),
    ],
)
def test_the_reason_names_the_place(changed: dict[str, Any], where: str) -> None:
    with pytest.raises(PermanentFailure, match=where):
        Envelope.from_json(_wire(**changed))


def test_a_field_of_a_newer_release_is_passed_over() -> None:
    payload = {"ticket_id": str(new_id()), "message_id": str(new_id()), "new_field": 1}
    assert isinstance(Envelope.from_json(_wire(payload=payload, version=2)).event, TicketOpened)


def test_every_event_has_one_queue_and_every_queue_its_event() -> None:
    assert {kind.model_fields["type"].default for kind in EVENT_TYPES} == set(QUEUE_OF)
    assert sorted(set(QUEUE_OF.values())) == sorted(QUEUES)


@given(events)
def test_events_survive_the_outbox(event: Event) -> None:
    """It keeps type and payload apart."""
    stored = event.model_dump(mode="json", exclude={"type"})
    assert EVENTS.validate_python(stored | {"type": event.type}) == event


def test_new_envelopes_are_told_apart_and_in_order() -> None:
    event = TicketOpened(ticket_id=new_id(), message_id=new_id())
    ids = [Envelope.of(UUID(int=1), event).id for _ in range(100)]
    assert ids == sorted(set(ids))
