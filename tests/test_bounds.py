"""Where some order is missing: what is sure of stability, against all completions, and where it is told."""

import html
import json
from typing import Any

import pytest
from click.testing import CliRunner

import detente
from detente.base.errors import UsageError
from detente.brief.document import make_brief
from detente.brief.reading import Reading
from detente.brief.sections.stability import today
from detente.cli import program
from detente.stability import bounds as module
from detente.stability.concepts import CONCEPTS
from detente.stability.witness import Verdict
from tests.literal.generate import seeded
from tests.literal.states import Space
from tests.literal.unknown import Compared
from tests.literal.unknown_cases import random_unknown_cases
from tests.test_shares import certain, literal_shares
from tests.test_unknown import gisborne, states


def stability_of(case: dict[str, Any]) -> Any:
    return detente.Session(detente.Case.from_dict(case)).ask("stability")


def only_partial(case: dict[str, Any]) -> dict[str, Any]:
    """Without what is said to be unknown beside an order: stability takes such an order as it is written."""
    kept = {p: {k: v for k, v in w.items() if k != "unknown"} for p, w in case["preferences"].items()}
    return certain({**case, "preferences": kept})


def sound(compared: dict[str, Compared], concept: str, party: str, verdict: Verdict) -> bool:
    """Whether the moves of a proof are told as what they are, and no step of a credible answer is only perhaps one."""
    credible = verdict.stable and concept in ("seq", "sseq")
    return all(
        ((a.improvement, verdict.state) in (compared[party].unknown if a.may else compared[party].better))
        and (not credible or all((s.target, s.source) in compared[s.party].better for s in a.sanction or ()))
        for a in verdict.answers
    )


def tally(seeds: range) -> dict[str, int]:
    """Sure verdicts against the literal verdicts of every completion."""
    counts = dict.fromkeys(("cases", "settled", "told", "nash", "wrong", "proved", "beyond nash", "perhaps"), 0)
    for seed in seeds:
        case = only_partial(next(random_unknown_cases(seeded(seed), 1, most=8)))
        if not any("partial" in w for w in case["preferences"].values()):
            continue
        wanted = literal_shares(case)
        if wanted is None:
            continue
        total, held, of_party = wanted
        found = stability_of(case)
        space = Space(case)
        compared = {p: Compared(space, case["preferences"].get(p), {}) for p in case["parties"]}
        counts["cases"] += 1
        for concept in CONCEPTS:
            places = [(p, of_party[concept][p]) for p in case["parties"]] + [(None, held[concept])]
            for party, of in places:
                bounds = found.bounds(concept, party)
                for state in range(len(found.graph)):
                    number = of.get(f"s{state + 1}", 0)
                    real = True if number == total else False if number == 0 else None
                    told = bounds.of(state)
                    counts["wrong"] += told is not None and told is not real
                    counts["settled"] += real is not None
                    counts["told"] += told is not None
                    if party is None:
                        continue
                    counts["nash"] += concept == "nash" and told is not real
                    crisp = found.stable[concept][party] is not None
                    calm = found.bounds("nash", party).always[state]
                    counts["beyond nash"] += told is not None and not crisp and concept != "nash" and not calm
                    if told is not None:
                        verdict = found.witness(concept, party, state)
                        counts["proved"] += verdict.stable is told and (told or bool(verdict.answers))
                        counts["wrong"] += verdict.stable is not told
                        counts["wrong"] += not sound(compared, concept, party, verdict)
                        counts["perhaps"] += any(a.may for a in verdict.answers)
                    elif party is not None:
                        with pytest.raises(UsageError, match="does not depend on"):
                            found.witness(concept, party, state)
    return counts


def test_what_is_sure_holds_in_every_completion() -> None:
    counts = tally(range(1, 140))
    assert counts["wrong"] == 0
    assert counts["cases"] > 30
    assert counts["nash"] == 0  # there nothing is left open that is settled
    assert counts["told"] > 0.9 * counts["settled"]
    assert counts["beyond nash"] > 100
    assert counts["perhaps"] > 20


@pytest.mark.sweep
def test_what_is_sure_holds_on_fresh_cases(fresh_seed: int) -> None:
    assert tally(range(fresh_seed, fresh_seed + 600))["wrong"] == 0


