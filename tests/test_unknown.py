"""Unknown preference: published results, properties, faults in the file, sizes."""

import itertools
from typing import Any

import numpy as np
import pytest

import detente
from detente.base.errors import CaseError, LimitReached, UsageError
from detente.graph.known import Known
from detente.graph.model import GraphModel
from detente.space.states import StateSpace
from detente.stability.concepts import CONCEPTS
from detente.stability.narrative import overview
from detente.stability.unknown import ATTITUDES, lines
from tests.literal.generate import random_case, seeded
from tests.literal.unknown import TYPES
from tests.literal.unknown_cases import random_unknown_cases


def states(numbers: list[int]) -> list[str]:
    return [f"s{n}" for n in numbers]


def gisborne(provincial: dict[str, Any]) -> dict[str, Any]:
    """Lake Gisborne with the preferences of the literature."""
    return {
        "detente": 1,
        "name": "gisborne",
        "parties": {"federal": {}, "provincial": {}, "support": {}},
        "options": {"ban": {"party": "federal"}, "lift": {"party": "provincial"}, "appeal": {"party": "support"}},
        "preferences": {
            "federal": {"ranking": states([2, 6, 4, 8, 1, 5, 3, 7])},
            "provincial": provincial,
            "support": {"ranking": states([3, 4, 7, 8, 5, 6, 1, 2])},
        },
    }


PARTIAL = {"partial": [["s3", "s7"], ["s4", "s8"], ["s1", "s5"], ["s2", "s6"]]}
PUBLISHED: dict[str, dict[str, list[int]]] = {
    "a": {"nash": [], "gmr": [], "smr": [], "seq": []},
    "b": {"nash": [4, 6], "gmr": [4, 6, 8], "smr": [4, 6, 8], "seq": [4, 6, 8]},
    "c": {"nash": [], "gmr": [4, 6, 8], "smr": [4, 6, 8], "seq": [4, 6]},
    "d": {"nash": [4, 6], "gmr": [4, 6, 8], "smr": [4, 6, 8], "seq": [4, 6, 8]},
}


def ask(case: dict[str, Any], question: str, **parameters: Any) -> Any:
    return detente.Session(detente.Case.from_dict(case)).ask(question, **parameters)


def test_gisborne_is_as_published() -> None:
    found = ask(gisborne(PARTIAL), "unknown")
    told = {a: {c: list(found.equilibria(a, c)) for c in of} for a, of in PUBLISHED.items()}
    assert told == {a: {c: states(n) for c, n in of.items()} for a, of in PUBLISHED.items()}
    assert found.unsure == ("provincial",)
    assert found.to_dict()["unknown"]["provincial"] == {"pairs": 24, "of": 28}


@pytest.mark.parametrize(
    ("ranking", "nash", "gmr"), [([3, 7, 4, 8, 1, 2, 5, 6], [4], [4, 8]), ([2, 6, 1, 5, 4, 8, 3, 7], [6], [6])]
)
def test_the_two_published_completions(ranking: list[int], nash: list[int], gmr: list[int]) -> None:
    found = ask(gisborne({"ranking": states(ranking)}), "stability")
    assert [list(found.equilibria(c)) for c in ("nash", "seq", "gmr", "smr")] == [
        states(nash), states(nash), states(gmr), states(gmr)
    ]  # fmt: skip


def test_the_table_and_the_sentences_tell_all_four_attitudes() -> None:
    found = ask(gisborne(PARTIAL), "unknown")
    assert found.table().columns == ("stable for all", *(f"attitude {a}" for a in "abcd"))
    assert ("seq", "none", "s4, s6, s8", "s4, s6", "s4, s6, s8") in found.table().rows
    told = lines(found)
    assert told[0] == "provincial: which it prefers is not known for 24 pairs of states out of 28."
    assert all(any(a.meaning in line for line in told) for a in ATTITUDES.values())


def test_where_all_is_known_attitudes_make_no_difference() -> None:
    for seed in range(40):
        session = detente.Session(detente.Case.from_dict(random_case(seeded(seed))))
        crisp, found = session.ask("stability").to_dict()["stable"], session.ask("unknown").to_dict()["stable"]
        assert found == dict.fromkeys(TYPES, crisp)


def test_a_chain_of_comparisons_is_an_order() -> None:
    chain = [3, 7, 4, 8, 1, 2, 5, 6]
    pairs = [[f"s{x}", f"s{y}"] for x, y in itertools.pairwise(chain)]
    found = ask(gisborne({"partial": pairs}), "unknown")
    crisp = ask(gisborne({"ranking": states(chain)}), "stability")
    assert found.to_dict()["stable"] == dict.fromkeys(TYPES, crisp.to_dict()["stable"])
    assert found.unsure == ()
    assert lines(found)[0].startswith("Every comparison is known")


