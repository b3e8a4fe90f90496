"""Forecast: textbook chains, hand results, limits and properties, the block of the case file and its mistakes."""

from __future__ import annotations

from math import inf, sqrt
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array

import detente
from detente.forecast.chain import shares, shares_of
from detente.forecast.dynamics import Draw, Dynamics, Shares
from detente.forecast.ending import Nodes, _follow
from detente.forecast.reached import period_of
from detente.forecast.setup import dynamics_of, remarks
from detente.forecast.solving import solve
from detente.graph.model import GraphModel
from detente.graph.ranks import dense
from detente.space.draws import amounts
from detente.space.moves import Moves
from detente.space.states import StateSpace
from detente.stability.concepts import CONCEPTS, stable_states
from tests.literal.generate import random_case, seeded

CHICKEN = {"CC": (3.0, 3.0), "DC": (4.0, 2.0), "CD": (2.0, 4.0), "DD": (1.0, 1.0)}  # in state order: a's option first
DILEMMA = {"CC": (3.0, 3.0), "DC": (4.0, 1.0), "CD": (1.0, 4.0), "DD": (2.0, 2.0)}
ORDER = [0, 2, 1, 3]  # from state order to CC, CD, DC, DD


def square() -> Moves:
    tree = {
        "detente": 1, "name": "square", "parties": {"a": {}, "b": {}},
        "options": {"x": {"party": "a"}, "y": {"party": "b"}},
    }  # fmt: skip
    return Moves(StateSpace.of(detente.Case.from_dict(tree)))


def dynamics(moves: Moves | None = None, **more: Any) -> Dynamics:
    """A game of two by two from DD, an outcome for each state."""
    given = {
        "parties": ("a", "b"), "movers": ("a", "b"), "start": 3, "classes": np.arange(4),
        "outcomes": ("CC", "DC", "CD", "DD"), "ticks": (1, 2), "ever": False, "limit": True,
    }  # fmt: skip
    return Dynamics(moves or square(), **{**given, **more})


def draw(game: dict[str, tuple[float, float]], **more: Any) -> Draw:
    return Draw(np.array(list(game.values())).T, **{"weights": np.ones(2), **more})


def limit(found: Shares) -> Any:
    assert found.limit is not None
    return found.limit


# --- textbook chains -------------------------------------------------------------------------------------------------


def test_absorbing_chain_of_the_textbook() -> None:
    going = csr_array(np.array([[0.2, 0.3, 0.5, 0], [0.4, 0.1, 0.1, 0.4], [0, 0, 1, 0], [0, 0, 0, 1]]))
    for start, visits, caught in ((0, (1.5, 0.5), (0.8, 0.2)), (1, (2 / 3, 4 / 3), (7 / 15, 8 / 15))):
        found = _follow(Nodes(4, going, None, None), np.eye(4)[start], np.zeros(4, bool))
        assert found.visits[:2] == pytest.approx(visits)
        assert found.held[2:] == pytest.approx(caught)
        assert found.visits.sum() == pytest.approx(2)


@pytest.mark.parametrize("leak", [0.1, 1e-6])
def test_large_systems_are_solved_to_rounding(leak: float) -> None:
    """A system too large to be solved by a dense matrix, and hardly ever left."""
    rng = np.random.default_rng(0)
    chances = rng.random((600, 600)) * (rng.random((600, 600)) < 0.02) + np.eye(600) * 1e-3
    chances *= (1 - leak) / chances.sum(axis=1, keepdims=True)
    known = rng.random(600)
    expected = np.linalg.solve(np.eye(600) - chances, known)
    assert np.abs(solve(csr_array(chances), known) / expected - 1).max() < 1e-15 / leak + 1e-12


