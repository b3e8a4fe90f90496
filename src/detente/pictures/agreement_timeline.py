"""An agreement over time: the state of every commitment from when to when, its deadline, and the day looked at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from detente.pictures.canvas import Canvas, text_width, wrapped

WIDTH, PAD, NAMES = 680.0, 10.0, 190.0
ROW, BAR, TOP = 30.0, 16.0, 26.0
SIZE, SMALL, TINY = 12.0, 11.0, 10.0
MOST_TICKS = 7
# How each state is drawn: thin lines for what binds nobody, light boxes for what is under way, dark ones for a breach.
KINDS = {
    "inert": "faint", "waiting": "faint", "lapsed": "faint", "waived": "faint", "terminated": "faint",
    "superseded": "faint", "due": "open", "claimed": "node", "unverified": "node", "overdue": "today",
    "disputed": "today", "breached": "half", "fulfilled": "holds", "remedied": "holds",
}  # fmt: skip
OVER = frozenset({"lapsed", "waived", "terminated", "superseded"})


@dataclass(frozen=True, slots=True)
class Stretch:
    """One state of a commitment, from a day to a day, and whether it was suspended."""

    start: float
    end: float
    state: str
    held: bool = False


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One commitment.

    Attributes:
        name: what is owed, and by whom.
        stretches: its states in order; times are days as proleptic ordinals with fractions.
        deadline: the end of its time, or None.
    """

    name: str
    stretches: tuple[Stretch, ...]
    deadline: float | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """The rows of the picture.

    Attributes:
        rows: the commitments.
        start, end: first and last day shown.
        at: the day looked at.
    """

    rows: tuple[TimelineRow, ...]
    start: float
    end: float
    at: float

    def x(self, day: float) -> float:
        """Where a day stands."""
        left, right = PAD + NAMES, WIDTH - PAD - 6
        share = (min(max(day, self.start), self.end) - self.start) / max(self.end - self.start, 1e-9)
        return left + share * (right - left)


def agreement_timeline(shown: Timeline, *, standalone: bool = False) -> str:
    """Draw one row per commitment over time.

    Args:
        shown: the rows.
        standalone: for a file of its own or a PDF, with literal colours.

    Returns:
        The SVG element: bars with the name of the state in them, a tick at every deadline, a line at the day looked at.
    """
    canvas = Canvas(WIDTH, TOP + ROW * len(shown.rows) + 30)
    bottom = TOP + ROW * len(shown.rows)
    for day, text in ticks(shown.start, shown.end):
        x = shown.x(day)
        canvas.path(f"M{x:.1f} {TOP - 4:.1f}V{bottom:.1f}", kind="faint", dash="2 4")
        canvas.text(x, bottom + 16, text, size=TINY, anchor="middle")
    for n, row in enumerate(shown.rows):
        _row(canvas, shown, row, TOP + ROW * n)
    x = shown.x(shown.at)
    canvas.path(f"M{x:.1f} {TOP - 8:.1f}V{bottom:.1f}", kind="step")
    label = _date(shown.at)
    half = text_width(label, SMALL) / 2
    canvas.text(min(max(x, PAD + half), WIDTH - PAD - half), TOP - 12, label, size=SMALL, anchor="middle", kind="b")
    told = ". ".join(f"{r.name}: {_told(r)}" for r in shown.rows)
    return canvas.svg("The commitments over time", told, standalone=standalone)


def timeline_caption(rows: Sequence[TimelineRow]) -> str:
    """What the marks mean, for under the picture."""
    text = (
        "One row per commitment; the words say its state. A thin line: not yet owed, or no longer. A dark bar: "
        "breached. A mark below a bar: the deadline. The heavy upright line: the day looked at."
    )
    if any(s.held for r in rows for s in r.stretches):
        text += " A dashed line over a bar: suspended."
    return text


def ticks(start: float, end: float) -> list[tuple[float, str]]:
    """Firsts of years, quarters, months or single days, at most seven of them."""
    first, last = day_of(start), day_of(end)
    months = (last.year - first.year) * 12 + last.month - first.month
    for step in (1, 3, 6, 12, 24, 60, 120, 240):
        if months // step < MOST_TICKS:
            break
    if months < 2:
        span = max(1, -(-(last - first).days // MOST_TICKS))
        days = (first + dt.timedelta(days=k) for k in range(0, (last - first).days + 1, span))
        return [(float(d.toordinal()), f"{d.day} {d:%b}") for d in days]
    found = []
    for k in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        day = dt.date(k // 12, k % 12 + 1, 1)
        if k % step == 0 and start <= day.toordinal() <= end:
            found.append((float(day.toordinal()), str(day.year) if step >= 12 else f"{day:%b %Y}"))
    return found


def day_of(time: float) -> dt.date:
    """The day of a time."""
    return dt.date.fromordinal(int(time))


def _row(canvas: Canvas, shown: Timeline, row: TimelineRow, top: float) -> None:
    middle = top + BAR / 2 + 4
    lines = wrapped(row.name, SMALL, NAMES - 12, 2)
    for k, line in enumerate(lines):
        canvas.text(PAD, middle + 4 + (k - (len(lines) - 1) / 2) * 12, line, size=SMALL)
    before = ""
    for stretch in row.stretches:
        if shown.start <= stretch.end and stretch.start <= shown.end:
            _stretch(canvas, shown, stretch, middle, KINDS.get(before) == "faint")
        before = stretch.state
    if row.deadline is not None and shown.start <= row.deadline <= shown.end:
        x = shown.x(row.deadline)
        canvas.polygon([(x - 4, middle + 14), (x + 4, middle + 14), (x, middle + 7)], kind="head")


def _stretch(canvas: Canvas, shown: Timeline, stretch: Stretch, middle: float, room_before: bool) -> None:  # noqa: FBT001
    """A bar or a line with its state in words; a word that does not fit after its mark may stand before it."""
    left, right = shown.x(stretch.start), shown.x(stretch.end)
    kind = KINDS[stretch.state]
    width = max(right - left, 2.0)
    if kind == "faint":
        canvas.path(f"M{left:.1f} {middle:.1f}H{left + width:.1f}", kind="faint")
        if stretch.state in OVER:
            canvas.path(f"M{left:.1f} {middle - 6:.1f}v12", kind="arc")
    else:
        canvas.rect(left, middle - BAR / 2, width, BAR, kind=kind, radius=2)
    if stretch.held:
        canvas.path(f"M{left:.1f} {middle - BAR / 2 - 3:.1f}H{left + width:.1f}", kind="arc", dash="4 3")
    text = stretch.state
    fits = text_width(text, TINY) + 8 <= width
    if stretch.state in OVER and not fits and room_before:
        canvas.text(left - 5, middle - 3, text, size=TINY, anchor="end")
    if not fits or stretch.state in ("inert", "waiting"):
        return
    x = left + width / 2
    if kind == "half":
        canvas.text(x, middle + 3.5, text, size=TINY, anchor="middle", kind="halo")
    elif kind == "faint":
        canvas.text(left + 6, middle - 3, text, size=TINY)
    else:
        canvas.text(x, middle + 3.5, text, size=TINY, anchor="middle")


def _told(row: TimelineRow) -> str:
    """A row in words."""
    return ", ".join(f"{s.state}{' (suspended)' if s.held else ''} from {_date(s.start)}" for s in row.stretches)


def _date(time: float) -> str:
    day = day_of(time)
    return f"{day.day} {day:%B %Y}"
