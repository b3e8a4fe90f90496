"""Misperception: published results, what must hold whatever the case, witnesses, sessions, sentences, the brief."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import detente
from detente.brief.reading import Reading
from detente.brief.sections import misperception as section_module
from detente.brief.sections import views as views_section
from detente.case.change import Change
from detente.cli.contracts import stability as contracts
from detente.cli.contracts.parts import object_of
from detente.inquiry.misperception import Misperception, lines
from detente.stability.concepts import CONCEPTS
from detente.stability.hypergame import READINGS
from tests.literal.definitions import Model
from tests.literal.generate import random_case, seeded
from tests.literal.hypergame import random_picture, seen_case
from tests.literal.published import syria_iraq
from tests.literal.states import CaseDict

SEEDS = st.integers(min_value=0, max_value=2**32)
SYRIA = {"of": "syria", "infeasible": ["YY-", "YN-"]}
IRAQ = {"of": "iraq", "infeasible": ["YY-", "NN-"]}


def session_of(case: CaseDict, **views: dict[str, Any]) -> detente.Session:
    return detente.Session(detente.Case.from_dict({**case, "views": views}))


def ask(case: CaseDict, views: dict[str, dict[str, Any]], **asked: Any) -> Misperception:
    found: Misperception = session_of(case, **views).ask("misperception", **asked)
    return found


# -------------------------------------------------------------------------------------------------- published results


def test_syria_and_iraq_by_the_rule_and_as_other_programs_have_it() -> None:
    """Syria blind to "release and not escalate", Iraq to "neither": theory 12.1."""
    views = {"s": SYRIA, "i": IRAQ}
    by_rule = ask(syria_iraq(), views).to_dict()
    assert by_rule["hyper_equilibria"] == {c: ["s6"] for c in CONCEPTS}
    assert by_rule["pictures"]["syria"]["unseen"] == ["s2", "s5"]
    assert by_rule["pictures"]["iraq"]["unseen"] == ["s1", "s4"]
    assert by_rule["missed"] == {c: ["s1"] if c == "gmr" else [] for c in CONCEPTS}
    as_others = ask(syria_iraq(), views, unseen="stable").to_dict()
    assert as_others["hyper_equilibria"] == {c: ["s1", "s2", "s6"] for c in CONCEPTS}
    assert as_others["surprise"] == {c: ["s2"] if c == "gmr" else ["s1", "s2"] for c in CONCEPTS}


def test_syria_and_iraq_what_to_correct_first() -> None:
    """Only GMR holds more in truth, s1, which Iraq does not see: correcting Iraq changes one, Syria none."""
    found = ask(syria_iraq(), {"s": SYRIA, "i": IRAQ})
    assert [(c.view, c.path, c.total) for c in found.corrections] == [("s", "infeasible", 0), ("i", "infeasible", 1)]
    assert [c.view for c in found.first] == ["i"]
    text = "\n".join(lines(found))
    assert (
        "gmr: 1 of 6 states holds as the parties see things, 2 by the case; 1 either way (steady), 0 only as long as "
        "the beliefs last (surprise), 1 only if all saw things as the case has them (missed)"
    ) in text
    assert "nash: 1 of 6 states holds as the parties see things, and the same by the case\n" in text
    assert "To correct first: what iraq believes to be possible (what is ruled out in ‘i’): one change" in text


# ------------------------------------------------------------------------------------------------- whatever the case


@given(
    SEEDS, st.sampled_from(["no view", "silent views", "views that repeat the case"]), st.sampled_from(list(READINGS))
)
@settings(max_examples=60)
def test_without_misperception_nothing_surprises_and_nothing_is_missed(seed: int, kind: str, unseen: str) -> None:
    case = random_case(seeded(seed))
    same = {"preferences": case["preferences"], "infeasible": case.get("infeasible", [])}
    says = same if kind == "views that repeat the case" else {}
    views = {} if kind == "no view" else {f"v-{p}": {"of": p, **says} for p in case["parties"]}
    found = ask(case, views, unseen=unseen).to_dict()
    assert found["hyper_equilibria"] == found["equilibria"] == found["steady"]
    assert not any(found[name][c] for name in ("surprise", "missed") for c in CONCEPTS)
    assert all(c["total"] == 0 for c in found["corrections"])
    assert found["first"] == []


def test_a_wrong_picture_of_what_others_want_counts_only_where_their_answers_must_be_credible() -> None:
    noticed = set()
    for seed in range(120):
        rng = seeded(seed)
        case = random_case(rng)
        parties = list(case["parties"])
        picture = _wishes(case, rng, without=parties[0])
        found = ask(case, {"v": {"of": parties[0], **picture}}).to_dict()
        for concept in ("nash", "gmr", "smr"):
            assert found["hyper_equilibria"][concept] == found["equilibria"][concept], (seed, concept)
        noticed |= {c for c in ("seq", "sseq") if found["hyper_equilibria"][c] != found["equilibria"][c]}
    assert noticed == {"seq", "sseq"}


def _wishes(case: CaseDict, rng: Any, *, without: str) -> dict[str, Any]:
    while True:
        picture = random_picture(rng, case)
        wanted = {p: w for p, w in picture.get("preferences", {}).items() if p != without}
        if set(picture) == {"preferences"} and wanted:
            return {"preferences": wanted}


@pytest.mark.parametrize("seed", range(40))
def test_witnesses_prove_what_they_are_for(seed: int) -> None:
    """A move in truth that nobody punishes; a move in the party's own picture that nobody punishes there."""
    rng = seeded(seed)
    case = random_case(rng, positional=False)
    case.pop("status_quo", None)
    party = next(iter(case["parties"]))
    picture = random_picture(rng, case)
    game = ask(case, {"v": {"of": party, **picture}}).game
    true, own = Model(case), Model(seen_case(case, picture))
    for concept in game.concepts:
        surprise, missed = game.surprise(concept), game.missed(concept)
        assert surprise is not None
        assert missed is not None
        for state in surprise.nonzero()[0]:
            leavers = game.leavers(concept, int(state))
            assert leavers
            for verdict in leavers:
                told = (verdict.party, verdict.state, verdict.answers[0].improvement)
                assert told[2] in true.improvements(*told[:2])
                assert not true.sanctioned(concept, *told)
        for state in missed.nonzero()[0]:
            for doubt in game.doubts(concept, int(state)):
                assert doubt.party == party
                members = true.space.states[int(state)].members
                if doubt.verdict is None:
                    assert not any(m in own.space.state_of for m in members)
                    continue
                told = (party, doubt.verdict.state, doubt.verdict.answers[0].improvement)
                assert any(m in own.space.state_of and own.space.state_of[m].id == told[1] for m in members)
                assert told[2] in own.improvements(*told[:2])
                assert not own.sanctioned(concept, *told)