def test_hoping_is_harder_to_satisfy_and_fearing_easier() -> None:
    for seed in range(40):
        for case in random_unknown_cases(seeded(seed), 2):
            stable = ask(case, "unknown").stable
            for concept in CONCEPTS:
                for party in case["parties"]:
                    a, b, c, d = (stable[t][concept][party] for t in TYPES)
                    assert not ((a & ~c).any())
                    assert not ((a & ~b).any())
                    assert not ((c & ~d).any())
                    assert not ((b & ~d).any())
                    if concept == "nash":
                        assert (a == c).all()
                        assert (b == d).all()


def test_unknown_beside_an_order_leaves_the_crisp_concepts_alone_and_says_so() -> None:
    ranking = {"ranking": states([3, 7, 4, 8, 1, 2, 5, 6])}
    plain, cut = gisborne(ranking), gisborne({**ranking, "unknown": [["lift", "not lift"]]})
    assert ask(cut, "stability").to_dict()["stable"] == ask(plain, "stability").to_dict()["stable"]
    warnings = ask(cut, "stability").graph.warnings
    assert any("taken as the order has them" in w for w in warnings)
    assert not any("--" in w or "`" in w for w in warnings)  # they are read in the brief, too
    assert any("--unknown" in line for line in overview(ask(cut, "stability")))
    assert ask(cut, "unknown").equilibria("b", "seq") != ask(cut, "unknown").equilibria("a", "seq")


ORDER = states([3, 7, 4, 8, 1, 2, 5, 6])


@pytest.mark.parametrize(
    ("unknown", "told"),
    [
        ([["s3", "s4"]], ("s3", "s4")),
        ([["s3", "s6"], ["s3", "s7"]], ("s3", "s6")),
        ([["s8", "s1"], ["s4", "s1"]], None),
        ([["s3", "s6"]], ("s3", "s6")),
        ([["s8", "s1"]], None),
    ],
)
def test_comparisons_that_known_ones_decide_are_refused(unknown: list[list[str]], told: tuple[str, str] | None) -> None:
    case = gisborne({"ranking": ORDER, "unknown": unknown})
    if told is None:
        ask(case, "stability")
        return
    with pytest.raises(CaseError) as error:
        ask(case, "stability")
    (problem,) = error.value.problems()
    assert problem.path == "preferences.provincial.unknown[0]"
    best, worst = told
    start = f"an unknown comparison of {best} and {worst} that is decided by known ones: {best} is at least as good as "
    assert problem.found.startswith(start)
    middle = problem.found.removeprefix(start).split(",")[0]
    assert ORDER.index(best) < ORDER.index(middle) < ORDER.index(worst)
    assert not any({middle, other} in [set(p) for p in unknown] for other in told)
    assert middle in problem.fix


def test_equal_states_are_cut_together_or_not_at_all() -> None:
    tied = {"ranking": ["s3", ["s7", "s4"], "s8", "s1", "s2", "s5", "s6"]}
    with pytest.raises(CaseError):
        ask(gisborne({**tied, "unknown": [["s7", "s8"]]}), "stability")
    found = ask(gisborne({**tied, "unknown": [["s7", "s8"], ["s4", "s8"]]}), "unknown")
    assert found.known["provincial"].compare(6, 3) == "equal"
    assert found.known["provincial"].compare(6, 7) == "unknown"


def test_a_state_is_not_compared_with_itself() -> None:
    with pytest.raises(CaseError, match="matches both 'lift' and 'ban'"):
        ask(gisborne({"ranking": ORDER, "unknown": [["lift", "ban"]]}), "stability")


def test_the_place_of_a_fault_is_told() -> None:
    text = """detente: 1
name: x
parties: {a: {}, b: {}}
options: {o: {party: a, levels: [u, v, w]}, q: {party: b}}
preferences:
  a:
    utility: {o: {v: 1, w: 2}}
    unknown:
      - ["o == w", "o == u"]
  b: {utility: {q: {"yes": 1}}}
"""
    with pytest.raises(CaseError) as error:
        detente.Session(detente.Case.from_text(text)).ask("stability")
    (problem,) = error.value.problems()
    assert (problem.line, problem.path) == (9, "preferences.a.unknown[0]")