@pytest.mark.parametrize(
    ("sharp", "rows"),
    [
        (2, {1: (0, 0.440399, 0.440399, 0.119203), 2: (0.052497, 0.440399, 0.440399, 0.066706),
             400: (0.059601, 0.440399, 0.440399, 0.059601)}),
        (1, {400: (0.134471, 0.365529, 0.365529, 0.134471)}),
        (0, {400: (0.25, 0.25, 0.25, 0.25)}),
    ],
)  # fmt: skip
def test_chicken_by_logit_replies(sharp: float, rows: dict[int, tuple[float, ...]]) -> None:
    intensity = sharp * sqrt(1.25)  # the deviation of 1, 2, 3, 4 over the states
    found = shares(dynamics(ticks=tuple(rows)), draw(CHICKEN, intensity=intensity))
    assert found.outcome[:, ORDER] == pytest.approx(np.array(list(rows.values())), abs=6e-7)
    assert limit(found).unsettled == 1
    assert limit(found).periods == inf


@pytest.mark.parametrize("reply", ["best", "better"])
def test_who_moves_first_backs_down_in_chicken(reply: str) -> None:
    found = shares(dynamics(reply=reply), draw(CHICKEN, weights=np.array([0.7, 0.3])))
    assert found.outcome[0, ORDER] == pytest.approx((0, 0.7, 0.3, 0))
    assert limit(found).outcome[ORDER] == pytest.approx((0, 0.7, 0.3, 0))
    assert limit(found).periods == pytest.approx(1)
    assert found.unsettled == pytest.approx((0, 0))


# --- hand results ----------------------------------------------------------------------------------------------------


def test_a_deal_is_made_at_its_rate_and_kept_only_where_it_is_final() -> None:
    rules: dict[str, Any] = {"reply": "best", "among": ("a", "b"), "ticks": (1, 3)}
    final = shares(dynamics(final=True, **rules), draw(DILEMMA, rate=0.2))
    assert final.agreed == pytest.approx((0.2, 1 - 0.8**3))  # from DD only CC is better for both
    assert limit(final).agreed == pytest.approx(1)
    assert limit(final).periods == pytest.approx(5)
    loose = shares(dynamics(**rules), draw(DILEMMA, rate=0.2))
    assert loose.outcome[0] == pytest.approx((0.2, 0, 0, 0.8, 0))
    assert loose.outcome[1, 0] < 0.2  # each has a reason to leave CC alone
    assert limit(loose).unsettled == pytest.approx(1)
    assert limit(shares(dynamics(**rules), draw(DILEMMA, rate=0.2, deals=np.zeros(4, bool)))).outcome[3] == 1


def test_only_undominated_deals_are_made() -> None:
    worths = {"CC": (3.0, 3.0), "DC": (2.0, 2.0), "CD": (5.0, 1.0), "DD": (0.0, 0.0)}
    found = shares(dynamics(among=("a", "b")), draw(worths, rate=1.0))
    assert found.outcome[0] == pytest.approx((0.5, 0, 0.5, 0, 0))


def test_a_breakdown_comes_at_its_hazard_and_stays() -> None:
    breaks = np.array([3, 3, 3, 1])
    found = shares(dynamics(reply="best", breaks=breaks, ticks=(1, 4)), draw(DILEMMA, breakdown=0.1))
    assert found.broken == pytest.approx((0.1, 1 - 0.9**4))
    assert found.outcome[:, 1] == pytest.approx(found.broken)
    assert limit(found).state == pytest.approx((0, 1, 0, 0))
    assert limit(found).periods == pytest.approx(10)
    hazard = np.array([0.5, 0.5, 0.5, 0.0])
    assert limit(shares(dynamics(reply="best", breaks=breaks), draw(DILEMMA, breakdown=hazard))).broken == 0


def test_a_path_counts_for_the_first_in_the_list_even_if_it_comes_there_later() -> None:
    """First a moves, then b: DD, CD, CC for sure. In the list CC stands before CD and DD."""
    worths = {"CC": (3.0, 4.0), "DC": (0.0, 0.0), "CD": (2.0, 3.0), "DD": (1.0, 1.0)}
    found = dynamics(reply="best", turns=np.eye(2), ticks=(0, 1, 2), ever=True, classes=np.array([0, 3, 1, 2]))
    assert shares(found, draw(worths)).outcome.tolist() == [[0, 0, 1, 0, 0], [0, 1, 0, 0, 0], [1, 0, 0, 0, 0]]
    assert limit(shares(found, draw(worths))).first == 0


