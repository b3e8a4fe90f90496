"""Forecasts word for word: dense matrices over every situation that can be told apart, and paths drawn one by one.

A situation is a state of the case that still moves, or one in which a breakdown or a final deal has left it for ever.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field
from math import exp, inf
from typing import Any

import numpy as np

from tests.literal.states import CaseDict, Space

TIE = 1e-9
Matrix = Any


@dataclass(frozen=True)
class Reading:
    """How the definitions are read; the default is right, everything else is a known error."""

    sample_deviation: bool = False
    """Logit replies with the deviation of a sample, n - 1 below."""
    first_in_time: bool = False
    """A path counts for the outcome that it visited first in time, not first in the list."""
    dominated: bool = False
    """Deals that another deal betters count too."""
    foreign: bool = False
    """A joint move changes options of outsiders too."""
    one_answer: bool = False
    """Caution fears single improvements only, not sequences of them."""
    start_left_out: bool = False
    """What a path starts in is not visited."""


RIGHT = Reading()


@dataclass
class Spec:
    """A forecast of a case in numbers; states by position in file numbering."""

    case: CaseDict
    utility: dict[str, list[float]]
    reply: str
    foresight: str
    caution: bool
    intensity: float
    weights: dict[str, float] | None
    turns: list[dict[str, float]]
    cyclic: bool
    discount: dict[str, float]
    hazard: list[float]
    breaks: list[int]
    rate: list[float]
    deals: list[bool]
    among: list[str]
    final: bool
    start: int
    classes: list[int]
    outcomes: int
    otherwise: int | None
    ticks: list[int]
    ever: bool
    worths: dict[str, list[float]] | None = None
    """What states are worth where it is given instead of worked out."""
    reading: Reading = field(default=RIGHT)


class Literal:
    """A forecast worked out from the definitions."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.space = Space(spec.case)
        self.count = len(self.space.states)
        self.place = {s.id: n for n, s in enumerate(self.space.states)}
        owners = {o.party for o in self.space.options}
        self.mediators = {p for p, w in spec.case["parties"].items() if w.get("role") == "mediator"}
        self.movers = [p for p in self.space.parties if p in owners and p not in self.mediators]
        self.moves = {
            p: [sorted(self.place[t] for t in self.space.moves[p][s.id]) for s in self.space.states]
            for p in self.movers
        }
        self.deviation = 0.0
        self.range = {p: max(row) - min(row) for p, row in spec.utility.items()}
        self.share = self.shares_of_turns()
        self.unsanctioned = {
            p: [[t for t in targets if not self._sanctioned(p, s, t)] for s, targets in enumerate(self.moves[p])]
            for p in self.movers
        } if spec.caution else self.moves  # fmt: skip
        self.joint = [self._deals(s) for s in range(self.count)] if spec.among else None
        self.steady = True
        self.visits = 0.0  # most expected visits in a linear system: how near it is to being singular
        self.worths = spec.worths or self._worths()
        self.replies = self._replies(self.worths, caution=spec.caution)

    # --- replies -----------------------------------------------------------------------------------------------------

    def _deviation(self, party: str) -> float:
        """Standard deviation of a party's utility over the states."""
        numbers = self.spec.utility[party]
        if self.range[party] == 0:
            return 0.0
        mean = sum(numbers) / len(numbers)
        below = len(numbers) - (1 if self.spec.reading.sample_deviation else 0)
        return float((sum((x - mean) ** 2 for x in numbers) / below) ** 0.5)

    def _replies(self, worths: dict[str, list[float]], *, caution: bool) -> dict[str, Matrix]:
        out = {}
        for party in self.movers:
            self.deviation = self._deviation(party)
            rows = np.zeros((self.count, self.count))
            for state in range(self.count):
                targets = (self.unsanctioned if caution else self.moves)[party][state]
                for target, chance in self._choice(party, state, targets, worths[party]).items():
                    rows[state, target] += chance
            out[party] = rows
        return out

    def _choice(self, party: str, state: int, targets: list[int], worth: list[float]) -> dict[int, float]:
        spec = self.spec
        if spec.reply == "logit":
            sharp = spec.intensity / self.deviation if self.deviation else 0.0
            weights = {t: exp(sharp * (worth[t] - worth[state])) for t in (state, *targets)}
            total = sum(weights.values())
            return {t: w / total for t, w in weights.items()}
        tie = 0.0 if spec.foresight == "none" else TIE * self.range[party]
        better = [t for t in targets if worth[t] > worth[state] + tie]
        if spec.reply == "best" and better:
            top = max(worth[t] for t in better)
            better = [t for t in better if worth[t] >= top - tie]
        return {t: 1 / len(better) for t in better} or {state: 1.0}

    def _sanctioned(self, party: str, state: int, target: int) -> bool:
        """Whether others can answer a move by improvements of their own that leave its mover no better than before."""
        share = self.share
        others = [p for p in self.movers if p != party and share[p] > 0]
        own = self.spec.utility[party]
        reached: set[tuple[int, str]] = set()
        frontier = [(target, "")]
        while frontier:
            fresh = []
            for here, last in frontier:
                for other in others:
                    if other == last:
                        continue
                    utility = self.spec.utility[other]
                    fresh += [(t, other) for t in self.moves[other][here] if utility[t] > utility[here]]
            frontier = [f for f in dict.fromkeys(fresh) if f not in reached]
            reached |= set(frontier)
            if self.spec.reading.one_answer:
                break
        return any(own[t] <= own[state] for t, _ in reached)

    def shares_of_turns(self) -> dict[str, float]:
        """How often each party has the move."""
        spec = self.spec
        raw = spec.weights or {p: sum(t.get(p, 0.0) for t in spec.turns) for p in self.movers}
        total = sum(raw.get(p, 0.0) for p in self.movers)
        return {p: raw.get(p, 0.0) / total if total else 0.0 for p in self.movers}

    # --- foresight ---------------------------------------------------------------------------------------------------

    def _worths(self) -> dict[str, list[float]]:
        spec = self.spec
        plain = {p: list(spec.utility[p]) for p in self.movers}
        if spec.foresight == "none":
            return plain
        share = self.share
        if spec.foresight == "one_reply":
            replies = self._replies_without_foresight(plain)
            out = {}
            for party in self.movers:
                rest = sum(share[p] for p in self.movers if p != party)
                out[party] = plain[party] if rest == 0 else [
                    sum(share[p] / rest * float(replies[p][s] @ plain[party]) for p in self.movers if p != party)
                    for s in range(self.count)
                ]  # fmt: skip
            return out
        value = {p: np.array(plain[p]) for p in self.movers}
        for _ in range(600):
            after = self.bellman(value)
            gap = max((float(np.abs(after[p] - value[p]).max()) / (self.range[p] or 1.0) for p in self.movers),
                      default=0.0)  # fmt: skip
            value = {p: 0.5 * value[p] + 0.5 * after[p] for p in self.movers}
            if gap < 1e-12:
                break
        else:
            self.steady = False
        return {p: list(self.continuation(p, value[p])) for p in self.movers}

    def _replies_without_foresight(self, plain: dict[str, list[float]]) -> dict[str, Matrix]:
        kept, self.spec.foresight = self.spec.foresight, "none"
        try:
            return self._replies(plain, caution=False)
        finally:
            self.spec.foresight = kept

    def continuation(self, party: str, value: Matrix) -> Matrix:
        """Worth of a state to who moves there: the period, then what follows."""
        discount = self.spec.discount[party]
        return (1 - discount) * np.array(self.spec.utility[party]) + discount * value

    def bellman(self, value: dict[str, Matrix]) -> dict[str, Matrix]:
        """What each state is worth before a period, if everybody replies to what this makes of their targets."""
        spec = self.spec
        ahead = {p: self.continuation(p, value[p]) for p in self.movers}
        replies = self._replies({p: list(a) for p, a in ahead.items()}, caution=spec.caution)
        mean = sum(self.share[p] * replies[p] for p in self.movers)
        mean += (1 - sum(self.share.values())) * np.eye(self.count)
        out = {}
        for party in self.movers:
            own = np.array(spec.utility[party])
            row = np.zeros(self.count)
            after_a_move = mean @ ahead[party]
            for s in range(self.count):
                moved = after_a_move[s]
                dealt = ahead[party][s]
                if self.joint is not None and self.joint[s]:
                    worth = own if spec.final else ahead[party]
                    dealt = sum(worth[d] for d in self.joint[s]) / len(self.joint[s])
                rate = spec.rate[s] if self.joint is not None else 0.0
                going = rate * dealt + (1 - rate) * moved
                row[s] = spec.hazard[s] * own[spec.breaks[s]] + (1 - spec.hazard[s]) * going
            out[party] = row
        return out

    # --- deals -------------------------------------------------------------------------------------------------------

    def _deals(self, state: int) -> list[int]:
        """The deals that can be made from a state."""
        spec, space = self.spec, self.space
        acting = set(spec.among) | self.mediators
        found = set()
        for target in range(self.count):
            if not spec.deals[target] or not all(spec.utility[p][target] > spec.utility[p][state] for p in spec.among):
                continue
            for old in space.states[state].members:
                for new in space.states[target].members:
                    fits = all(
                        o.may_move(a, b) if o.party in acting or spec.reading.foreign else a == b
                        for o, a, b in zip(space.options, old, new, strict=True)
                    )
                    if fits:
                        found.add(target)
        wanted = sorted(found)
        if spec.reading.dominated:
            return wanted
        return [d for d in wanted if not any(self._dominates(e, d) for e in wanted)]

    def _dominates(self, one: int, other: int) -> bool:
        pairs = [(self.spec.utility[p][one], self.spec.utility[p][other]) for p in self.spec.among]
        return all(a >= b for a, b in pairs) and any(a > b for a, b in pairs)

    # --- the chain over situations -----------------------------------------------------------------------------------

    @property
    def periods(self) -> list[dict[str, float]]:
        """Who has the move with what chance, for each period that is told apart."""
        if self.spec.weights is not None:
            return [self.share]
        return self.spec.turns if self.spec.cyclic else [*self.spec.turns, {}]

    def following(self, phase: int) -> int:
        """The period after one."""
        last = len(self.periods) - 1
        return phase + 1 if phase < last else 0 if self.spec.cyclic or self.spec.weights is not None else last

    def matrix(self, phase: int) -> Matrix:
        """Chances from situation to situation: n that move, n broken down, n agreed for ever."""
        spec, n = self.spec, self.count
        out = np.zeros((3 * n, 3 * n))
        out[n:, n:] = np.eye(2 * n)
        turn = self.periods[phase]
        for s in range(n):
            out[s, n + spec.breaks[s]] += spec.hazard[s]
            left = 1 - spec.hazard[s]
            rate = spec.rate[s] if self.joint is not None else 0.0
            if self.joint is not None:
                deals = self.joint[s]
                for d in deals:
                    out[s, (2 * n if spec.final else 0) + d] += left * rate / len(deals)
                if not deals:
                    out[s, s] += left * rate
            left *= 1 - rate
            for party in self.movers:
                out[s, :n] += left * turn.get(party, 0.0) * self.replies[party][s]
            out[s, s] += left * (1 - sum(turn.get(p, 0.0) for p in self.movers))
        return out

    def answer(self) -> dict[str, Any]:
        """Everything a forecast says."""
        spec, n = self.spec, self.count
        matrices = [self.matrix(k) for k in range(len(self.periods))]
        classes = np.array(spec.classes * 3)
        nodes, chain = self._nodes(matrices)
        rest = _at_rest(nodes, chain)
        mass = np.zeros((spec.outcomes + 1, 3 * n))  # by the outcome counted so far, and the situation
        mass[spec.outcomes if spec.reading.start_left_out else classes[spec.start], spec.start] = 1.0
        rows: dict[str, list[Any]] = {k: [] for k in ("outcome", "state", "broken", "agreed", "unsettled")}
        tick, phase = 0, 0
        for wanted in spec.ticks:
            while tick < wanted:
                mass = self._counted(mass @ matrices[phase], classes)
                tick, phase = tick + 1, self.following(phase)
            by_situation = mass.sum(axis=0)
            state = by_situation.reshape(3, n).sum(axis=0)
            at = np.bincount(spec.classes, state, spec.outcomes + 1)
            rows["outcome"].append(mass.sum(axis=1) if spec.ever else at)
            rows["state"].append(state)
            rows["broken"].append(by_situation[n : 2 * n].sum())
            rows["agreed"].append(by_situation[2 * n :].sum())
            moving = [by_situation[s] for s in range(n) if by_situation[s] > 0 and not rest.get((phase, s), True)]
            rows["unsettled"].append(sum(moving))
        return {**{k: np.array(v) for k, v in rows.items()}, **self._end(nodes, chain, rest)}

    def _counted(self, mass: Matrix, classes: Matrix) -> Matrix:
        """Move mass to the earliest outcome in the list that its path has visited."""
        out = np.zeros_like(mass)
        for counted, situation in zip(*np.nonzero(mass), strict=True):
            here = classes[situation]
            first = min(counted, here)
            if self.spec.reading.first_in_time and counted < self.spec.outcomes:
                first = counted
            out[first, situation] += mass[counted, situation]
        return out

    def _nodes(self, matrices: list[Matrix]) -> tuple[list[tuple[int, int]], Matrix]:
        """What can be reached from the start, as (period, situation), and the chances between them."""
        found = [(0, self.spec.start)]
        for phase, s in found:
            after = self.following(phase)
            found += [(after, int(t)) for t in np.flatnonzero(matrices[phase][s] > 0) if (after, int(t)) not in found]
        place = {node: k for k, node in enumerate(found)}
        chain = np.zeros((len(found), len(found)))
        for (phase, s), k in place.items():
            for t in np.flatnonzero(matrices[phase][s] > 0):
                chain[k, place[self.following(phase), int(t)]] = matrices[phase][s, t]
        return found, chain

    def _end(self, nodes: list[tuple[int, int]], chain: Matrix, rest: dict[tuple[int, int], bool]) -> dict[str, Any]:
        """What comes in the end: B = N R with N = (I - Q)^-1 over what is left for good."""
        spec, n = self.spec, self.count
        reach = _reachable(chain)
        forever = [bool((reach[:, k] | ~reach[k]).all()) for k in range(len(nodes))]
        passing = [k for k, stays in enumerate(forever) if not stays]
        kept = [k for k, stays in enumerate(forever) if stays]
        start = nodes.index((0, spec.start))
        chance = np.zeros(len(nodes))
        periods = 0.0
        if start in kept:
            chance[start] = 1.0
        else:
            visits = np.linalg.inv(np.eye(len(passing)) - chain[np.ix_(passing, passing)])[passing.index(start)]
            self.visits = max(self.visits, float(visits.sum()))
            chance[kept] = visits @ chain[np.ix_(passing, kept)]
        settled = [k for k in kept if rest[nodes[k]]]
        turning = [k for k in kept if not rest[nodes[k]]]
        state, broken, agreed = np.zeros(n), 0.0, 0.0
        for k in settled:
            situation = nodes[k][1]
            state[situation % n] += chance[k]
            broken += chance[k] if situation // n == 1 else 0.0
            agreed += chance[k] if situation // n == 2 else 0.0
        periods = inf if turning else _until(chain, start, [rest[node] for node in nodes])
        named = [spec.classes[s % n] < spec.outcomes and spec.classes[s % n] != spec.otherwise for _, s in nodes]
        every = any(c < spec.outcomes and c != spec.otherwise for c in spec.classes)
        first = _until(chain, start, named) if every else None
        return {
            "limit_outcome": self._ever_in_the_end(nodes, chain, start) if spec.ever
            else np.bincount(spec.classes, state, spec.outcomes + 1),
            "limit_state": state, "limit_broken": broken, "limit_agreed": agreed,
            "limit_unsettled": float(sum(chance[k] for k in turning)),
            "periods": periods, "first": first,
        }  # fmt: skip

    def _ever_in_the_end(self, nodes: list[tuple[int, int]], chain: Matrix, start: int) -> Matrix:
        """Chance of each outcome in the chain over pairs of what a path counts for and where it stands."""
        spec, n = self.spec, self.count
        classes = [spec.classes[s % n] for _, s in nodes]
        found = [(classes[start], start)]
        place = {found[0]: 0}
        for counted, k in found:
            for t in np.flatnonzero(chain[k] > 0):
                pair = (min(counted, classes[t]), int(t))
                if pair not in place:
                    place[pair] = len(found)
                    found.append(pair)
        size = len(found)
        pairs = np.zeros((size, size))
        for (counted, k), a in place.items():
            for t in np.flatnonzero(chain[k] > 0):
                pairs[a, place[min(counted, classes[t]), int(t)]] += chain[k, t]
        reach = _reachable(pairs)
        kept = [a for a in range(size) if bool((reach[:, a] | ~reach[a]).all())]
        passing = [a for a in range(size) if a not in set(kept)]
        out = np.zeros(spec.outcomes + 1)
        if 0 in kept:
            out[classes[start]] = 1.0
            return out
        inside = pairs[np.ix_(passing, passing)]
        visits = np.linalg.solve((np.eye(len(passing)) - inside).T, np.eye(len(passing))[0])
        self.visits = max(self.visits, float(visits.sum()))
        chance = visits @ pairs[np.ix_(passing, kept)]
        for a, share in zip(kept, chance, strict=True):
            out[found[a][0]] += share
        return out

    # --- paths -------------------------------------------------------------------------------------------------------

    def path(self, rng: random.Random, ticks: int) -> tuple[list[int], str]:
        """One path: the states at each tick, and how it stands at last."""
        spec = self.spec
        states, phase = [spec.start], 0
        for _ in range(ticks):
            here = states[-1]
            if rng.random() < spec.hazard[here]:
                return [*states, *[spec.breaks[here]] * (ticks + 1 - len(states))], "broken"
            if self.joint is not None and rng.random() < spec.rate[here]:
                deals = self.joint[here]
                states.append(rng.choice(deals) if deals else here)
                if deals and spec.final:
                    return [*states, *[states[-1]] * (ticks + 1 - len(states))], "agreed"
            else:
                turn = self.periods[phase]
                dice = rng.random()
                for party, upto in zip(turn, itertools.accumulate(turn.values()), strict=True):
                    if dice < upto:
                        states.append(rng.choices(range(self.count), self.replies[party][here])[0])
                        break
                else:
                    states.append(here)
            phase = self.following(phase)
        return states, "moving"