def test_consistency_is_judged_as_all_triples_would_be() -> None:
    """Random cuts, most of them inconsistent, against the definition over all triples of states."""
    rng = np.random.default_rng(7)
    refused = accepted = 0
    for _ in range(150):
        order = [f"s{n + 1}" for n in rng.permutation(8)]
        low, high = sorted(int(n) for n in rng.choice(9, 2, replace=False))
        wrongly = rng.choice([0.6, 1.0])
        part = {x: int(rng.integers(3)) for x in order[low:high]}
        pairs = [[x, y] for x in part for y in part if x < y and (part[x] != part[y]) == (rng.random() < wrongly)]
        rank = {s: -n for n, s in enumerate(order)}
        cut = {frozenset(p) for p in pairs}
        at_least = {(x, y) for x in order for y in order if rank[x] >= rank[y] and frozenset((x, y)) not in cut}
        wrong = any((x, y) in at_least and (y, z) in at_least and (x, z) not in at_least
                    for x in order for y in order for z in order)  # fmt: skip
        case = detente.Case.from_dict(gisborne({"ranking": order, "unknown": pairs}))
        if wrong:
            refused += 1
            with pytest.raises(CaseError):
                GraphModel.of(case, StateSpace.of(case))
        else:
            accepted += 1
            GraphModel.of(case, StateSpace.of(case))
    assert min(refused, accepted) > 10


def test_families_of_what_is_known_agree_with_pairs() -> None:
    from detente.graph.bits import unpacked

    for seed in range(20):
        for written in random_unknown_cases(seeded(seed), 2):
            case = detente.Case.from_dict(written)
            graph = GraphModel.of(case, StateSpace.of(case))
            count = len(graph)
            one, two = (a.ravel() for a in np.indices((count, count)))
            for party in case.parties:
                known = Known.of(case, graph.states, party, graph.ranks[party])
                better, unknown = known.better(two, one), known.unknown(one, two)
                assert (unpacked(known.better_sets(), count).ravel() == better).all()
                assert (unpacked(known.worse_sets(), count).ravel() == known.better(one, two)).all()
                assert (unpacked(known.unknown_sets(), count).ravel() == unknown).all()
                assert known.unknown_pairs == unknown.sum() // 2


@pytest.mark.parametrize("others", [{"partial": []}, {"utility": {"o2": {"yes": 1}, "o3": {"yes": 1}}}])
def test_the_state_moved_to_is_no_punishment_of_its_own(others: dict[str, Any]) -> None:
    """s2 is the only state that a may not prefer to s1; the others can only circle back to it."""
    parties = ("a", "b", "c")
    case = {
        "detente": 1, "name": "circle", "parties": {p: {} for p in parties},
        "options": {f"o{n + 1}": {"party": p} for n, p in enumerate(parties)},
        "preferences": {"a": {"partial": [[f"s{n}", "s1"] for n in range(3, 9)]}, "b": others, "c": others},
    }  # fmt: skip
    found = ask(case, "unknown")
    for concept in ("gmr", "seq"):
        assert not found.stable["c"][concept]["a"][0]
        assert found.stable["d"][concept]["a"][0]
        verdict = found.witness("c", concept, "a", "s1")
        assert (verdict.stable, verdict.answers[0].target, verdict.answers[0].gain) == (False, "s2", "unknown")


def test_wrong_names_are_told() -> None:
    found = ask(gisborne(PARTIAL), "unknown")
    with pytest.raises(UsageError, match="attitude"):
        found.witness("e", "seq", "federal", "s1")
    with pytest.raises(UsageError, match="concept"):
        ask(gisborne(PARTIAL), "unknown", concepts=["sqe"])


def test_a_witness_marks_what_is_unknown() -> None:
    verdict = ask(gisborne(PARTIAL), "unknown").witness("c", "gmr", "provincial", "s8")
    assert verdict.stable
    assert {a.gain for a in verdict.answers} == {"unknown"}
    assert "unknown" in {a.loss for a in verdict.answers}
    assert verdict.to_dict()["attitude"] == "c"


def test_too_many_states_for_sets_are_refused() -> None:
    options = {f"o{n}": {"party": "a" if n % 2 else "b", "levels": ["u", "v", "w"]} for n in range(10)}
    case = {
        "detente": 1, "name": "large", "parties": {"a": {}, "b": {}}, "options": options,
        "preferences": {"a": {"partial": [["o1 == v", "o1 == u"]]}, "b": {"utility": {"o2": {"v": 1}}}},
    }  # fmt: skip
    with pytest.raises(LimitReached, match="59,049 states for stability with unknown comparisons"):
        ask(case, "unknown")
