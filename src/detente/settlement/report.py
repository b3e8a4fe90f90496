"""The whole answer as text, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from detente.base.table import Table
from detente.base.wording import listed
from detente.settlement.drawn_narrative import draw_lines
from detente.settlement.named import SHORT_NAMES, exchange_table, named_deals, number, points_table
from detente.settlement.narrative import lines
from detente.settlement.result import Settlement


def report(
    found: Settlement, passing: Settlement | None = None, *, shared: bool = False, under: str = ""
) -> list[str]:
    """Sentences, the table of points, who gives and gets what, the draws, and what ratification costs.

    Args:
        found: the answer.
        passing: the answer over the deals that pass at home, where asked for.
        shared: leave out what each side has without a deal and what deals are worth to it.
        under: what stands under the headline: whose reading, with which types, changes and weights.
    """
    named = named_deals(found)
    first, *rest = lines(found)
    head = [first, *([under] if under else [])]
    if shared:
        told = [*head, *([str(exchange_table(found, named))] if named else [])]
        letters = [f"{n.letter}: {listed([SHORT_NAMES[r] for r in n.rules])}" for n in named]
        left = [] if passing is None else [f"If every deal has to pass at home: {_size(passing)}."]
        return [*told, *letters, *left]
    out = [*head, *rest]
    if named:
        out += ["", str(points_table(found, named)), "", str(exchange_table(found, named))]
    if found.drawn is not None:
        out += ["", *draw_lines(found, named)]
    if passing is not None:
        out += ["", *cost_lines(found, passing)]
    return out


def cost_lines(found: Settlement, passing: Settlement) -> Iterator[str]:
    """What is lost when every deal has to pass at home."""
    yield "If every deal has to pass at home (with a chance of at least one half):"
    yield f"  {_size(found)} without that, {_size(passing)} with it."
    if table := cost_table(found, passing):
        yield str(table)


def _size(found: Settlement) -> str:
    what = {"zone": "zone of agreement", "weak": "weak zone", "none": "no zone"}.get(found.verdict, found.verdict)
    return what if not found.zone_size else f"{what} of {found.zone_size:,} deals"


def cost_table(found: Settlement, passing: Settlement) -> Table | None:
    """Per rule what each signatory gets without and with ratification."""
    axes, zero = found.bargain.axes, found.bargain.disagreement
    rows = []
    for rule, classes in found.points.items():
        if not classes:
            continue
        left = passing.points.get(rule, ())
        cells = []
        for party in axes:
            before = number(zero[party] + classes[0].gains[party])
            after = number(zero[party] + left[0].gains[party]) if left else "no deal"
            cells.append(before if before == after else f"{before} → {after}")
        rows.append((SHORT_NAMES[rule], *cells))
    heads = ("picked by", *(found.bargain.case.party_name(p) for p in axes))
    return Table(heads, tuple(rows)) if rows else None