def test_the_document_keeps_its_contract() -> None:
    for seed in range(12):
        rng = seeded(seed)
        case = random_case(rng, positional=False)
        case.pop("status_quo", None)
        views = {f"v-{p}": {"of": p, **random_picture(rng, case)} for p in list(case["parties"])[:2]}
        content = json.loads(json.dumps(ask(case, views).to_dict()))
        jsonschema.validate(content, object_of(**contracts.MISPERCEPTION))


# ------------------------------------------------------------------------------------------- merged and unknown states


def merged_case() -> CaseDict:
    """Two parties; in truth the states with a are one and the same (o1 = 1 stands for giving up)."""
    return {
        "detente": 1,
        "name": "merged",
        "parties": {"a": {}, "b": {}},
        "options": {"x": {"party": "a"}, "y": {"party": "b"}},
        "coalesce": ["x"],
        "preferences": {"a": {"utility": {"x": 1}}, "b": {"utility": {"x": 2}}},
    }


def test_a_merged_state_is_known_by_the_last_member_that_the_party_sees() -> None:
    apart = {"of": "b", "coalesce": [], "preferences": {"a": {"utility": {"x": 1}}, "b": {"utility": {"y": 1}}}}
    game = ask(merged_case(), {"v": apart}).game
    picture = game.pictures["b"]
    # truth: 00, 01, and {10, 11} under the key 11; the picture keeps 00, 10, 01, 11 apart
    assert [game.graph.states.key(s) for s in range(3)] == ["00", "01", "11"]
    assert [picture.graph.states.key(int(s)) for s in picture.image] == ["00", "01", "11"]
    blind = {**apart, "infeasible": ["x and y"]}
    game = ask(merged_case(), {"v": blind}).game
    picture = game.pictures["b"]
    assert [picture.graph.states.key(int(s)) for s in picture.image] == ["00", "01", "10"]
    assert picture.seen.all()
    assert len(picture.imagined) == 0


def test_imagined_states_are_counted_and_reported() -> None:
    case = syria_iraq()
    game = ask(case, {"v": {"of": "iraq", "infeasible": []}}).game
    content = game.to_dict()
    assert content["pictures"]["iraq"]["imagined"] == ["110", "111"]
    assert content["pictures"]["iraq"]["unseen"] == []
    told = "\n".join(lines(ask(case, {"v": {"of": "iraq", "infeasible": []}})))
    assert "iraq (‘v’) believes in two states that cannot be." in told


