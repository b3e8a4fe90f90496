"""The whole answer as text, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from detente.base.table import Table
from detente.base.wording import counted, listed
from detente.settlement.drawn_narrative import draw_lines
from detente.settlement.named import (
    SHORT_NAMES,
    Named,
    exchange_table,
    named_deals,
    points_table,
    usual_rules,
    worth_of,
)
from detente.settlement.narrative import every_deal, lines
from detente.settlement.result import Settlement


@dataclass(frozen=True, slots=True)
class Telling:
    """How an answer is told.

    Attributes:
        shared: leave out what each side has without a deal and what deals are worth to it.
        under: what stands under the headline: whose reading, with which types, changes and weights.
        rules: those asked for; the usual ones where none were.
        full: list every deal of the frontier.
    """

    shared: bool = False
    under: str = ""
    rules: Sequence[str] | None = None
    full: bool = False


def report(found: Settlement, passing: Settlement | None = None, telling: Telling | None = None) -> list[str]:
    """Sentences, the table of points, who gives and gets what, the draws, and what ratification costs.

    Args:
        found: the answer.
        passing: the answer over the deals that pass at home, where asked for.
        telling: how it is told.
    """
    how = telling or Telling()
    named = named_deals(found, usual_rules(found) if how.rules is None else how.rules)
    first, *rest = lines(found, named, passing)
    head = [first, *([how.under] if how.under else [])]
    if how.shared:
        if found.bargain.unknown:  # in what share of draws rests on what is private
            head[0] = first.partition("; some deal is better for all in")[0].rstrip(".") + "."
        told = [*head, *([str(exchange_table(found, named))] if named else [])]
        letters = [f"{n.letter}: {listed([SHORT_NAMES[r] for r in n.rules])}" for n in named]
        left = [] if passing is None else [f"If every deal has to pass at home: {_size(passing)}."]
        return [*told, *letters, *left]
    out = [*head, *rest]
    if named:
        out += ["", str(points_table(found, named)), "", str(exchange_table(found, named))]
    if how.full and found.frontier:
        out += ["", *every_deal(found)]
    if found.drawn is not None:
        out += ["", *draw_lines(found, named)]
    if passing is not None:
        out += ["", *cost_lines(found, passing, named)]
    return out


def cost_lines(found: Settlement, passing: Settlement, named: Sequence[Named]) -> Iterator[str]:
    """What is lost when every deal has to pass at home."""
    yield "If every deal has to pass at home (with a chance of at least one half):"
    yield f"  {_size(found)} without that, {_size(passing)} with it."
    rules = [r for r in found.points if found.points[r] and any(r in n.rules for n in named)]
    if rules and all(_levels(found, r) == _levels(passing, r) for r in rules):
        yield "  The deals that the rules pick would all pass, and stay the same."
    elif table := cost_table(found, passing, rules):
        yield str(table)


def _levels(found: Settlement, rule: str) -> list[tuple[int, ...]]:
    return [c.deals[0].levels for c in found.points.get(rule, ())]


def _size(found: Settlement) -> str:
    what = {"zone": "zone of agreement", "weak": "weak zone", "none": "no zone"}.get(found.verdict, found.verdict)
    return what if not found.zone_size else f"{what} of {counted(found.zone_size, 'deal')}"


def cost_table(found: Settlement, passing: Settlement, rules: Sequence[str]) -> Table | None:
    """Per rule what each signatory gets without and with ratification."""
    axes, zero = found.bargain.axes, found.bargain.disagreement
    rows = []
    for rule in rules:
        left = passing.points.get(rule, ())
        cells = []
        for party in axes:
            before = worth_of(found, party, zero[party] + found.points[rule][0].gains[party])
            after = worth_of(found, party, zero[party] + left[0].gains[party]) if left else "no deal"
            cells.append(before if before == after else f"{before} → {after}")
        rows.append((SHORT_NAMES[rule], *cells))
    heads = ("picked by", *(found.bargain.case.party_name(p) for p in axes))
    return Table(heads, tuple(rows)) if rows else None
