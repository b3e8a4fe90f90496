"""A plan step by step: who moves, what each party would lose by walking away after every step, and the calendar."""

from __future__ import annotations

from math import inf

from detente.base.wording import listed
from detente.pictures.canvas import Canvas, text_width, wrapped
from detente.pictures.plan_columns import (
    NAMES,
    PAD,
    ROW,
    SMALL,
    TINY,
    TOP,
    WIDTH,
    PlanPause,
    PlanPicture,
    heads,
    rows_of_bars,
    share_text,
)

LANE, LINE, INDENT = 22.0, 15.0, 20.0
CALENDAR = 56.0
APART = 60.0  # of the end and the deadline, for both to be named
CLOSE = 18.0  # numbers on the calendar closer than this are written together


def plan_timeline(plan: PlanPicture, *, standalone: bool = False) -> str:
    """Draw the steps of a plan with every party's margin after each.

    Args:
        plan: the plan.
        standalone: for a file of its own or a PDF, with literal colours.

    Returns:
        The SVG element: above, who moves in which step; in the middle, the margins; below, the calendar and the steps
        in words.
    """
    lanes = sorted({m.party for p in plan.pauses for m in p.moves})
    legend = _legend(plan)
    above = _above(plan) if standalone else []
    shift = LINE * len(above) + (8 if above else 0)
    bars = shift + TOP + LANE * len(lanes) + 22
    calendar = bars + ROW * len(plan.parties) + 14
    below = calendar + CALENDAR
    canvas = Canvas(WIDTH, below + LINE * len(legend) + 8)
    for n, (text, kind) in enumerate(above):
        canvas.text(PAD, LINE * (n + 1) - 1, text, size=SMALL, kind=kind)
    heads(canvas, plan, shift + 14)
    _lanes(canvas, plan, lanes, shift + TOP)
    canvas.text(PAD, bars - 4, "what each would lose by walking away then, as a share of its stake", size=TINY)
    _binding(canvas, plan, bars)
    rows_of_bars(canvas, plan, [p.margins for p in plan.pauses], bars, good=True)
    _calendar(canvas, plan, calendar)
    for n, (mark, text) in enumerate(legend):
        canvas.text(PAD, below + LINE * (n + 1) - 4, mark, size=SMALL, kind="b")
        canvas.text(PAD + INDENT, below + LINE * (n + 1) - 4, text, size=SMALL)
    return canvas.svg("The plan step by step", _told(plan), standalone=standalone)


def timeline_caption(plan: PlanPicture) -> str:
    """What the marks mean, for under the picture."""
    text = (
        "Boxes: who moves in which step. Bars: a party's margin at the pause after that step, the value of going on "
        "less the value of the best way out, as a share of what is at stake for it. A bar upwards means that it gains "
        "by going on, a dark bar downwards that it gains by breaking the deal there. The frame marks the weakest point."
    )
    if any(len({m.party for m in p.moves}) > 1 for p in plan.pauses):
        text += " Boxes joined by a line are one step; by a double line, one that a third party makes all or nothing."
    if any(inf in p.margins for p in plan.pauses):
        text += " A dash stands where a party has no way out: it owns no option and has nowhere else to go."
    text += f" The line below shows the steps on the calendar, in {plan.period}s from today"
    return f"{text}; the heavy bar is the deadline." if plan.deadline else f"{text}."


def _above(plan: PlanPicture) -> list[tuple[str, str]]:
    """What is shown and whether it holds, in lines with their kind."""
    wide = 0.94 * (WIDTH - 2 * PAD)
    parts = ((plan.title, "t"), (plan.verdict, "b"))
    return [(line, kind) for text, kind in parts if text for line in wrapped(text, SMALL, wide, 4)]


def _lanes(canvas: Canvas, plan: PlanPicture, lanes: list[int], top: float) -> None:
    """A box wherever a party moves; the boxes of one step are joined."""
    width = min(plan.column - 8, 46.0)
    for n, party in enumerate(lanes):
        y = top + LANE * n
        canvas.text(PAD, y + 14, wrapped(plan.name(party), SMALL, NAMES - 10, 1)[0], size=SMALL)
        canvas.path(f"M{PAD + NAMES:.1f} {y + LANE / 2:.1f}H{WIDTH - PAD:.1f}", kind="faint")
    for pause in plan.pauses:
        x = plan.middle(pause.number)
        rows = sorted({lanes.index(m.party) for m in pause.moves})
        if len(rows) > 1:
            ends = f"{top + LANE * (rows[0] + 0.5):.1f}V{top + LANE * (rows[-1] + 0.5):.1f}"
            for shift in (-3.0, 3.0) if pause.atomic else (0.0,):
                canvas.path(f"M{x + shift:.1f} {ends}", kind="step")
        for row in rows:
            canvas.rect(x - width / 2, top + LANE * row + 3, width, LANE - 6, kind="node", radius=3)
            canvas.text(x, top + LANE * row + 15, str(pause.number), size=SMALL, anchor="middle", kind="b")