def test_bits_say_seen_stable_as_seen_and_stable_in_truth() -> None:
    game = ask(syria_iraq(), {"s": SYRIA}).game
    # Nash, Syria: {1, 6} in truth; blind to 2 and 5, which take no part in what it does elsewhere
    assert game.bits("nash", "syria").tolist() == [7, 0, 1, 1, 0, 7]
    assert game.bits("nash", "iraq").tolist() == [1, 7, 1, 7, 1, 7]


def test_orders_that_are_not_known_are_said_not_to_be() -> None:
    partial = {"of": "syria", "preferences": {"iraq": {"partial": [["attack", "not attack"]]}}}
    found = ask(syria_iraq(), {"v": partial})
    content = found.to_dict()
    # Syria asks nothing of Iraq's wishes but under the credible concepts
    for concept in ("nash", "gmr", "smr"):
        assert content["hyper_equilibria"][concept] == content["equilibria"][concept]
    for concept in ("seq", "sseq"):
        assert content["hyper_equilibria"][concept] is None
        assert content["surprise"][concept] is None
        assert found.game.unjudged(concept) == ("syria",)
    assert found.corrections[0].changes == {"nash": 0, "gmr": 0, "smr": 0, "seq": None, "sseq": None}
    assert "seq: not known, because syria cannot be judged without a full order" in lines(found)


# ------------------------------------------------------------------------------------------------------------ sessions


def test_two_pictures_of_one_party_must_be_chosen_from() -> None:
    session = session_of(syria_iraq(), one=SYRIA, two={"of": "syria"}, i=IRAQ)
    with pytest.raises(detente.UsageError, match=r"2 pictures of syria \(one, two\)"):
        session.ask("misperception")
    with pytest.raises(detente.UsageError, match="the picture 'i' of 'syria'"):
        session.ask("misperception", views={"syria": "i"})
    assert session.ask("misperception", views={"syria": "two"}).views == {"syria": "two", "iraq": "i"}
    for wrong in ({"concepts": ("nsh",)}, {"unseen": "ignored"}):
        with pytest.raises(detente.UsageError):
            session.ask("misperception", views={"syria": "two"}, **wrong)


def test_the_truth_is_the_case_as_asked_without_pictures() -> None:
    expert = {"by": "Somebody", "preferences": {"iraq": {"ranking": ["s1", "s2", "s3", "s4", "s5", "s6"]}}}
    session = session_of(syria_iraq(), s=SYRIA, expert=expert)
    base, read = (session.ask("misperception", view=v) for v in (None, "expert"))
    assert base.to_dict()["equilibria"] == session.ask("stability").to_dict()["equilibria"]
    assert read.to_dict()["equilibria"] == session.ask("stability", view="expert").to_dict()["equilibria"]
    assert base.to_dict()["equilibria"] != read.to_dict()["equilibria"]
    # asked with a picture, the truth is the case without it, later edits kept
    assert session.ask("misperception", view="s").to_dict() == base.to_dict()
    edit = Change.parse("preferences.iraq={ranking: [s1, s2, s3, s4, s5, s6]}")
    assert session.ask("misperception", view="s", changes=edit).to_dict() == read.to_dict()


def test_an_edit_that_looks_like_a_picture_is_no_picture() -> None:
    session = session_of(syria_iraq(), s=SYRIA)
    same = session.ask("misperception", changes=Change.parse('infeasible=["YY-", "YN-"]'))
    assert len(same.game.graph) == 4
    assert len(session.ask("misperception", view="s").game.graph) == 6


def test_sessions_remember_by_the_blocks_read() -> None:
    session = session_of(syria_iraq(), s=SYRIA, i=IRAQ)
    first = session.ask("misperception")
    assert session.ask("misperception", changes=Change.parse("title=Another")) is first
    assert session.ask("misperception", concepts=("seq",)) is not first
    other = session_of(syria_iraq(), s=SYRIA)
    assert other.ask("misperception").views == {"syria": "s"}


def test_a_picture_with_other_probabilities_takes_its_own_most_probable_type() -> None:
    session = detente.Session(detente.load("korea-2019"))
    kinds = {
        chosen: {
            p: found.game.pictures[p].graph.case.types
            for found in [session.ask("misperception", types=dict([chosen]) if chosen else None)]
            for p in found.views
        }
        for chosen in (None, ("dprk", "developer"), ("us", "status-quo"))
    }
    assert kinds[None]["us"] == {"dprk": "developer", "us": "settler"}
    assert kinds[None]["dprk"] == {"dprk": "keeper", "us": "status-quo"}
    # the chosen type is true, and known to those who have no belief of their own about it
    assert kinds["dprk", "developer"]["dprk"] == {"dprk": "developer", "us": "status-quo"}
    assert kinds["us", "status-quo"]["us"] == {"dprk": "developer", "us": "status-quo"}
    found = session.ask("misperception", types={"dprk": "keeper"})
    assert found.game.pictures["us"].graph.case.types["dprk"] == "developer"


