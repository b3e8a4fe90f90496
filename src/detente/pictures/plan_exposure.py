"""Who stands to lose if a plan breaks off half way: what each would be short of today after a breakdown by another."""

from __future__ import annotations

from detente.base.wording import listed
from detente.pictures.canvas import Canvas
from detente.pictures.plan_columns import ROW, TOP, WIDTH, PlanPicture, heads, rows_of_bars, share_text

CAPTION = (
    "Exposure: what a party has without a deal, less what it would have if another broke the deal off at the pause "
    "after that step and everything returned that can, as a share of what is at stake for it. A dark bar upwards is "
    "what it would lose by that; a light bar downwards is what it would have more than without any deal: what it got "
    "cannot all be taken back, the answer to a breach hurts the others, or it has something better elsewhere. Bars of "
    "today show what a breakdown brings by itself, before anything is given."
)


def plan_exposure(plan: PlanPicture, *, standalone: bool = False) -> str | None:
    """Draw what each party loses if another breaks the plan off, pause by pause.

    Args:
        plan: the plan, with exposures.
        standalone: for a file of its own or a PDF, with literal colours.

    Returns:
        The SVG element, or None where no exposure is known.
    """
    if not all(p.exposure for p in plan.pauses):
        return None
    canvas = Canvas(WIDTH, TOP + ROW * len(plan.parties) + 8)
    heads(canvas, plan, 14)
    rows_of_bars(canvas, plan, [p.exposure for p in plan.pauses], TOP, good=False)
    return canvas.svg("What each loses if another breaks off", _told(plan), standalone=standalone)


def most_exposed(plan: PlanPicture) -> tuple[int, int, float] | None:
    """(pause, position of the party, share) of the largest exposure; None where nobody is ever exposed."""
    found = [(s, -p.number, -n) for p in plan.pauses for n, s in enumerate(p.exposure)]
    if not found or max(found)[0] <= 1e-9:
        return None
    share, number, party = max(found)
    return -number, -party, share


def _told(plan: PlanPicture) -> str:
    """The picture in words."""
    parts = []
    for pause in plan.pauses:
        name = "today" if pause.number == 0 else f"after step {pause.number}"
        told = listed([f"{p} {share_text(s)}" for p, s in zip(plan.parties, pause.exposure, strict=True)])
        parts.append(f"{name}: {told}")
    return f"Loss against having no deal if another breaks off, as a share of the stake. {'; '.join(parts)}."
