"""The deals worth naming: one letter each, with the rules that pick it, and tables of who gives and gets what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from detente.base.table import Table
from detente.base.wording import listed, words
from detente.settlement.drawn_listing import deal_at
from detente.settlement.result import Deal, Settlement

SHORT_NAMES = {
    "nash": "Nash",
    "ks": "Kalai-Smorodinsky",
    "egalitarian": "egalitarian",
    "utilitarian": "utilitarian",
    "relative_utilitarian": "relative utilitarian",
    "equal_loss": "equal loss",
    "fallback": "fallback",
    "regret": "smallest regret",
}
COMPARING = ("egalitarian", "utilitarian", "equal_loss")
MOST_NAMED = 8
MOST_TIED = 3
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Named:
    """A deal with a letter.

    Attributes:
        letter: A, B, ...
        rules: those that pick it (or one worth the same to every signatory); ``regret`` for the smallest regret.
        deal: the first of its class.
        gains: of each signatory.
        count: number of deals worth the same, None where it is not known.
        position: in ``Deals``, where they are enumerated.
    """

    letter: str
    rules: tuple[str, ...]
    deal: Deal
    gains: dict[str, Fraction]
    count: int | None
    position: int | None


def named_deals(found: Settlement, rules: Sequence[str] | None = None, most: int = MOST_NAMED) -> tuple[Named, ...]:
    """What the rules pick, and the deal of smallest regret, each once, in the order of the rules.

    Args:
        found: the answer.
        rules: only these; all by default.
        most: how many to name.
    """
    picked: dict[tuple[int, ...], tuple[list[str], Deal, dict[str, Fraction], int | None]] = {}
    for rule, classes in found.points.items():
        if rules is not None and rule not in rules:
            continue
        for one in classes[:MOST_TIED]:
            deal = one.deals[0]
            picked.setdefault(deal.levels, ([], deal, one.gains, one.count))[0].append(rule)
    if found.drawn is not None and found.verdict in ("zone", "weak"):
        deal = deal_at(found, int(found.drawn.regret.deals[0]))
        zero = found.bargain.disagreement
        gains = {p: deal.payoffs[p] - zero[p] for p in found.bargain.axes}
        picked.setdefault(deal.levels, ([], deal, gains, None))[0].append("regret")
    out = []
    for letter, (chosen, deal, gains, count) in zip(LETTERS, list(picked.values())[:most], strict=False):
        out.append(Named(letter, tuple(chosen), deal, gains, count, _position(found, deal)))
    return tuple(out)


def _position(found: Settlement, deal: Deal) -> int | None:
    if found.deals is None or deal.state is None:
        return None
    return int(np.searchsorted(found.deals.states, deal.state))


def exchange_table(found: Settlement, named: Sequence[Named]) -> Table:
    """Who gives and gets what: the options that some named deal changes, by owner, with their level in each."""
    case, today = found.bargain.case, found.bargain.status_quo
    rows: list[tuple[str, ...]] = []
    rulers = []
    for party in case.parties:
        first = len(rows)
        for number in case.options_of(party):
            option, written = list(case.file.options.items())[number]
            levels = [n.deal.levels[number] for n in named]
            if today is not None and all(level == today[number] for level in levels):
                continue
            now = "" if today is None else words(written.levels[today[number]])
            cells = ("·" if today is not None and v == today[number] else words(written.levels[v]) for v in levels)
            who = case.party_name(party) if len(rows) == first else ""
            rows.append((who, case.option_name(option), now, *cells))
        if len(rows) > first:
            rulers.append(first)
    heads = ("who gives", "what", "today", *(n.letter for n in named))
    note = "· as today" if any("·" in r for r in rows) else ""
    return Table(heads, tuple(rows), note=note, rulers=tuple(rulers[1:]), stubs=2)


def points_table(found: Settlement, named: Sequence[Named]) -> Table:
    """What each named deal is worth, who picks it, and how it fares in draws."""
    bargain, drawn = found.bargain, found.drawn
    columns = [*bargain.axes, *(p for p in bargain.owners if any(p in n.deal.payoffs for n in named))]
    zero = bargain.disagreement
    rows = [("", "no deal", *(number(zero[p]) for p in columns), *([""] if drawn is not None else []))]
    for one in named:
        worth = {**one.deal.affected, **one.deal.payoffs}
        rows.append(
            (
                one.letter,
                listed([SHORT_NAMES[r] for r in one.rules]),
                *(number(worth[p]) for p in columns),
                *([] if drawn is None or one.position is None else [percent(float(drawn.zone[one.position]))]),
            )
        )
    heads = ("deal", "picked by", *(bargain.case.party_name(p) for p in columns))
    return Table((*heads, *(["better for all"] if drawn is not None else [])), tuple(rows), stubs=2)


def number(value: Fraction | float) -> str:
    """Four digits, with a minus sign."""
    return f"{float(value):.4g}".replace("-", "−")


def percent(share: float) -> str:
    """A share in percent; nearly nothing and nearly everything are not rounded away."""
    if 0 < share < 0.005:
        return "under 1 %"
    if 0.995 < share < 1:
        return "over 99 %"
    return f"{100 * share:.0f} %"