def test_expected_periods_until_the_first_named_outcome() -> None:
    rules = dynamics(reply="best", classes=np.array([0, 1, 1, 1]), outcomes=("peace", "rest"), otherwise=1,
                     among=("a", "b"), ever=True)  # fmt: skip
    assert limit(shares(rules, draw(DILEMMA, rate=0.25))).first == pytest.approx(4)
    lost = dynamics(reply="best", classes=np.array([0, 1, 1, 1]), outcomes=("peace", "rest"), otherwise=1,
                    among=("a", "b"), ever=True, breaks=np.full(4, 3))  # fmt: skip
    found = limit(shares(lost, draw(DILEMMA, rate=0.25, breakdown=0.5)))
    assert found.first == inf
    assert found.outcome[0] == pytest.approx(0.125 / (1 - 0.375))


def test_turns_that_end_leave_everything_where_it_stands() -> None:
    rules = dynamics(reply="best", turns=np.array([[0, 0], [0, 1.0]]), cyclic=False, ticks=(1, 2, 9))
    found = shares(rules, draw(CHICKEN))
    assert found.outcome.argmax(axis=1).tolist() == [3, 1, 1]
    assert found.unsettled.tolist() == [1, 0, 0]
    assert limit(found).periods == 2
    never = shares(dynamics(reply="best", turns=np.zeros((1, 2)), cyclic=False), draw(CHICKEN))
    assert limit(never).state.tolist() == [0, 0, 0, 1]


def test_a_cycle_is_unsettled() -> None:
    worths = {"CC": (0.0, 1.0), "DC": (1.0, 0.0), "CD": (1.0, 0.0), "DD": (0.0, 1.0)}  # matching pennies
    found = shares(dynamics(reply="best"), draw(worths))
    assert limit(found).unsettled == pytest.approx(1)
    assert found.unsettled == pytest.approx((1, 1))
    assert limit(found).outcome.sum() == pytest.approx(0)


def test_caution_keeps_from_leaving_where_others_answer() -> None:
    """In the dilemma from CC: D is better, but the other follows to DD, worse than CC."""
    at: dict[str, Any] = {"start": 0, "reply": "best"}
    assert shares(dynamics(**at), draw(DILEMMA)).outcome[0, 0] == 0
    assert shares(dynamics(caution=True, **at), draw(DILEMMA)).outcome[:, 0].tolist() == [1, 1]
    alone = draw(DILEMMA, weights=np.array([1.0, 0.0]))  # nobody is there to answer
    assert shares(dynamics(caution=True, **at), alone).outcome[0, 1] == 1


def test_one_reply_ahead() -> None:
    """In the dilemma from CC a sees that D is answered by D: 2 against CC, which b would leave for 1: D is better."""
    at: dict[str, Any] = {"start": 0, "reply": "best", "foresight": "one_reply"}
    assert shares(dynamics(**at), draw(DILEMMA, weights=np.array([1.0, 1e-9]))).outcome[0, 1] == pytest.approx(1)
    stag = {"CC": (4.0, 4.0), "DC": (5.0, 3.0), "CD": (0.0, 0.0), "DD": (1.0, 5.0)}  # b follows D, and not C
    looks = draw(stag, weights=np.array([1.0, 1e-9]))
    assert shares(dynamics(start=0, reply="best"), looks).outcome[0, 1] == pytest.approx(1)
    assert shares(dynamics(**at), looks).outcome[0, 0] == pytest.approx(1)


# --- limits and properties -------------------------------------------------------------------------------------------


