"""Foresight: limited-move stability, non-myopic stability, Stackelberg equilibria."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import UsageError, did_you_mean, shown
from detente.base.result import Provenance, Result
from detente.base.table import Table
from detente.graph.model import GraphModel
from detente.stability.anticipation import anticipated
from detente.stability.concepts import CONCEPTS, stable_states
from detente.stability.limited_move import (
    MOST_HORIZONS,
    PESSIMISTIC,
    Outlook,
    Recurrence,
    look_ahead,
    most_horizons,
    versions_of,
)
from detente.stability.option_table import MOST_LISTED, option_table
from detente.stability.witness import Step

MOST_NAMED = 12
"""States that a sentence lists."""
MOST_COLUMNS, MOST_NAMED_COLUMNS = 24, 60
Bools = NDArray[np.bool_]
Verdicts = Mapping[str, Bools | None]


@dataclass(frozen=True, eq=False)
class Rejected:
    """Sequential equilibria that a party would leave if all look ahead.

    Attributes:
        threat: shape (states,): by a move that it prefers at once, and the others' own best answers do not undo the
            gain: what would punish it is not what they would do.
        detour: shape (states,): only by moves that it does not prefer at once, for the sake of what the others will
            do next; sequential stability does not consider such moves.
    """

    threat: Bools
    detour: Bools


@dataclass(frozen=True, repr=False, eq=False)
class Foresight(Result):
    """Which states are kept by parties that look a given number of moves ahead.

    Attributes:
        graph: the conflict asked.
        horizon: the largest number of moves asked about.
        versions: ``pessimistic`` and, where at most two parties move, ``optimistic``.
        stable: horizon -> version -> party -> shape (states,); None where a party that moves has no order.
        non_myopic: version -> what remains at ever larger horizons; empty where that was not asked or is not known.
        stackelberg: version -> leader -> shape (states,), for two parties that move; else empty.
        sequential: shape (states,): sequential equilibria; None where not known.
        rejected: horizon from 2 -> party -> sequential equilibria that it leaves (pessimistic version).

    Sources: Kilgour 1985; Fang, Hipel, Kilgour 1993, ch. 3. For more than two parties there is no agreed definition;
    see ``limited_move.plays`` for the one used.
    """

    graph: GraphModel
    horizon: int
    versions: tuple[str, ...]
    stable: Mapping[int, Mapping[str, Verdicts]]
    non_myopic: Mapping[str, Recurrence]
    stackelberg: Mapping[str, Mapping[str, Bools]]
    sequential: Bools | None
    rejected: Mapping[int, Mapping[str, Rejected]]

    @property
    def unknown(self) -> tuple[str, ...]:
        """Parties that move and have no order; if there is one, nothing is known of those who move."""
        return tuple(m for m in self.graph.movers if self.graph.ranks[m] is None)

    def equilibrium(self, horizon: int, version: str = PESSIMISTIC) -> Bools | None:
        """Shape (states,): kept by every party; None where that is not known.

        Raises:
            UsageError: a horizon or version that was not asked.
        """
        if horizon not in self.stable:
            raise UsageError(f"the horizon {horizon}", f"1 to {self.horizon}")
        if version not in self.versions:
            raise UsageError(f"the version {shown(version)}", f"one of {', '.join(self.versions)}")
        return _for_all(self.stable[horizon][version])

    def equilibria(self, horizon: int, version: str = PESSIMISTIC) -> tuple[str, ...]:
        """Ids of the states that every party keeps; none where that is not known."""
        found = self.equilibrium(horizon, version)
        return () if found is None else tuple(self._ids(found))

    def anticipated(self, party: str, state: str | int, horizon: int | None = None) -> tuple[Step, ...]:
        """The moves a party counts with if it is to move (pessimistic version); none: it stays.

        Args:
            party: who is to move.
            state: its id, or its number from 0.
            horizon: moves left; the largest asked about where not given.

        Raises:
            UsageError: an unknown party or state, or a party that moves has no order.
            LimitReached: too many positions to look at.
        """
        if party not in self.graph.parties:
            known = list(self.graph.parties)
            raise UsageError(
                f"the unknown party {shown(party)}", f"one of {', '.join(known)}", did_you_mean(party, known)
            )
        if self.unknown:
            names = ", ".join(self.graph.case.party_name(p) for p in self.unknown)
            raise UsageError("a line of play", f"an order for every party that moves; there is none for {names}")
        number = state if isinstance(state, int) else self.graph.states.find(state)
        return anticipated(self.graph, party, number, self.horizon if horizon is None else horizon)

    def to_dict(self, *, full: bool = False) -> dict[str, Any]:
        """The JSON form; above 10,000 states counts stand for lists other than of equilibria unless ``full``."""
        return {
            "horizon": self.horizon,
            "versions": list(self.versions),
            "movers": list(self.graph.movers),
            "unknown": list(self.unknown),
            "stable": {
                str(h): {v: self._counted(of, full=full) for v, of in by.items()} for h, by in self.stable.items()
            },
            "equilibria": {
                str(h): {v: self._listed(_for_all(of)) for v, of in by.items()} for h, by in self.stable.items()
            },
            "non_myopic": {v: self._recurrence(r, full=full) for v, r in self.non_myopic.items()},
            "stackelberg": {v: {p: self._listed(s) for p, s in of.items()} for v, of in self.stackelberg.items()},
            "sequential": self._counted({"held": self.sequential}, full=full)["held"],
            "rejected": {
                str(h): {p: self._counted({"threat": r.threat, "detour": r.detour}, full=full) for p, r in of.items()}
                for h, of in self.rejected.items()
            },
        }

    def table(self) -> Table:
        """Equilibria and their levels, one column per state."""
        marks = {}
        for horizon, by in self.stable.items():
            for version, of in by.items():
                held = _for_all(of)
                if held is not None:
                    ahead = f"{horizon} ahead" + ("" if len(self.versions) == 1 else f", {version}")
                    marks[ahead] = held
        return option_table(self.graph, self._columns(list(marks.values())), marks)

    def _columns(self, kept: Sequence[Bools]) -> list[int]:
        """Today, the states that sentences name, then others that are kept, as far as there is room."""
        sets = [*kept, *(s for of in self.stackelberg.values() for s in of.values())]
        sets += [s for r in self.non_myopic.values() if (s := _for_all(r.stable)) is not None]
        for of in self.rejected.values():
            threat, detour = (np.logical_or.reduce([getattr(r, k) for r in of.values()]) for k in ("threat", "detour"))
            sets += [threat, detour & ~threat]
        named = [s for s in sets if s.sum() <= MOST_NAMED]
        today = self.graph.states.status_quo
        shown = dict.fromkeys([] if today is None or not any(s.any() for s in sets) else [today])
        for some, room in ((named, MOST_NAMED_COLUMNS), (kept, MOST_COLUMNS)):
            for state in (int(s) for of in some for s in np.flatnonzero(of)):
                if len(shown) < room:
                    shown[state] = None
        return sorted(shown)

    def _recurrence(self, found: Recurrence, *, full: bool) -> dict[str, Any]:
        return {
            "first": found.first,
            "period": found.period,
            "looked": found.looked,
            "stable": self._counted(found.stable, full=full),
            "cycling": self._counted(found.cycling, full=full),
            "equilibria": self._listed(_for_all(found.stable)),
        }

    def _counted(self, of: Verdicts, *, full: bool) -> dict[str, list[str] | int | None]:
        listed = full or len(self.graph) <= MOST_LISTED
        return {p: self._listed(s) if listed or s is None else int(s.sum()) for p, s in of.items()}

    def _listed(self, states: Bools | None) -> list[str] | None:
        return None if states is None else self._ids(states)

    def _ids(self, states: Bools) -> list[str]:
        return [self.graph.states.id(int(s)) for s in np.flatnonzero(states)]


def foresight(graph: GraphModel, provenance: Provenance, horizon: int = 4, *, non_myopic: bool = True) -> Foresight:
    """Find what parties keep that look 1 to ``horizon`` moves ahead, and what they keep however far they look.

    Args:
        graph: the conflict.
        provenance: carried into the result.
        horizon: at least 1.
        non_myopic: whether to look further and further ahead until play repeats.

    Raises:
        UsageError: a horizon out of range.
    """
    if horizon not in range(1, MOST_HORIZONS + 1):
        raise UsageError(f"the horizon {shown(horizon)}", f"a whole number of moves, 1 to {MOST_HORIZONS:,}")
    movers, everywhere = graph.movers, np.ones(len(graph), bool)
    versions = versions_of(graph)
    horizons = range(1, horizon + 1)
    if any(graph.ranks[m] is None for m in movers):
        nothing = {p: None if p in movers else everywhere for p in graph.parties}
        unknown = {h: dict.fromkeys(versions, nothing) for h in horizons}
        return Foresight(provenance, graph, horizon, versions, unknown, {}, {}, None, {})
    furthest = most_horizons(graph) if non_myopic else 0
    looked = {v: look_ahead(graph, v, max(horizon, 2), furthest) for v in versions}
    stable: dict[int, dict[str, Verdicts]] = {
        h: {v: {p: looked[v].stays[h].get(p, everywhere) for p in graph.parties} for v in versions} for h in horizons
    }
    found = {v: outlook.recurrence for v, outlook in looked.items()} if non_myopic else {}
    sequential = _sequential(graph)
    rejected = {} if sequential is None else _rejected(looked[PESSIMISTIC], sequential, horizon)
    stackelberg = {v: _stackelberg(outlook, movers) for v, outlook in looked.items()} if len(movers) == 2 else {}
    return Foresight(provenance, graph, horizon, versions, stable, found, stackelberg, sequential, rejected)


def _stackelberg(outlook: Outlook, movers: Sequence[str]) -> dict[str, Bools]:
    """The leader looks two moves ahead and stays, the other looks one move ahead and stays.

    Where every combination of own options is possible from every other, this is the textbook notion: the other's part
    of such a state is a best answer to the leader's part, and no other part of the leader, once best answered, is
    better for the leader. Where best answers tie, the leader counts with the worst (optimistic: best) of them, but the
    other never leaves one best answer for another.

    Source: Fang, Hipel, Kilgour 1993, ch. 3.
    """
    one, two = movers
    stays = outlook.stays
    return {leader: stays[2][leader] & stays[1][other] for leader, other in ((one, two), (two, one))}


def _sequential(graph: GraphModel) -> Bools | None:
    return _for_all({p: stable_states(graph, p, CONCEPTS["seq"]) for p in graph.parties})


def _rejected(outlook: Outlook, sequential: Bools, horizon: int) -> dict[int, dict[str, Rejected]]:
    """Per horizon from 2 and party that moves, the sequential equilibria that it would leave, and how."""
    out: dict[int, dict[str, Rejected]] = {}
    for ahead in range(2, horizon + 1):
        left = {m: sequential & ~stays for m, stays in outlook.stays[ahead].items()}
        by_threat = {m: left[m] & outlook.tempted[ahead][m] for m in left}
        out[ahead] = {m: Rejected(by_threat[m], left[m] & ~by_threat[m]) for m in left}
    return out


def _for_all(of: Verdicts) -> Bools | None:
    known = [v for v in of.values() if v is not None]
    return np.logical_and.reduce(known) if len(known) == len(of) else None
