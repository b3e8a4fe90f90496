"""Settlement at any size: choice of method, certificates, boxes, limits of time, the solver's own errors."""

import itertools
import json
import math
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import jsonschema
import numpy as np
import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st

import detente
from bench.settlement import million
from bench.settlement_any_size import OPTIONS, huge
from detente.base.errors import EXIT_LIMIT, LimitReached, UsageError
from detente.base.result import Provenance
from detente.case.meaning import holds
from detente.cli.contracts.settlement import SETTLE
from detente.inquiry.session import Session
from detente.mechanics.milp import Deadline, Program
from detente.settlement.any_size import Effort, Stopped, enumerable, settle_at_any_size
from detente.settlement.boxes import Cover, cover
from detente.settlement.integer import ideals, prove
from detente.settlement.integer_none import stakes_of
from detente.settlement.merge import merge
from detente.settlement.narrative import lines
from detente.settlement.problem import Bargain, bargain_of
from detente.settlement.program import DealProgram
from detente.settlement.result import PayoffClass, Settlement
from detente.settlement.solve import settle
from detente.space.space import Space
from detente.space.states import StateSpace
from tests.literal import settlement as literal

SCHEMA = {
    "type": "object", "properties": SETTLE, "additionalProperties": False,
    "required": [k for k in SETTLE if k not in ("draws", "ratifiable")],
}  # fmt: skip
NOWHERE = Provenance("x", "")


def valid(found: Settlement) -> dict[str, Any]:
    """The JSON contract, checked; finite numbers only."""
    content = found.to_dict()
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    jsonschema.Draft202012Validator(SCHEMA).validate(content)
    return content


def levels_of(classes: tuple[PayoffClass, ...]) -> set[tuple[int, ...]]:
    return {d.levels for c in classes for d in c.deals}


def case_of(seed: int, options: int, levels: int, parties: int = 2, **blocks: Any) -> detente.Case:
    """Random additive utilities with one decimal."""
    rng = np.random.default_rng(seed)
    names = [chr(ord("a") + n) for n in range(parties)]
    written = {f"o{n}": {"party": "a", "levels": [f"l{k}" for k in range(levels)]} for n in range(options)}
    worth = {
        p: {"utility": {o: {f"l{k}": float(rng.integers(-100, 101)) / 10 for k in range(1, levels)} for o in written}}
        for p in names
    }
    tree = {"detente": 1, "name": "x", "parties": {p: {} for p in names}, "options": written, "preferences": worth}
    return detente.Case.from_dict({**tree, **blocks})


# --- which method ----------------------------------------------------------------------------------------------------


def test_what_can_be_listed_is_seen_without_listing_it() -> None:
    assert not enumerable(Space.of(huge(0)))
    assert enumerable(Space.of(million(0)))
    free = {f"o{n}": {"party": "a", "levels": [f"l{k}" for k in range(10)]} for n in range(8)}
    tree = {"detente": 1, "name": "x", "parties": {"a": {}}, "options": free, "preferences": {"a": {"utility": {}}}}
    assert not enumerable(Space.of(detente.Case.from_dict(tree)))
    tied = [f"o{n} != l0 and o{n + 1} != l0" for n in range(7)] + [f"o{n} > l3" for n in range(8)]
    few = Space.of(detente.Case.from_dict({**tree, "infeasible": tied}))
    assert few.size == 10**8
    assert enumerable(few)
    assert not enumerable(few, 50)


def test_the_method_is_chosen_and_named() -> None:
    small, large = case_of(1, 3, 3), case_of(1, 20, 10)
    tied = [f"o{n} == l1 and o{n + 1} == l1" for n in range(19)]
    found = Session(small).ask("settle")
    assert (found.method, valid(found)["certificate"]) == ("enumeration", "complete enumeration")
    found = Session(large).ask("settle")
    assert (found.method, valid(found)["certificate"]) == ("merge", "complete merge")
    assert not found.partial
    assert any("option by option" in text for text in lines(found))
    found = Session(detente.Case.from_dict(plain_tree(large, tied))).ask("settle", rules=("nash", "ks"))
    assert found.method == "milp"
    assert set(valid(found)["certificate"]) == {"nash", "ks"}
    assert found.partial
    assert found.uncovered is not None
    assert 0 < found.uncovered < Fraction(1, 50)
    assert any("integer programming, and proven to be the best" in text for text in lines(found))
    assert any("any others lie in gaps that make up" in text for text in lines(found))