def drawn_case(seed: int, **more: Any) -> tuple[Dynamics, Draw, GraphModel]:
    rng = seeded(seed)
    case = detente.Case.from_dict(random_case(rng))
    moves = Moves(StateSpace.of(case))
    count = len(moves.states)
    parties = case.parties
    movers = tuple(p for p in parties if p in moves.states.space.owners)
    utility = np.array([[float(rng.randint(0, 5)) for _ in range(count)] for _ in parties])
    graph = GraphModel(case, moves.states, moves, {p: dense(u) for p, u in zip(parties, utility, strict=True)})
    classes = np.array([rng.randint(0, 2) for _ in range(count)])
    given: dict[str, Any] = {"outcomes": ("a", "b"), "ticks": (0, 1, 3, 8), **more}
    found = Dynamics(moves, parties, movers, rng.randrange(count), classes, **given)
    weights = np.array([rng.choice((1.0, 2.0)) for _ in movers])
    return found, Draw(utility, weights, 1.5), graph


@pytest.mark.parametrize("reply", ["better", "best"])
@pytest.mark.parametrize("caution", [False, True])
def test_without_noise_it_rests_exactly_in_the_stable_states(reply: str, *, caution: bool) -> None:
    """Nash stable for all; with caution, sequentially stable for all."""
    some = 0
    for seed in range(40):
        rules, numbers, graph = drawn_case(seed, reply=reply, caution=caution)
        concept = CONCEPTS["seq" if caution else "nash"]
        found = [stable_states(graph, p, concept) for p in rules.movers]
        stable = np.logical_and.reduce([f for f in found if f is not None])
        period = period_of(rules, numbers)
        assert (period.restless[0] == ~stable).all()
        end = limit(shares(rules, numbers))
        assert not end.state[~stable].any()
        assert end.state.sum() + end.unsettled == pytest.approx(1)
        some += 0 < stable.sum() < len(stable)
    assert some > 20


def test_sharp_logit_replies_are_best_replies() -> None:
    rng = np.random.default_rng(3)
    for seed in range(20):
        rules, numbers, _ = drawn_case(seed, ticks=(1, 4))
        utility = np.array([rng.permutation(len(rules)) for _ in rules.parties]).astype(float)
        sharp = shares(rules, Draw(utility, numbers.weights, 2_000.0))
        best, _, _ = drawn_case(seed, ticks=(1, 4), reply="best")
        expected = shares(best, Draw(utility, numbers.weights))
        assert sharp.outcome == pytest.approx(expected.outcome, abs=1e-6)
        end = limit(sharp)  # whatever is left only once in 10^200 periods: an answer all the same
        assert end.outcome.sum() == pytest.approx(1)
        assert end.state.sum() + end.unsettled == pytest.approx(1)


def test_certain_input_gives_the_deterministic_answer() -> None:
    for seed in range(20):
        rules, _, _ = drawn_case(seed, reply="best", ticks=(1, 2, 5))
        utility = np.array([np.random.default_rng(seed).permutation(len(rules)) for _ in rules.parties]).astype(float)
        alone = np.eye(len(rules.movers))[0]
        found = shares(rules, Draw(utility, alone))
        assert set(found.state.ravel().tolist()) <= {0.0, 1.0}


@pytest.mark.parametrize("foresight", ["none", "one_reply", "deep"])
def test_shares_sum_to_one_grow_and_do_not_depend_on_scales(foresight: str) -> None:
    for seed in range(12):
        rules, numbers, _ = drawn_case(seed, foresight=foresight)
        rng = np.random.default_rng(seed)
        breaks = rng.integers(0, len(rules), len(rules))
        rules = Dynamics(**{**vars(rules), "breaks": breaks, "among": rules.parties[:2], "_cache": {}})
        more: dict[str, Any] = {"breakdown": 0.05, "rate": 0.1, "discount": np.full(len(rules.parties), 0.5)}
        found = shares(rules, Draw(numbers.utility, numbers.weights, 1.5, **more))
        assert found.outcome.sum(axis=1) == pytest.approx(np.ones(4))
        assert found.state.sum(axis=1) == pytest.approx(np.ones(4))
        assert (np.diff(np.cumsum(found.outcome, axis=1), axis=0) >= -1e-12).all()
        assert (np.diff(found.broken) >= 0).all()
        end = limit(found)
        assert end.outcome.sum() == pytest.approx(1)
        other = shares(rules, Draw(numbers.utility * 7 - 3, numbers.weights * 5, 1.5, **more))
        assert other.outcome == pytest.approx(found.outcome)
        far = shares(Dynamics(**{**vars(rules), "ticks": (800,), "_cache": {}}),
                     Draw(numbers.utility, numbers.weights, 1.5, **more))  # fmt: skip
        assert far.outcome[0] == pytest.approx(end.outcome, abs=1e-6)


