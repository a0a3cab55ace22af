"""Settings of the running one-machine stack, for the same API in one process beside it."""

from infra.local import paths
from infra.local.settings import OPTIONAL, PREFIX, parameters
from infra.local.stack import Stack


def environment(stack: Stack) -> dict[str, str]:
    """What the API needs to work on the stack's database, queues and buckets. SystemExit when it does not run."""
    status = stack.status()
    if not status.running:
        raise SystemExit("no stack is running: start it with `make dev`")
    given = parameters(stack.state, stack.database)
    queues = {name: url for name, url in status.queues.items() if not name.endswith("-dlq")}
    return {
        **{PREFIX + name: given[parameter] for name, parameter in OPTIONAL.items() if parameter in given},
        **{f"{PREFIX}QUEUE_{name.upper().replace('-', '_')}_URL": url for name, url in queues.items()},
        f"{PREFIX}DATABASE_URL": status.database_url,
        f"{PREFIX}TOKEN_SECRET": given["TokenSecret"],
        f"{PREFIX}ATTACHMENT_BUCKET": status.attachment_bucket,
        f"{PREFIX}INBOUND_BUCKET": status.inbound_bucket,
        f"{PREFIX}EMBEDDER_MODEL_DIR": str(paths.ROOT / "infra" / "layers" / "embedder" / "model"),
        **stack.emulator.credentials(),
    }