def plain_tree(case: detente.Case, infeasible: list[str]) -> dict[str, Any]:
    worth = {p: case.preference(p) for p in case.parties}
    return {
        "detente": 1,
        "name": "x",
        "parties": {p: {} for p in case.parties},
        "options": {o: {"party": w.party, "levels": list(w.levels)} for o, w in case.file.options.items()},
        "preferences": {
            p: {"utility": {o: {k: float(case.mean(a)) for k, a in row.items()} for o, row in forms.utility.items()}}  # type: ignore[union-attr]
            for p, forms in worth.items()
        },
        "infeasible": infeasible,
    }


def test_methods_asked_for_by_name_agree() -> None:
    case = case_of(5, 5, 4, 3)
    answers = [Session(case).ask("settle", method=m, rules=("nash", "ks")) for m in ("enumeration", "merge", "milp")]
    assert [a.method for a in answers] == ["enumeration", "merge", "milp"]
    assert len({a.verdict for a in answers}) == 1
    for rule in ("nash", "ks"):
        assert len({frozenset(levels_of(a.points[rule])) for a in answers}) == 1
    assert levels_of(answers[0].frontier) == levels_of(answers[1].frontier)
    assert levels_of(answers[2].frontier) <= levels_of(answers[0].frontier)
    with pytest.raises(UsageError, match="auto, merge or milp"):
        Session(case).ask("settle", method="guess")
    with pytest.raises(UsageError, match="unknown rule"):
        Session(case).ask("settle", method="milp", rules=("nsah",))


def test_an_order_alone_needs_the_states() -> None:
    tree = plain_tree(case_of(1, 3, 3), [])
    tree["preferences"]["b"] = {"ranking": ["o0 == l1", "o0 == l2"]}
    with pytest.raises(UsageError, match="no utility of b"):
        Session(detente.Case.from_dict(tree)).ask("settle", method="milp")


def test_merged_states_are_refused_as_deals() -> None:
    tree = plain_tree(case_of(2, 3, 3), [])
    tree["preferences"] = {p: {"utility": {"o0": {"l1": 1, "l2": 2}}} for p in ("a", "b")}
    tree["coalesce"] = ["o0 == l2 and o1 == l0"]
    with pytest.raises(UsageError, match="merged state"):
        Session(detente.Case.from_dict(tree)).ask("settle", method="milp", rules=("nash",))


# --- two ways at sizes that cannot be listed -------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_merging_and_integer_programs_agree_beyond_listing(seed: int) -> None:
    bargain = bargain_of(case_of(seed, 12 - 3 * (seed % 2), 10, 2 + seed % 2, settlement={"comparable": True}))
    rules = ("nash", "ks", "egalitarian", "utilitarian", "equal_loss")
    merged = settle_at_any_size(bargain, NOWHERE, rules, method="merge")
    program = settle_at_any_size(bargain, NOWHERE, rules, method="milp", effort=Effort(ties=3, boxes=4))
    assert merged.verdict == program.verdict
    assert program.unproven == ()
    ways = {tuple(c.gains.values()) for c in merged.frontier}
    assert {tuple(c.gains.values()) for c in program.frontier} <= ways
    for rule in rules:
        mine = {tuple(c.gains.values()) for c in program.points[rule]}
        assert mine
        assert mine <= {tuple(c.gains.values()) for c in merged.points[rule]}


