"""What language models cost: list prices, in micro-dollars per million tokens.

Gathered 2026-11-24 from GitHub's table of list prices (github/docs, data/tables/copilot/models-and-pricing.yml),
litellm's price list as of 2026-07-11 (cuihuan/llm-gateway-bench, data/prices.json) and openai.com/api/pricing as quoted
there. Prices change: the setting SUPPORTMAX_LLM_PRICE overrides them.
"""

from dataclasses import dataclass

MILLION = 1_000_000
GATHERED = "2026-11-24"
# Dollars per million tokens; more than that is a slip of the pen.
HIGHEST = 10_000


@dataclass(frozen=True, slots=True)
class Price:
    """Micro-dollars per million tokens: of input, of input that the vendor had in its cache, of output."""

    input: int
    cached: int
    output: int

    def of(self, input_tokens: int, cached_tokens: int, output_tokens: int) -> int:
        """Micro-dollars, rounded up."""
        fresh = max(0, input_tokens - cached_tokens)
        return -(-(fresh * self.input + cached_tokens * self.cached + output_tokens * self.output) // MILLION)


def _dollars(paid: float, cached: float, output: float) -> Price:
    return Price(round(paid * MILLION), round(cached * MILLION), round(output * MILLION))


# By the beginning of the model's name; the longest one that fits counts.
LIST = {
    "gpt-4o-mini": _dollars(0.15, 0.075, 0.60),
    "gpt-4o": _dollars(2.50, 1.25, 10.00),
    "gpt-4.1": _dollars(2.00, 0.50, 8.00),
    "gpt-4.1-mini": _dollars(0.40, 0.10, 1.60),
    "gpt-4.1-nano": _dollars(0.10, 0.025, 0.40),
    "gpt-5-mini": _dollars(0.25, 0.025, 2.00),
    "gpt-5-nano": _dollars(0.05, 0.005, 0.40),
    "gpt-5": _dollars(1.25, 0.125, 10.00),
    "gpt-5.2": _dollars(1.75, 0.175, 14.00),
    "gpt-5.4": _dollars(2.50, 0.25, 15.00),
    "gpt-5.4-nano": _dollars(0.20, 0.02, 1.25),
    "gpt-5.5": _dollars(5.00, 0.50, 30.00),
    "claude-haiku-4-5": _dollars(1.00, 0.10, 5.00),
    "claude-sonnet-4-5": _dollars(3.00, 0.30, 15.00),
    "gemini-2.5-flash": _dollars(0.30, 0.03, 2.50),
    "deepseek-v4-flash": _dollars(0.14, 0.14, 0.28),
}
# A model that we do not know is taken for a dear one: a budget that ends early does less harm than one that never does.
UNKNOWN = _dollars(5.00, 5.00, 30.00)


def price_of(model: str, override: str = "") -> Price:
    """The list price, that of `override` ("INPUT/CACHED/OUTPUT" in dollars per million tokens), or a dear one.

    Raises ValueError for an override that cannot be read.
    """
    if override:
        return parse_price(override)
    name = model.lower().rpartition("/")[2]
    known = [prefix for prefix in LIST if name.startswith(prefix)]
    return LIST[max(known, key=len)] if known else UNKNOWN


def parse_price(text: str) -> Price:
    """Of "INPUT/CACHED/OUTPUT". Raises ValueError."""
    try:
        paid, cached, output = (float(part) for part in text.split("/"))
        if not 0 <= min(paid, cached, output) <= max(paid, cached, output) <= HIGHEST:
            raise ValueError
    except ValueError:
        raise ValueError(f"must look like 0.25/0.025/2.00, dollars per million tokens, not {text!r}") from None
    return _dollars(paid, cached, output)