def test_a_mistake_that_the_rest_of_a_picture_rests_on_is_told() -> None:
    picture = {
        "of": "b",
        "coalesce": [],
        "preferences": {"a": {"utility": {"x": 1}}, "b": {"utility": {"x and y": 1}}},
    }
    found = ask(merged_case(), {"v": picture})
    by_path = {c.path: c for c in found.corrections}
    assert by_path["coalesce"].total is None
    assert "differs among the coalesced states" in by_path["coalesce"].error
    told = "(what counts as one and the same in ‘v’) cannot be corrected alone"
    assert any(told in line for line in lines(found))


def test_pictures_and_beliefs_are_named_as_readers_know_them() -> None:
    text = "\n".join(lines(detente.Session(detente.load("korea-2019")).ask("misperception")))
    assert "DPRK (‘how Pyongyang reads Washington’) takes United States for" in text
    assert "(the number ‘settler prior’ in ‘how Pyongyang reads Washington’): 2,415 changes" in text
    for word in ("dprk-eyes", "dprk eyes", "settler-prior", "numbers."):
        assert word not in text
    assert not re.search(r"\d{4}", re.sub(r"s\d+", "", text))  # thousands are set apart
    assert "numbered as in its picture" not in text  # the pictures number states as the case does


def test_whether_a_picture_numbers_states_otherwise() -> None:
    assert ask(syria_iraq(), {"i": IRAQ}).game.pictures["iraq"].renumbered  # blind to the first two states
    korea = detente.Session(detente.load("korea-2019")).ask("misperception")
    assert not korea.game.pictures["dprk"].renumbered


def test_ties_and_mistakes_without_effect_are_told() -> None:
    tie = ask(syria_iraq(), {"s": SYRIA, "i": IRAQ}, unseen="stable")
    assert len(tie.first) == 2
    assert any("each of them alone" in line for line in lines(tie))
    none = ask(syria_iraq(), {"v": {"of": "iraq", "options": {"attack": {"name": "Strike"}}}})
    assert none.first == ()
    assert "Correcting this belief changes nothing in what holds." in lines(none)
    assert lines(ask(syria_iraq(), {}))[0].startswith("No view of this case is a party's own picture")


# ----------------------------------------------------------------------------------------------------------- the brief


def told(section: Any) -> str:
    return "\n".join(t for b in section.blocks for t in b.texts())


def test_korea_tells_what_each_side_believes_of_the_other() -> None:
    session = detente.Session(detente.load("korea-2019"))
    reading = Reading.of(session)
    section = section_module.section(reading)
    assert section is not None
    text = told(section)
    game = session.ask("misperception", views={"us": "us-eyes", "dprk": "dprk-eyes"}).game
    for states in (game.held("seq"), game.surprise("seq"), game.missed("seq")):
        assert f"{int(states.sum()):,}" in text
    assert "DPRK takes United States for ‘neither war nor reconciliation’ where the case has" in text
    assert "United States takes DPRK for ‘development first’ where the case has ‘keep the core’" in text
    assert "the first row cannot differ" in text
    assert "The belief to correct first is" in text
    assert section.summary


def test_pictures_are_not_told_as_experts_readings() -> None:
    session = detente.Session(detente.load("korea-2019"))
    (compared,) = views_section.sections(Reading.of(session))
    columns = next(b.table for b in compared.blocks if b.table is not None).columns
    assert columns == ("", "The case as written", "As read by Liu Yueqiao", "As read by Zhang Liangui")
    # asked with a picture: told from within it, without a comparison
    inside = Reading.of(session, view="us-eyes")
    assert views_section.sections(inside) == []
    assert section_module.section(inside) is None
    # beliefs do not leave the house
    assert section_module.section(Reading.of(session, shared=True)) is None
    # an expert's reading can be the truth
    liu = section_module.section(Reading.of(session, view="liu"))
    assert liu is not None
    assert "the case as read by Liu Yueqiao" in told(liu)


def test_unseen_outcomes_and_further_pictures_are_told() -> None:
    case = {**syria_iraq(), "status_quo": {"escalate": "yes", "attack": "yes"}}
    session = session_of(case, i=IRAQ, more={"of": "iraq", "label": "a calmer view"})
    section = section_module.section(Reading.of(session))
    assert section is not None
    text = told(section)
    assert "iraq does not see 2 of the six states." in text
    assert "further pictures, which are not used here: ‘a calmer view’ of iraq" in text
    assert section_module.section(Reading.of(detente.Session(detente.load("elmira")))) is None
