"""``draft``: every step of a plan once, in its order, with what the case says and a gap for what it does not."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.agreement.drafting.acts import Move, Stage
from detente.agreement.drafting.asking import Asking, NothingHoldsError, drafted
from detente.agreement.drafting.draft import Matter, draft
from detente.agreement.drafting.result import Draft
from detente.agreement.drafting.writing import agreement_yaml
from detente.agreement.lint.lint import lint
from detente.agreement.loading import Beside, read_agreement
from detente.agreement.model import Agreement
from detente.agreement.periods import Interval
from detente.agreement.records import Record
from detente.agreement.run import run
from detente.agreement.terms import OptionAct, Terms, Within
from detente.agreement.text.files import agreement_of
from detente.base.errors import UsageError
from detente.base.result import Provenance
from detente.case.model import Case
from detente.case.yaml_tree import read_tree
from detente.catalog import agreement_text, catalog_text, plan_text
from detente.cli.contracts import result_schema
from detente.inquiry.session import Session
from detente.plan.result import Plan

PLAIN = {"view": None, "types": None, "changes": None}
WITH_PLANS = ("agreed-framework-1994", "initial-actions-2007", "korea-2019")
DAY, HOUR = 86_400, 3_600
SWAP = """
detente: 1
name: swap
title: Two swaps
as_of: 2020-01-31
parties: {a: {name: The North}, b: {name: The South}, c: {name: The East, role: affected}}
options:
  x: {party: a, name: Reactor, levels: [runs, stops, gone], irreversible: [gone]}
  y: {party: b, name: Trade}
  z: {party: c, name: Roads, levels: [shut, open], moves: up}
  t: {party: a, name: Tests, levels: [none, some]}
status_quo: {}
preferences:
  a: {utility: {x: {stops: -1, gone: -2}, y: {yes: 4}, z: {open: 1}, t: {some: 1}}}
  b: {utility: {x: {stops: 3, gone: 5}, y: {yes: -1}, z: {open: 1}, t: {some: -9}}}
  c: {utility: {x: {stops: 1, gone: 1}, y: {yes: 1}, z: {open: -0.1}, t: {some: -1}}}
plan:
  target: {x: gone, y: yes, z: open, t: none}
  lag: {a: {value: 3, private: true}, b: 2, c: 0}
  snapback: true
  undo: {x: {stops: {value: 37, private: true}}, y: {1: 2..3}}
  takes: {x: {stops: 1..2, gone: {value: 4, private: true}}}
  breakdown: {t: some}
  deadline: 2023-04-05
