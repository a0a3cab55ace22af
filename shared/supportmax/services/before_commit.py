"""What the store does about the tickets that a transaction touched, within it: their clocks, and who hears of them."""

from supportmax.domain.touched import Touched
from supportmax.ports import Transaction
from supportmax.services import keep_clocks
from supportmax.services.rules.announce import announce


def before_commit(tx: Transaction, touched: Touched) -> None:
    keep_clocks.touched(tx, touched)
    announce(tx, touched)