def test_looking_ahead_without_a_future_is_not_looking_ahead() -> None:
    for seed in range(8):
        plain, numbers, _ = drawn_case(seed)
        deep, _, _ = drawn_case(seed, foresight="deep")
        discount = np.full(len(plain.parties), 1e-9)
        ahead = shares(deep, Draw(numbers.utility, numbers.weights, 1.5, discount))
        assert ahead.outcome == pytest.approx(shares(plain, numbers).outcome, abs=1e-7)


def test_many_draws_are_one_after_another() -> None:
    rules, numbers, _ = drawn_case(5)
    many = list(shares_of(rules, [numbers, Draw(-numbers.utility, numbers.weights, 0.5), numbers]))
    assert (many[0].outcome == shares(rules, numbers).outcome).all()
    assert (many[2].outcome == many[0].outcome).all()
    assert not np.allclose(many[1].outcome, many[0].outcome)


def test_alternation_is_a_calendar_of_all() -> None:
    head = "parties: {a: {}, b: {}}\noptions: {x: {party: a}, y: {party: b}}\n"
    found = []
    for text in ("alternate", "{calendar: [a, b]}"):
        case = detente.Case.from_text(f"detente: 1\nname: t\n{head}forecast: {{behaviour: {{initiative: {text}}}}}\n")
        found.append(dynamics_of(case, Moves(StateSpace.of(case))))
    assert np.array_equal(np.asarray(found[0].turns), np.asarray(found[1].turns))
    assert found[0].cyclic
    assert found[1].cyclic


# --- the block -------------------------------------------------------------------------------------------------------

HEAD = """detente: 1
name: talks
as_of: 2019-01-29
parties: {a: {name: Alba}, b: {name: Borduria}, m: {role: mediator}, idle: {}}
options: {x: {party: a, levels: [low, mid, high]}, y: {party: b}, z: {party: m}}
preferences: {a: {utility: {x: {mid: 1}, y: 1}}, b: {utility: {x: {mid: 1}, y: 1}}}
numbers: {n: 0.1..0.2}
"""


def case_with(block: str, head: str = HEAD) -> detente.Case:
    return detente.Case.from_text(f"{head}forecast: {block}\n")


def test_the_block_is_read() -> None:
    case = case_with("""
  outcomes: {big deal: {value: x == high and y, source: here it is}, small deal: x, breakdown: otherwise}
  at: [2020-11-03, 2019-03-31]
  reached: at
  final: true
  base_rates: {big deal: {value: n, source: "seven of 46"}}
  behaviour:
    reply: logit
    intensity: 0.5..4
    foresight: one_reply
    initiative: {a: 1..2, b: 1}
    caution: true
    breakdown: {default: 0, when: {"x == high": n}}
    deals: {rate: 0.05..0.2, among: [b, a], if: [zone, ratifiable]}""")
    paths = {".".join(p) for p, a in amounts(case) if p[0] == "forecast"}
    behaviour = "forecast.behaviour"
    assert paths == {
        f"{behaviour}.intensity", f"{behaviour}.initiative.a", f"{behaviour}.initiative.b",
        f"{behaviour}.breakdown.default", f"{behaviour}.breakdown.when.x == high", f"{behaviour}.deals.rate",
        "forecast.base_rates.big deal",
    }  # fmt: skip
    moves = Moves(StateSpace.of(case))
    with pytest.raises(detente.UsageError, match="breakdown in a case without plan"):
        dynamics_of(case, moves)
    found = dynamics_of(case, moves, breaks=np.zeros(len(moves.states), np.int64))
    assert found.ticks == (2, 21)
    assert not found.ever
    assert found.otherwise == 2
    assert found.among == ("a", "b")
    assert found.parties == ("a", "b", "idle")
    assert found.movers == ("a", "b")
    where = [found.classes[moves.states.find(t)] for t in ("x == high and y and not z", "x == mid and y and z", "000")]
    assert where == [0, 1, 2]


