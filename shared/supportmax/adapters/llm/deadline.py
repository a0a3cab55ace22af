"""A deadline for work that has none of its own."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


def within(seconds: float, work: Callable[[], T]) -> T:
    """The result of `work`, or its exception; TimeoutError when it takes longer.

    An HTTP client bounds each wait, but not their sum: looking up a name, connecting, headers that come byte by byte.
    A thread that is left behind ends with its connection; nobody hears of it any more.
    """
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:
            done.set_exception(error)

    Thread(target=run, name="language model", daemon=True).start()
    return done.result(seconds)
