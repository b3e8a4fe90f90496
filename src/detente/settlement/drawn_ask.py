"""What to ask a party of which only an order is known, where the order does not decide the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np
from numpy.typing import NDArray

from detente.settlement.drawn_gains import COMPLETION, DrawnGains

Floats = NDArray[np.float64]
Index = NDArray[np.int64]
DECIDED = 0.9


@dataclass(frozen=True, slots=True)
class Ask:
    """A comparison whose answer would tell draws that agree with the answer from those that do not.

    Attributes:
        about: the verdict, or the rule whose pick is not decided.
        share: of the draws that agree.
        party: whom to ask; None where no comparison of two deals tells the draws apart.
        first, second: positions of two deals in ``Deals``; None is no deal at all.
        ratio: None asks which of the two deals the party prefers; a number asks whether the first is worth at least
            that part of the way from no deal to the second.
        yes, no: share of the draws that agree among those in which the answer is yes, and among the others.
    """

    about: str
    share: float
    party: str | None = None
    first: int | None = None
    second: int | None = None
    ratio: float | None = None
    yes: float = 0.0
    no: float = 0.0


def what_to_ask(
    gains: Mapping[str, DrawnGains],
    kept: Mapping[str, Sequence[Floats]],
    agreeing: Sequence[tuple[str, Floats]],
    items: Index,
) -> tuple[Ask, ...]:
    """For the verdict and every rule that the orders do not decide, the comparison that separates the draws best.

    Args:
        gains: everybody asked.
        kept: parties of which an order is known -> per draw, gains of some deals.
        agreeing: (verdict or rule, how far each draw agrees).
        items: positions of those deals.
    """
    if not kept:
        return ()
    out = []
    for about, agree in agreeing:
        share = float(agree.mean())
        if share < DECIDED:
            tried = [_best(about, agree, p, np.array(rows), items, gains[p].kind) for p, rows in kept.items()]
            found = max((t for t in tried if t is not None), key=lambda t: t[0], default=None)
            out.append(Ask(about, share) if found is None else found[1])
    return tuple(out)


def _best(
    about: str, agree: Floats, party: str, rows: Floats, items: Index, kind: str
) -> tuple[float, Ask] | None:  # fmt: skip
    """The comparison of one party that separates best, and by how much (Kolmogorov-Smirnov distance)."""
    best: tuple[float, Ask] | None = None
    columns = np.column_stack([rows, np.zeros(len(rows))])  # the last is no deal
    names: list[int | None] = [*(int(i) for i in items), None]

    def consider(first: int, second: int, ratio: float | None, yes: NDArray[np.bool_]) -> None:
        nonlocal best
        if yes.all() or not yes.any() or agree.sum() in (0, len(agree)):
            return
        apart = abs(float(agree[yes].sum() / agree.sum() - (1 - agree[yes]).sum() / (1 - agree).sum()))
        if best is None or apart > best[0] + 1e-9:
            told = float(agree[yes].mean()), float(agree[~yes].mean())
            best = apart, Ask(about, float(agree.mean()), party, names[first], names[second], ratio, *told)

    if kind == COMPLETION:
        for a, b in combinations(range(len(names)), 2):
            consider(a, b, None, columns[:, a] > columns[:, b])
        return best
    for a, b in permutations(range(len(items)), 2):
        if (columns[:, a] > 0).all() and (columns[:, b] > columns[:, a]).all():
            ratios = columns[:, a] / columns[:, b]
            cut = _cut(ratios, agree)
            consider(a, b, cut, ratios >= cut)
    return best


def _cut(ratios: Floats, agree: Floats) -> float:
    """The value at which the distributions of agreeing and other draws lie furthest apart."""
    order = np.argsort(ratios, kind="stable")
    total = max(float(agree.sum()), 1e-12), max(float((1 - agree).sum()), 1e-12)
    apart = np.abs(np.cumsum(agree[order]) / total[0] - np.cumsum(1 - agree[order]) / total[1])
    k = int(np.argmax(apart[:-1])) if len(apart) > 1 else 0
    return float((ratios[order[k]] + ratios[order[min(k + 1, len(order) - 1)]]) / 2)
