"""The narrow place that every prompt passes on its way to a vendor: personal data stays here."""

import json
from dataclasses import replace

from supportmax.domain.personal_data import Mask
from supportmax.ports import Completion, OnText, Prompt


def masked(prompt: Prompt) -> tuple[Prompt, Mask]:
    """The prompt with placeholders, and what they stand for. The instructions are ours and stay as they are."""
    mask = Mask(beside=prompt.user)
    try:
        data = json.loads(prompt.user)
    except ValueError:
        return replace(prompt, user=mask.hide(prompt.user)), mask
    hidden = json.dumps(mask.hide(data), ensure_ascii=False)
    return replace(prompt, user=hidden), mask


def restored(completion: Completion, mask: Mask) -> Completion:
    """The answer with what its placeholders stand for. Whether it may say so is the services' to judge."""
    return replace(completion, data=mask.restore(completion.data))


def hearing(on_text: OnText | None, mask: Mask) -> OnText | None:
    """The same for an answer under way."""
    return None if on_text is None else lambda text: on_text(mask.restore_json(text))
