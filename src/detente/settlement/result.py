"""``Settlement``: the answer to "what could all sides accept?"."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from detente.base.result import Result
from detente.base.table import Table
from detente.mechanics.payoffs import Levels
from detente.settlement.adjusted_winner import AdjustedWinner
from detente.settlement.enumeration import Deals
from detente.settlement.lottery import Lottery
from detente.settlement.no_zone import Nearest, NoZone
from detente.settlement.opening import ALLOWED, Conditions, NewLevel
from detente.settlement.problem import Bargain

if TYPE_CHECKING:
    from detente.settlement.drawn import InDraws

RULE_NAMES = {
    "nash": "Nash (largest product of gains)",
    "ks": "Kalai-Smorodinsky (largest smallest share of what each could gain)",
    "egalitarian": "egalitarian (largest smallest gain)",
    "utilitarian": "utilitarian (largest sum)",
    "relative_utilitarian": "relative utilitarian (largest sum of shares of what each could gain)",
    "equal_loss": "equal loss (smallest largest loss against the best each could get)",
    "fallback": "fallback (each goes down its own order until all meet)",
}
RULES = tuple(RULE_NAMES)


@dataclass(frozen=True, slots=True)
class Deal:
    """One deal.

    Attributes:
        levels: one level number per option.
        payoffs: of all whose acceptance it needs.
        affected: payoffs of other parties.
        state: its number from 0, where states are enumerated.
    """

    levels: Levels
    payoffs: dict[str, Fraction]
    affected: dict[str, Fraction]
    state: int | None = None


@dataclass(frozen=True, slots=True)
class PayoffClass:
    """Deals worth the same to every signatory.

    Attributes:
        gains: what each signatory gains against having no deal.
        count: number of deals, or None where it is not known.
        deals: those listed, fewest changes from today first.
    """

    gains: dict[str, Fraction]
    count: int | None
    deals: tuple[Deal, ...]


@dataclass(frozen=True, repr=False, eq=False)
class Settlement(Result):
    """Zone, frontier and solutions, or why there is no zone.

    Attributes:
        bargain: the problem.
        verdict: zone | weak | none | undecided (only where time ran out).
        zone_size: number of deals strictly better for all (zone) or better for somebody at no one's cost (weak); None
            where they are not counted.
        frontier: undominated classes, in falling order of the first signatory's payoff; all of them unless ``partial``.
        points: rule -> the classes it picks, every tie among them.
        indifferent: signatories that no acceptable deal gives more than they have without one.
        spread: largest minus smallest share at the Kalai-Smorodinsky point, and the classes where that is smallest.
        nash_weights: for two signatories: class -> the interval of the first one's share of the weight in which it
            stays the Nash point.
        lottery: rule -> the mixture it picks; shares refer to positions on the frontier.
        adjusted_winner: for two signatories.
        no_zone: the report where the verdict is none.
        method: how the deals were found: enumeration | merge | milp.
        bound: None where all deals were looked at; else rule -> (bound, gap), see ``integer.Proof``.
        partial: there may be more classes on the frontier than are given.
        uncovered: for two signatories with a partial frontier: the area in which others are proven to lie, in stakes.
        unproven: what a limit of time left open, in words; what is given then is the best found.
        deals: every deal evaluated, where they are enumerated.
        drawn: how the answer fares in draws of what is uncertain; None where nothing is, or none were made.
    """

    bargain: Bargain
    verdict: str
    zone_size: int | None
    frontier: tuple[PayoffClass, ...] = ()
    points: dict[str, tuple[PayoffClass, ...]] = field(default_factory=dict)
    indifferent: tuple[str, ...] = ()
    spread: tuple[Fraction, tuple[PayoffClass, ...]] | None = None
    nash_weights: tuple[tuple[PayoffClass, tuple[float, float]], ...] = ()
    lottery: dict[str, Lottery] = field(default_factory=dict)
    adjusted_winner: AdjustedWinner | None = None
    no_zone: NoZone | None = None
    method: str = "enumeration"
    bound: dict[str, tuple[float, float]] | None = None
    partial: bool = False
    uncovered: Fraction | None = None
    unproven: tuple[str, ...] = ()
    deals: Deals | None = field(default=None, repr=False)
    drawn: InDraws | None = field(default=None, repr=False)

    def to_dict(self, *, full: bool = False) -> dict[str, Any]:
        """The contract of ``settle``; ``full`` lists every deal of the frontier, however many."""
        from detente.settlement.drawn_listing import in_draws
        from detente.settlement.listing import listed_classes, records

        bargain = self.bargain
        frontier = listed_classes(self, most=None) if full else self.frontier
        shown = (*bargain.voices, *bargain.affected)
        return {
            "parties": list(bargain.axes),
            "disagreement": {p: float(bargain.disagreement[p]) for p in shown},
            "verdict": self.verdict,
            "zone_size": self.zone_size,
            "frontier": records(self, frontier),
            "frontier_size": _size(frontier),
            "points": {r: records(self, c) for r, c in self.points.items()},
            "point_sizes": {r: _size(c) for r, c in self.points.items()},
            "no_zone": None if self.no_zone is None else self._no_zone(self.no_zone),
            "indifferent": list(self.indifferent),
            "unknown": list(bargain.unknown),
            "ordinal": [p for p in bargain.voices if p in bargain.ordinal],
            "weights": {p: float(w) for p, w in bargain.weights.items()},
            "comparable": bargain.comparable,
            "stakes": self._stakes(),
            "ks_spread": None if self.spread is None else float(self.spread[0]),
            "equal_ratio": [] if self.spread is None else records(self, self.spread[1]),
            "nash_weights": [
                {"levels": self.level_names(c.deals[0].levels), "from": low, "to": high}
                for c, (low, high) in self.nash_weights
            ],
            "lottery": {r: self._lottery(found) for r, found in self.lottery.items()} or None,
            "adjusted_winner": None if self.adjusted_winner is None else self._winner(self.adjusted_winner),
            "method": self.method,
            "certificate": f"complete {self.method}"
            if self.bound is None
            else {r: {"bound": b, "gap": g} for r, (b, g) in self.bound.items()},
            "frontier_complete": not self.partial,
            "uncovered": None if self.uncovered is None else float(self.uncovered),
            "unproven": list(self.unproven),
            "draws": None if self.drawn is None else in_draws(self, self.drawn),
        }

    def table(self) -> Table:
        """One row per rule and payoff class: what each signatory gets."""
        axes = self.bargain.axes
        names = tuple(self.bargain.case.party_name(p) for p in axes)
        rows = [("no deal", *(f"{float(self.bargain.disagreement[p]):g}" for p in axes), "")]
        for rule, classes in self.points.items():
            for one in classes:
                got = (f"{float(self.bargain.disagreement[p] + one.gains[p]):g}" for p in axes)
                rows.append((rule, *got, "" if one.count is None else f"{one.count:,}"))
        return Table(("rule", *names, "deals"), tuple(rows), f"{self.bargain.case.title}: {self.verdict}")

    def level_names(self, levels: Levels) -> dict[str, str]:
        """Option -> name of its level."""
        written = self.bargain.case.file.options.items()
        return {o: w.levels[n] for (o, w), n in zip(written, levels, strict=True)}

    # --- parts of the contract ---------------------------------------------------------------------------------------

    def _stakes(self) -> dict[str, float]:
        bargain = self.bargain
        known = bargain.scale.keys() | bargain.payoffs.keys() | bargain.stakes.keys()
        return {p: float(bargain.stake(p)) for p in bargain.voices if p in known}

    def _lottery(self, found: Lottery) -> dict[str, Any]:
        from detente.settlement.listing import record

        mixture = [{"chance": s, **record(self, self.frontier[n].deals[0])} for n, s in found.shares]
        axes = self.bargain.axes
        payoffs = {p: float(self.bargain.disagreement[p]) + g for p, g in zip(axes, found.gains, strict=True)}
        return {"mixture": mixture, "payoffs": payoffs, "pure": found.pure, "mixed": found.mixed, "adds": found.adds,
                "gap": found.gap}  # fmt: skip

    def _winner(self, found: AdjustedWinner) -> dict[str, Any]:
        one, other = (*found.parties, None, None)[:2]
        options = self.bargain.case.file.options
        items = [
            {
                "option": i.option,
                "wants": {p: options[i.option].levels[k] for p, k in zip((one, other), i.wants, strict=True)},
                "points": {p: float(k) for p, k in zip((one, other), i.points, strict=True)},
                "share": {one: float(i.share), other: float(1 - i.share)},
            }
            for i in found.items
        ]
        agreed = {o: options[o].levels[k] for o, k in found.agreed}
        return {"fits": found.fits, "reason": found.reason, "items": items, "agreed": agreed,
                "points": float(found.total) if found.fits else None, "acceptable": found.acceptable}  # fmt: skip

    def _no_zone(self, found: NoZone) -> dict[str, Any]:
        return {
            "possible": found.possible,
            "gaining": found.gaining,
            "uniform": self._nearest(found.uniform),
            "total": self._nearest(found.total),
            "blocking_parties": [list(s) for s in found.blocking],
            "accepting_parties": [list(s) for s in found.accepting],
            "lottery": self._mixture(found),
            "subsidy": None if found.subsidy is None else float(found.subsidy),
            "transfers": None if found.surplus is None else found.surplus.amount >= 0,
            "transfer_deal": self._nearest(found.surplus),
            "money_missing": list(found.money_missing),
            "falls": {p: self._nearest(f) for p, f in (found.falls or {}).items()},
            "conditions": None if found.conditions is None else self._conditions(found.conditions),
            "new_levels": None if found.levels is None else [self._level(n) for n in found.levels],
        }

    def _nearest(self, found: Nearest | None) -> dict[str, Any] | None:
        from detente.settlement.listing import nearest_deals, record

        if found is None:
            return None
        count = found.count if self.deals is None else len(found.deals)
        shown = nearest_deals(self, found, 10)
        return {"amount": float(found.amount), "count": count, "deals": [record(self, d) for d in shown]}

    def _mixture(self, found: NoZone) -> dict[str, Any] | None:
        from detente.settlement.listing import mixed_deals, record

        if found.mixture is None:
            return None
        mixed = found.mixture
        entries = [{"chance": float(s), **record(self, d)} for d, s in mixed_deals(self, mixed)]
        payoffs = {p: float(g + self.bargain.disagreement[p]) for p, g in mixed.gains.items()}
        return {"mixture": entries, "payoffs": payoffs}

    def _conditions(self, found: Conditions) -> dict[str, Any]:
        opens = [
            {
                "conditions": [self.condition_text(n) for n in o.lifted],
                "levels": self.level_names(o.levels),
                "payoffs": {p: float(g + self.bargain.disagreement[p]) for p, g in o.gains.items()},
                "count": o.count,
            }
            for o in found.opens
        ]
        blocking = [[self.condition_text(n) for n in s] for s in found.blocking]
        return {"asked": found.asked, "reason": found.reason, "opens": opens, "blocking": blocking}

    def condition_text(self, number: int | str) -> str:
        """A condition as written under ``infeasible``, or what stands for a restriction from outside."""
        if number == ALLOWED or isinstance(number, str):
            return "only some deals may be agreed on"
        return self.bargain.case.file.infeasible[number].text

    def _level(self, found: NewLevel) -> dict[str, Any]:
        return {
            "option": found.option,
            "between": [found.below, found.above],
            "share": float(found.share),
            "range": [float(x) for x in found.range],
            "levels": self.level_names(found.levels) | {found.option: None},
            "payoffs": {p: float(g + self.bargain.disagreement[p]) for p, g in found.gains.items()},
            "count": found.count,
        }


def _size(classes: tuple[PayoffClass, ...]) -> dict[str, int | None]:
    counts = [c.count for c in classes]
    known = [c for c in counts if c is not None]
    deals = sum(known) if len(known) == len(counts) else None
    return {"classes": len(classes), "deals": deals, "listed": sum(len(c.deals) for c in classes)}
