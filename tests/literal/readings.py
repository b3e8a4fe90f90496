"""Other readings of the definitions, taken literally: every sequence of opponents with all that is asked of it.

The readings of ``definitions`` and those found in tables that differ in what counts as an improving answer, as a
sanction or as a way out of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tests.literal.definitions import Model, Sequences

Improving = Literal["each", "last", "net", "start"]
Escape = Literal["one", "several", "none", "equal"]
Node = tuple[str, str, frozenset[str]]


@dataclass(frozen=True)
class FullReading:
    """One way to read the definitions; the default is right."""

    sequences: Sequences = "legal"
    credible: bool | None = None
    """Must answers be improvements? None: as the concept says."""
    steps: Improving = "each"
    """What makes an answer an improvement: each step, the last step, the net effect for all who move, each step
    measured from the start."""
    strict: bool = False
    back: bool = True
    """Is it a sanction to be back at the state that was left?"""
    escape: Escape = "one"
    ties: bool = False
    """Does a move to an equally good state count as an improvement?"""
    unpunished: bool = False


def stable(model: Model, concept: str, party: str, state: str, reading: FullReading) -> bool:
    """Say whether a state is stable for a party."""
    return all(
        concept != "nash" and not reading.unpunished and _sanctioned(model, concept, party, state, move, reading)
        for move in model.moves(party, state)
        if _prefers(model, party, move, state, reading)
    )


def _sanctioned(model: Model, concept: str, party: str, state: str, move: str, reading: FullReading) -> bool:
    credible = concept in {"seq", "sseq"} if reading.credible is None else reading.credible
    symmetric = concept in {"smr", "sseq"} and reading.escape != "none"
    for outcome in set(answers(model, move, model.opponents(party), reading, credible=credible)) - {move}:
        worse = model.ranks[party][outcome] < model.ranks[party][state]
        equal = model.ranks[party][outcome] == model.ranks[party][state]
        if outcome == state and not reading.back:
            continue
        if not worse and (reading.strict or not equal):
            continue
        if symmetric and _escapes(model, party, outcome, state, reading):
            continue
        return True
    return False


def _escapes(model: Model, party: str, outcome: str, state: str, reading: FullReading) -> bool:
    ways = model.moves(party, outcome)
    if reading.escape == "several":
        ways = set()
        left = [outcome]
        while left:
            for further in model.moves(party, left.pop()) - ways:
                ways.add(further)
                left.append(further)
        ways.discard(outcome)
    rank = model.ranks[party]
    if reading.escape == "equal":
        return any(rank[way] >= rank[state] for way in ways)
    return any(rank[way] > rank[state] for way in ways)


def answers(
    model: Model, start: str, opponents: tuple[str, ...], reading: FullReading, *, credible: bool
) -> Iterator[str]:
    """Where sequences of opponents end that count as an answer; a place may come several times."""
    first: Node = (start, "", frozenset())
    seen, left = {first}, [first]
    while left:
        state, last, movers = left.pop()
        for mover in opponents:
            if _barred(mover, last, movers, reading.sequences):
                continue
            for target in model.moves(mover, state):
                better = _prefers(model, mover, target, state, reading)
                since = _prefers(model, mover, target, start, reading)
                if credible and ((reading.steps == "each" and not better) or (reading.steps == "start" and not since)):
                    continue
                node = (target, mover, movers | {mover})
                gains = all(_prefers(model, m, target, start, reading) for m in node[2])
                if not credible or {"last": better, "net": gains}.get(reading.steps, True):
                    yield target
                if node not in seen:
                    seen.add(node)
                    left.append(node)


def _prefers(model: Model, party: str, target: str, origin: str, reading: FullReading) -> bool:
    rank = model.ranks[party]
    return rank[target] > rank[origin] or (reading.ties and rank[target] == rank[origin])


def _barred(mover: str, last: str, movers: frozenset[str], sequences: Sequences) -> bool:
    match sequences:
        case "legal":
            return mover == last
        case "each once":
            return mover in movers
        case "one move":
            return last != ""
        case "free":
            return False
