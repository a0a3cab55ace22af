"""Something that was asked for and is still under way."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# Call it, once and within the transaction, for the result. What is asked for before the first call travels together.
Pending = Callable[[], T]
