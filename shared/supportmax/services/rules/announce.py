"""Triggers hear of what a transaction did, by a message that leaves with it: right behind it, and exactly once.

Nobody who changes a ticket, or says something in it, has to think of triggers: the store tells what was touched.
"""

from supportmax.domain.events import TicketTouched
from supportmax.domain.touched import Touched
from supportmax.ports import Transaction


def announce(tx: Transaction, touched: Touched) -> None:
    """What the store does before it commits. Where no trigger is enabled it costs one query."""
    if not tx.waits or not tx.rules.listening():
        return
    chain = touched.chain
    for ticket_id in touched:
        if rows := touched.rows(ticket_id):
            tx.outbox.add(TicketTouched(ticket_id=ticket_id, rows=rows, fired=sorted(chain.fired), depth=chain.depth))
