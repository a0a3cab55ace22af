"""Questions about the customer's own things: an article cannot know where this one parcel is."""

import re

_THING = (
    r"(order|refund|parcel|package|delivery|shipment|payment|transfer|deposit|money|cash ?back|claim|case|ticket|"
    r"application|booking|reservation|subscription|invoice|replacement|return)"
)
_NAMED = re.compile(
    # "order 4711", "invoice no. A-2231", "ticket #99812"
    r"\b(order|invoice|booking|reservation|transaction|case|ticket|claim|shipment|parcel|tracking|reference|contract|"
    r"customer)\W{0,2}(no\b\.?|number|nr\b\.?|id\b|ref\b\.?|code)?\W{0,3}(is )?[#№]?[A-Z]{0,4}-?\d{3,}",
    re.I,
)
_STATE = re.compile(
    rf"\bwhere('s|s| is| are| has| did)\b[^.?!\n]{{0,15}}\bmy (\w+ )?{_THING}\b"
    rf"|\b(status|progress|whereabouts) of my (\w+ )?{_THING}\b"
    rf"|\btrack(ing)? (of )?my (\w+ )?{_THING}\b"
    rf"|\bwhen (will|does|should|is) my (\w+ )?{_THING} (arrive|come|ship|get here|be (delivered|shipped|sent))"
    rf"|\b(has|did|was|is) my (\w+ )?{_THING} (\w+ ){{0,6}}(shipped|dispatched|delivered|arrived|refunded|been "
    r"(sent|shipped|delivered|processed|approved|refunded|paid))",
    re.I,
)
_FIGURE = re.compile(
    r"\bwhat('s|s| is| was)( the)? my (current |available |account |card )*(balance|account number|iban|sort code|"
    r"customer number|order number|credit limit)\b"
    r"|\bhow much (money )?(do i have(?! to)( left)?|is (left )?(in|on) my|do i (still )?owe)\b"
    r"|\b(show|tell|give|send) me my (\w+ )?(balance|statement|transactions|invoice|account number)\b",
    re.I,
)


def concerns_account(text: str) -> bool:
    """Whether the message asks for the state of something that only this customer has."""
    return any(pattern.search(text) for pattern in (_NAMED, _STATE, _FIGURE))