def _binding(canvas: Canvas, plan: PlanPicture, top: float) -> None:
    """A frame around the smallest margin."""
    number, party = plan.binding
    x, y, width = plan.middle(number) - plan.column / 2 + 1, top + ROW * party, plan.column - 2
    canvas.path(f"M{x:.1f} {y:.1f}h{width:.1f}v{ROW:.1f}h{-width:.1f}z", kind="bar")


def _calendar(canvas: Canvas, plan: PlanPicture, top: float) -> None:
    """Real time: when each step is done, and the deadline."""
    left, right, line = PAD + NAMES, WIDTH - PAD - 14, top + 26
    last = max(plan.pauses[-1].period, plan.deadline[0] if plan.deadline else 0, 1)
    scale = (right - left) / last
    canvas.text(PAD, line + 4, "calendar", size=SMALL)
    canvas.path(f"M{left:.1f} {line:.1f}H{right:.1f}", kind="arc")
    for x, text in _together(plan, left, scale):
        canvas.text(x, line - 8, text, size=TINY, anchor="middle", kind="b")
    for pause in plan.pauses:
        canvas.circle(left + pause.period * scale, line, 3, kind="dot")
    canvas.text(left, line + 18, "today", size=TINY, anchor="middle")
    end = left + plan.pauses[-1].period * scale
    months = plan.pauses[-1].period
    done = f"done after {months} {plan.period}{'' if months == 1 else 's'}"
    half = text_width(done, TINY) / 2
    x = min(max(end, left + 18 + half), WIDTH - PAD - half)
    if plan.deadline is None:
        canvas.text(x, line + 18, done, size=TINY, anchor="middle")
        return
    due = left + plan.deadline[0] * scale
    canvas.path(f"M{due:.1f} {line - 9:.1f}V{line + 9:.1f}", kind="bar")
    text = f"deadline {plan.deadline[1]}".strip()
    room = text_width(text, TINY) / 2
    middle = min(due, WIDTH - PAD - room)
    canvas.text(middle, line + 20, text, size=TINY, anchor="middle")
    if abs(due - end) > APART and abs(middle - x) > half + room + 6:
        canvas.text(x, line + 18, done, size=TINY, anchor="middle")


def _together(plan: PlanPicture, left: float, scale: float) -> list[tuple[float, str]]:
    """Where to write the numbers of the steps; those too close to each other are written as one."""
    groups: list[list[PlanPause]] = []
    for pause in plan.pauses[1:]:
        x = left + pause.period * scale
        if groups and x - (left + groups[-1][-1].period * scale) < CLOSE:
            groups[-1].append(pause)
        else:
            groups.append([pause])
    found = []
    for group in groups:
        text = str(group[0].number) + (f"\u2013{group[-1].number}" if len(group) > 1 else "")
        found.append((left + (group[0].period + group[-1].period) / 2 * scale, text))
    return found


def _legend(plan: PlanPicture) -> list[tuple[str, str]]:
    """The steps in words: lines, the first of each step with its number."""
    lines: list[tuple[str, str]] = []
    for pause in plan.pauses[1:]:
        who = list(dict.fromkeys(m.party for m in pause.moves))
        told = "; ".join(f"{plan.name(p)}: {', '.join(m.what for m in pause.moves if m.party == p)}" for p in who)
        if len(who) > 1:
            told += " (all or nothing)" if pause.atomic else " (at the same time)"
        when = f" \u2014 {pause.date}" if pause.date else ""
        first, *more = wrapped(f"{told}{when}", SMALL, 0.94 * (WIDTH - 2 * PAD) - INDENT, 4)
        lines += [(str(pause.number), first), *(("", line) for line in more)]
    return lines


def _told(plan: PlanPicture) -> str:
    """The picture in words."""
    parts = []
    for pause in plan.pauses:
        name = "Today" if pause.number == 0 else f"After step {pause.number}"
        told = listed([f"{p} {share_text(m)}" for p, m in zip(plan.parties, pause.margins, strict=True)])
        parts.append(f"{name}: {told}.")
    number, party = plan.binding
    where = "today" if number == 0 else f"after step {number}"
    return f"Margins as shares of the stake. {' '.join(parts)} Weakest: {plan.parties[party]} {where}."