def test_large_cases_are_told_less_and_nothing_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    told = 0
    for seed in range(1, 60):
        case = only_partial(next(random_unknown_cases(seeded(seed), 1, most=14)))
        if not any("partial" in w for w in case["preferences"].values()):
            continue
        sharp = stability_of(case)
        with monkeypatch.context() as changed:
            changed.setattr(module, "MOST_STATES", 0)
            less = stability_of(case)
            for concept in CONCEPTS:
                for party in (*case["parties"], None):
                    one, other = less.bounds(concept, party), sharp.bounds(concept, party)
                    assert not (one.always & ~other.always).any()
                    assert not (one.never & ~other.never).any()
                    told += int(one.always.sum() + one.never.sum())
                    if concept == "nash":
                        assert (one.open == other.open).all()
                    for state in (s for s in range(len(less.graph)) if party and one.of(s) is not None):
                        assert less.proved(concept, party, state).stable is one.of(state)
    assert told > 1_000


# --- where it is told ------------------------------------------------------------------------------------------------


def run(*words: str) -> str:
    found = CliRunner().invoke(program, list(words))
    assert found.exit_code == 0, found.output
    return found.output


def test_the_overview_tells_what_may_hold_and_what_cannot() -> None:
    told = run("stability", "gisborne")
    assert "nash: two states (s4, s6) may be stable for all, depending on what Provincial government wants" in told
    assert "six cannot be; today's state s6 may be one" in told
    assert "--unknown and --shares" in told
    # a crisp verdict wants no order
    assert "may be" not in run("stability", "elmira")


def test_a_state_that_is_sure_whatever_one_wants_is_told() -> None:
    case = gisborne({"partial": [["not lift", "lift"]]})
    found = stability_of(case)
    assert found.equilibrium["nash"] is None
    assert (found.bounds("nash").always | found.bounds("nash").never).all()  # each of its moves is compared
    assert list(map(int, found.bounds("nash").always.nonzero()[0])) == [5]
    assert found.stable["nash"]["provincial"] is None  # the lists of the JSON stay as they were
    assert found.to_dict()["equilibria"]["nash"] is None


def test_what_can_be_proved_is_explained_and_the_rest_is_not_known() -> None:
    told = run("stability", "gisborne", "--explain", "s4", "federal")
    assert "seq, sequential stability: stable" in told
    assert "not known" not in told
    told = run("stability", "gisborne", "--explain", "s1", "federal")
    assert "seq, sequential stability: not stable" in told
    told = run("stability", "gisborne", "--explain", "s7", "support", "--concept", "gmr", "--concept", "seq")
    assert "gmr, general metarationality: stable" in told
    assert "seq, sequential stability: not known, because the order of Provincial government is not known" in told
    verdicts = json.loads(run("stability", "gisborne", "--explain", "s7", "support", "--json"))["verdicts"]
    assert [v["concept"] for v in verdicts if v["stable"]] == ["gmr", "smr"]


def test_tables_leave_open_only_what_is() -> None:
    rows = run("stability", "gisborne", "--table", "stability", "--concept", "seq").splitlines()
    marks = {r.split()[0]: r.split()[1:] for r in rows if r.startswith("s") and r[1:2].isdigit()}
    # federal is calm at 2, 4, 6 and 8, the supporters at 3 to 6: these are sure under every concept
    assert marks["s4"] == ["S", "?", "S", "?"]
    assert marks["s1"] == ["?"]


def test_the_brief_does_not_contradict_itself() -> None:
    page = html.unescape(make_brief(detente.Session(detente.load("gisborne"))).to_html())
    assert "Today holds for Federal government and Supporters of the project" in page
    assert "not known for Provincial government" in page
    assert "not known for Federal government" not in page
    assert "0 to 2 of 8" in page
    assert "so verdicts that need its order are not given" in page


def test_a_known_step_is_told_although_the_order_is_not() -> None:
    case = gisborne({"partial": [["s8", "s6"]]}) | {"status_quo": "ban and not lift and appeal"}
    told = today(Reading.of(detente.Session(detente.Case.from_dict(case))))
    assert any(t.startswith(("Today tempts provincial", "Today does not hold for provincial")) for t in told)
    calm = gisborne({"partial": [["s6", "s8"]]}) | {"status_quo": "ban and not lift and appeal"}
    assert today(Reading.of(detente.Session(detente.Case.from_dict(calm))))[0].startswith("Today holds for every party")
    order = gisborne({"ranking": states([3, 7, 4, 8, 1, 5, 2, 6])})
    assert stability_of(order).is_stable("nash", "provincial", "s8") is True


def test_without_preferences_there_is_nothing_to_judge() -> None:
    told = run("stability", "american-revolution")
    assert "No preferences: nothing to judge." in told
    assert "stable for all" not in told