def test_defaults() -> None:
    case = detente.Case.from_text(HEAD)
    found = dynamics_of(case, Moves(StateSpace.of(case)))
    assert (found.reply, found.foresight, found.ever, found.ticks, found.outcomes) == ("logit", "none", True, (), ())
    block = case_with("{}").file.forecast
    assert block is not None
    assert [str(v.quantity) for v in block.behaviour.intensity.values] == ["0.5", "1", "2", "4"]


def test_a_calendar_of_dates_gives_the_move_in_the_period_of_the_date() -> None:
    """27 February is in the first month after 29 January, 29 March begins the third; both are at work on 1 May."""
    dates = "{date: 2019-02-27, party: a}, {date: 2019-03-29, party: b}, {date: 2019-05-01, party: a}"
    case = case_with(f"{{behaviour: {{initiative: {{calendar: [{dates}, {{date: 2019-05-02, party: b}}]}}}}}}")
    found = dynamics_of(case, Moves(StateSpace.of(case)))
    assert found.turns is not None
    assert found.turns.tolist() == [[1, 0], [0, 0], [0, 1], [0.5, 0.5]]
    assert not found.cyclic


def test_remarks_on_outcomes() -> None:
    head = HEAD.replace("[low, mid, high]}", "[low, mid, high], moves: down}") + "status_quo: {x: mid}\n"
    case = case_with(
        '{outcomes: {peace: y, calm: "x == low", never: x and not x, lost: x == high, hidden: y and x,'
        " rest: otherwise},"
        " at: [2019-02-27, 2019-03-31]}",
        head,
    )
    told = [(p.path, p.found) for p in remarks(case, dynamics_of(case, Moves(StateSpace.of(case))))]
    assert told == [
        ("forecast.outcomes.calm", "2 states shared with earlier outcomes (2 with 'peace')"),
        ("forecast.outcomes.never", "an outcome that no feasible state matches"),
        ("forecast.outcomes.lost", "2 states shared with earlier outcomes (2 with 'peace')"),
        ("forecast.outcomes.lost", "an outcome that cannot be reached from the status quo"),
        ("forecast.outcomes.hidden", "4 states shared with earlier outcomes (4 with 'peace' and 2 with 'lost')"),
        ("forecast.outcomes.hidden", "no state that does not belong to another"),
        ("forecast.at[0]", "2019-02-27, less than one month after 2019-01-29"),
    ]


