"""Vote bars: for every body that votes on a deal, how likely each number of yes votes is, against the number needed."""

from __future__ import annotations

from math import ceil

from detente.pictures.canvas import Canvas, text_width, wrapped
from detente.ratification.counts import BodyCount
from detente.ratification.narrative import body as told
from detente.ratification.result import Ratification, percent, votes_in_words
from detente.ratification.wording import body_name, member_name

WIDTH, MARGIN, PLOT, GAP = 680.0, 20.0, 64.0, 34.0
HEAD, FOOT, LEGEND, LINE = 26.0, 22.0, 30.0, 15.0
SIZE, SMALL = 12.0, 11.0
COLUMNS = 44


def vote_bar(found: Ratification, *, standalone: bool = False) -> str | None:
    """Draw the votes on a deal as SVG.

    Columns that are filled reach the number of votes needed, open ones do not; the needed number is a line with its
    label, the expected number a triangle.

    Args:
        found: the answer about the deal.
        standalone: for a file of its own or a PDF, with literal colours.

    Returns:
        The SVG element, or None where no body has to vote.
    """
    if not found.bodies:
        return None
    tall = {
        n: HEAD + (PLOT + FOOT if c.votes else 0) + LINE * len(_vetoes(found, n, c)) for n, c in found.bodies.items()
    }
    canvas = Canvas(WIDTH, 2 * MARGIN + sum(tall.values()) + GAP * (len(tall) - 1) + LEGEND)
    top = MARGIN
    for name, count in found.bodies.items():
        _body(canvas, found, name, count, top)
        top += tall[name] + GAP
    if any(c.votes for c in found.bodies.values()):
        _legend(canvas, top - GAP + LEGEND / 2)
    description = ". ".join(
        f"{body_name(found.assembly.case, n)}: {told(found, n, c)}" for n, c in found.bodies.items()
    )
    return canvas.svg("Expected votes", description, standalone=standalone)


def _body(canvas: Canvas, found: Ratification, name: str, count: BodyCount, top: float) -> None:
    title = wrapped(body_name(found.assembly.case, name), SIZE, 300, 1)[0]
    canvas.text(MARGIN, top + 12, title, size=SIZE, kind="b")
    canvas.text(WIDTH - MARGIN, top + 12, f"passes with {percent(count.passes)}", size=SIZE, anchor="end", kind="b")
    below = top + HEAD
    if count.votes:
        _columns(canvas, count, below)
        below += PLOT + FOOT
    for n, line in enumerate(_vetoes(found, name, count)):
        canvas.text(MARGIN, below + 10 + n * LINE, line, size=SMALL)


def _columns(canvas: Canvas, count: BodyCount, top: float) -> None:
    """The distribution in columns of equal width, none of which straddles the number needed."""
    size, quota = count.votes + 1, count.quota
    step = max(1, ceil(size / COLUMNS))
    starts = [*range(quota % step - step, quota, step), *range(quota, size, step)]
    bins = [(max(a, 0), min(a + step, size)) for a in starts if a + step > 0]
    chances = [sum(count.yes[a:b]) for a, b in bins]
    highest = max(chances)
    scale = (WIDTH - 2 * MARGIN) / size
    base = top + PLOT
    for (a, b), chance in zip(bins, chances, strict=True):
        height = chance / highest * (PLOT - 14)
        if height >= 0.3:
            kind = "holds" if a >= quota else "open"
            canvas.rect(
                MARGIN + a * scale + 0.8, base - height, max((b - a) * scale - 1.6, 1.0), height, kind=kind, radius=0
            )
    canvas.path(f"M{MARGIN:.1f} {base:.1f}H{WIDTH - MARGIN:.1f}", kind="arc")
    line = MARGIN + quota * scale
    canvas.path(f"M{line:.1f} {base + 5:.1f}V{top - 4:.1f}", kind="bar")
    mark = MARGIN + (count.expected + 0.5) * scale
    canvas.polygon([(mark, base + 1), (mark - 5, base + 10), (mark + 5, base + 10)], kind="head")
    _labels(canvas, count, line, mark, base + 20)


def _labels(canvas: Canvas, count: BodyCount, line: float, mark: float, y: float) -> None:
    """Needed and expected numbers under the axis, apart from each other; the ends where there is room."""
    texts = sorted([(line, f"{count.quota:,} needed"), (mark, f"{votes_in_words(count, count.expected)} expected")])
    halves = [text_width(t, SMALL) / 2 for _, t in texts]
    left = min(max(texts[0][0], MARGIN + halves[0]), WIDTH - MARGIN - halves[0])
    right = min(max(texts[1][0], MARGIN + halves[1]), WIDTH - MARGIN - halves[1])
    short = halves[0] + halves[1] + 20 - (right - left)
    if short > 0:
        left = max(left - short / 2, MARGIN + halves[0])
        right = min(max(right + short / 2, left + halves[0] + halves[1] + 20), WIDTH - MARGIN - halves[1])
        left = min(left, right - halves[0] - halves[1] - 20)
    for x, (_, text) in zip((left, right), texts, strict=True):
        canvas.text(x, y, text, size=SMALL, anchor="middle")
    if left - halves[0] > MARGIN + 20:
        canvas.text(MARGIN, y, "0", size=SMALL)
    if right + halves[1] < WIDTH - MARGIN - 40:
        canvas.text(WIDTH - MARGIN, y, f"{count.votes:,}", size=SMALL, anchor="end")


def _vetoes(found: Ratification, name: str, count: BodyCount) -> list[str]:
    """Who can block, in lines of text."""
    case = found.assembly.case
    parts = [f"{member_name(case, name, m)} {percent(c)}" for m, c in count.vetoes.items()]
    text = "" if count.votes else f"Votes are not told apart; the {count.quota:,} needed are taken as found. "
    if parts:
        text += f"Chance of not blocking: {', '.join(parts)}."
    return wrapped(text, SMALL, 0.92 * (WIDTH - 2 * MARGIN), 3) if text else []


def _legend(canvas: Canvas, y: float) -> None:
    """What the columns mean."""
    canvas.rect(MARGIN, y, 12, 10, kind="holds", radius=0)
    canvas.text(MARGIN + 18, y + 9, "enough votes", size=SMALL)
    canvas.rect(MARGIN + 110, y, 12, 10, kind="open", radius=0)
    text = "too few; a column is the higher, the likelier its number of yes votes"
    canvas.text(MARGIN + 128, y + 9, text, size=SMALL)