def test_counts_of_merged_deals_are_exact_however_many() -> None:
    """Forty options of two levels that both want alike, each worth 1: only the number of them on counts."""
    names = [f"o{n}" for n in range(40)]
    half = {o: {"yes": 1} for o in names}
    tree = {
        "detente": 1, "name": "x", "parties": {"a": {}, "b": {}}, "options": {o: {"party": "a"} for o in names},
        "preferences": {"a": {"utility": half}, "b": {"utility": {o: {"yes": -1} for o in names}}},
        "disagreement": {"payoffs": {"a": 15, "b": -25}},
    }  # fmt: skip
    found = Session(detente.Case.from_dict(tree)).ask("settle", rules=("nash",))
    assert found.method == "merge"
    assert [c.count for c in found.frontier] == [math.comb(40, k) for k in range(25, 14, -1)]
    assert {c.gains["a"] for c in found.points["nash"]} == {5}
    for one in found.frontier:
        assert len({d.levels for d in one.deals}) == len(one.deals) == 10
        assert all(d.payoffs["a"] == sum(d.levels) for d in one.deals)


def test_ten_to_the_thirty_with_conditions() -> None:
    case = huge(0)
    found = settle_at_any_size(
        bargain_of(case), NOWHERE, ("nash", "ks", "egalitarian"), effort=Effort(ties=0, boxes=0, samples=0)
    )
    assert (found.verdict, found.method, found.unproven) == ("zone", "milp", ())
    content = valid(found)
    assert max(c["gap"] for c in content["certificate"].values()) < 1e-6
    floor = {p: float(v) for p, v in found.bargain.disagreement.items()}
    for classes in found.points.values():
        for deal in (d for c in classes for d in c.deals):
            assert len(deal.levels) == OPTIONS
            assert not any(holds(case.meaning(c), deal.levels) for c in case.file.infeasible)
            for party, got in deal.payoffs.items():
                forms = case.preference(party)
                assert forms is not None
                rows = [[float(case.mean(a)) for a in row.values()] for row in (forms.utility or {}).values()]  # type: ignore[union-attr]
                assert float(got) == pytest.approx(sum(row[k] for row, k in zip(rows, deal.levels, strict=True)))
                assert float(got) >= floor[party]
    gains = {r: sorted(float(g) for g in c[0].gains.values()) for r, c in found.points.items()}
    assert gains["egalitarian"] >= max(gains["nash"], gains["ks"])
    assert math.prod(gains["nash"]) >= max(math.prod(gains["egalitarian"]), math.prod(gains["ks"]))


# --- boxes -----------------------------------------------------------------------------------------------------------


def covered(bargain: Bargain, budget: int) -> tuple[Cover, DealProgram]:
    program = DealProgram(replace(bargain, states=None, payoffs={}), Deadline(600))
    return cover(program, stakes_of(program), budget), program


@pytest.mark.parametrize("seed", range(4))
def test_boxes_hold_every_point_that_is_not_found(seed: int) -> None:
    case = case_of(seed, 4, 5, infeasible=["o0 >= l3 and o1 >= l3", "o2 == l1 and o3 != l2"])
    listed = bargain_of(case, StateSpace.of(case))
    whole = settle(listed, NOWHERE, ("nash",))
    areas: list[Fraction] = []
    for budget in (0, 1, 2, 3, 5, 8, 13, 60):
        found, program = covered(bargain_of(case), budget)
        dens = [program.denominators[p] for p in ("a", "b")]
        front = {tuple(int(c.gains[p] * d) for p, d in zip("ab", dens, strict=True)) for c in whole.frontier}
        points = {(p.gains["a"], p.gains["b"]) for p in found.points}
        assert points <= front
        for one, other in front - points:
            assert sum(b.left < one < b.right and b.low < other < b.high for b in found.boxes) == 1
        for first, second in itertools.combinations(found.boxes, 2):
            assert first.right <= second.left or second.right <= first.left
        stakes = listed.stake("a") * listed.stake("b")
        assert found.uncovered * dens[0] * dens[1] * stakes == sum(b.area for b in found.boxes)
        areas.append(found.uncovered)
        assert list(found.areas) == sorted(found.areas, reverse=True)
    assert areas == sorted(areas, reverse=True)
    assert areas[0] > areas[3] > areas[-1] == 0
    assert points == front


# --- limits of time --------------------------------------------------------------------------------------------------


class FewSolves(Deadline):
    """Runs out after so many programs instead of seconds."""

    def __init__(self, most: int) -> None:
        super().__init__(3600)
        self.most = most

    @property
    def left(self) -> float:
        return 3600.0 if self.solves < self.most else 0.0