B = "behaviour: "
BROKEN: dict[str, tuple[str, tuple[str, ...]]] = {
    "list of outcomes": ("{outcomes: [x, y]}", ("mapping",)),
    "unknown option": ("{outcomes: {deal: w == high}}", ("unknown option 'w'",)),
    "unknown level": ("{outcomes: {deal: x == hihg}}", ("unknown level 'hihg'", "high")),
    "state as outcome": ("{outcomes: {deal: s1}}", ("unknown option 's1'",)),
    "empty outcome": ("{outcomes: {deal: }}", ("nothing",)),
    "empty name": ('{outcomes: {"": x}}', ("name",)),
    "long name": (f"{{outcomes: {{{'d' * 61}: x}}}}", ("1 to 60",)),
    "same name": ("{outcomes: {Deal: x, deal: y}}", ("the same name",)),
    "otherwise first": ("{outcomes: {rest: otherwise, deal: x}}", ("'otherwise' before other outcomes",)),
    "otherwise twice": ("{outcomes: {rest: otherwise, more: otherwise}}", ("'otherwise' before other outcomes",)),
    "outcome source": ("{outcomes: {deal: {value: x, source: nowhere}}}", ("unknown source 'nowhere'",)),
    "date format": ("{at: [31/03/2019]}", ("a date such as",)),
    "no such day": ("{at: [2019-02-30]}", ("a date such as",)),
    "date before": ("{at: [2018-12-31]}", ("2018-12-31, before 2019-01-29",)),
    "date twice": ("{at: [2019-03-31, 2019-03-31]}", ("a second time",)),
    "one date": ("{at: 2019-03-31}", ("a list",)),
    "reached": ("{reached: once}", ("ever", "at")),
    "final": ("{final: maybe}", ("true or false",)),
    "unknown key": ("{outcome: {deal: x}}", ("unknown key 'outcome'", "outcomes")),
    "behaviour key": (f"{{{B}{{replies: best}}}}", ("unknown key 'replies'", "reply")),
    "reply": (f"{{{B}{{reply: logti}}}}", ("logit",)),
    "foresight": (f"{{{B}{{foresight: far}}}}", ("one_reply",)),
    "intensity negative": (f"{{{B}{{intensity: -1}}}}", ("at least 0",)),
    "intensity text": (f"{{{B}{{intensity: strong}}}}", ("unknown number 'strong'",)),
    "intensity empty": (f"{{{B}{{intensity: []}}}}", ("an empty list",)),
    "intensity range in list": (f"{{{B}{{intensity: [1, 2..3]}}}}", ("plain numbers in a list",)),
    "intensity twice": (f"{{{B}{{intensity: [1, 1.0]}}}}", ("a second time",)),
    "initiative word": (f"{{{B}{{initiative: alternating}}}}", ("alternate",)),
    "initiative party": (f"{{{B}{{initiative: {{c: 1}}}}}}", ("unknown party 'c'",)),
    "initiative name": (f"{{{B}{{initiative: {{alba: 1}}}}}}", ("Alba is written a",)),
    "initiative mediator": (f"{{{B}{{initiative: {{m: 1}}}}}}", ("a mediator",)),
    "initiative zero": (f"{{{B}{{initiative: {{a: 0, b: 0}}}}}}", ("all 0",)),
    "initiative negative": (f"{{{B}{{initiative: {{a: -1}}}}}}", ("at least 0",)),
    "initiative empty": (f"{{{B}{{initiative: {{}}}}}}", ("nothing",)),
    "calendar empty": (f"{{{B}{{initiative: {{calendar: []}}}}}}", ("an empty calendar",)),
    "calendar party": (f"{{{B}{{initiative: {{calendar: [a, c]}}}}}}", ("unknown party 'c'",)),
    "calendar mixed": (f"{{{B}{{initiative: {{calendar: [a, {{date: 2019-03-01, party: b}}]}}}}}}", ("one kind",)),
    "calendar date": (f"{{{B}{{initiative: {{calendar: [{{date: 2018-03-01, party: b}}]}}}}}}", ("before",)),
    "calendar key": (f"{{{B}{{initiative: {{calendar: [{{date: 2019-03-01, party: b, at: 3}}]}}}}}}", ("'at'",)),
    "calendar and weights": (f"{{{B}{{initiative: {{calendar: [a], b: 1}}}}}}", ("beside calendar",)),
    "breakdown": (f"{{{B}{{breakdown: 1.5}}}}", ("a probability",)),
    "breakdown when": (f"{{{B}{{breakdown: {{default: 0, when: {{w: 0.1}}}}}}}}", ("unknown option 'w'",)),
    "breakdown default": (f"{{{B}{{breakdown: {{when: {{x: 0.1}}}}}}}}", ("no default",)),
    "deals without rate": (f"{{{B}{{deals: {{among: [a, b]}}}}}}", ("no rate",)),
    "deals rate": (f"{{{B}{{deals: {{rate: 2}}}}}}", ("a probability",)),
    "deals party": (f"{{{B}{{deals: {{rate: 0.1, among: [a, c]}}}}}}", ("unknown party 'c'",)),
    "deals mediator": (f"{{{B}{{deals: {{rate: 0.1, among: [a, m]}}}}}}", ("a mediator",)),
    "deals alone": (f"{{{B}{{deals: {{rate: 0.1, among: [a]}}}}}}", ("at least two",)),
    "deals twice": (f"{{{B}{{deals: {{rate: 0.1, among: [a, b, a]}}}}}}", ("'a' a second time",)),
    "deals if": (f"{{{B}{{deals: {{rate: 0.1, if: [fair]}}}}}}", ("zone",)),
    "deals key": (f"{{{B}{{deals: {{rate: 0.1, iff: [zone]}}}}}}", ("unknown key 'iff'", "if")),
    "base rate outcome": ("{outcomes: {deal: x}, base_rates: {dael: 0.1}}", ("unknown outcome 'dael'", "deal")),
    "base rate": ("{outcomes: {deal: x}, base_rates: {deal: 10%}}", ("decimal",)),
    "base rates sum": ("{outcomes: {deal: x, no: otherwise}, base_rates: {deal: 0.7, no: 0.6}}", ("at most 1",)),
    "base rate source": ("{outcomes: {deal: x}, base_rates: {deal: {value: 0.1, source: gj}}}", ("unknown source",)),
}


