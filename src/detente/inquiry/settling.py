"""``settle``: the deals listed where that is possible, else found without listing; then the draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.base.result import Provenance
from detente.inquiry.ratify import ratifiable
from detente.settlement.any_size import SECONDS, Effort, Stopped, enumerable, settle_at_any_size
from detente.settlement.drawn import in_draws
from detente.settlement.problem import bargain_of
from detente.settlement.result import RULES, Settlement
from detente.settlement.solve import settle
from detente.space.draws import draws
from detente.space.space import Space

if TYPE_CHECKING:
    from detente.case.model import Case
    from detente.inquiry.session import Session

MOST_CELLS = 2 * 10**9  # states times draws
FEWEST = 50


@dataclass(frozen=True)
class Asking:
    """What ``settle`` can be asked with.

    Attributes:
        rules: which solutions to give.
        weights: bargaining power in place of what the case says.
        allowed: which states may be agreed on, one truth value per state.
        method: auto | enumeration | merge | milp.
        seconds: most time for integer programs.
        draws: of the uncertain numbers and of utilities that fit an order; 0 for none.
        seed: the same seed gives the same draws.
    """

    rules: Sequence[str] = RULES
    weights: Mapping[str, float | str] | None = None
    allowed: Sequence[bool] | None = None
    method: str = "auto"
    seconds: float = SECONDS
    draws: int = 1000
    seed: int = 0

    def parameters(self) -> dict[str, Any]:
        """What was asked with, for the provenance."""
        out: dict[str, Any] = {"rules": list(self.rules)}
        if self.weights is not None:
            out["weights"] = dict(self.weights)
        if self.method != "auto":
            out["method"] = self.method
        if self.seconds != SECONDS:
            out["seconds"] = self.seconds
        return {**out, "draws": self.draws}


def settled(session: Session, case: Case, reads: tuple[str, ...], asking: Asking) -> Settlement:
    """All deals listed where that is possible; else by merging options, else by integer programs.

    Args:
        session: supplies the states.
        case: the case as asked.
        reads: the blocks that the answer depends on.
        asking: with what.

    Raises:
        Stopped: time ran out; carries the best answer so far.
    """
    given = None if asking.weights is None else {p: Fraction(str(w)) for p, w in asking.weights.items()}
    provenance = session.provenance(case, reads, **asking.parameters())
    mask = None if asking.allowed is None else np.asarray(asking.allowed, bool)
    listed = asking.method == "enumeration" or (
        asking.method == "auto" and (mask is not None or enumerable(Space.of(case), session.limit))
    )
    if listed:
        bargain = bargain_of(case, session.states(case), weights=given, allowed=mask)
        return drawn(settle(bargain, provenance, asking.rules, limit=session.limit), asking.draws, asking.seed)
    bargain = bargain_of(case, weights=given, allowed=mask)
    found = settle_at_any_size(
        bargain, provenance, asking.rules, method=asking.method, effort=Effort(asking.seconds)
    )  # fmt: skip
    if asking.draws and draws(case, 1).inputs:
        text = "Uncertain numbers are taken at their point values: too many deals to look at each in draws."
        found = told(found, (text,), None)
    if found.unproven:
        raise Stopped(found, asking.seconds)
    return found


def settled_ratifiable(session: Session, case: Case, reads: tuple[str, ...], asking: Asking) -> Settlement:
    """The same over the deals that pass at home with a chance of at least one half."""
    provenance: Provenance = session.provenance(case, reads, **asking.parameters(), ratifiable=True)
    given = None if asking.weights is None else {p: Fraction(str(w)) for p, w in asking.weights.items()}
    bargain = bargain_of(case, session.states(case), weights=given, allowed=ratifiable(session, case))
    return settle(bargain, provenance, asking.rules, limit=session.limit)


def drawn(found: Settlement, count: int, seed: int) -> Settlement:
    """An answer with how it fares in draws; fewer of them where there are very many deals, which is said."""
    if not count or found.deals is None or not len(found.deals):
        return found
    size = max(len(found.bargain.payoffs) and len(found.bargain.states or ()), 1)
    most = max(MOST_CELLS // size, FEWEST)
    made = min(count, most)
    fares = in_draws(found, draws(found.bargain.case, made, seed))
    if fares is None:
        return found
    warnings = fares.warnings
    if made < count:
        warnings = (*warnings, f"Only {made:,} draws were made, as there are {size:,} deals.")
    return told(replace(found, drawn=fares), warnings, seed)


def told(found: Settlement, warnings: tuple[str, ...], seed: int | None) -> Settlement:
    """An answer with further warnings, and the seed of its draws."""
    provenance = found.provenance
    return replace(
        found, provenance=replace(provenance, warnings=(*provenance.warnings, *warnings), seed=seed)
    )  # fmt: skip
