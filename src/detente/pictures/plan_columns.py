"""What pictures of a plan are drawn from, and the rows of bars they share: one column per pause, one row per party."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from detente.pictures.canvas import Canvas, text_width, wrapped

WIDTH, PAD, NAMES, TOP = 680.0, 12.0, 112.0, 34.0
SIZE, SMALL, TINY = 12.0, 11.0, 10.0
ROW, ROOM, INSET = 62.0, 15.0, 4.0  # height of a row of bars, room for numbers above and below, space beside a bar
MOST_SHOWN = 1.5  # larger shares are cut there; the number beside them stays the true one
ROOMY, NARROW = 36.0, 27.0  # columns wide enough for a word; too narrow for numbers


@dataclass(frozen=True, slots=True)
class PlanMove:
    """What one party does in a step.

    Attributes:
        party: its number, as in ``PlanPicture.name``.
        what: what it changes, in words.
    """

    party: int
    what: str


@dataclass(frozen=True, slots=True)
class PlanPause:
    """A pause of a plan: today, or the state after a step.

    Attributes:
        number: number of the step before it; 0 is today.
        period: whole periods from today until it is reached.
        date: that day in words; empty where the case has no date.
        moves: the step before it; none for today.
        margins: per party, the value of going on less the value of the best deviation, as shares of the stake;
            infinite for one that has no way out.
        exposure: per party, what it has without a deal less what it would have after a breakdown at this pause that
            another caused, as shares of the stake; empty where not known.
        atomic: whether a third party makes the step all or nothing.
    """

    number: int
    period: int
    date: str
    moves: tuple[PlanMove, ...]
    margins: tuple[float, ...]
    exposure: tuple[float, ...] = ()
    atomic: bool = False


@dataclass(frozen=True, slots=True)
class PlanPicture:
    """A plan as its pictures need it.

    Attributes:
        parties: names of those whose margins count.
        pauses: today and the pause after every step.
        binding: (number of the pause, position of the party) with the smallest margin.
        period: what one period is called.
        deadline: whole periods until the target must hold, with the day in words; None without one.
        title, verdict: what the picture shows and whether it holds, for above it where it stands alone.
        others: names of those who move although their margins do not count, numbered after ``parties``.
    """

    parties: tuple[str, ...]
    pauses: tuple[PlanPause, ...]
    binding: tuple[int, int]
    period: str = "month"
    deadline: tuple[int, str] | None = None
    others: tuple[str, ...] = ()
    title: str = ""
    verdict: str = ""

    def name(self, number: int) -> str:
        """Name of a party or of another who moves."""
        return (*self.parties, *self.others)[number]

    @property
    def column(self) -> float:
        """Width of a column."""
        return (WIDTH - 2 * PAD - NAMES) / len(self.pauses)

    def middle(self, number: int) -> float:
        """Middle of the column of a pause."""
        return PAD + NAMES + (number + 0.5) * self.column


def share_text(share: float) -> str:
    """A share of the stake with its sign; what is not nothing is never written as nothing; a dash: no way out."""
    if share == inf:
        return "\u2013"
    if abs(share) <= 1e-9:
        return "0 %"
    sign = "+" if share > 0 else "\u2212"
    size = 100 * abs(share)
    return f"{sign}<0.1 %" if size < 0.05 else f"{sign}{size:.1f} %" if size < 0.95 else f"{sign}{size:,.0f} %"


def heads(canvas: Canvas, plan: PlanPicture, top: float) -> None:
    """Today and the numbers of the steps, with the day on which each is done."""
    for pause in plan.pauses:
        x = plan.middle(pause.number)
        name = "today" if pause.number == 0 and plan.column >= ROOMY else str(pause.number)
        canvas.text(x, top, name, size=SIZE, anchor="middle", kind="b")
        when = pause.date if pause.number and text_width(pause.date, TINY) < plan.column - 2 else ""
        if when:
            canvas.text(x, top + 14, when, size=TINY, anchor="middle")


def rows_of_bars(
    canvas: Canvas, plan: PlanPicture, values: Sequence[Sequence[float]], top: float, *, good: bool
) -> None:
    """Per party a row of bars, all rows on one scale.

    Args:
        canvas: where.
        plan: names and columns.
        values: per pause, one share per party.
        top: where the first row begins.
        good: whether it is well that a share is above zero; bars on the other side are dark.
    """
    shown = [max(-MOST_SHOWN, min(MOST_SHOWN, v)) for row in values for v in row if v < inf]
    low, high = min(0.0, *shown), max(0.0, *shown)
    if high - low < 1e-9:
        high = 1.0
    tall = (ROW - 2 * ROOM) / (high - low)
    for n, name in enumerate(plan.parties):
        start = top + n * ROW
        zero = start + ROOM + high * tall
        for k, line in enumerate(wrapped(name, SMALL, NAMES - 10, 2)):
            canvas.text(PAD, start + ROW / 2 - 2 + 13 * k, line, size=SMALL, kind="b")
        canvas.path(f"M{PAD + NAMES:.1f} {zero:.1f}H{WIDTH - PAD:.1f}", kind="arc")
        for pause, row in zip(plan.pauses, values, strict=True):
            _bar(canvas, plan, pause.number, row[n], (zero, tall, good))


def _bar(canvas: Canvas, plan: PlanPicture, number: int, share: float, scale: tuple[float, float, bool]) -> None:
    zero, tall, good = scale
    size = max(-MOST_SHOWN, min(MOST_SHOWN, share)) * tall if share < inf else 0.0
    well = share >= -1e-9 if good else share <= 1e-9
    width = min(plan.column - 2 * INSET, 30.0)
    x = plan.middle(number) - width / 2
    if abs(size) >= 0.3:
        for kind in ("zone", "ring") if well else ("dot",):
            canvas.rect(x, zero - max(size, 0.0), width, abs(size), kind=kind, radius=0)
    if plan.column >= NARROW:
        below = share < -1e-9
        y = zero - size + (11.5 if below else -4.0)
        bold = "t" if well else "b"
        size_of_text = TINY if plan.column >= ROOMY else 8.5
        canvas.text(plan.middle(number), y, share_text(share), size=size_of_text, anchor="middle", kind=bold)