"""


@cache
def asked(name: str, **asking: Any) -> Draft:
    """The draft of a catalog case."""
    session = Session(Case.from_text(catalog_text(name), f"{name}.case.yaml"))
    return drafted(session, PLAIN, Asking(link=name, **asking))


@cache
def of_swap(**asking: Any) -> Draft:
    return drafted(Session(Case.from_text(SWAP)), PLAIN, Asking(**asking))


@cache
def plan_of(name: str, **how: Any) -> Plan:
    """The plan that the draft should be made from, asked for by itself."""
    session = Session(Case.from_text(catalog_text(name), f"{name}.case.yaml"))
    found: Plan = session.ask("plan", **PLAIN, draws=0, repairs=False, targets=False, **{"hopeless": False, **how})
    return found


def made(stages: tuple[Stage, ...], text: str = SWAP, *, shared: bool = False, **more: Any) -> Draft:
    """A draft of some steps, written by hand, of the case of two swaps."""
    case = Case.from_text(text)
    start = {o: w.levels[0] for o, w in case.file.options.items()}
    target = dict(start)
    for stage in stages:
        target |= {m.option: m.after for m in stage.moves}
    matter = Matter(case, ("a", "b", "c"), start, target, stages, (), **{"enforceable": True, **more})
    return draft(matter, Provenance("swap", "sha256:0"), link=None, shared=shared)


def moves_of(terms: Terms) -> list[tuple[str, str, str | None, str]]:
    """(party, option, before, after) of all that has to be brought about."""
    return [
        (c.obligors[0], c.act.option, c.act.from_level, c.act.to_level)
        for c in terms.commitments
        if isinstance(c.act, OptionAct) and c.modality == "achieve"
    ]


# --- every step, once, in order --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "shared"), [*((n, False) for n in WITH_PLANS), ("initial-actions-2007", True)])
def test_every_step_of_the_plan_is_there_once(name: str, *, shared: bool) -> None:
    found = asked(name, shared=shared)
    plan = plan_of(name)
    if shared:
        plan = plan_of(name, hopeless=True)  # what is asked for, whatever it is worth to anybody
    elif not plan.enforceable:
        plan = plan_of(name, target="auto")
    assert shared or plan.enforceable
    content = plan.to_dict()
    steps = [[(m["party"], m["option"], m["from"], m["to"]) for m in s["moves"]] for s in content["steps"]]
    terms = found.agreement.terms()
    assert moves_of(terms) == [m for step in steps for m in step]
    by_step = [[c for c, n in found.stage_of.items() if n == k] for k in range(1, len(steps) + 1)]
    assert [len(ids) for ids in by_step] == [len(step) for step in steps]
    dates = [dt.date.fromisoformat(s["date"]) for s in content["steps"]]
    assert [s["by"] for s in found.to_dict()["steps"]] == [f"{d.day} {d:%B %Y}" for d in dates]
    within = {c.id: c.deadline for c in terms.commitments}
    for ids, step in zip(by_step, content["steps"], strict=True):
        for c in ids:
            deadline = within[c]
            assert isinstance(deadline, Within)
            assert (deadline.period.months, deadline.anchor) == (
                step["periods"],
                None,
            )  # the catalog's clocks tick monthly


@pytest.mark.parametrize("name", WITH_PLANS)
def test_a_written_order_is_drafted_as_it_stands(name: str) -> None:
    if name == "korea-2019":
        return
    found = asked(name, written=plan_text(name), file=f"{name}.plan.yaml")
    plan = plan_of(name, written=plan_text(name), file=f"{name}.plan.yaml")
    steps = [[(m["party"], m["option"], m["from"], m["to"]) for m in s["moves"]] for s in plan.to_dict()["steps"]]
    assert moves_of(found.agreement.terms()) == [m for step in steps for m in step]
    assert found.enforceable is plan.enforceable is False
    assert "does not enforce itself" in found.warning
    assert found.warning in str(found.tree["note"])


class Cooperation:
    """Everybody signs, every event comes, and all that is due is done and confirmed, one by one, an hour apart."""

    def __init__(self, terms: Terms, first: dt.date) -> None:
        self.terms = terms
        self.records: list[Record] = []
        self.now = int(dt.datetime.combine(first, dt.time(), dt.UTC).timestamp())
        self.due: dict[str, int] = {}
        self.done: dict[str, int] = {}
        self.say("sign", "agreement", terms.parties)
        for event in terms.events:
            self.say("external", event, terms.parties[:1])

    def say(self, kind: str, subject: str, by: tuple[str, ...]) -> None:
        when = Interval(self.now, self.now)
        self.records.append(Record(len(self.records) + 1, self.now, when, kind, subject, by))

    def play(self) -> Cooperation:
        """Until nothing is due any more."""
        for _ in range(400):
            standings = {s.id: s.life for s in run(self.terms, self.records, self.now).at(self.now)}
            for c in self.terms.commitments:
                if standings[c.id] in ("due", "overdue"):
                    self.due.setdefault(c.id, self.now)
                if standings[c.id] == "fulfilled":
                    self.done.setdefault(c.id, self.now)
            ready = [c for c in self.terms.commitments if c.modality == "achieve" and standings[c.id] == "due"]
            if not ready:
                return self
            self.now += HOUR
            c = ready[len(self.records) % len(ready)]
            self.say("claim", c.id, c.obligors)
            if c.verification:
                self.say("verify", c.id, (c.verification[0].verifier,))
        raise AssertionError(self.done)


def check_cooperation(found: Draft) -> None:
    terms = found.agreement.terms()
    game = Cooperation(terms, dt.date(2019, 1, 31)).play()
    achieve = [c.id for c in terms.commitments if c.modality == "achieve"]
    assert sorted(game.done) == sorted(achieve)
    moves = [c.id for c in terms.commitments if isinstance(c.act, OptionAct) and c.modality == "achieve"]
    after: dict[int, int] = {}
    for c in moves:
        after[found.stage_of[c]] = max(after.get(found.stage_of[c], 0), game.done[c])
    for c in achieve:
        stage = found.stage_of[c]
        earlier = [d for n, d in after.items() if n < stage]
        if found.stages[stage - 1].atomic:
            assert game.due[c] >= max(earlier, default=0)
        else:
            # neither before nor later than the last part of the step before is done
            assert game.due[c] == max(earlier, default=game.due[achieve[0]])
    last = {s.id: s for s in run(terms, game.records, game.now).at(game.now)}
    kept = [c.id for c in terms.commitments if c.modality == "maintain"]
    assert [last[c].life for c in kept] == ["due"] * len(kept)
    assert not any(last[c.id].holds for c in terms.commitments)


@pytest.mark.parametrize("name", WITH_PLANS)
def test_when_all_perform_everything_is_done_in_the_order_of_the_plan(name: str) -> None:
    check_cooperation(asked(name))


def test_a_target_alone_is_done_all_at_once() -> None:
    found = asked("korea-2019", target="yongbyon == dismantled and access == anywhere and declaration == complete and "
                  "arsenal == dismantled and sanctions == lifted and security == assurances and projects and support "
                  "and guarantee and testing == halted and not pressure and not enforcement")  # fmt: skip
    assert not found.ordered
    check_cooperation(found)


def test_whoever_stops_stops_the_others_until_it_has_mended() -> None:
    found = asked("korea-2019")
    terms = found.agreement.terms()
    game = Cooperation(terms, dt.date(2030, 1, 1))
    steps = [[c for c, n in found.stage_of.items() if n == k] for k in (1, 2, 3)]
    owner = {c.id: c.obligors[0] for c in terms.commitments}
    for step in steps[:2]:
        game.now += DAY
        for name in step:
            game.say("claim", name, (owner[name],))
    late = game.now + 400 * DAY
    (stopped,) = steps[2]
    last = {s.id: s for s in run(terms, game.records, late).at(late)}
    assert last[stopped].life == "breached"
    for c in terms.commitments:
        open_yet = last[c.id].life in ("due", "waiting")
        others = owner[c.id] != owner[stopped]
        unchanged = c.id == "keep-enforcement"  # no breakdown leads there
        assert bool(last[c.id].holds) == (open_yet and others and not unchanged), c.id
    game.now = late
    game.say("claim", stopped, (owner[stopped],))
    mended = {s.id: s for s in run(terms, game.records, late).at(late)}
    assert mended[stopped].life == "remedied"
    assert not any(mended[c.id].holds for c in terms.commitments)


# --- nothing that the case does not say ------------------------------------------------------------------------------


def texts(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for value in node.values():
            yield from texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts(value)
    else:
        yield str(node)


def middle(written: Any) -> float:
    """The middle of a range as the case file has it, read without the reader."""
    value = written["value"] if isinstance(written, dict) else written
    low, _, high = str(value).partition("..")
    return (float(low) + float(high or low)) / 2


@pytest.mark.parametrize("name", WITH_PLANS)
def test_every_number_is_the_cases(name: str) -> None:
    """Times of the work, of undoing and of the steps are recomputed from the raw file; no other number is there."""
    raw = yaml.load(catalog_text(name), Loader=yaml.BaseLoader)  # noqa: S506 - texts only
    found = asked(name)
    plan = raw["plan"]
    steps = [s.periods or 0 for s in found.stages]
    for id_, c in found.tree["commitments"].items():
        action = c["action"]
        if c.get("modality") == "maintain":
            assert {"min_duration", "reversible", "claim_ok", "verification"}.isdisjoint(c)
            assert c["deadline"] == {"none": "as long as the agreement is in force"}
            continue
        levels = raw["options"][action["option"]]["levels"]
        assert c["obligors"] == raw["options"][action["option"]]["party"]
        stage = found.stage_of[id_]
        months = steps[stage - 1]
        assert c["deadline"] == {"within": f"{months // 12} year{'s' * (months // 12 > 1)} {months % 12} months"} or (
            c["deadline"] == {"within": f"{months} month{'s' * (months > 1)}"}
        )
        passed = levels[levels.index(action["from"]) + 1 : levels.index(action["to"]) + 1]
        takes = sum(middle(plan["takes"][action["option"]][p]) for p in passed
                    if p in plan.get("takes", {}).get(action["option"], {}))  # fmt: skip
        whole = math.floor(takes + 1e-9)
        assert c.get("min_duration") == (f"{whole} month{'s' * (whole > 1)}" if whole else None)
        fixed = raw["options"][action["option"]].get("irreversible", [])
        up = raw["options"][action["option"]].get("moves") == "up"
        undo = plan.get("undo", {}).get(action["option"], {}).get(action["to"])
        if up or any(p in fixed for p in passed):
            assert c["reversible"] == "no"
        elif undo is None:
            assert "reversible" not in c
        else:
            months = math.ceil(middle(undo) - 1e-9)
            assert c["reversible"] == {"time": f"{months} month{'s' * (months > 1)}"}
    numbers = {n for t in texts(found.tree["commitments"]) for n in re.findall(r"\d+(?:\.\d+)?", t)}
    written = plan["lag"].values()
    plain = [lag for lag in written if not isinstance(lag, dict) or "value" in lag]
    plain += [w for lag in written if lag not in plain for w in (lag["default"], *lag["when"].values())]
    known = {f"{middle(x):g}" for x in plain} | {str(n) for n in range(1, len(steps) + 1)}
    known |= {n for c in found.tree["commitments"].values() for k in ("deadline", "min_duration", "reversible")
              for t in texts(c.get(k, "")) for n in re.findall(r"\d+", t)}  # fmt: skip
    assert numbers <= known


@pytest.mark.parametrize("name", WITH_PLANS)
def test_every_name_is_the_cases(name: str) -> None:
    raw = yaml.load(catalog_text(name), Loader=yaml.BaseLoader)  # noqa: S506 - texts only
    found = asked(name)
    tree = found.tree
    assert set(tree["parties"]) <= set(raw["parties"])
    assert all(tree["parties"][p]["name"] == raw["parties"][p]["name"] for p in tree["parties"])
    assert "bodies" not in tree
    assert "quantities" not in tree
    bodies = raw.get("ratification", {}).get("bodies", {})
    assert set(tree.get("events", {}).values()) <= {f"{b['name']} consents" for b in bodies.values()}
    for c in tree["commitments"].values():
        assert "verification" not in c
        assert "verifier" in c["gaps"]
        assert set(c) <= {
            "title", "modality", "obligors", "action", "trigger", "deadline", "claim_ok", "min_duration", "reversible",
            "on_breach", "gaps",
        }  # fmt: skip
        for entry in c.get("on_breach", ()):
            assert set(entry) <= {"effect", "targets", "automatic", "resume_when", "note"}
            assert entry["effect"] == "suspend"


def test_bodies_whose_vote_the_deal_needs_are_waited_for() -> None:
    """Every deal with exchanges or more needs the Council; only one that lifts sanctions needs Congress as well."""
    found = asked("korea-2019")
    assert found.target["sanctions"] == "partial"
    assert found.tree["events"] == {"consent-of-council": "UN Security Council consents"}
    assert found.tree["entry_into_force"].endswith(" and event(consent-of-council)")
    lifted = asked("korea-2019", target="arsenal == dismantled and yongbyon == dismantled and access == anywhere and "
                   "declaration == complete and testing == halted and sanctions == lifted and not security and "
                   "not pressure and not projects and not support and not guarantee and not enforcement")  # fmt: skip
    names = {"House of Representatives consents", "Senate consents", "UN Security Council consents"}
    assert set(lifted.tree["events"].values()) == names
    assert "no date for House of Representatives, Senate and UN Sec" in lifted.tree["gaps"]["ratification"]


def test_some_of_several_bodies_are_written_out() -> None:
    extra = """
