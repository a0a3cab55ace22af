"""Decide before speaking: answer, ask back, or hand over."""

from typing import Literal

from supportmax.services.answering.calibrate import Assessed

Decision = Literal["answer", "clarify", "hand_over"]


def decide(assessed: Assessed) -> Decision:
    """What to do with what was found. A question back is as sure to hold the answer as an answer is to be right."""
    if assessed.confidence >= assessed.threshold:
        return "answer"
    if len(assessed.choices) > 1 and assessed.choices_confidence >= assessed.threshold:
        return "clarify"
    return "hand_over"
