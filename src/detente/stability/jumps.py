"""Equilibrium jumps: how a group of parties could go together from one state to another that all its members prefer
and that would hold once reached, where none of them can go alone.
"""  # noqa: D205

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import UsageError, shown
from detente.base.result import Provenance, Result
from detente.base.table import Table
from detente.base.wording import counted, listed
from detente.graph.bits import MOST_SET_STATES
from detente.graph.groups import joint_reach
from detente.graph.model import GraphModel
from detente.graph.paths import UNREACHED, Reach
from detente.stability.coalition_sets import Coalition
from detente.stability.coalitions import MOVES, MOVES_IN_WORDS, all_groups
from detente.stability.witness import Step

Bools = NDArray[np.bool_]
Int64 = NDArray[np.int64]
MOST_STARTS, MOST_TARGETS = 20, 200


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """Where one group could go together.

    Attributes:
        coalition: the parties that move; all of them strictly prefer every target.
        helpers: mediators whose options change too.
        targets: numbers of the states, ascending.
    """

    coalition: Coalition
    helpers: Coalition
    targets: Int64


@dataclass(frozen=True, slots=True, eq=False)
class Departure:
    """The ways that lead away from one state.

    Attributes:
        start: number of the state.
        holds: whether it is an equilibrium itself.
        ways: least groups, smallest first.
    """

    start: int
    holds: bool
    ways: tuple[Way, ...]

    @property
    def targets(self) -> Int64:
        """All states that some group could go to, ascending."""
        return np.unique(np.concatenate([np.zeros(0, np.int64), *(w.targets for w in self.ways)]))


@dataclass(frozen=True, repr=False, eq=False)
class Jumps(Result):
    """Equilibrium jumps.

    Attributes:
        graph: the conflict.
        concept: the individual solution concept under which states hold.
        moves: ``joint``: a group changes all its options at once; ``legal``: its members move in turns.
        departures: one per starting state.
        left_out: how many equilibria were not asked about.

    Source: Kilgour, Hipel, Fang, Peng 2001, coalition analysis in group decision support.
    """

    graph: GraphModel
    concept: str
    moves: str
    departures: tuple[Departure, ...]
    left_out: int

    def welcome(self, start: int, target: int, way: Way) -> Coalition:
        """The parties outside a group that strictly prefer where it goes."""
        return self._who(start, target, way, 1)

    def hurt(self, start: int, target: int, way: Way) -> Coalition:
        """The parties outside a group that strictly prefer where it was."""
        return self._who(start, target, way, -1)

    def _who(self, start: int, target: int, way: Way, sign: int) -> Coalition:
        out = []
        for party, ranks in self.graph.ranks.items():
            if party in way.coalition or ranks is None:
                continue
            if sign * (int(ranks[target]) - int(ranks[start])) > 0:
                out.append(party)
        return tuple(out)

    def path(self, start: int, target: int, way: Way) -> tuple[Step, ...] | None:
        """The legal sequence of a jump; None for joint moves."""
        if self.moves == "joint":
            return None
        steps = Reach.of(self.graph, start, improving=False, among=way.coalition).path(target) or ()
        ident = self.graph.states.id
        return tuple(Step(s.party, ident(s.source), ident(s.target)) for s in steps)

    def to_dict(self, *, full: bool = False) -> dict[str, Any]:
        """The jumps by start and group; more than 200 targets of one group become a count, unless ``full``."""
        return {
            "concept": self.concept,
            "moves": self.moves,
            "from": [
                {
                    "state": self.graph.states.id(d.start),
                    "holds": d.holds,
                    "ways": [self._way(d.start, w, full=full) for w in d.ways],
                }
                for d in self.departures
            ],
            "left_out": self.left_out,
        }

    def _way(self, start: int, way: Way, *, full: bool) -> dict[str, Any]:
        listing = full or len(way.targets) <= MOST_TARGETS
        told = [self._target(start, int(t), way) for t in way.targets] if listing else len(way.targets)
        return {"coalition": list(way.coalition), "helpers": list(way.helpers), "to": told}

    def _target(self, start: int, target: int, way: Way) -> dict[str, Any]:
        path = self.path(start, target, way)
        return {
            "state": self.graph.states.id(target),
            "steps": None if path is None else [s.to_dict() for s in path],
            "welcome": list(self.welcome(start, target, way)),
            "hurt": list(self.hurt(start, target, way)),
        }

    def table(self) -> Table:
        """One row per start and group."""
        ident, names = self.graph.states.id, self.graph.case.party_name
        rows = []
        for departure in self.departures:
            for way in departure.ways:
                who = listed([names(p) for p in (*way.coalition, *way.helpers)])
                some = ", ".join(ident(int(t)) for t in way.targets[:8]) + (", ..." if len(way.targets) > 8 else "")
                rows.append((ident(departure.start), who, f"{len(way.targets):,}", some))
        title = f"equilibrium jumps ({self.concept}; {MOVES_IN_WORDS[self.moves]})"
        return Table(("from", "group", "outcomes", "to"), tuple(rows), title=title)


