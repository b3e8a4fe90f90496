"""Completions: counted exactly, drawn uniformly, the same for the same seed."""

from collections import Counter
from itertools import permutations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import chisquare

import detente
from detente.graph import completions as module
from detente.graph import posets
from detente.graph.completions import CHAIN, COUNTED, FIXED, PERFECT, Completions, completed_worths, completion_path
from detente.graph.known import Known
from detente.graph.model import GraphModel
from detente.graph.order_polytope import Polytope, perfect
from detente.graph.posets import taken_apart
from detente.space.draws import draws
from detente.space.states import StateSpace
from tests.literal.generate import seeded
from tests.literal.unknown import Compared
from tests.literal.unknown_cases import random_unknown_cases
from tests.test_unknown import PARTIAL, gisborne

Bools = NDArray[np.bool_]
DRAWS = draws(detente.Case.from_dict(gisborne(PARTIAL)), 1, seed=3)
N_SHAPE = [(0, 2), (1, 2), (1, 3)]
WIDE_N = [(x, y) for x in (0, 1) for y in (4, 5)] + [(x, y) for x in (2, 3) for y in (4, 5, 6)]
CROWN = [(x, y + 3) for x in range(3) for y in range(3) if x != y]
BESIDE = [*N_SHAPE, (4, 5), (4, 6)]
ABOVE = [*N_SHAPE, *((x, y) for x in range(4) for y in (4, 5, 6))]


def poset(size: int, pairs: list[tuple[int, int]]) -> Bools:
    less = np.zeros((size, size), bool)
    for low, high in pairs:
        less[low, high] = True
    return closed(less)


def closed(less: Bools) -> Bools:
    less = less.copy()
    for k in range(len(less)):
        less |= np.outer(less[:, k], less[k])
    return less


def random_poset(size: int, often: float, rng: np.random.Generator) -> Bools:
    shuffled = rng.permutation(size)
    return closed(np.triu(rng.random((size, size)) < often, 1))[np.ix_(shuffled, shuffled)]


def literal_extensions(less: Bools) -> list[tuple[int, ...]]:
    """Positions of the elements in every linear extension: all permutations that respect the order."""
    size = len(less)
    pairs = [(int(x), int(y)) for x, y in np.argwhere(less)]
    return sorted(p for p in permutations(range(size)) if all(p[x] < p[y] for x, y in pairs))


def completions(less: Bools) -> Completions:
    return Completions.of(Known(None, np.arange(len(less)), less.T.copy()))


