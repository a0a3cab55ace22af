"""`python -m infra.container`: serve the API. Host, port and the number of processes come from the environment."""

import os
import sys

import uvicorn

USAGE = """usage: python -m infra.container [--local]

Serves the API on HOST:PORT (127.0.0.1:8000) in WEB_CONCURRENCY processes (1).
--local   take the settings of the running one-machine stack, and restart after every edit"""


def main(arguments: list[str]) -> None:
    """Raises SystemExit for an unknown argument, and with --local when no stack runs."""
    if arguments not in ([], ["--local"]):
        raise SystemExit(USAGE)
    local = bool(arguments)
    if local:
        from infra.container.local import environment
        from infra.local.stack import Stack

        os.environ.update(environment(Stack()))
    uvicorn.run(
        "infra.container.app:app",
        host=os.environ.get("HOST", "127.0.0.1"),
        port=int(os.environ.get("PORT", "8000")),
        workers=None if local else int(os.environ.get("WEB_CONCURRENCY", "1")),
        reload=local,
        reload_dirs=["functions", "shared/supportmax"] if local else None,
        timeout_graceful_shutdown=10,  # streams go on for as long as somebody listens
        access_log=False,  # the app logs every request itself, as one JSON object a line
    )


if __name__ == "__main__":
    main(sys.argv[1:])