@pytest.mark.parametrize("name", BROKEN)
def test_mistakes_in_the_block_are_told_with_their_place(name: str) -> None:
    text, pieces = BROKEN[name]
    with pytest.raises(detente.CaseError) as caught:
        case_with(text)
    problems = caught.value.problems()
    assert len(problems) == 1, problems
    assert problems[0].line == 8
    assert (problems[0].path or "").startswith("forecast")
    for piece in pieces:
        assert piece in str(problems[0])


def test_dates_need_a_date_of_knowledge() -> None:
    head = HEAD.replace("as_of: 2019-01-29\n", "")
    with pytest.raises(detente.CaseError, match="without as_of"):
        case_with("{at: [2019-03-31]}", head)


WARNED = {
    "{behaviour: {reply: best, intensity: 2}}": "an intensity beside reply: best",
    "{final: true}": "final without deals",
    "{behaviour: {initiative: {a: 1, idle: 1}}}": "owns no option",
    "{behaviour: {deals: {rate: 0.1, among: [a, idle]}}}": "idle, which has no preference",
    "{behaviour: {deals: {rate: 0.1, if: [ratifiable]}}}": "without ratification",
    "{outcomes: {deal: x}, base_rates: {deal: 0.1}}": "a base rate without a source",
}


@pytest.mark.parametrize("text", WARNED)
def test_what_has_no_effect_or_no_source_is_warned_of(text: str) -> None:
    assert any(WARNED[text] in str(w) for w in case_with(text).warnings)


def test_a_view_can_write_the_block_and_edit_it() -> None:
    head = HEAD + "views: {v: {forecast: {behaviour: {reply: best, initiative: {b: 3}}}}}\n"
    case = case_with("{outcomes: {deal: x}, behaviour: {initiative: {a: 1}}}", head).view("v")
    block = case.file.forecast
    assert block is not None
    assert block.behaviour.reply == "best"
    assert [p for p, _ in (block.behaviour.initiative.weights or ())] == ["a", "b"]  # type: ignore[union-attr]
    assert list(block.outcomes) == ["deal"]


def test_what_a_forecast_cannot_start_from() -> None:
    case = case_with("{}", HEAD + "infeasible: [x == low]\n")
    with pytest.raises(detente.UsageError, match="without a status quo"):
        dynamics_of(case, Moves(StateSpace.of(case)))
    far = case_with("{at: [9999-01-01]}", HEAD.replace("as_of", "period: day\nas_of"))
    with pytest.raises(detente.LimitReached):
        dynamics_of(far, Moves(StateSpace.of(far)))
