"""What the engine does only where cases are large: checked on cases beyond those of the equality tests."""

from random import Random
from typing import Any

import numpy as np
import pytest

import detente
from detente.graph.tables import BEYOND, BLOCK, Table, folded
from detente.space.moves import Moves
from detente.space.states import StateSpace
from tests.literal.generate import seeded

OPTIONS = [f"o{n}" for n in range(9)]


def excluded(rng: Random) -> str:
    """Rule out one combination of four options."""
    return " and ".join(rng.choice(["", "not "]) + option for option in rng.sample(OPTIONS, 4))


def random_space(seed: int) -> StateSpace:
    """Nine binary options in three parties, most combinations excluded."""
    rng = seeded(seed)
    owner = ["a", "b", "c"] * 3
    tree: dict[str, Any] = {
        "detente": 1,
        "name": "x",
        "parties": {p: {} for p in "abc"},
        "options": {o: {"party": p} for o, p in zip(OPTIONS, owner, strict=True)},
        "infeasible": [excluded(rng) for _ in range(45)],
    }
    return StateSpace.of(detente.Case.from_dict(tree))


def flooded(space: StateSpace, movers: str) -> list[int]:
    """Lowest state of the component of each state, by flooding over changes of one mover's levels."""
    keys = [space.key(s) for s in range(len(space))]
    mine = {m: [n for n, o in enumerate(space.space.owners) if o == m] for m in movers}
    groups: dict[tuple[str, str], list[int]] = {}
    for state, key in enumerate(keys):
        for mover in movers:
            rest = "".join("." if n in mine[mover] else c for n, c in enumerate(key))
            groups.setdefault((mover, rest), []).append(state)
    lowest = [-1] * len(keys)
    for start in range(len(keys)):
        front = [start] if lowest[start] < 0 else []
        while front:
            state = front.pop()
            if lowest[state] < 0:
                lowest[state] = start
                for mover in movers:
                    rest = "".join("." if n in mine[mover] else c for n, c in enumerate(keys[state]))
                    front += groups[mover, rest]
    return lowest


@pytest.mark.parametrize("movers", ["a", "ab", "bc", "abc"])
def test_components_of_moves(movers: str) -> None:
    numbers = set()
    for seed in range(12):
        space = random_space(seed)
        part = Moves(space).components(movers)
        known = flooded(space, movers)
        assert len(set(part.tolist())) == len(set(known)) == len(set(zip(part.tolist(), known, strict=True)))
        numbers.add(len(set(known)))
    assert max(numbers) > 2, "some spaces must fall into several components"


@pytest.mark.parametrize("width", [2, 5, 40])
def test_least_beyond_in_many_rows(width: int) -> None:
    """Rows worked on in blocks, with and without ties, all of them and some."""
    rng = np.random.default_rng(width)
    rows = 3 * BLOCK // width
    for highest in (4, 10**6):
        keys = np.sort(rng.integers(0, highest, (rows, width)), axis=1)
        values = rng.integers(0, 1000, (rows, width)).astype(np.int32)
        larger = keys[:, None, :] > keys[:, :, None]
        known = np.where(larger, values[:, None, :], BEYOND).min(axis=2)
        tied = keys[:, 1:] == keys[:, :-1]
        table = Table(np.zeros((rows, width), np.intp), tied if tied.any() else None, None, np.arange(rows))
        assert np.array_equal(table.minimum_beyond(values, None), known)
        some = np.flatnonzero(rng.random(rows) < 0.5)
        assert np.array_equal(table.minimum_beyond(values[some], some), known[some])
        assert np.array_equal(folded(np.minimum, values)[:, 0], values.min(axis=1))
        assert np.array_equal(folded(np.maximum, values)[:, 0], values.max(axis=1))


def test_priorities_beyond_the_width_of_a_number() -> None:
    """Ninety statements, two in every three tied by threes: far more than 64 bits of order."""
    rng = seeded(5)
    statements: list[str | list[str]] = []
    for n in range(90):
        pairs = [" or ".join(rng.choice(["", "not "]) + o for o in rng.sample(OPTIONS, 2)) for _ in range(3)]
        statements.append(pairs if n % 3 else pairs[0])
    late = ["o0 and o1", "o2 and not o3"]  # what only the last statements decide must count too
    order = ["o4 or not o4", "o5 and o6 and o7 and o8"] * 40 + statements[:3] + late
    for written in (statements, order):
        tree: dict[str, Any] = {
            "detente": 1,
            "name": "x",
            "parties": {"a": {}, "b": {}},
            "options": {o: {"party": "ab"[n % 2]} for n, o in enumerate(OPTIONS)},
            "preferences": {"a": {"priorities": written}},
        }
        session = detente.Session(detente.Case.from_dict(tree))
        graph = session.ask("stability").graph
        space = graph.states
        holds = [sum(space.mask(c).astype(int) for c in (e if isinstance(e, list) else [e])) for e in written]
        truth = [tuple(int(h[s]) for h in holds) for s in range(len(space))]
        ranked = {key: n for n, key in enumerate(sorted(set(truth)))}
        assert graph.rank("a").tolist() == [ranked[t] for t in truth]
        assert len(ranked) > 20
        assert np.array_equal(np.unique(graph.rank("a")), np.arange(len(ranked)))
