"""Ask a language model, if one may be asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from supportmax.domain.errors import PermanentFailure, TransientFailure
from supportmax.domain.model_calls import CallOrigin
from supportmax.ports import LLM, Completion, Prompt, Store

Ask = Callable[[Prompt], Completion | None]


@dataclass(frozen=True, slots=True)
class Models:
    """Language models in the order in which they are tried."""

    providers: Sequence[LLM]

    def asking(self, store: Store, origin: CallOrigin) -> Ask:
        """Asks for this turn. None as an answer: the caller has to do without a model."""
        return self._ask

    def _ask(self, prompt: Prompt) -> Completion | None:
        for llm in self.providers:
            try:
                return llm.complete(prompt.system, prompt.user, prompt.schema)
            except (TransientFailure, PermanentFailure):
                continue
        return None