@pytest.fixture(params=[COUNTED, PERFECT, CHAIN])
def method(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Draw what cannot be taken apart by each method in turn, however small it is."""
    if request.param != COUNTED:
        monkeypatch.setattr(posets, "MOST_IDEALS", 0)
    if request.param == CHAIN:
        monkeypatch.setattr(module, "SURELY_PERFECT", 0)
        monkeypatch.setattr(module, "PERFECT_WORK", 0)
    return str(request.param)


def test_counts_and_enumerations_are_exact() -> None:
    rng = np.random.default_rng(1)
    kinds: Counter[str] = Counter()
    for _ in range(120):
        less = random_poset(int(rng.integers(1, 8)), rng.choice([0.1, 0.25, 0.4]), rng)
        kinds.update({p.kind for p in taken_apart(less).walk()})
        found, wanted = completions(less), literal_extensions(less)
        assert found.count == len(wanted)
        assert sorted(map(tuple, found.every().tolist())) == wanted
    assert all(kinds[k] > 10 for k in ("series", "parallel", "atom"))


@pytest.mark.parametrize(
    "less", [poset(4, N_SHAPE), poset(7, WIDE_N), poset(6, CROWN), poset(7, BESIDE), poset(7, ABOVE)]
)
def test_draws_are_uniform(less: Bools, method: str) -> None:
    found, wanted = completions(less), literal_extensions(less)
    assert found.method.startswith(method)
    count = 30 * len(wanted)
    drawn = Counter(map(tuple, found.drawn(DRAWS.generator, "test", 0, count).tolist()))
    assert set(drawn) <= set(wanted)
    assert chisquare([drawn[w] for w in wanted]).pvalue > 1e-3


def test_the_test_of_uniformity_notices_greedy_draws() -> None:
    """Choosing among the lowest elements with equal chances is not uniform over extensions."""
    less = poset(4, N_SHAPE)
    rng, wanted = np.random.default_rng(2), literal_extensions(poset(4, N_SHAPE))
    drawn: Counter[tuple[int, ...]] = Counter()
    for _ in range(30 * len(wanted) * 5):
        left, place = list(range(4)), [0] * 4
        for n in range(4):
            x = rng.choice([x for x in left if not less[left, x].any()])
            place[x] = n
            left.remove(x)
        drawn[tuple(place)] += 1
    assert chisquare([drawn[w] for w in wanted]).pvalue < 1e-3


def test_series_parallel_orders_of_any_size_are_exact() -> None:
    """Blocks of 40 states, above each other or not compared: the count is a product of factorials and binomials."""
    from math import comb, factorial

    group = np.repeat(np.arange(4), 40)
    above = np.zeros((4, 4), bool)
    above[1, 0] = above[3, 2] = True  # block 1 over block 0, block 3 over block 2, the pairs not compared
    found = Completions.of(Known(None, group, above))
    assert found.method == COUNTED
    assert found.count == factorial(40) ** 4 * comb(160, 80)
    drawn = found.drawn(DRAWS.generator, "test", 0, 50)
    assert (np.sort(drawn, axis=1) == np.arange(160)).all()
    assert (drawn[:, group == 0].max(axis=1) < drawn[:, group == 1].min(axis=1)).all()
    lowest = (drawn[:, group == 0].min(axis=1) < drawn[:, group == 2].min(axis=1)).mean()
    assert 0.2 < lowest < 0.8


def test_equal_states_stay_tied_and_known_ones_in_order() -> None:
    for seed in range(30):
        for written in random_unknown_cases(seeded(seed), 2):
            case = detente.Case.from_dict(written)
            graph = GraphModel.of(case, StateSpace.of(case))
            for party in case.parties:
                known = Known.of(case, graph.states, party, graph.ranks[party])
                drawn = Completions.of(known).drawn(DRAWS.generator, "test", 0, 20)
                one, two = (a.ravel() for a in np.indices((len(graph),) * 2))
                better, unknown = known.better(one, two), known.unknown(one, two)
                order = np.sign(drawn[:, one].astype(int) - drawn[:, two])
                assert (order[:, better] == 1).all()
                assert (order[:, unknown] != 0).all()
                assert (order[:, ~better & ~unknown & ~known.better(two, one)] == 0).all()
                assert (drawn.min(axis=1) == 0).all()


def test_every_completion_is_found() -> None:
    compared_some = 0
    for seed in range(40):
        for written in random_unknown_cases(seeded(seed), 2):
            case = detente.Case.from_dict(written)
            graph = GraphModel.of(case, StateSpace.of(case))
            for party in case.parties:
                found = Completions.of(Known.of(case, graph.states, party, graph.ranks[party]))
                if found.count is None or not 1 < found.count <= 500:
                    continue
                space = UnknownModelSpace(written)
                compared = Compared(space.space, written["preferences"].get(party), written.get("numbers", {}))
                wanted = sorted(tuple(c[s] for s in space.space.ids) for c in compared.completions())
                assert sorted(map(tuple, found.every().tolist())) == wanted
                compared_some += 1
    assert compared_some > 20


class UnknownModelSpace:
    """The literal states of a case."""

    def __init__(self, case: dict[str, object]) -> None:
        from tests.literal.states import Space

        self.space = Space(case)


def test_a_draw_depends_on_its_number_alone(method: str) -> None:
    found = completions(poset(7, BESIDE))
    drawn = found.drawn(DRAWS.generator, "test", 0, 40)
    assert (found.drawn(DRAWS.generator, "test", 13, 9) == drawn[13:22]).all()
    assert (found.drawn(DRAWS.generator, "test", 0, 200)[:40] == drawn).all()
    assert (found.drawn(DRAWS.generator, "other", 0, 40) != drawn).any()


def test_a_full_order_has_one_completion() -> None:
    found = Completions.of(Known(np.array([2, 0, 1, 1], np.int32), np.zeros(4, np.int64), np.zeros((1, 1), bool)))
    assert (found.method, found.count, found.every().tolist()) == (FIXED, 1, [[2, 0, 1, 1]])


def test_perfect_sampling_of_sixty_elements_has_the_right_mean() -> None:
    """A crown of 60: by symmetry every lower element has the same mean position, and so has every higher one."""
    less = np.zeros((60, 60), bool)
    less[:30, 30:] = ~np.eye(30, dtype=bool)
    found = completions(less)
    assert (found.method, found.count) == (PERFECT, None)
    drawn = found.drawn(DRAWS.generator, "test", 0, 300)
    assert (drawn[:, :30, None] < drawn[:, None, 30:])[:, ~np.eye(30, dtype=bool)].all()
    reversed_mean = 59 - drawn[:, 30:].mean()
    assert abs(drawn[:, :30].mean() - reversed_mean) < 1e-9
    assert np.ptp(drawn[:, :30].mean(axis=0)) < 6 * drawn[:, :30].std() / np.sqrt(300)


CROWN_OF_24 = [(x, y + 12) for x in range(12) for y in range(12) if x != y]


@pytest.mark.parametrize("less", [poset(7, WIDE_N), poset(24, CROWN_OF_24)])
def test_longer_runs_from_the_past_end_in_the_same_order(less: Bools) -> None:
    """Coupling from the past: once the order is settled, starting even earlier does not change it."""
    polytope, size = Polytope.of(less), len(less)

    def streams(age: int, left: NDArray[np.int64]) -> list[np.random.Generator]:
        return [DRAWS.generator(f"past {age}", int(n)) for n in left]

    wanted = perfect(polytope, streams, 50)
    top, bottom, points = polytope.start((0.0, 1.0), 50)
    for age in range(7, -1, -1):
        generators = streams(age, np.arange(50))
        for _ in range(16 if age == 0 else 16 << (age - 1)):
            polytope.sweep(top, bottom, points, np.stack([g.random(size) for g in generators], axis=1))
    assert (polytope.positions(points[0]) == wanted).all()
    assert (polytope.positions(points[1]) == wanted).all()


def test_the_chain_forgets_where_it_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four blocks in the shape of an N, of very different sizes: mean positions agree with those of exact draws."""
    block = np.repeat(np.arange(4), [30, 8, 5, 25])
    less = np.isin(block[:, None] * 4 + block[None, :], [0 * 4 + 2, 1 * 4 + 2, 1 * 4 + 3])
    exact = completions(less)
    assert exact.method == COUNTED
    wanted = exact.drawn(DRAWS.generator, "exact", 0, 1500)[:, block == 1].mean(axis=1)
    monkeypatch.setattr(posets, "MOST_IDEALS", 0)
    monkeypatch.setattr(module, "SURELY_PERFECT", 0)
    monkeypatch.setattr(module, "PERFECT_WORK", 0)
    found = completions(less)
    assert found.method.startswith(CHAIN)
    told = found.drawn(DRAWS.generator, "chain", 0, 1500)[:, block == 1].mean(axis=1)
    assert abs(told.mean() - wanted.mean()) < 4 * wanted.std() * np.sqrt(2 / 1500)
    assert 0.9 < told.std() / wanted.std() < 1.1


def test_worths_of_a_partial_order_follow_a_completion() -> None:
    case = detente.Case.from_dict(gisborne(PARTIAL))
    graph = GraphModel.of(case, StateSpace.of(case))
    found = Completions.of(Known.of(case, graph.states, "provincial", None))
    made = draws(case, 50, seed=4)
    worths = np.array(list(completed_worths(made, "provincial", found)))
    ranks = found.drawn(made.generator, completion_path("provincial"), 0, 50)
    assert (np.argsort(np.argsort(worths, axis=1), axis=1) == ranks).all()
    assert (worths.min(axis=1) == 0).all()
    assert (worths.max(axis=1) == 1).all()
    assert (worths[:, 2] > worths[:, 6]).all()
