"""Hypergames against the literal definitions: 2,000 fixed hypergames on random cases with random pictures."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

import detente
from detente.base.result import Provenance
from detente.case.change import Change, Edit
from detente.graph.model import GraphModel
from detente.stability.hypergame import Hypergame, hypergame
from tests.literal.answers import differences
from tests.literal.generate import random_case, seeded
from tests.literal.hypergame import RIGHT, Picture, Rule, corrections, document, random_picture
from tests.literal.hypergame import Hypergame as Literal
from tests.literal.states import CaseDict

PART = 125
PARTS = [range(start, start + PART) for start in range(0, 500, PART)]
"""Four hypergames on every case."""
FRESH = 300
SHOWN = 100
WRONG = {
    "others want what they want in truth": Rule(own_only=True),
    "unseen states are stable in the picture": Rule(unseen="tolerated"),
    "unseen moves are taken out of one graph": Rule(unseen="stable"),
}


def situation(seed: int, *, positional: bool = True) -> tuple[CaseDict, list[Picture]]:
    """Return a random case and three pictures."""
    rng = seeded(seed)
    case = random_case(rng, positional=positional)
    # today's state has no part in this, and a picture may rule it out
    case.pop("status_quo", None)
    return case, [random_picture(rng, case) for _ in range(3)]


def graph_of(session: detente.Session, picture: Picture) -> GraphModel:
    return session.graph(session.base.change(Change(tuple(Edit((b,), v) for b, v in picture.items()))))


def games(case: CaseDict, pictures: list[Picture]) -> Iterator[tuple[Mapping[str, Picture], Hypergame]]:
    """Four hypergames: one picture, a second party's beside it, another one in its place, one graph for all."""
    session = detente.Session(detente.Case.from_dict(case))
    truth = session.graph(session.base)
    first, second = list(case["parties"])[:2]
    graphs = [graph_of(session, picture) for picture in pictures]
    one = hypergame(truth, {first: graphs[0]}, Provenance("random", ""))
    yield {first: pictures[0]}, one
    two = one.with_picture(second, graphs[1])
    yield {first: pictures[0], second: pictures[1]}, two
    yield {first: pictures[2], second: pictures[1]}, two.with_picture(first, graphs[2])
    shared = hypergame(truth, {first: graphs[0], second: graphs[1]}, Provenance("random", ""), unseen="stable")
    yield {first: pictures[0], second: pictures[1]}, shared


def told(game: Hypergame) -> dict[str, Any]:
    """What a hypergame answers, in the words of the oracle."""
    ids = game._ids
    every = {
        "hyper_equilibria": game.held, "equilibria": game.equilibrium, "steady": game.steady,
        "surprise": game.surprise, "missed": game.missed,
    }  # fmt: skip
    return {
        "unseen": game.unseen,
        "concepts": list(game.concepts),
        "pictures": {p: game._picture(game.pictures[p], listed=True) for p in game.mistaken},
        "stable": {
            c: {p: {"as_seen": ids(game.stable(c, p), listed=True), "in_truth": ids(game.truth[c][p], listed=True)}
                for p in game.graph.parties}
            for c in game.concepts
        },
        **{name: {c: ids(of(c), listed=True) for c in game.concepts} for name, of in every.items()},
    }  # fmt: skip


def check(seed: int) -> None:
    case, pictures = situation(seed)
    memory: dict[Any, Any] = {}
    for number, (given, game) in enumerate(games(case, pictures)):
        expected = document(Literal(case, given, Rule(unseen="stable") if number == 3 else RIGHT, memory), given)
        found = differences(expected, told(game))
        if found:
            shown = "\n".join(found[:12])
            pytest.fail(f"seed {seed}, game {number}: {len(found)} differences\n{shown}\n{json.dumps([case, given])}")


def check_session(seed: int) -> None:
    """Through views and the session: the whole document, and what each correction changes."""
    case, pictures = situation(seed, positional=False)
    given = dict(zip(list(case["parties"])[:2], pictures, strict=False))
    views = {f"eyes-{p}": {"of": p, **picture} for p, picture in given.items()}
    asked = detente.Session(detente.Case.from_dict({**case, "views": views})).ask("misperception").to_dict()
    assert differences(document(Literal(case, given), given), json.loads(json.dumps(asked))) == []
    expected = corrections(case, given)
    found = {(c["party"], c["path"]): c for c in asked["corrections"]}
    assert set(found) == {(c["party"], c["path"]) for c in expected}
    for wanted in expected:
        got = found[wanted["party"], wanted["path"]]
        assert (got["error"] is not None) == (wanted["total"] is None), (seed, wanted, got)
        assert got["total"] == wanted["total"], (seed, wanted, got)
        assert wanted["total"] is None or got["changes"] == wanted["changes"], (seed, wanted, got)
    most = max((c["total"] or 0 for c in expected), default=0)
    best = {(f"eyes-{c['party']}", c["path"]) for c in expected if most and c["total"] == most}
    assert {(c["view"], c["path"]) for c in asked["first"]} == best


@pytest.mark.parametrize("seeds", PARTS, ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}")
def test_equal_on_the_fixed_cases(seeds: range) -> None:
    for seed in seeds:
        check(seed)


@pytest.mark.sweep
def test_equal_on_fresh_cases(fresh_seed: int) -> None:
    for number in range(FRESH):
        check(500 + fresh_seed * FRESH + number)


def test_views_and_corrections_on_the_fixed_cases() -> None:
    for seed in range(60):
        check_session(seed)


@pytest.mark.sweep
def test_views_and_corrections_on_fresh_cases(fresh_seed: int) -> None:
    for number in range(FRESH):
        check_session(60 + fresh_seed * FRESH + number)


def test_the_cases_tell_the_readings_apart() -> None:
    """Every name occurs, and every wrong reading gives another answer, in a good part of the cases."""
    counts = Counter(name for seed in range(SHOWN) for name in _occurring(seed))
    for name in ("steady", "surprise", "missed", "imagined", *WRONG):
        assert counts[name] >= 0.05 * SHOWN, (name, counts)
    # rare, since few states are merged in truth and apart in a picture
    assert counts["judged at the first member"] >= 0.01 * SHOWN, counts


def _occurring(seed: int) -> Iterator[str]:
    case, pictures = situation(seed)
    given = dict(zip(list(case["parties"])[:2], pictures, strict=False))
    game = Literal(case, given)
    sets = game.sets()
    yield from (name for name in ("steady", "surprise", "missed") if any(sets[name].values()))
    if any(game.imagined(p) for p in given):
        yield "imagined"
    for name, rule in {**WRONG, "judged at the first member": Rule(judge="first")}.items():
        if Literal(case, given, rule).sets() != sets:
            yield name