def _reachable(chain: Matrix) -> Matrix:
    """Which node can be reached from which, each from itself too."""
    reach = (chain > 0) | np.eye(len(chain), dtype=bool)
    while True:
        further = reach.astype(np.float32) @ reach.astype(np.float32) > 0
        if (further == reach).all():
            return reach
        reach = further


def _at_rest(nodes: list[tuple[int, int]], chain: Matrix) -> dict[tuple[int, int], bool]:
    """Whether nothing but the present situation can be reached any more."""
    situation = np.array([s for _, s in nodes])
    reach = _reachable(chain)
    return {node: bool((situation[reach[k]] == node[1]).all()) for k, node in enumerate(nodes)}


def _until(chain: Matrix, start: int, ends: list[bool]) -> float:
    """Expected steps until one of some nodes is met; infinite unless that is certain."""
    if ends[start]:
        return 0.0
    stopped = chain.copy()
    stopped[ends] = 0.0
    reach = _reachable(stopped)
    on_the_way = [int(k) for k in np.flatnonzero(reach[start]) if not ends[k]]
    if not all(any(ends[t] for t in np.flatnonzero(reach[k])) for k in on_the_way):
        return inf
    inner = chain[np.ix_(on_the_way, on_the_way)]
    steps = np.linalg.solve(np.eye(len(on_the_way)) - inner, np.ones(len(on_the_way)))
    return float(steps[on_the_way.index(start)])
