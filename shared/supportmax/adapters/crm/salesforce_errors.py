"""Salesforce's error codes, sorted by what the caller should do. Knows no HTTP library."""

from dataclasses import dataclass

from supportmax.domain.errors import PermanentFailure, SupportMaxError, TransientFailure

_TRANSIENT_CODES = frozenset(
    {
        "INVALID_QUERY_LOCATOR",  # the cursor of a paged query timed out: ask again from the start
        "INVALID_SESSION_ID",
        "QUERY_TIMEOUT",
        "REQUEST_LIMIT_EXCEEDED",
        "REQUEST_RUNNING_TOO_LONG",
        "SERVER_UNAVAILABLE",
        "UNABLE_TO_LOCK_ROW",
        "UNKNOWN_EXCEPTION",
    }
)
_TRANSIENT_STATUS = frozenset({408, 425, 429})
_SET_UP = "Create the custom fields of docs/salesforce.md and let the integration user read and edit them."
_ACCESS = "Give the integration user's permission set access to Cases, Contacts and Case Comments."
_HINTS = {
    "API_CURRENTLY_DISABLED": "Enable the API for the integration user.",
    "API_DISABLED_FOR_ORG": "The organisation's edition or the user's profile has no API access.",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": "An Apex trigger or flow of the organisation failed; correct it.",
    "DUPLICATES_DETECTED": "Set the duplicate rule on Contact to Allow for the integration user.",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": "Exempt the integration user from this validation rule.",
    "INSUFFICIENT_ACCESS_OR_READONLY": _ACCESS,
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": _ACCESS,
    "INVALID_FIELD": _SET_UP,
    "INVALID_FIELD_FOR_INSERT_UPDATE": _SET_UP,
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": "Add the value to the picklist, or map it to one that exists.",
    "INVALID_TYPE": _ACCESS,
    "NOT_FOUND": _SET_UP,
    "REQUIRED_FIELD_MISSING": "Make the field optional or give it a default value in Salesforce.",
    "STORAGE_LIMIT_EXCEEDED": "Free data storage in Salesforce.",
}
_SIGN_IN_HINTS = (
    ("approved", "Pre-authorise the integration user for the connected app (docs/salesforce.md)."),
    ("audience", "SALESFORCE_LOGIN_URL must be https://login.salesforce.com, or https://test.salesforce.com."),
    ("client", "Check SALESFORCE_CONSUMER_KEY."),
    ("assertion", "SALESFORCE_PRIVATE_KEY must belong to the certificate that the connected app holds."),
    ("user", "Check SALESFORCE_USERNAME."),
)
_SIGN_IN_TRANSIENT = ("rate exceeded", "retry your request", "temporarily")
_LONGEST_QUOTE = 200


@dataclass(frozen=True, slots=True)
class ApiError:
    """One entry of Salesforce's error body."""

    code: str
    message: str
    fields: tuple[str, ...] = ()


def api_errors(content: object) -> list[ApiError]:
    """Reads an error body `[{"message", "errorCode" or "statusCode", "fields"}]`; anything else gives []."""
    entries = content if isinstance(content, list) else []
    return [
        ApiError(
            code=str(entry.get("errorCode") or entry.get("statusCode") or "UNKNOWN"),
            message=str(entry.get("message") or ""),
            fields=tuple(map(str, entry.get("fields") or ())),
        )
        for entry in entries
        if isinstance(entry, dict)
    ]


def failure(doing: str, status: int, content: object) -> SupportMaxError:
    """The failure to raise for an answer with this HTTP status and decoded body.

    `doing` completes the sentence "Salesforce refused to …".
    """
    if status == 300:
        return _ambiguous(doing, content)
    errors = api_errors(content)
    if _passes_by_itself(status, errors):
        return TransientFailure(f"Salesforce could not {doing} now ({_names(errors) or f'HTTP {status}'}).")
    if not errors:
        return PermanentFailure(f"Salesforce refused to {doing}: HTTP {status}. Check SALESFORCE_LOGIN_URL.")
    return PermanentFailure(_line(doing, errors[0]))


def sign_in_failure(status: int, content: object) -> SupportMaxError:
    """The failure to raise for an answer of the token endpoint other than 200."""
    body = content if isinstance(content, dict) else {}
    error, text = str(body.get("error", "")), str(body.get("error_description", ""))
    told = f"{error}: {text}".strip(": ")[:_LONGEST_QUOTE] or f"HTTP {status}"
    lowered = told.lower()
    if status >= 500 or status in _TRANSIENT_STATUS or any(sign in lowered for sign in _SIGN_IN_TRANSIENT):
        return TransientFailure(f"Salesforce could not sign us in now ({told}).")
    hint = next((hint for sign, hint in _SIGN_IN_HINTS if sign in lowered), "Check the SALESFORCE_ settings.")
    return PermanentFailure(f"Salesforce refused the sign-in: {told}. {hint}")


def _passes_by_itself(status: int, errors: list[ApiError]) -> bool:
    if status >= 500 or status in _TRANSIENT_STATUS:
        return True
    return any(error.code in _TRANSIENT_CODES or _lost_a_race(error) for error in errors)


def _lost_a_race(error: ApiError) -> bool:
    """Two upserts of one new record at once: the loser is told DUPLICATE_VALUE, and its retry updates."""
    return error.code == "DUPLICATE_VALUE" and "SupportMax_" in f"{error.message} {error.fields}"


def _ambiguous(doing: str, content: object) -> PermanentFailure:
    urls = content if isinstance(content, list) else []
    ids = ", ".join(str(url).rsplit("/", 1)[-1] for url in urls)
    return PermanentFailure(
        f"Salesforce refused to {doing}: several records carry this external id ({ids}). "
        "Merge or delete all but one, and mark the field Unique."
    )


def _line(doing: str, error: ApiError) -> str:
    told = " ".join(error.message.split())[:_LONGEST_QUOTE].rstrip(".")
    hint = _HINTS.get(error.code, "See docs/salesforce.md.")
    return f"Salesforce refused to {doing}: {error.code}: {told}. {hint}"


def _names(errors: list[ApiError]) -> str:
    return ", ".join(sorted({error.code for error in errors}))
