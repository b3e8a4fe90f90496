"""Foresight in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter

import numpy as np

from detente.base.wording import counted, listed
from detente.graph.model import GraphModel
from detente.stability.foresight import MOST_NAMED, Foresight
from detente.stability.narrative import change
from detente.stability.witness import Step

NO_STACKELBERG = (
    "Stackelberg stability (one party leads, the other answers) is defined for exactly two parties that move, so it is "
    "not given here."
)
NO_AGREED_DEFINITION = (
    "With more than two parties there is no agreed definition of looking ahead. Here, after a party has moved, any "
    "other that would move may do so, and the party counts with the one whose move is worst for itself (pessimistic)."
)
COUNTS_WITH = {
    "pessimistic": "counts with the worst for itself where the other has several equally good moves",
    "optimistic": "counts with the best for itself where the other has several equally good moves",
}


def lines(found: Foresight) -> list[str]:
    """What parties keep that look ahead, at each horizon and in the long run, in plain sentences."""
    graph = found.graph
    meaning = (
        "each party looks a number of moves ahead, expects the others to do so too, and stays where no move of its own "
        "would end better for it"
    )
    told = [f"Foresight: {meaning}."]
    if found.unknown:
        names = listed([graph.case.party_name(p) for p in found.unknown])
        return [*told, f"Not known: there is no order for {names}, and what it would do decides what the others do."]
    if len(graph.movers) > 2:
        told += [NO_AGREED_DEFINITION, NO_STACKELBERG]
    agree = _agree(found)
    if agree and len(graph.movers) == 2:
        told.append(
            "Where a party has several equally good moves, it makes no difference which of them the other expects."
        )
    for version in found.versions[:1] if agree else found.versions:
        if not agree:
            told.append(f"If each party {COUNTS_WITH[version]} ({version} version):")
        told += _horizons(found, version)
        told += _long_run(found, version)
        for leader, states in found.stackelberg.get(version, {}).items():
            name = graph.case.party_name(leader)
            told.append(f"  with {name} leading, the other answering (Stackelberg equilibria): {_named(graph, states)}")
    return told + list(_rejected(found))


def _agree(found: Foresight) -> bool:
    """Whether all versions say the same."""
    one, *others = (
        [
            *(s for by in found.stable.values() for s in by[v].values() if s is not None),
            *found.stackelberg.get(v, {}).values(),
            *(
                s
                for r in [found.non_myopic.get(v)]
                if r is not None
                for of in (r.stable, r.cycling)
                for s in of.values()
                if s is not None
            ),
        ]
        for v in found.versions
    )
    return all(len(one) == len(o) and all((a == b).all() for a, b in zip(one, o, strict=True)) for o in others)


def _horizons(found: Foresight, version: str) -> Iterator[str]:
    graph, today = found.graph, found.graph.states.status_quo
    told: dict[int, str] = {}
    for horizon in found.stable:
        held = found.equilibrium(horizon, version)
        if held is None:
            continue
        told[horizon] = f"{_named(graph, held)} kept by all"
        if today is not None:
            told[horizon] += f"; today's state {graph.states.id(today)} {'is one' if held[today] else 'is not'}"
    for first, last, text in _alike(told):
        yield f"  looking {_ahead(first, last)} ahead: {text}"


def _alike(told: Mapping[int, str]) -> Iterator[tuple[int, int, str]]:
    """Neighbouring horizons of which the same is told: the first, the last, the text."""
    for text, group in groupby(told.items(), key=itemgetter(1)):
        horizons = [h for h, _ in group]
        yield horizons[0], horizons[-1], text


def _ahead(first: int, last: int) -> str:
    if first == last:
        return counted(first, "move")
    return f"{counted(first, 'move').split()[0]} {'or' if last == first + 1 else 'to'} {counted(last, 'move')}"


def _long_run(found: Foresight, version: str) -> Iterator[str]:
    recurrence = found.non_myopic.get(version)
    if recurrence is None:
        return
    if recurrence.first is None or recurrence.period is None:
        yield (
            f"  in the long run (non-myopic stability): not known; play did not repeat within {recurrence.looked:,} "
            "moves"
        )
        return
    verdicts = [s for s in recurrence.stable.values() if s is not None]
    cycling = [s for s in recurrence.cycling.values() if s is not None]
    kept = np.logical_and.reduce(verdicts)
    start = f"  from {counted(recurrence.first, 'move')} ahead on (non-myopic stability)"
    if recurrence.period == 1:
        yield f"{start} nothing changes any more: {_named(found.graph, kept)} kept by all{_until(found, version, kept)}"
        return
    sometimes = int((np.logical_and.reduce([s | c for s, c in zip(verdicts, cycling, strict=True)]) & ~kept).sum())
    yield (
        f"{start} play goes round in a circle of {counted(recurrence.period, 'horizon')} and never settles: "
        f"{_named(found.graph, kept)} kept by all at each of them; {counted(sometimes, 'more is', 'more are')} kept by "
        "all or some parties at some of them only"
    )


def _until(found: Foresight, version: str, kept: np.typing.NDArray[np.bool_]) -> str:
    """What still changed before play settled, where that is not what all keep."""
    recurrence = found.non_myopic[version]
    before = (recurrence.first or 1) - 1
    if before not in found.stable:
        return ""
    held = found.equilibrium(before, version)
    if held is None or (held != kept).any():
        return ""
    return f" (as at {counted(before, 'move')} ahead; only who would leave the other states still changed)"


def _rejected(found: Foresight) -> Iterator[str]:
    """Sequential equilibria that do not survive, told per horizon."""
    graph, held = found.graph, found.sequential
    if held is None or not held.any():
        return
    told = {}
    for horizon, of in found.rejected.items():
        threat = np.logical_or.reduce([r.threat for r in of.values()]) if of else np.zeros(len(graph), bool)
        detour = np.logical_or.reduce([r.detour for r in of.values()]) & ~threat if of else threat
        told[horizon] = "; ".join(_lost(graph, threat, detour))
    total = counted(int(held.sum()), "state")
    for first, last, text in _alike(told):
        if text:
            ahead = f"looking {_ahead(first, last)} ahead"
            yield f"Of the {total} held under sequential stability, {ahead}, {text}."
        else:
            yield f"Looking {_ahead(first, last)} ahead, all keep the {total} held under sequential stability."


def _lost(
    graph: GraphModel, threat: np.typing.NDArray[np.bool_], detour: np.typing.NDArray[np.bool_]
) -> Iterator[str]:  # fmt: skip
    if threat.any():
        yield (
            f"{_named(graph, threat)} would be left by a move that is preferred at once, because what would punish "
            "it is not what the others would do"
        )
    if detour.any():
        verb = "" if threat.any() else "would be left "
        yield f"{_named(graph, detour)} {verb}only by a move made for what the others would do next"


def line_of_play(found: Foresight, party: str, state: str, horizon: int | None = None) -> list[str]:
    """What a party counts with if it is to move, move by move (pessimistic version)."""
    graph = found.graph
    horizon = found.horizon if horizon is None else horizon
    steps = found.anticipated(party, state, horizon)
    name, ahead = graph.case.party_name(party), counted(horizon, "move")
    if not steps:
        return [f"Looking {ahead} ahead, {name} stays at {state}: no move of its own would end better for it."]
    return [f"Looking {ahead} ahead, {name} leaves {state}. It counts with this:", *_told(graph, steps)]


def _told(graph: GraphModel, steps: tuple[Step, ...]) -> Iterator[str]:
    for number, step in enumerate(steps, start=1):
        yield f"  {number}. {change(graph, step)}"
    yield f"  Play ends at {steps[-1].target}, which {graph.case.party_name(steps[0].party)} prefers."


def _states(number: int) -> str:
    return counted(number, "state")


def _named(graph: GraphModel, states: np.typing.NDArray[np.bool_]) -> str:
    """``three states (s1, s5, s9)``; only their number where they are many."""
    numbers = np.flatnonzero(states)
    ids = f" ({', '.join(graph.states.id(int(s)) for s in numbers)})" if 0 < len(numbers) <= MOST_NAMED else ""
    return _states(len(numbers)) + ids