ratification:
  bodies: {h: {quota: 2, votes: 3}, s: {quota: 2, votes: 3}, k: {quota: 2, votes: 3}}
  requirements: [{when: y, needs: "2 of {h, s, k}"}, {when: not y, needs: h}]
"""
    found = made((Stage(1, (Move("b", "y", "no", "yes"),), 1),), SWAP + extra)
    terms = found.agreement.terms()
    first = int(dt.datetime(2030, 1, 1, tzinfo=dt.UTC).timestamp())
    for present in range(8):
        events = [e for n, e in enumerate(terms.events) if present >> n & 1]
        records = [Record(1, first, Interval(first, first), "sign", "agreement", ("a", "b", "c"))]
        records += [Record(n, first, Interval(first, first), "external", e, ("a",)) for n, e in enumerate(events, 2)]
        lives = {s.life for s in run(terms, records, first).at(first)}
        assert ("inert" not in lives) == (len(events) >= 2), events
        unsigned = {s.life for s in run(terms, records[1:], first).at(first)}
        assert unsigned == {"inert"}, events


# --- safeguards ------------------------------------------------------------------------------------------------------


def test_a_deposit_makes_a_step_all_or_nothing() -> None:
    stages = (
        Stage(1, (Move("a", "x", "runs", "stops"), Move("b", "y", "no", "yes")), 2, atomic=True),
        Stage(2, (Move("c", "z", "shut", "open"),), 1),
    )
    found = made(stages)
    terms = found.agreement.terms()
    assert terms.bodies == ("depositary",)
    check_cooperation(found)
    # the South deposits and the North does not: nobody has to release anything, and the South gets its deposit back
    game = Cooperation(terms, dt.date(2030, 1, 1))
    game.now += DAY
    game.say("claim", "deposit-y-yes", ("b",))
    game.say("verify", "deposit-y-yes", ("depositary",))
    late = game.now + 200 * DAY
    last = {s.id: s for s in run(terms, game.records, late).at(late)}
    assert last["deposit-x-stops"].life == "breached"
    assert [last[c].life for c in ("x-stops", "y-yes", "z-open")] == ["waiting"] * 3
    assert ("reversed", "deposit-x-stops") in last["deposit-y-yes"].holds
    assert not last["deposit-x-stops"].holds


def test_payments_on_the_way_are_owed_by_who_pays_to_who_gets() -> None:
    paid = (("a", -1.25), ("b", 1.25))
    stages = (
        Stage(1, (Move("a", "x", "runs", "stops"),), 2, payments=paid),
        Stage(2, (Move("b", "y", "no", "yes"),), 1),
    )
    found = made(stages)
    c = found.tree["commitments"]["payment-a-1"]
    assert (c["obligors"], c["obligees"], c["action"]["amount"]) == ("a", ["b"], "1.25")
    assert "no currency" in c["gaps"]["threshold"]
    check_cooperation(found)


@pytest.mark.parametrize(
    ("amount", "written"), [(1.0, "1"), (0.3333333, "0.334"), (2.5, "2.5"), (0.0004, "0.001"), (12.3456, "12.346")]
)
def test_a_payment_is_rounded_up(amount: float, written: str) -> None:
    stages = (Stage(1, (Move("a", "x", "runs", "stops"),), 2, payments=(("a", -amount), ("b", amount))),)
    assert made(stages).tree["commitments"]["payment-a-1"]["action"]["amount"] == written


def test_where_nobody_answers_a_breach_nothing_follows_it() -> None:
    found = made((Stage(1, (Move("a", "x", "runs", "stops"), Move("b", "y", "no", "yes")), 2),),
                 SWAP.replace("snapback: true", "snapback: false"))  # fmt: skip
    for c in found.tree["commitments"].values():
        assert "on_breach" not in c
        assert "nobody answers" in c["gaps"]["consequence"]


def test_what_stays_as_it_is_comes_from_the_cases_target() -> None:
    found = of_swap()
    kept = found.tree["commitments"]["keep-t"]
    assert (kept["obligors"], kept["action"], kept["modality"]) == ("a", {"option": "t", "to": "none"}, "maintain")
    assert "keep-t" not in of_swap(target="x == gone and y and z == open and t == some").tree["commitments"]


# --- a target alone --------------------------------------------------------------------------------------------------


def test_a_target_alone_has_no_order_and_says_so() -> None:
    unwanted = SWAP.replace("y: {yes: 4}", "y: {yes: 0.1}")
    session = Session(Case.from_text(unwanted))
    found = drafted(session, PLAIN, Asking(target="x == gone and y and z == open and t == none"))
    assert found.enforceable is False
    assert "would lose by it" in found.tree["gaps"]["order"]
    assert "No order of steps to this target enforces itself" in found.tree["note"]
    assert found.stages[0].periods is None
    achieve = [c for c in found.tree["commitments"].values() if "modality" not in c]
    assert {c["trigger"] for c in achieve} == {"in_force"}
    assert {c["deadline"] for c in achieve} == {"2023-04-05"}  # by when the case wants it
    assert "groups" not in found.tree


def test_without_the_facts_of_a_plan_a_target_is_still_drafted() -> None:
    bare = SWAP[: SWAP.index("plan:")]
    session = Session(Case.from_text(bare))
    found = drafted(session, PLAIN, Asking(target="x == gone and y and z == open and t == none"))
    assert "not in the case (no plan.lag" in found.tree["gaps"]["order"]
    achieve = [c for c in found.tree["commitments"].values() if "modality" not in c]
    assert len(achieve) == 3
    for c in achieve:
        assert c["deadline"] == {"none": "without an order of steps there is no date"}
        assert {"date", "verifier", "consequence"} <= set(c["gaps"])
    with pytest.raises(Exception, match=r"plan\.target"):
        drafted(session, PLAIN, Asking())
    with pytest.raises(Exception, match="8 states matching"):
        drafted(session, PLAIN, Asking(target="x == gone"))


def test_where_nothing_holds_nothing_is_drafted() -> None:
    hopeless = re.sub(r"y: \{yes: 4\}, z: \{open: 1\}", "y: {yes: -4}, z: {open: -1}", SWAP)
    with pytest.raises(NothingHoldsError, match=r"no plan enforces itself.*would lose by it"):
        drafted(Session(Case.from_text(hopeless)), PLAIN, Asking())


def test_a_draft_needs_something_to_do_and_two_to_sign() -> None:
    with pytest.raises(UsageError, match="a target that is there already"):
        made((Stage(1, (), None),))
    case = Case.from_text(SWAP)
    matter = Matter(case, ("a",), {}, {}, (Stage(1, (Move("a", "x", "runs", "stops"),), 1),), (), enforceable=True)
    with pytest.raises(UsageError, match="The North alone"):
        draft(matter, Provenance("swap", "sha256:0"), link=None)


# --- for all sides ---------------------------------------------------------------------------------------------------


def test_what_is_private_is_left_out_for_all_sides() -> None:
    own = of_swap()
    shared = of_swap(shared=True)
    written = agreement_yaml(own.tree, own.comments)
    assert "37 months" in written
    stages = (Stage(1, (Move("a", "x", "runs", "stops"),), 2), Stage(2, (Move("b", "y", "no", "yes"),), 4),
              Stage(3, (Move("a", "x", "stops", "gone"),), 9))  # fmt: skip
    hidden = made(stages, shared=True)
    assert "37 months" in agreement_yaml(made(stages).tree, {})
    for found in (shared, hidden):
        for text in (agreement_yaml(found.tree, found.comments), json.dumps(found.to_dict())):
            for secret in ("37 months", "min_duration: 4 months", "three months", "case: ", "utility", "-9", "lose"):
                assert secret not in text, secret
        assert found.enforceable is None
        assert "case" not in found.tree
    assert "within two months" in str(shared.tree)  # what is not private is told


def test_for_all_sides_the_case_is_not_named() -> None:
    tree = asked("initial-actions-2007", shared=True).tree
    assert "case" not in tree
    assert "options" in tree


def test_for_all_sides_the_options_are_written_out() -> None:
    found = of_swap(shared=True)
    assert found.tree["options"]["x"] == {"party": "a", "name": "Reactor", "levels": ["runs", "stops", "gone"]}
    assert Agreement.from_text(agreement_yaml(found.tree, found.comments)).terms() == found.agreement.terms()


# --- the file --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WITH_PLANS)
def test_the_file_reads_as_the_draft(name: str) -> None:
    found = asked(name)
    text = agreement_yaml(found.tree, found.comments, "A comment: with # signs\nand a second line")
    again = Agreement.from_text(text, "x.agreement.yaml")
    assert again.terms() == found.agreement.terms()
    assert again.digest == found.agreement.digest
    assert not again.warnings
    assert max(map(len, text.splitlines())) <= 150
    assert text.count("  # Step ") == len(found.stages)


NASTY = st.text(
    st.characters(
        codec="utf-8", exclude_characters="\x7f\ufeff\u2028\u2029\x85", exclude_categories=("Cc", "Cs", "Cf")
    ),
    max_size=60,
)
SCALARS = st.one_of(
    NASTY,
    st.sampled_from(
        [
            "no",
            "yes",
            "null",
            "true",
            "~",
            "-",
            "- a",
            "a: b",
            "a #b",
            "#",
            "?",
            "'",
            '"',
            "a,b",
            "[x]",
            "{",
            "1",
            "2001-01-01",
            " a",
            "a ",
            "a:",
            ":a",
            "%",
            "@x",
            "`",
            "|",
            ">",
            "*a",
            "&a",
            "!a",
            "a\\b",
            "''",
            "it's",
            "x" * 200,
            "a b " * 60,
            "a  b " * 60,
        ]
    ),
)
TREES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=4)
        | st.dictionaries(st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True), inner, min_size=1, max_size=4)
    ),
    max_leaves=20,
)


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["note", "parties", "events", "gaps", "title", "groups"]), TREES),
    st.dictionaries(
        st.from_regex(r"[a-z]{1,5}", fullmatch=True),
        st.dictionaries(st.sampled_from(["title", "note", "on_breach", "trigger", "reversible"]), TREES, min_size=1),
        min_size=1,
    ),
)
def test_whatever_is_written_is_read_again(tree: dict[str, Any], commitments: dict[str, Any]) -> None:
    whole = {"name": "x", **tree, "commitments": commitments}
    comments = {next(iter(commitments)): "What: a comment # with signs"}
    assert json.loads(json.dumps(read_tree(agreement_yaml(whole, comments, "head"), None))) == whole


# --- the verb --------------------------------------------------------------------------------------------------------


@pytest.fixture
def verb(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    import sys

    from detente.cli import main

    monkeypatch.chdir(tmp_path)
    Path("swap.case.yaml").write_text(SWAP)

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["detente", "draft", *words])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err
        assert "internal error" not in out + err
        return int(left.value.code or 0), out, err

    return call


def test_the_answer_keeps_to_its_contract(verb: Any) -> None:
    for words in (
        ["swap.case.yaml"],
        ["swap.case.yaml", "--for", "shared"],
        ["swap.case.yaml", "--target", "x == stops and y and z == shut and t == none"],
    ):
        status, out, _ = verb(*words, "--json")
        answer = json.loads(out)
        jsonschema.validate(answer, result_schema("draft"))
        assert status == (1 if answer["enforceable"] is False else 0)
        agreement = answer["agreement"]
        assert (
            Agreement.from_dict(agreement, cases=lambda _: Case.from_text(SWAP)).digest == answer["digest_of_agreement"]
        )


def test_the_written_file_finds_its_case(verb: Any) -> None:
    status, out, _ = verb("swap.case.yaml", "-o", "swap.agreement.yaml")
    assert (status, out) == (0, "")
    found = read_agreement("swap.agreement.yaml")
    assert found.file.case == "swap.case.yaml"
    assert found.case is not None
    Path("below").mkdir()
    verb("swap.case.yaml", "-o", "below/swap.agreement.yaml")
    assert read_agreement("below/swap.agreement.yaml").file.case is None  # its folder has no such case
    assert set(read_agreement("below/swap.agreement.yaml").file.options) == {"x", "y", "z", "t"}


def test_what_cannot_be_asked_is_refused(verb: Any) -> None:
    status, _, err = verb("swap.case.yaml", "--target", "auto", "--plan", "x.yaml")
    assert status == 2
    assert "--target beside --plan" in err
    assert verb("swap.case.yaml", "-o", "x.pdf")[0] == 2
    assert verb("swap.case.yaml", "--plan", "nothing.yaml")[0] == 2
    Path("hopeless.case.yaml").write_text(re.sub(r"y: \{yes: 4\}, z: \{open: 1\}", "y: {yes: -4}, z: {open: -1}", SWAP))
    status, out, err = verb("hopeless.case.yaml")
    assert (status, out) == (1, "")
    assert "no plan enforces itself" in err
    assert "--target" in err


def test_the_catalogs_draft_is_what_the_verb_writes(verb: Any) -> None:
    status, _, err = verb("korea-2019", "-o", "korea-2019.agreement.yaml")
    assert status == 0
    assert "cannot be reached in steps that nobody gains by abandoning" in err
    note, how, text = agreement_text("korea-2019").split("\n", 2)
    assert note.startswith("# Good for: ")
    assert how == "# Made by: detente draft korea-2019 -o korea-2019.agreement.yaml"
    assert Path("korea-2019.agreement.yaml").read_text() == text


def test_who_gives_up_its_part_frees_the_others_of_theirs_in_the_same_step() -> None:
    found = asked("korea-2019")
    terms = found.agreement.terms()
    game = Cooperation(terms, dt.date(2030, 1, 1))
    game.now += DAY
    game.say("declare_nonperformance", "sanctions-partial", ("us",))
    last = {s.id: s for s in run(terms, game.records, game.now + DAY).at(game.now + DAY)}
    assert last["sanctions-partial"].life == "breached"
    held = {c for c, s in last.items() if s.holds}
    others = {c.id for c in terms.commitments if c.obligors != ("us",)}
    assert held == others - {"keep-testing", "keep-enforcement"}  # where no breakdown leads


def test_two_who_break_at_once_and_mend_are_free_again() -> None:
    """Each suspends what the other owes; neither hold may wait for the other to go first."""
    found = asked("korea-2019")
    terms = found.agreement.terms()
    game = Cooperation(terms, dt.date(2030, 1, 1))
    game.now += DAY
    first = {"sanctions-partial": "us", "security-assurances": "us", "support-given": "china"}
    for name, party in first.items():
        game.say("declare_nonperformance", name, (party,))
    game.now += 100 * DAY
    broken = {s.id: s for s in run(terms, game.records, game.now).at(game.now)}
    assert all(broken[c].life == "breached" and broken[c].holds for c in first)
    for name, party in first.items():
        game.say("claim", name, (party,))
    last = {s.id: s for s in run(terms, game.records, game.now).at(game.now)}
    assert [last[c].life for c in first] == ["remedied"] * 3
    assert not any(s.holds for s in last.values())
    assert last["projects-running"].life == "due"


def test_the_catalogs_draft_is_clean_but_for_its_gaps() -> None:
    found = lint(read_agreement("korea-2019.agreement.yaml"))
    undeclared = [f for f in found.findings if not f.declared]
    assert {f.severity for f in undeclared} <= {"info"}
    assert {f.id for f in undeclared} <= {"A1"}  # the United States begins, and is ahead for a while
    assert not found.fails()
    assert {f.id for f in found.findings if f.declared} >= {"V5", "V6", "V8", "S2", "R1"}


def test_for_all_sides_a_target_of_ones_own_is_drafted_too() -> None:
    found = of_swap(shared=True, target="x == stops and y and z == shut and t == none")
    assert {(m[1], m[3]) for m in moves_of(found.agreement.terms())} == {("x", "stops"), ("y", "yes")}


def test_what_cannot_be_taken_back_needs_no_promise() -> None:
    """The reactor is gone for good and the roads are never shut again; the trade can be stopped."""
    tree = of_swap().tree["commitments"]
    assert [name for name in tree if name.startswith("kept-by-")] == ["kept-by-b"]
    stopped = of_swap(target="x == stops and y and z == shut and t == none").tree["commitments"]
    assert "Reactor at ‘stops’" in stopped["kept-by-a"]["action"]["text"]


@pytest.mark.parametrize("suffix", [".md", ".html", ".docx"])
def test_the_text_of_a_draft_is_written_and_reads_as_the_draft(verb: Any, suffix: str) -> None:
    verb("swap.case.yaml", "-o", "swap.agreement.yaml")
    assert verb("swap.case.yaml", "-o", f"swap{suffix}")[0] == 0
    text = Path(f"swap{suffix}").read_bytes()
    if suffix == ".md":
        for piece in ("Two swaps: draft of an agreement", "The North", "the case does not say who", "within 2 months"):
            assert piece in text.decode()
    again = agreement_of(text, suffix, "swap", Beside(Path()))
    assert again.terms() == read_agreement("swap.agreement.yaml").terms()
