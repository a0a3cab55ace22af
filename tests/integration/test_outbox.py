"""State and message in one transaction; out at once, or by the sweep; in once."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from supportmax.domain.clock import utcnow
from supportmax.domain.errors import TransientFailure
from supportmax.domain.events import ArticleChanged, Envelope, TicketChanged
from supportmax.domain.ids import new_id
from supportmax.domain.tickets import NewTicket
from supportmax.services.maintain import maintain
from supportmax.services.prepare_workspace import WorkspaceSetup, prepare_workspace
from supportmax.services.publish_outbox import CLAIM, publish, sweep_outbox
from tests.desk import Desk
from tests.fakes.memory import MemoryQueue

Connection = psycopg.Connection[tuple[object, ...]]


def _add(desk: Desk) -> Envelope:
    with desk.begin() as tx:
        return tx.outbox.add(TicketChanged(ticket_id=new_id()))


def _waiting(desk: Desk) -> int:
    with desk.begin() as tx:
        return int(tx.workspace.counts()["outbox_waiting"])


def _age(owner: Connection, by: timedelta = CLAIM + timedelta(seconds=1)) -> None:
    """Stale rows, as a publisher that died leaves them."""
    owner.execute("UPDATE outbox SET claimed_at = claimed_at - %s", [by])


def test_a_message_leaves_right_after_its_commit(desk: Desk) -> None:
    envelope = _add(desk)
    assert list(desk.queue.waiting) == [envelope]
    assert _waiting(desk) == 0


def test_a_rolled_back_transaction_sends_nothing_and_leaves_nothing(desk: Desk, owner: Connection) -> None:
    with pytest.raises(RuntimeError), desk.begin() as tx:
        tx.tickets.add(NewTicket(id=new_id(), subject="s", channel="api"))
        tx.outbox.add(TicketChanged(ticket_id=new_id()))
        raise RuntimeError("the function dies")
    assert not desk.queue.waiting
    left = owner.execute("SELECT (SELECT count(*) FROM outbox), (SELECT count(*) FROM tickets)").fetchone()
    assert left == (0, 0)


def test_while_the_queue_is_down_messages_wait_and_leave_with_the_sweep(desk: Desk, owner: Connection) -> None:
    desk.queue.down = True
    sent = [_add(desk) for _ in range(3)]
    assert _waiting(desk) == 3
    desk.queue.down = False
    _age(owner)
    assert sweep_outbox(desk.store, desk.queue) == 3
    assert list(desk.queue.waiting) == sent
    assert _waiting(desk) == 0


def test_a_swept_message_is_the_very_one_that_was_stored(desk: Desk, owner: Connection) -> None:
    desk.queue.down = True
    envelope = _add(desk)
    desk.queue.down = False
    _age(owner)
    sweep_outbox(desk.store, desk.queue)
    assert desk.queue.waiting[0].to_json() == envelope.to_json()


def test_a_claim_that_is_fresh_is_not_stolen(desk: Desk, owner: Connection) -> None:
    """Another function has just committed it, and is about to publish it."""
    desk.queue.down = True
    _add(desk)
    desk.queue.down = False
    assert sweep_outbox(desk.store, desk.queue) == 0
    _age(owner, CLAIM - timedelta(seconds=5))
    assert sweep_outbox(desk.store, desk.queue) == 0
    assert _waiting(desk) == 1


def test_two_sweeps_take_each_row_once(desk: Desk, owner: Connection) -> None:
    desk.queue.down = True
    for _ in range(5):
        _add(desk)
    _age(owner)
    with desk.begin() as tx:
        first = tx.outbox.claim_due(utcnow() - CLAIM, 3)
        second = tx.outbox.claim_due(utcnow() - CLAIM, 3)
    assert (len(first), len(second)) == (3, 2)
    assert len({envelope.id for envelope in [*first, *second]}) == 5


def test_rows_leave_in_the_order_they_were_written(desk: Desk, owner: Connection) -> None:
    desk.queue.down = True
    ids = [_add(desk).id for _ in range(20)]
    desk.queue.down = False
    # Rows that were written again lie in another order on the disk.
    owner.execute("UPDATE outbox SET attempts = attempts + 1 WHERE id = ANY(%s)", [ids[::3]])
    _age(owner)
    sweep_outbox(desk.store, desk.queue)
    assert [envelope.id for envelope in desk.queue.waiting] == ids


def test_more_rows_than_one_batch_all_leave(desk: Desk, owner: Connection) -> None:
    desk.queue.down = True
    with desk.begin() as tx:
        for _ in range(230):
            tx.outbox.add(TicketChanged(ticket_id=new_id()))
    desk.queue.down = False
    _age(owner)
    assert sweep_outbox(desk.store, desk.queue) == 230


def test_a_sweep_while_the_queue_is_still_down_ends_and_loses_nothing(desk: Desk, owner: Connection) -> None:
    desk.queue.down = True
    _add(desk)
    _age(owner)
    assert sweep_outbox(desk.store, desk.queue) == 0
    assert _waiting(desk) == 1


def test_what_one_queue_refused_stays_the_rest_leaves(desk: Desk) -> None:
    class OnlyIndex(MemoryQueue):
        def send(self, envelopes: Sequence[Envelope]) -> list[UUID]:
            return super().send([envelope for envelope in envelopes if envelope.queue == "index"])

    desk.queue = OnlyIndex()
    with desk.begin() as tx:
        tx.outbox.add(TicketChanged(ticket_id=new_id()))
        tx.outbox.add(ArticleChanged(article_id=new_id()))
    assert [envelope.queue for envelope in desk.queue.waiting] == ["index"]
    assert _waiting(desk) == 1


def test_a_database_that_fails_after_the_commit_does_not_fail_the_work(desk: Desk, owner: Connection) -> None:
    """The message left and could not be marked: it leaves twice, and its consumer takes it once."""

    class Cutting(MemoryQueue):
        def send(self, envelopes: Sequence[Envelope]) -> list[UUID]:
            owner.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'supportmax_app'"
            )
            owner.execute("ALTER ROLE supportmax_app CONNECTION LIMIT 0")
            return super().send(envelopes)

    desk.queue = Cutting()
    try:
        _add(desk)
    finally:
        owner.execute("ALTER ROLE supportmax_app CONNECTION LIMIT -1")
    assert len(desk.queue.waiting) == 1
    assert _waiting(desk) == 1


def test_every_workspace_is_swept(desk: Desk, owner: Connection) -> None:
    workspace = prepare_workspace(desk.store, WorkspaceSetup("other", "Other"), new_id())
    other = Desk(desk.store, workspace.id, desk.embedder, desk.database)
    desk.queue.down = True
    for each in (desk, other):
        _add(each)
    desk.queue.down = False
    _age(owner)
    assert sweep_outbox(desk.store, desk.queue) == 2
    assert {envelope.workspace_id for envelope in desk.queue.waiting} == {desk.workspace_id, other.workspace_id}


def test_publishing_says_how_many_left(desk: Desk) -> None:
    envelope = Envelope.of(desk.workspace_id, TicketChanged(ticket_id=new_id()))
    assert publish(desk.store, desk.queue, desk.workspace_id, [envelope]) == 1
    desk.queue.down = True
    assert publish(desk.store, desk.queue, desk.workspace_id, [envelope]) == 0


# Inbox


def test_a_message_is_processed_once_by_each_consumer(desk: Desk) -> None:
    message_id = new_id()
    with desk.begin() as tx:
        assert tx.inbox.first_time("classify", message_id)
        assert not tx.inbox.first_time("classify", message_id)
        assert tx.inbox.first_time("respond", message_id)


def test_a_message_whose_work_was_rolled_back_is_processed_again(desk: Desk) -> None:
    message_id = new_id()
    with pytest.raises(TransientFailure), desk.begin() as tx:
        assert tx.inbox.first_time("classify", message_id)
        raise TransientFailure("the database is gone")
    with desk.begin() as tx:
        assert tx.inbox.first_time("classify", message_id)


# Forgetting


def test_what_no_queue_can_bring_back_is_forgotten(desk: Desk, owner: Connection) -> None:
    old, young = new_id(), new_id()
    with desk.begin() as tx:
        for message_id in (old, young):
            tx.inbox.first_time("classify", message_id)
    published = [_add(desk).id, _add(desk).id]
    desk.queue.down = True
    unpublished = _add(desk).id
    owner.execute(
        "UPDATE processed_messages SET processed_at = now() - interval '16 days' WHERE message_id = %s", [old]
    )
    owner.execute("UPDATE outbox SET published_at = now() - interval '16 days' WHERE id = %s", [published[0]])
    done = maintain(desk.store, desk.queue)
    expected = {"published": 0, "rescued": 0, "woken": 0, "forgotten": 2, "warned": 0, "breached": 0}
    assert expected.items() <= done.items()
    assert owner.execute("SELECT message_id FROM processed_messages").fetchall() == [(young,)]
    left = owner.execute("SELECT id FROM outbox WHERE type <> 'LearningDue'")
    assert set(left) == {(published[1],), (unpublished,)}