def find_jumps(
    graph: GraphModel,
    provenance: Provenance,
    held: Bools | None,
    *,
    concept: str,
    moves: str = "joint",
    starts: Sequence[int] | None = None,
) -> Jumps:
    """Find the equilibrium jumps from some states.

    A jump leads from s to an equilibrium t by a move of a group H such that every member strictly prefers t to s and
    no smaller group, least of all a single member, can make it. Mediators may join in a joint move of parties, and
    nobody asks what they prefer. Parties without an order, and parties that are indifferent, take no part.

    Args:
        graph: the conflict, of any size.
        provenance: carried into the result.
        held: the equilibria under the concept, shape (states,).
        concept: its name.
        moves: ``joint`` or ``legal``.
        starts: numbers of the states to start from; None: every equilibrium, the first 20 of them, or above 20,000
            states today's state.

    Raises:
        UsageError: an unknown word, or no equilibria known because not every party has an order.
        LimitReached: too many groups of parties.
    """
    if moves not in MOVES:
        raise UsageError(f"the word {shown(moves)}", f"one of {', '.join(MOVES)}")
    if held is None:
        fix = "Write a preference that orders the states for every party."
        raise UsageError(f"no verdict under {concept} for every party", "an order for every party", fix)
    equilibria = [int(s) for s in np.flatnonzero(held)]
    first = equilibria[:MOST_STARTS] if starts is None else list(starts)
    today = graph.states.status_quo
    if starts is None and len(graph) > MOST_SET_STATES and today is not None:
        first = [today]
    departures = tuple(_departure(graph, held, start, joint=moves == "joint") for start in first)
    left_out = 0 if starts is not None else len(set(equilibria) - set(first))
    return Jumps(provenance, graph, concept, moves, departures, left_out)


def _departure(graph: GraphModel, held: Bools, start: int, *, joint: bool) -> Departure:
    written = graph.case.file.parties
    keen = {}
    for party, ranks in graph.ranks.items():
        if written[party].role != "mediator":
            keen[party] = np.zeros(len(graph), bool) if ranks is None else ranks > ranks[start]
    wanted = held.copy()
    wanted[start] = False
    find = _least_joint if joint else _least_legal
    ways = []
    for group, reached in find(graph, start):
        members = tuple(p for p in group if p in keen)
        if not members or len(group) < 2:
            continue
        targets = np.flatnonzero(np.logical_and.reduce([wanted, reached, *(keen[p] for p in members)]))
        if len(targets):
            ways.append(Way(members, tuple(p for p in group if p not in keen), targets))
    ways.sort(key=lambda w: (len(w.coalition), len(w.helpers)))
    return Departure(start, bool(held[start]), tuple(ways))


def _least_joint(graph: GraphModel, start: int) -> Iterator[tuple[Coalition, Bools]]:
    """Groups of owners with the states that they, and no fewer, can go to at once."""
    owners = [p for p in graph.parties if p in graph.states.space.owners]
    if graph.states.merged:
        yield from _least(all_groups(owners), lambda group: joint_reach(graph, group, start))
        return
    # each state differs from the start in options of certain owners: they are the least group
    states, space = graph.states, graph.states.space
    able = np.ones(len(graph), bool)
    code = np.zeros(len(graph), np.int64)
    for option, owner in enumerate(space.owners):
        level = states.digits[option]
        low, high = space.windows[option][int(level[start])]
        able &= (level >= low) & (level <= high)
        code |= (level != level[start]).astype(np.int64) << owners.index(owner)
    for found in np.unique(code[able]):
        yield tuple(p for n, p in enumerate(owners) if found >> n & 1), able & (code == found)


def _least_legal(graph: GraphModel, start: int) -> Iterator[tuple[Coalition, Bools]]:
    def reached(group: Coalition) -> Bools:
        out: Bools = Reach.of(graph, start, improving=False, among=group).lengths != UNREACHED
        return out

    return _least(all_groups(graph.movers), reached)


def _least(groups: Sequence[Coalition], reach: Any) -> Iterator[tuple[Coalition, Bools]]:
    """Each group with the states that it, and no group within it, can reach; groups come smallest first."""
    able: dict[Coalition, Bools] = {}
    for group in groups:
        able[group] = reach(group)
        least = able[group].copy()
        for fewer in combinations(group, len(group) - 1):
            if fewer:
                least &= ~able[fewer]
        yield group, least


def lines(found: Jumps) -> list[str]:
    """Who could go where together, in sentences."""
    graph = found.graph
    ident, names = graph.states.id, graph.case.party_name
    out = [f"Equilibrium jumps ({found.concept}; {MOVES_IN_WORDS[found.moves]}):"]
    for departure in found.departures:
        where = ident(departure.start) + (" (today)" if departure.start == graph.states.status_quo else "")
        if not departure.ways:
            out.append(f"From {where} no group can go to anything that all its members prefer and that would hold.")
        for way in departure.ways:
            who = listed([names(p) for p in way.coalition])
            helped = f" with the help of {listed([names(p) for p in way.helpers])}" if way.helpers else ""
            target = int(way.targets[0])
            others = [
                f"{verb} {listed([names(p) for p in parties])}"
                for verb, parties in (
                    ("welcome to", found.welcome(departure.start, target, way)),
                    ("worse for", found.hurt(departure.start, target, way)),
                )
                if parties
            ]
            some = ", ".join(ident(int(t)) for t in way.targets[:8]) + (", ..." if len(way.targets) > 8 else "")
            text = f"From {where}, {who}{helped} could go together to {counted(len(way.targets), 'outcome')}: {some}"
            tail = f" ({ident(target)} is {' and '.join(others)})" if others else ""
            out.append(text + tail + ".")
    if found.left_out:
        out.append(f"{counted(found.left_out, 'other equilibrium', 'other equilibria')} not asked about.")
    return out
