"""Something that was asked for and is still under way."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# Call it once for the result, within the transaction or the thread's next one. What is asked for before the first call
# travels together.
Pending = Callable[[], T]
