"""The reliability diagram: does confidence mean what it says? Needs matplotlib, which only developers have."""

from collections.abc import Sequence
from pathlib import Path

from infra.evaluation.metrics import calibration_error, reliability
from supportmax.domain.errors import InvalidInput


def check_picture(path: Path) -> None:
    """Before minutes of work: can it be drawn, and written there? Raises InvalidInput."""
    try:
        from matplotlib.backend_bases import FigureCanvasBase
    except ImportError:
        raise InvalidInput("--plot needs matplotlib: run `make setup`") from None
    kinds = FigureCanvasBase.get_supported_filetypes()
    if path.suffix.lower().removeprefix(".") not in kinds:
        raise InvalidInput(f"{path}: not a kind of picture; known are {', '.join(sorted(kinds))}")
    if not path.parent.is_dir() or path.is_dir():
        raise InvalidInput(f"{path}: no such folder, or a folder itself")


def draw_reliability(confident: Sequence[tuple[float, bool]], path: Path, title: str) -> None:
    """Writes a picture in the format of the path's ending. `confident` are pairs (confidence, right)."""
    from matplotlib.figure import Figure

    bins = reliability(confident)
    figure = Figure(figsize=(7, 7), layout="constrained")
    above, below = figure.subplots(2, sharex=True, height_ratios=[3, 1])
    above.plot([0, 1], [0, 1], "--", color="grey", label="what confidence promises")
    above.plot([b.confidence for b in bins], [b.right for b in bins], "o-", label="what came true")
    for b in bins:
        above.annotate(str(b.count), (b.confidence, b.right), (8, -4), textcoords="offset points", fontsize=9)
    above.set(ylabel="share that is right", ylim=(-0.03, 1.06))
    above.set_title(f"{title}\nECE {calibration_error(confident):.3f}, n = {len(confident)}")
    above.legend(loc="upper left")
    below.hist([confidence for confidence, _ in confident], bins=10, range=(0, 1), color="tab:blue", edgecolor="white")
    below.set(xlabel="confidence", ylabel="questions", xlim=(-0.02, 1.06))
    try:
        figure.savefig(path, dpi=120)
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{path}: {error}") from None
