"""Questions about the customer's own things: an article cannot know where this one parcel is."""

import re

_THING = (
    r"(order|refund|parcel|package|delivery|shipment|payment|transfer|deposit|money|cash ?back|claim|case|ticket|"
    r"application|exchange|booking|reservation|subscription|invoice|replacement|return|complaint|request)"
)
# "my last payment", "the parcel (that) I ordered last week", "the transfer of 20 pounds from Monday"
_OWN = (
    rf"(my (\w+ )?{_THING}\b( (of|for|from|to)( \w+){{1,5}})?|"
    rf"(the|that) (\w+ )?{_THING} (that |which )?(i|we) \w+( \w+){{0,3}})"
)
_DONE = (
    r"(gone (through|out)|come through|arrived|approved|accepted|cleared|refunded|shipped|dispatched|delivered|"
    r"processed|sent|paid|received|on (its|the) way|ready|completed|cancelled|credited|finished)"
)
_NUMBER = r"\W{0,2}((no\b\.?|number|nr\b\.?|id\b|ref\b\.?|code)\W{0,3})?(is )?[#№]?[A-Z]{0,4}-?\d{3,}"
_NAMED = re.compile(
    # "order 4711", "invoice no. A-2231", "ticket #99812", "it is number 20261"
    r"\b(order|invoice|booking|reservation|transaction|case|ticket|claim|shipment|parcel|tracking|reference|contract|"
    rf"customer|return|complaint|account){_NUMBER}|\bmy (\w+ ){{1,8}}(it is|it's|its|is) (number|no\.?) #?\d{{3,}}",
    re.I,
)
_STATE = re.compile(
    rf"\bwhere('s|s| is| are| has| did)\b[^.?!\n]{{0,15}}\b{_OWN}"
    rf"|\b(status|progress|whereabouts) of {_OWN}|\b(news|update|updates) (on|about|regarding|for) {_OWN}"
    rf"|\btrack(ing)? (of )?{_OWN}"
    rf"|\bwhen (will|does|should|is|are) {_OWN} (going to )?"
    r"(arriv|com(e|ing)\b|ship|get(ting)? here|be (deliver|ship|sent|pa))"
    rf"|\bwhen (will|do|can) i (get|receive|see|have) {_OWN}"
    rf"|(?<!why )\b(has|have|did|was|were|is) {_OWN} (\w+ ){{0,4}}{_DONE}\b"
    rf"|\b(whether|(see|check|know|tell me) if) {_OWN} (\w+ ){{0,3}}{_DONE}\b|\bdid you (guys )?(get|receive) {_OWN}"
    r"|\bmy (\w+ )?(order|parcel|package|shipment|delivery) (still )?(\w+ )?(not|hasn't|hasnt|isn't|didn't) ",
    re.I,
)
_MY_FIGURE = (
    r"((current|available|account|card) )*"
    r"(balance|account number|iban|sort code|customer number|order number|credit limit)"
)
_FIGURE = re.compile(
    rf"\bwhat('s|s| is| was)( the)? my {_MY_FIGURE}\b"
    rf"|\b(what('s|s| is)|tell me|give me|check|know) (the|my) {_MY_FIGURE} (on|of|in) my\b"
    rf"|\b(show|tell|give|send) me my (\w+ )?({_MY_FIGURE}|statement|transactions|invoice)\b"
    r"|\bhow much (money )?(do i have(?! to)( left)?|is (left )?(in|on) my|do i (still )?owe)\b",
    re.I,
)


def concerns_account(text: str) -> bool:
    """Whether the message asks for the state of something that only this customer has."""
    return any(pattern.search(text) for pattern in (_NAMED, _STATE, _FIGURE))
