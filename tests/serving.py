"""The container's app under uvicorn, on a free port."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import uvicorn

from infra.container.app import app
from supportmax.runtime import container


@contextmanager
def serving_api() -> Iterator[str]:
    """The address of a server that uses the container of the test."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))

    async def serve() -> None:
        await server.serve()
        container.get().database.close()

    thread = Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive()
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
