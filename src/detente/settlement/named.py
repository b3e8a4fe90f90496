"""The deals worth naming: one letter each, with the rules that pick it, and tables of who gives and gets what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from detente.base.table import Table
from detente.base.wording import listed, words
from detente.mechanics.payoffs import Levels
from detente.settlement.drawn_listing import deal_at
from detente.settlement.listing import nearest_deals
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
MOST_NAMED = 12
MOST_TIED = 3
MOST_DIFFERENCES = 2  # by which a deal is told from one with a letter
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


def usual_rules(found: Settlement) -> tuple[str, ...]:
    """The rules worth telling unasked: of orders the ordinal one alone."""
    return ("fallback",) if found.bargain.ordinal & set(found.bargain.axes) else tuple(found.points)


def named_deals(found: Settlement, rules: Sequence[str] | None = None, most: int = MOST_NAMED) -> tuple[Named, ...]:
    """What the rules pick, and the deal of smallest regret, each once, in the order of the rules.

    Rules that compare utilities across parties where the case does not declare them comparable come last, so that
    letters are the same with and without them.

    Args:
        found: the answer.
        rules: only these; all by default.
        most: how many to name.
    """
    picked: dict[tuple[int, ...], tuple[list[str], Deal, dict[str, Fraction], int | None]] = {}
    wanted = [r for r in found.points if rules is None or r in rules]
    last = [] if found.bargain.comparable else [r for r in wanted if r in COMPARING]

    def add(rule: str) -> None:
        for one in found.points[rule][:MOST_TIED]:
            deal = one.deals[0]
            picked.setdefault(deal.levels, ([], deal, one.gains, one.count))[0].append(rule)

    for rule in wanted:
        if rule not in last:
            add(rule)
    if found.drawn is not None and found.verdict in ("zone", "weak"):
        deal = deal_at(found, int(found.drawn.regret.deals[0]))
        zero = found.bargain.disagreement
        if deal.levels != found.bargain.status_quo:
            gains = {p: deal.payoffs[p] - zero[p] for p in found.bargain.axes}
            picked.setdefault(deal.levels, ([], deal, gains, None))[0].append("regret")
    for rule in last:
        add(rule)
    out = []
    for letter, (chosen, deal, gains, count) in zip(LETTERS, list(picked.values())[:most], strict=False):
        order = sorted(chosen, key=list(SHORT_NAMES).index)
        out.append(Named(letter, tuple(order), deal, gains, count, _position(found, deal)))
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
    rows = [("", "no deal", *(worth_of(found, p, zero[p]) for p in columns), *([""] if drawn is not None else []))]
    for one in named:
        worth = {**one.deal.affected, **one.deal.payoffs}
        rows.append(
            (
                one.letter,
                listed([SHORT_NAMES[r] for r in one.rules]),
                *(worth_of(found, p, worth[p]) for p in columns),
                *([] if drawn is None or one.position is None else [percent(float(drawn.zone[one.position]))]),
            )
        )
    heads = ("deal", "picked by", *(bargain.case.party_name(p) for p in columns))
    return Table((*heads, *(["better for all"] if drawn is not None else [])), tuple(rows), stubs=2)


def record_table(found: Settlement, named: Sequence[Named]) -> Table:
    """For further use: a row per named deal, a column per option, what it is worth to everybody, how it fares in draws.

    Where there is no zone: the deals that come closest, and what each would lose by them.
    """
    case, zero, report = found.bargain.case, found.bargain.disagreement, found.no_zone
    parties = (*found.bargain.voices, *found.bargain.affected)
    entries: list[tuple[str, str, Deal | None, int | None]] = [("", "no deal", None, None)]
    entries += [(n.letter, listed([SHORT_NAMES[r] for r in n.rules]), n.deal, n.position) for n in named]
    near = {"smallest largest loss": report.uniform, "smallest sum of losses": report.total} if report else {}
    entries += [("", w, nearest_deals(found, n, 1)[0], None) for w, n in near.items() if n is not None]
    written = list(case.file.options.values())
    rows = []
    for letter, why, deal, position in entries:
        levels = found.bargain.status_quo if deal is None else deal.levels
        told = [""] * len(written) if levels is None else [w.levels[n] for w, n in zip(written, levels, strict=True)]
        worth = dict(zero) if deal is None else {**deal.affected, **deal.payoffs}
        cells = [f"{float(worth[p]):g}" if p in worth else "" for p in parties]
        if report is not None:
            lost = {} if deal is None else {p: max(zero[p] - v, Fraction(0)) for p, v in deal.payoffs.items()}
            cells += [f"{float(lost[p]):g}" if p in lost else "" for p in found.bargain.voices]
        if found.drawn is not None:
            cells.append("" if position is None else f"{float(found.drawn.zone[position]):g}")
        rows.append((letter, why, *told, *cells))
    heads = ["deal", "picked by", *(case.option_name(o) for o in case.options), *(case.party_name(p) for p in parties)]
    heads += [f"{case.party_name(p)} loses" for p in found.bargain.voices] if report is not None else []
    heads += ["better for all, share of draws"] if found.drawn is not None else []
    return Table(tuple(heads), tuple(rows))


def worth_of(found: Settlement, party: str, worth: Fraction) -> str:
    """A payoff as a number; of an order the place in it, no. 1 being best."""
    if party not in found.bargain.ordinal:
        return number(worth)
    values = found.bargain.payoffs[party]
    place = int(np.unique(values.numerators[values.floats > float(worth) + 1e-12]).size) + 1
    return f"no. {place} of {int(values.numerators.max()) + 1}"


def told_deal(found: Settlement, named: Sequence[Named], deal: Deal) -> str:
    """A deal by its letter, by how it differs from one with a letter, or in words."""
    case = found.bargain.case
    best: tuple[int, str] = (MOST_DIFFERENCES + 1, in_words(found, deal.levels))
    for one in named:
        other = [
            f"{case.option_name(option)}: {words(written.levels[deal.levels[n]])}"
            for n, (option, written) in enumerate(case.file.options.items())
            if deal.levels[n] != one.deal.levels[n]
        ]
        if len(other) < best[0]:
            best = len(other), f"{one.letter} but with {listed(other)}" if other else one.letter
    return best[1]


def in_words(found: Settlement, levels: Levels) -> str:
    """A deal by what it changes from today; by every option where there is no today."""
    case, today = found.bargain.case, found.bargain.status_quo
    parts = [
        f"{case.option_name(option)}: {words(written.levels[level])}"
        for n, ((option, written), level) in enumerate(zip(case.file.options.items(), levels, strict=True))
        if today is None or level != today[n]
    ]
    return ", ".join(parts) or "everything as today"


def also_needs(found: Settlement, deal: Deal) -> str:
    """Whose acceptance a deal needs besides that of the signatories, in brackets."""
    asked = [p for p in deal.payoffs if p in found.bargain.owners]
    return f" (also needs {listed([found.bargain.case.party_name(p) for p in asked])})" if asked else ""


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
