"""``Ratification``: the answer to "would it pass at home?"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from detente.base.result import Provenance, Result
from detente.base.table import Table
from detente.base.wording import words
from detente.case.needs import Needs
from detente.mechanics.payoffs import Levels, status_quo_levels
from detente.ratification.counts import BodyCount, Obstacle, count_of, obstacles_of
from detente.ratification.drawn import PassageInDraws, passage_in_draws
from detente.ratification.needs import chance_of
from detente.ratification.passage import HALF, Assembly, Floats
from detente.ratification.private import private_parts
from detente.ratification.window import Promise, Window, factors, promises_of, window_of
from detente.ratification.wording import body_name, levels_in_words, member_name, needs_in_words
from detente.space.draws import Draws

FEW = 20  # members


@dataclass(frozen=True, slots=True)
class Met:
    """One requirement that concerns the deal.

    Attributes:
        when: the deals it concerns, as written.
        needs: what it needs, as written.
        words: the same with names.
        chance: that it is met.
        bodies: what it asks of each body, as written (``senate``, ``senate >= 67``) -> the chance of that.
    """

    when: str
    needs: str
    words: str
    chance: float
    bodies: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Cost:
    """What ratification costs the negotiators.

    Attributes:
        verdict, size: zone, weak or none, and the number of deals that make it so, ratification left aside.
        passing: how many of these deals pass with a chance of at least one half.
        ratifiable: the verdict over the deals that pass.
        rule: the solution compared.
        payoffs: party -> its payoff at that point with ratification left aside, and over the deals that pass (None
            where there is no such point).
    """

    verdict: str
    size: int
    passing: int
    ratifiable: str
    rule: str
    payoffs: Mapping[str, tuple[Fraction, Fraction | None]]


@dataclass(frozen=True, slots=True)
class Example:
    """The deal that passes most easily of those that a requirement concerns.

    Attributes:
        requirement: its number in the file.
        state: the deal.
        passes: its chance of passage.
        acceptable: whether only deals that nobody loses by were looked at, or all.
    """

    requirement: int
    state: int
    passes: float
    acceptable: bool


@dataclass(frozen=True, repr=False, eq=False)
class Ratification(Result):
    """How one deal fares in the bodies that have to pass it, and which deals pass at all.

    Attributes:
        assembly: bodies and requirements over all states.
        deal: its state number.
        chosen: how the deal was named: a rule of ``settle``, or what was asked for.
        levels: its level numbers; None where it is a merged state.
        today: level numbers of today's state, or None.
        passes: its chance of passage.
        independent: the same if every member voted on its own.
        requirements: those that concern the deal.
        bodies: their votes.
        obstacles: who could carry the deal, where it does not pass.
        window: until when it passes.
        promises: what the parties with a term promise in it.
        points: rule of ``settle`` -> (state, chance of passage) of the deals it picks.
        examples: for every requirement the deals that pass most easily.
        cost: what ratification costs, or None where ``settle`` cannot be asked.
        draws: how the deal fares in draws, or None where nothing it depends on is uncertain.
        hidden: parties whose terms are left out.
    """

    assembly: Assembly
    deal: int
    chosen: str
    levels: Levels | None
    today: Levels | None
    passes: float
    independent: float | None
    requirements: tuple[Met, ...]
    bodies: Mapping[str, BodyCount]
    obstacles: tuple[Obstacle, ...]
    window: Window
    promises: tuple[Promise, ...]
    points: Mapping[str, Sequence[tuple[int, float]]] = field(default_factory=dict)
    examples: Sequence[Example] = ()
    cost: Cost | None = None
    draws: PassageInDraws | None = None
    hidden: frozenset[str] = frozenset()

    @property
    def passed(self) -> bool:
        """Whether the deal passes with a chance of at least one half."""
        return self.passes >= HALF

    @property
    def win_set_size(self) -> int:
        """Number of states that pass with a chance of at least one half."""
        return int(self.assembly.win_set.sum())

    def for_sharing(self) -> Ratification:
        """The answer without payoffs, without vetoes that tell what a party wants, and without private numbers."""
        case = self.assembly.case
        bodies, terms = private_parts(case)
        outsiders = {
            name: {m: c for m, c in count.vetoes.items() if self.assembly.bodies[name].vetoes[m].party is None}
            for name, count in self.bodies.items()
        }
        # a count of expected votes would give a private chance away, so nothing but the chance of passage is left
        counts = {n: replace(c, vetoes=outsiders[n]) for n, c in self.bodies.items() if n not in bodies}
        named = tuple(
            replace(r, bodies={n: p for n, p in r.bodies.items() if n not in bodies}) for r in self.requirements
        )
        known = [o for o in self.obstacles if o.body not in bodies]
        return replace(
            self,
            bodies=counts,
            requirements=named,
            independent=None if bodies & set(self.bodies) else self.independent,
            obstacles=tuple(o for o in known if o.member is None or o.member in outsiders[o.body]),
            window=Window(None, None) if terms else self.window,
            promises=tuple(replace(p, losses={}) for p in self.promises if p.party not in terms),
            cost=None,
            draws=None if self.draws is None else replace(self.draws, after=() if terms else self.draws.after),
            hidden=terms,
        )

    def to_dict(self, *, full: bool = False) -> dict[str, Any]:
        """The contract of ``ratify``; ``full`` makes no difference, as the answer concerns one deal."""
        del full
        states, case = self.assembly.states, self.assembly.case
        closes = self.window.closes
        return {
            "deal": states.levels(self.deal),
            "state": states.id(self.deal),
            "chosen": self.chosen,
            "passes": self.passes,
            "independent": self.independent,
            "requirements": [
                {"when": m.when, "needs": m.needs, "p": m.chance, "bodies": dict(m.bodies)} for m in self.requirements
            ],
            "bodies": {name: _body(count) for name, count in self.bodies.items()},
            "obstacles": [
                {"body": o.body, "bloc": o.bloc, "member": o.member, "now": o.now, "enough": o.enough,
                 "at_most": o.at_most}
                for o in self.obstacles
            ],
            "win_set_size": self.win_set_size,
            "states": len(states),
            "window_closes": None if closes is None else closes.isoformat(),
            "window": {
                "ticks": self.window.ticks,
                "steps": [{"after": d.isoformat(), "parties": list(p), "passes": c} for d, p, c in self.window.steps],
            },
            "promises": [
                {"party": p.party, "ends": p.ends.isoformat(), "kept": float(p.kept),
                 "levels": {o: {"level": a, "returns_to": b} for o, (a, b) in p.levels.items()},
                 "losses": {q: float(v) for q, v in p.losses.items()}}
                for p in self.promises
            ],
            "kept": {
                p: {o: {v: float(k) for v, k in row.items()} for o, row in factors(case, p, self.today).items()}
                for p in case.file.terms
                if p not in self.hidden
            },
            "points": {
                rule: [{"state": states.id(s), "passes": chance} for s, chance in found]
                for rule, found in self.points.items()
            },
            "examples": [
                {"requirement": e.requirement, "state": states.id(e.state), "passes": e.passes,
                 "acceptable": e.acceptable}
                for e in self.examples
            ],
            "cost": None if self.cost is None else _cost(self.cost),
            "draws": None if self.draws is None else {
                "draws": self.draws.draws, "seed": self.draws.seed, "share": self.draws.share,
                "low": self.draws.low, "high": self.draws.high, "below_after": list(self.draws.after),
            },
        }  # fmt: skip

    def table(self) -> Table:
        """One row per body that votes on the deal, and one for the deal as a whole."""
        case = self.assembly.case
        rows = tuple(
            (
                body_name(case, name),
                f"{count.quota:,}",
                f"{votes_in_words(count, count.expected)} of {count.votes:,}" if count.votes else "not counted",
                f"{count.low:,} to {count.high:,}" if count.votes else "",
                ", ".join(f"{member_name(case, name, m)} {percent(c)}" for m, c in count.vetoes.items()),
                percent(count.passes),
            )
            for name, count in self.bodies.items()
        )
        chance = percent(self.passes) if self.requirements else "no vote needed"
        rows = (*rows, (f"all, on the deal: {deal_in_words(self)}", "", "", "", "", chance))
        heads = ("body", "needed", "yes votes expected", "nine times in ten", "chance of not blocking", "passes")
        return Table(heads, rows, title=f"Chance of passage: {percent(self.passes)}")


def ratify(
    assembly: Assembly, provenance: Provenance, deal: int, chosen: str, draws: Draws | None = None
) -> Ratification:
    """How one deal fares.

    Args:
        assembly: bodies and requirements.
        provenance: carried into the result.
        deal: its state number.
        chosen: how it was named.
        draws: of the same case, for its passage under uncertain numbers.
    """
    case, states = assembly.case, assembly.states
    levels = (
        None if None in states.levels(deal).values() else tuple(int(d) for d in states.digits[:, states.cell_of[deal]])
    )
    today = None if states.status_quo is None else status_quo_levels(states)
    here = np.array([deal], np.int64)
    passes = float(assembly.passage[deal])
    needs = [n for n, m in zip(assembly.needs, assembly.matches[:, deal], strict=True) if m]
    window = Window(None, None) if levels is None else window_of(case, passes, today, levels)
    return Ratification(
        provenance=provenance,
        assembly=assembly,
        deal=deal,
        chosen=chosen,
        levels=levels,
        today=today,
        passes=passes,
        independent=float(assembly.passing(here, independent=True)[0]),
        requirements=tuple(_met(assembly, deal)),
        bodies={name: count_of(assembly, name, deal) for name in assembly.marks(needs)},
        obstacles=obstacles_of(assembly, deal),
        window=window,
        promises=() if levels is None else promises_of(case, today, levels),
        draws=None if draws is None or not needs else passage_in_draws(assembly, draws, deal, levels, window),
    )


def deal_in_words(found: Ratification) -> str:
    """The deal by what it changes from today."""
    case = found.assembly.case
    if found.levels is not None:
        return levels_in_words(case, found.levels, found.today)
    known = found.assembly.states.levels(found.deal)
    return ", ".join(f"{case.option_name(o)}: {words(v) if v else 'any level'}" for o, v in known.items())


def votes_in_words(count: BodyCount, votes: float) -> str:
    """A number of votes that is no whole one: with one decimal where few vote, as half a vote then matters."""
    return f"{votes:,.1f}".removesuffix(".0") if count.votes < FEW else f"{votes:,.0f}"


def percent(chance: float) -> str:
    """A chance for readers: ``0 %`` and ``100 %`` only where it is certain."""
    text = f"{100 * chance:.0f} %"
    if text == "0 %" and chance > 0:
        return "under 1 %"
    return "over 99 %" if text == "100 %" and chance < 1 - 1e-12 else text


def _met(assembly: Assembly, deal: int) -> list[Met]:
    block, here = assembly.case.file.ratification, np.array([deal], np.int64)
    out = []
    for n, requirement in enumerate(block.requirements if block is not None else ()):
        if not assembly.matches[n, deal]:
            continue
        needs: Needs = assembly.needs[n]
        passing: dict[tuple[str, int | None], Floats] = {}
        bodies: dict[str, float] = {}
        for name, marks in assembly.marks([needs]).items():
            found = assembly.body(name, here, [m for m, _ in marks])
            passing |= {(name, vote): found[:, k] for k, (_, vote) in enumerate(marks)}
            bodies |= {name if v is None else f"{name} >= {v}": float(found[0, k]) for k, (_, v) in enumerate(marks)}
        chance = float(chance_of([needs], passing, assembly.quotas, 1)[0])
        told = needs_in_words(assembly.case, needs)
        out.append(Met(requirement.when.text, requirement.needs.text, told, chance, bodies))
    return out


def _body(count: BodyCount) -> dict[str, Any]:
    return {
        "quota": count.quota,
        "votes": count.votes,
        "p": count.passes,
        "expected": count.expected,
        "sd": count.spread,
        "low": count.low,
        "high": count.high,
        "short": count.short,
        "blocs": {
            b: {"votes": c.votes, "accepts": c.accepts, "cohesion": c.cohesion} for b, c in count.blocs.items()
        },
        "veto": dict(count.vetoes),
    }  # fmt: skip


def _cost(cost: Cost) -> dict[str, Any]:
    return {
        "verdict": cost.verdict,
        "size": cost.size,
        "passing": cost.passing,
        "ratifiable": cost.ratifiable,
        "rule": cost.rule,
        "payoffs": {
            p: {"plain": float(a), "ratifiable": None if b is None else float(b)} for p, (a, b) in cost.payoffs.items()
        },
    }
