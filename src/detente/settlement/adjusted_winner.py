"""Adjusted Winner for two parties: who gets its way on which option, and the one they share (Brams & Taylor 1996)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from detente.mechanics.payoffs import Levels, feasible
from detente.settlement.problem import Bargain

POINTS = 100


@dataclass(frozen=True, slots=True)
class Item:
    """One option on which the two parties want different levels.

    Attributes:
        option: its id.
        wants: level number each party wants.
        points: out of 100, what getting its way is worth to each.
        share: part of the item that goes to the first party.
    """

    option: str
    wants: tuple[int, int]
    points: tuple[Fraction, Fraction]
    share: Fraction


@dataclass(frozen=True, slots=True)
class AdjustedWinner:
    """What the procedure gives, or why it does not fit.

    Attributes:
        parties: the two signatories.
        fits: whether the case is one of dividing points of contention.
        reason: why not, in words.
        items: the options they disagree on.
        agreed: option -> level number that both want.
        total: points each party ends with; equal.
        acceptable: whether both get at least what they have without a deal.
    """

    parties: tuple[str, ...]
    fits: bool
    reason: str = ""
    items: tuple[Item, ...] = ()
    agreed: tuple[tuple[str, int], ...] = ()
    total: Fraction = Fraction(0)
    acceptable: bool = False


def divide(points: Sequence[tuple[Fraction, Fraction]]) -> list[Fraction]:
    """Share of each item that goes to the first party.

    Each item goes to the party with more points on it; then items move from the richer to the poorer side in rising
    order of the ratio of points, the last one in part, until the totals are equal.

    Args:
        points: of both parties on every item; each party's sum to the same number.
    """
    shares = [Fraction(int(a >= b)) for a, b in points]

    def lead() -> Fraction:
        return sum((a * s - b * (1 - s) for (a, b), s in zip(points, shares, strict=True)), Fraction(0))

    richer = 0 if lead() > 0 else 1
    own = [n for n, s in enumerate(shares) if s == 1 - richer]
    # richer's points over poorer's; an item worth nothing to the poorer side would move last
    own.sort(key=lambda n: (points[n][1 - richer] == 0, points[n][richer] / (points[n][1 - richer] or 1), n))
    for n in own:
        gap = abs(lead())
        if gap == 0:
            break
        moved = min(Fraction(1), gap / sum(points[n])) if sum(points[n]) else Fraction(0)
        shares[n] += moved if richer else -moved
    return shares


def adjusted_winner(bargain: Bargain) -> AdjustedWinner:
    """Adjusted Winner with the options on which two signatories want different levels as items.

    An item is worth to a party the difference between the level it wants and the level the other wants, out of 100
    points over all items. Options on which both want the same level are not items: both get their way.
    """
    parties = bargain.axes
    if reason := _misfit(bargain):
        return AdjustedWinner(parties, fits=False, reason=reason)
    first, second = (dict(bargain.worth[p].levels) for p in parties)
    items, agreed, worths = [], [], []
    for option in bargain.space.options:
        flat = (Fraction(0),) * len(bargain.case.file.options[option].levels)
        a, b = first.get(option, flat), second.get(option, flat)
        one = max(range(len(a)), key=lambda k: (a[k], b[k], -k))
        other = max(range(len(b)), key=lambda k: (b[k], a[k], -k))
        worth = (a[one] - a[other], b[other] - b[one])
        if not any(worth):
            agreed.append((option, one))
        else:
            items.append((option, (one, other)))
            worths.append(worth)
    sums = [sum((w[k] for w in worths), Fraction(0)) for k in (0, 1)]
    if not all(sums):
        text = "there is no option on which both would have to give way"
        return AdjustedWinner(parties, fits=False, reason=text, agreed=tuple(agreed))
    points = [(a * POINTS / sums[0], b * POINTS / sums[1]) for a, b in worths]
    shares = divide(points)
    found = tuple(Item(o, w, p, s) for (o, w), p, s in zip(items, points, shares, strict=True))
    return _judged(bargain, found, tuple(agreed))


def _judged(bargain: Bargain, items: tuple[Item, ...], agreed: tuple[tuple[str, int], ...]) -> AdjustedWinner:
    """The division with its totals, if the deals it leads to are feasible."""
    ends: list[Levels] = []
    for side in (0, 1):
        levels = dict(agreed) | {
            i.option: i.wants[0 if i.share == 1 or (0 < i.share < 1 and side == 0) else 1] for i in items
        }
        ends.append(tuple(levels[o] for o in bargain.space.options))
    if not all(feasible(bargain.space, e) for e in ends):
        text = "the division it leads to is not feasible under the conditions of the case"
        return AdjustedWinner(bargain.axes, fits=False, reason=text, items=items, agreed=agreed)
    part = next((i.share for i in items if 0 < i.share < 1), Fraction(1))
    enough = True
    for party in bargain.voices:
        worth = bargain.worth[party]
        got = part * worth.of_levels(bargain.case, ends[0]) + (1 - part) * worth.of_levels(bargain.case, ends[1])
        enough &= got >= bargain.disagreement[party]
    total = sum((i.points[0] * i.share for i in items), Fraction(0))
    return AdjustedWinner(bargain.axes, fits=True, items=items, agreed=agreed, total=total, acceptable=enough)


def _misfit(bargain: Bargain) -> str:
    """Why the procedure cannot be applied, or nothing."""
    if len(bargain.axes) != 2 or any(p in bargain.unknown for p in bargain.case.parties):
        return "it is for exactly two signatories whose preferences are known"
    for party in bargain.voices:
        name = bargain.case.party_name(party)
        if party not in bargain.worth:
            return f"it needs a written utility, and of {name} only an order is known"
        if party in bargain.axes and bargain.worth[party].conditions:
            return f"{name} values combinations of options, so the options cannot be divided one by one"
    return ""
