"""`python -m infra.container`: serve the API. Host, port and the number of processes come from the environment."""

import os

import uvicorn


def main() -> None:
    """HOST (127.0.0.1), PORT (8000), WEB_CONCURRENCY (1); RELOAD=1 restarts after every edit of our code."""
    reload = os.environ.get("RELOAD", "") not in {"", "0"}
    uvicorn.run(
        "infra.container.app:app",
        host=os.environ.get("HOST", "127.0.0.1"),
        port=int(os.environ.get("PORT", "8000")),
        workers=int(os.environ.get("WEB_CONCURRENCY", "1")),
        reload=reload,
        reload_dirs=["functions", "shared/supportmax"] if reload else None,
        access_log=False,  # the app logs every request itself, as one JSON object a line
    )


if __name__ == "__main__":
    main()
