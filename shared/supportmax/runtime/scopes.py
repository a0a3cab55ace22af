"""Which scope an API key needs for a request. What nobody has put into an area here is for administrators' keys."""

from supportmax.domain.access import Scope

# The first part of the path below /v1/, by the area that it belongs to.
_AREA_OF = {
    **dict.fromkeys(
        (
            "tickets",
            "similar-tickets",
            "messages",
            "attachments",
            "views",
            "jobs",
            "ticket-fields",
            "notifications",
            "quarantine",
            "macros",
            "canned-replies",
            "metrics",
            "triggers",
            "automations",
            "notification-preferences",
            "satisfaction-ratings",
            "satisfaction-settings",
        ),
        "tickets",
    ),
    **dict.fromkeys(("business-hours", "sla-policies"), "tickets"),
    **dict.fromkeys(
        (
            "articles",
            "knowledge",
            "article-proposals",
            "labels",
            "labelled-examples",
            "embeddings",
            "triage",
        ),
        "knowledge",
    ),
    **dict.fromkeys(("users", "groups", "agents", "skill-rules"), "people"),
}
# Every key may ask whose it is.
_FREE = {"me"}
_SCOPES: dict[tuple[str, bool], Scope] = {
    ("tickets", False): "tickets:read",
    ("tickets", True): "tickets:write",
    ("knowledge", False): "knowledge:read",
    ("knowledge", True): "knowledge:write",
    ("people", False): "people:read",
}


def needed_scope(method: str, path: str) -> Scope | None:
    """None if every key will do."""
    parts = path.strip("/").split("/")
    first = parts[1] if parts[0] == "v1" and len(parts) > 1 else ""
    if first in _FREE:
        return None
    writes = method not in {"GET", "HEAD"}
    return _SCOPES.get((_AREA_OF.get(first, ""), writes), "admin")