def stopped(bargain: Bargain, most: int, monkeypatch: pytest.MonkeyPatch) -> Settlement:
    monkeypatch.setattr("detente.settlement.any_size.Deadline", lambda _: FewSolves(most))
    return settle_at_any_size(bargain, NOWHERE, RULES, method="milp", effort=Effort(ties=1, boxes=3))


RULES = ("nash", "ks", "egalitarian", "utilitarian", "relative_utilitarian", "equal_loss")


@pytest.mark.parametrize("seed", [3, 11])
def test_an_answer_that_is_stopped_never_claims_too_much(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it stops: bounds hold, deals are acceptable, what is open is said."""
    bargain = bargain_of(case_of(seed, 4, 4, 3, infeasible=["o0 >= l2 and o1 >= l2"]))
    full = stopped(bargain, 10_000, monkeypatch)
    assert full.unproven == ()
    assert full.bound is not None
    best = {r: bound - gap for r, (bound, gap) in full.bound.items()}
    undecided = partly = 0
    for most in range(0, 40, 3):
        found = stopped(bargain, most, monkeypatch)
        valid(found)
        assert lines(found)
        assert found.verdict in (full.verdict, "undecided")
        undecided += found.verdict == "undecided"
        assert found.bound is not None
        for rule, (bound, gap) in found.bound.items():
            if "the most that" not in " ".join(found.unproven):
                assert bound >= best[rule] - 1e-9
                assert bound - gap <= best[rule] + 1e-9
                if gap > 1e-6:
                    assert found.unproven
                    partly += 1
        for deal in (d for c in found.points.values() for k in c for d in k.deals):
            assert all(v >= found.bargain.disagreement[p] for p, v in deal.payoffs.items())
        if not found.unproven:
            assert all(levels_of(c) <= levels_of(full.points[r]) for r, c in found.points.items())
    assert undecided
    assert partly


def test_a_report_that_is_stopped_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = next(
        t for t in literal.cases(range(40)) if literal.verdict(literal.Bargain(t))[0] == "none" and t["infeasible"]
    )
    bargain = bargain_of(detente.Case.from_dict(tree))
    open_ones = 0
    for most in range(0, 60, 3):
        found = stopped(bargain, most, monkeypatch)
        valid(found)
        assert lines(found)
        assert found.verdict in ("none", "undecided")
        open_ones += found.verdict == "none" and bool(found.unproven)
    assert open_ones


def test_running_out_of_time_is_an_answer_with_exit_3() -> None:
    with pytest.raises(Stopped, match="precision of the solver were not enough for the verdict") as caught:
        Session(huge(1)).ask("settle", seconds=0)
    assert isinstance(caught.value, LimitReached)
    assert caught.value.exit_code == EXIT_LIMIT
    content = valid(caught.value.answer)
    assert content["verdict"] == "undecided"
    assert content["unproven"][0] == "the verdict"
    assert any("not decided in the time given" in text for text in lines(caught.value.answer))


# --- the solver ------------------------------------------------------------------------------------------------------


def knapsack(weights: list[int], room: int) -> tuple[Program, dict[int, float]]:
    program = Program()
    columns = [program.column(whole=True) for _ in weights]
    program.row(dict(zip(columns, map(float, weights), strict=True)), high=room)
    return program, {c: float(w) for c, w in zip(columns, weights, strict=True)}


@settings(max_examples=40, derandomize=True, deadline=None)
@given(st.lists(st.integers(1, 30), min_size=1, max_size=7), st.integers(0, 60))
def test_programs_are_solved(weights: list[int], room: int) -> None:
    program, objective = knapsack(weights, room)
    found = program.maximise(objective, Deadline(60))
    sums = [sum(s) for k in range(len(weights) + 1) for s in itertools.combinations(weights, k) if sum(s) <= room]
    assert found.status == "optimal"
    assert found.bound == pytest.approx(max(sums))
    assert found.values is not None
    assert sum(w * v for w, v in zip(weights, found.values, strict=True)) == max(sums)
    other = program.copy()
    other.row({0: 1.0}, low=2.0)
    assert other.maximise(objective, Deadline(60)).status == "infeasible"
    assert program.maximise(objective, Deadline(60)).status == "optimal"
    assert program.maximise(objective, Deadline(0)).status == "limit"


def failing(times: int) -> Iterator[Any]:
    real = scipy.optimize.milp
    calls = itertools.count()

    def solve(*args: Any, **options: Any) -> Any:
        if next(calls) < times:
            return SimpleNamespace(status=4, message="Solve error", x=None, mip_dual_bound=None)
        return real(*args, **options)

    yield solve


def test_a_failure_of_the_solver_is_tried_again_in_other_units(monkeypatch: pytest.MonkeyPatch) -> None:
    program, objective = knapsack([7, 11, 13], 25)
    for times in (1, 2, 3):
        monkeypatch.setattr(scipy.optimize, "milp", next(failing(times)))
        found = program.maximise(objective, Deadline(60))
        assert (found.status, round(found.bound, 6)) == ("optimal", 24)
    assert program.maximise({}, Deadline(60), solvable=True).status == "optimal"
    program.row(objective, low=26.0)
    assert program.maximise(objective, Deadline(60)).status == "infeasible"
    assert program.maximise(objective, Deadline(60), solvable=True).status == "limit"
    monkeypatch.setattr(scipy.optimize, "milp", next(failing(9)))
    assert program.maximise(objective, Deadline(60)).status == "limit"


def test_a_wrong_deal_of_the_solver_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The solver is made to offer a deal that breaks a condition; exact numbers refuse it, and the next is taken."""
    case = case_of(3, 3, 3, infeasible=["o0 == l1 and o1 == l1"])
    program = DealProgram(bargain_of(case), Deadline(60))
    real, bad = Program.maximise, iter([True])

    def lying(self: Program, objective: Any, deadline: Deadline, *, solvable: bool) -> Any:
        found = real(self, objective, deadline, solvable=solvable)
        if next(bad, False):
            values = np.zeros_like(found.values)
            values[[1, 4, 6]] = 1.0
            return replace(found, values=values)
        return found

    monkeypatch.setattr(Program, "maximise", lying)
    found = program.search(program.program(), {}, lambda _: True)
    assert found.point is not None
    assert found.point.levels != (1, 1, 0)
    assert not found.point.broken


def test_the_solver_does_not_write_to_standard_output() -> None:
    """Some of its messages cannot be switched off; here they stand for whatever C code writes."""
    code = (
        "import ctypes, scipy.optimize as so\n"
        "from detente.mechanics.milp import Deadline, Program\n"
        "real = so.milp\n"
        "def loud(*a, **k):\n    ctypes.CDLL(None).puts(b'noise')\n    return real(*a, **k)\n"
        "so.milp = loud\n"
        "p = Program(); c = p.column(whole=True)\n"
        "print(p.maximise({c: 1.0}, Deadline(60)).status)\n"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "optimal\n"


def test_bounds_of_a_program_are_proofs() -> None:
    """Every rule's bound, gap and deal at once, at a size that can just be listed."""
    case = case_of(7, 6, 6, 3, infeasible=["o0 >= l3 and o1 >= l3", "o2 == l1 and o3 != l2"])
    program = DealProgram(bargain_of(case), Deadline(600))
    ideal = ideals(program)
    assert all(proven for _, proven in ideal.values())
    listed = settle(bargain_of(case, StateSpace.of(case)), NOWHERE, RULES)
    for rule in RULES:
        proof = prove(program, rule, {p: a for p, (a, _) in ideal.items()}, ties=50)
        assert proof.proven
        assert proof.complete
        assert proof.bound >= proof.value
        assert 0 <= proof.gap < 1e-6
    found = settle_at_any_size(bargain_of(case), NOWHERE, RULES, method="milp", effort=Effort(ties=50, boxes=0))
    assert {r: levels_of(c) for r, c in found.points.items()} == {r: levels_of(c) for r, c in listed.points.items()}


def test_merging_gives_up_where_points_grow_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    bargain = bargain_of(case_of(1, 6, 6))
    assert merge(bargain) is not None
    monkeypatch.setattr("detente.settlement.merge.LARGEST_FRONT", {2: 3})
    assert merge(bargain) is None
    assert settle_at_any_size(bargain, NOWHERE, ("nash",)).method == "milp"
