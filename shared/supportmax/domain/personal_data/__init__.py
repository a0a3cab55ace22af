"""Personal data with a structure: found in any spelling, masked, and put back where it belongs. docs/safety.md."""

from supportmax.domain.personal_data.detect import Found, Kind, find, same
from supportmax.domain.personal_data.mask import Mask, generalise, redact, stray_placeholder

__all__ = ["Found", "Kind", "Mask", "find", "generalise", "redact", "same", "stray_placeholder"]
