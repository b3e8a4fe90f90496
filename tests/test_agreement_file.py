"""Agreement files: formulas as text, readings, terms, names and order, schema."""

from __future__ import annotations

import datetime as dt
import json
import random
import re
from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import Any

import jsonschema
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.agreement import formulas as f
from detente.agreement.formula_text import STATES, WORDS, formula_text, parse_formula
from detente.agreement.model import Agreement
from detente.agreement.periods import Period
from detente.agreement.schema import agreement_schema
from detente.agreement.terms import (
    Ambiguity,
    Every,
    NoDeadline,
    Objection,
    On,
    OptionAct,
    QuantityAct,
    Terms,
    TextAct,
    Undo,
    Within,
)
from detente.agreement.time_text import moment_text, parse_moment, parse_period, period_text
from detente.base.errors import CaseError, UsageError
from detente.case.yaml_tree import read_tree
from detente.catalog import agreement_names, agreement_text
from detente.cli.schema import command

FULL = """
detente-agreement: 1
name: full
title: All that can be written
version: "2"
as_of: 1994-10-21
zone: Asia/Seoul
calendar: {overflow: down, roll: following, weekend: [saturday, sunday], holidays: [1994-12-25]}
marking: for the table only
sources: {af: "The text"}
parties: {dprk: {name: DPRK}, us: {name: United States}, rok: }
bodies:
  iaea: {name: IAEA, role: verifier}
  panel: {role: arbiter}
  council: {role: guarantor}
options:
  reactors: {party: dprk, levels: [running, frozen, dismantled]}
  sanctions: {party: us, levels: [full, partial, lifted]}
quantities: {oil: {name: Heavy fuel oil, unit: t}, stock: {unit: kg}}
events: {report: The inspectors have reported}
entry_into_force: signed(dprk) and signed(us)
groups: {swap: [freeze, relief]}
commitments:
  freeze:
    title: Freeze of the reactors
    obligors: [dprk]
    obligees: [us]
    action: {option: reactors, to: frozen, from: running}
    trigger: in_force and joint(swap)
    deadline: {within: 1 month}
    cure: 14 days
    lapse: 1996-01-01
    min_duration: 2 months
    verification:
      - {by: iaea, method: seals, access: visits, detects: 0.9, false_alarm: 0.01, lag: 14 days, window: 30 days,
         every: 3 months, evidence: [measurement]}
      - {by: us, lag: {median: 14 days, q90: 30 days}}
    verified_by: all
    on_breach:
      - {effect: suspend, targets: [oil-given], automatic: true, notice: 10 days, resume_when: fulfilled(freeze),
         objection: {window: 30 days, blockers: [us, council], rule: all, if_silent: drop}}
      - {effect: reverse, targets: relief, power_of: us, resume_when: freeze}
      - {effect: compensate, automatic: true, amount: 2.5, unit: million}
      - {effect: escalate, automatic: true, body: council}
    after_breach: keep
    reversible: {cost: 3, time: 2 months}
    survives: true
    clock_when_held: run
    provisional: true
    ambiguity: {deliberate: nobody could agree, review: 1995-06-01}
    object: three reactors
    place: Yongbyon
    source: af
    span: "I.3"
  visits: {modality: maintain, obligors: dprk, action: {text: lets inspectors in}, reversible: no}
  relief: {obligors: us, action: {option: sanctions, to: partial, from: full}, trigger: in_force and joint(swap),
           deadline: "1995-01-21T12:00+09:00", claim_ok: true}
  oil-given: {modality: recurrent, obligors: {who: [us, rok], mode: any}, claim_ok: true,
              action: {quantity: oil, op: ">=", amount: 500000, baseline: stock}, trigger: freeze,
              deadline: {every: "RRULE:FREQ=YEARLY;COUNT=5", from: 1995-10-21}}
  words: {obligors: {who: [dprk, us], mode: each}, obligees: [dprk, us, rok], action: {text: speaks well},
          deadline: {none: left open, review: 1996-01-01}, claim_ok: true}
  later: {obligors: rok, action: {text: joins}, deadline: {within: 3 months, of: event(report)}, claim_ok: true}
  newer: {obligors: rok, action: {text: joins sooner}, claim_ok: true}
powers:
  halt: {holder: us, may: terminate, targets: agreement, when: breached(freeze), once: true,
         expires: {within: 2 years, of: in_force}}
amendments: {second: {replaces: {later: newer}}}
reviews: [1996-10-21, 1995-10-21]
sunset: {within: 10 years}
exit: {notice: 3 months, survivors: visits}
dispute: {window: 30 days, body: panel, default: breached, stay: false}
notice: 10 days
readings:
  us: {commitments: {oil-given: {trigger: verified(freeze)}, relief: {deadline: {none: when they act}}}, notice: }
  dprk: {entry_into_force: event(report)}
"""


def plain(text: str) -> Any:
    """The tree of a file as code would build it: texts and None, without places."""

    def bare(node: Any) -> Any:
        if isinstance(node, dict):
            return {str(k): bare(v) for k, v in node.items()}
        if isinstance(node, list):
            return [bare(v) for v in node]
        return None if node is None else str(node)

    return bare(read_tree(text, None))


# --- the terms of a file -------------------------------------------------------------------------------------------


def test_everything_that_can_be_written_arrives() -> None:
    agreement = Agreement.from_text(FULL, "full.agreement.yaml")
    terms = agreement.terms()
    by_id = {c.id: c for c in terms.commitments}
    freeze = by_id["freeze"]
    assert freeze.act == OptionAct("reactors", "frozen", "running")
    assert freeze.trigger == f.And((f.InForce(), f.Joint("swap")))
    assert (freeze.deadline, freeze.cure) == (Within(Period(months=1)), Period(days=14))
    assert (freeze.lapse, freeze.min_duration) == (On(dt.date(1996, 1, 1)), Period(months=2))
    first, second = freeze.verification
    assert (first.verifier, first.access, first.detects, first.lag) == (
        "iaea", "visits", Fraction(9, 10), (Period(days=14), Period(days=14)),
    )  # fmt: skip
    assert (first.window, first.every, first.evidence) == (Period(days=30), Period(months=3), ("measurement",))
    assert second.lag == (Period(days=14), Period(days=30))
    assert freeze.verified_by == "all"
    suspend, reverse, compensate, escalate = freeze.on_breach
    assert suspend.objection == Objection(Period(days=30), ("us", "council"), "all", "drop")
    assert (suspend.power_of, suspend.notice, suspend.resume) == (None, Period(days=10), f.Fulfilled("freeze"))
    assert (reverse.power_of, reverse.option, reverse.level) == ("us", "sanctions", "full")
    assert (compensate.amount, compensate.unit, compensate.to) == (Fraction(5, 2), "million", ("us",))
    assert escalate.body == "council"
    assert freeze.reversible == Undo(Fraction(3), Period(months=2))
    assert (freeze.survives, freeze.clock_when_held) == (True, "run")
    assert freeze.provisional
    assert freeze.ambiguity == Ambiguity("nobody could agree", dt.date(1995, 6, 1))
    assert (freeze.object, freeze.place, freeze.source, freeze.span) == ("three reactors", "Yongbyon", "af", "I.3")
    assert by_id["visits"].survives
    assert by_id["visits"].reversible == "no"
    assert by_id["relief"].reversible is None
    assert by_id["visits"].obligees == ("us", "rok")
    noon = int(dt.datetime(1995, 1, 21, 3, tzinfo=dt.UTC).timestamp())
    assert by_id["relief"].deadline == On(noon)
    assert by_id["oil-given"].act == QuantityAct("oil", ">=", Fraction(500_000), "t", "stock")
    assert by_id["oil-given"].deadline == Every("FREQ=YEARLY;COUNT=5", dt.date(1995, 10, 21))
    assert by_id["oil-given"].mode == "any"
    assert by_id["words"].act == TextAct("speaks well")
    assert by_id["words"].deadline == NoDeadline("left open", dt.date(1996, 1, 1))
    assert by_id["later"].deadline == Within(Period(months=3), f.Event("report"))
    assert by_id["newer"].amendment == "second"
    assert terms.amendments[0].replaces == (("later", "newer"),)
    assert terms.entry == f.And((f.Signed("dprk"), f.Signed("us")))
    assert terms.reviews == (dt.date(1995, 10, 21), dt.date(1996, 10, 21))
    assert terms.sunset == Within(Period(years=10), f.InForce())
    assert terms.powers[0].expires == Within(Period(years=2), f.InForce())
    assert terms.exit is not None
    assert terms.dispute is not None
    assert (terms.exit.notice, terms.dispute.body, terms.dispute.stay) == (Period(months=3), "panel", False)
    assert terms.calendar.overflow == "down"
    assert terms.calendar.roll == "following"
    assert terms.calendar.weekend == {5, 6}


def test_what_is_not_written_has_its_default() -> None:
    head = "detente-agreement: 1\nname: n\nzone: UTC\nparties: {a: , b: , c: }\n"
    terms = Agreement.from_text(head + "commitments: {x: {obligors: b, action: {text: t}}}").terms()
    assert terms.entry == f.And((f.Signed("a"), f.Signed("b"), f.Signed("c")))
    one = terms.commitments[0]
    assert (one.obligees, one.trigger, one.deadline, one.cure) == (("a", "c"), f.Always(), NoDeadline(), Period())
    assert terms.calendar.overflow == "error"
    assert terms.notice == Period()
    each = head + "commitments: {x: {obligors: {who: [a, b], mode: each}, action: {text: t}}}"
    assert Agreement.from_text(each).terms().commitments[0].obligees == ("a", "b", "c")  # less itself, part by part


def test_readings_change_what_they_say_and_nothing_else() -> None:
    agreement = Agreement.from_text(FULL)
    written, us, dprk = agreement.terms(), agreement.terms("us"), agreement.terms("dprk")
    changed = [(a.id, b) for a, b in zip(written.commitments, us.commitments, strict=True) if a != b]
    assert [c for c, _ in changed] == ["relief", "oil-given"]
    assert changed[0][1].deadline == NoDeadline("when they act")  # a field is replaced as a whole
    assert changed[1][1].trigger == f.Verified("freeze")
    assert (written.notice, us.notice) == (Period(days=10), Period())  # nothing: as if not written
    assert dprk.entry == f.Event("report")
    assert dprk.commitments == written.commitments
    assert agreement.terms("rok") is written
    with pytest.raises(UsageError, match="Did you mean 'us'"):
        agreement.terms("usa")


def test_nothing_in_a_reading_takes_away_what_is_written() -> None:
    text = FULL.replace(
        "dprk: {entry_into_force", "dprk: {commitments: {later: {deadline: , claim_ok: }}, entry_into_force"
    )
    later = next(c for c in Agreement.from_text(text).terms("dprk").commitments if c.id == "later")
    assert (later.deadline, later.claim_ok) == (NoDeadline(), False)


def test_the_same_in_code_and_in_a_file() -> None:
    tree = plain(FULL)
    built = Agreement.from_dict(tree)
    assert built.terms() == Agreement.from_text(FULL).terms()
    assert built.digest == Agreement.from_text("# a comment\n" + FULL).digest
    assert built.digest != Agreement.from_text(FULL.replace("14 days", "15 days")).digest
    typed = yaml.safe_load(FULL)  # dates, numbers and truth values of Python
    typed["commitments"]["visits"]["reversible"] = False
    assert Agreement.from_dict(typed).terms() == built.terms()
    tree["commitments"]["freeze"]["trigger"] = "frezee"
    with pytest.raises(CaseError, match=r"case: commitments.freeze.trigger: found the unknown commitment 'frezee'"):
        Agreement.from_dict(tree)


def test_warnings_are_told_and_stop_nothing() -> None:
    text = FULL.replace("deadline: {within: 1 month}", "trigger: 'at(1995-01-31)'\n    deadline: {within: 1 month}", 1)
    text = text.replace("    trigger: in_force and joint(swap)\n", "", 1).replace("overflow: down", "overflow: error")
    text = text.replace(
        "action: {option: sanctions, to: partial, from: full}", "action: {option: reactors, to: frozen, from: running}"
    )
    text = text.replace("action: {text: joins}", "action: {text: joins}").replace(
        "joins sooner}, claim_ok: true", "joins sooner}"
    )
    told = [str(w) for w in Agreement.from_text(text).warnings]
    for piece in ("which does not exist", "an option of dprk", "triggers that differ", "nobody who can say"):
        assert any(piece in w for w in told), (piece, told)
    assert len(told) == len(set(told))


# --- names and order -----------------------------------------------------------------------------------------------


def shuffled(node: Any, rng: random.Random) -> Any:
    """The same declarations in another order."""
    if not isinstance(node, dict):
        return node
    keys = list(node)
    rng.shuffle(keys)
    return {k: shuffled(node[k], rng) for k in keys}


def unordered(terms: Terms) -> Any:
    """Terms in which nothing depends on the order of declarations."""

    def order(things: Any) -> tuple[Any, ...]:
        return tuple(sorted(things, key=repr))

    lists = ("parties", "bodies", "events", "commitments", "powers", "amendments")
    return {
        x.name: order(v) if x.name in lists else v
        for x in fields(terms)
        for v in [getattr(terms, x.name)]
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_declarations_changes_nothing(seed: int) -> None:
    tree = plain(FULL)
    tree["commitments"]["visits"]["obligees"] = ["us", "rok"]  # else all other parties, in their order
    other = shuffled(tree, random.Random(seed))
    assert list(other["commitments"]) != list(tree["commitments"])
    for reading in (None, "us", "dprk", "rok"):
        one, two = Agreement.from_dict(tree).terms(reading), Agreement.from_dict(other).terms(reading)
        for commitment in one.commitments:
            twin = next(c for c in two.commitments if c.id == commitment.id)
            assert [set(getattr(commitment, k)) == set(getattr(twin, k)) for k in ("obligors", "obligees")] == [
                True,
                True,
            ]
        fixed = [Agreement.from_dict(explicit(t)).terms(reading) for t in (tree, other)]
        assert unordered(fixed[0]) == unordered(fixed[1])


def explicit(tree: dict[str, Any]) -> dict[str, Any]:
    """Obligees written out in one order where they were left to be all others."""
    parties = sorted(tree["parties"])
    commitments = {
        n: {"obligees": [p for p in parties if p not in str(c["obligors"])] or parties, **c}
        for n, c in tree["commitments"].items()
    }
    return {**tree, "commitments": commitments}


def renamed(value: Any, names: dict[str, str]) -> Any:
    """Terms with every id replaced, found by walking the data and not by knowing it."""
    if isinstance(value, str):
        return names.get(value, value)
    if is_dataclass(value) and not isinstance(value, type):
        return type(value)(**{x.name: renamed(getattr(value, x.name), names) for x in fields(value)})
    if isinstance(value, tuple | frozenset):
        return type(value)(renamed(v, names) for v in value)
    return {renamed(k, names): renamed(v, names) for k, v in value.items()} if isinstance(value, dict) else value


def test_renaming_everything_renames_the_terms() -> None:
    ids = [
        "dprk", "us", "rok", "iaea", "panel", "council", "reactors", "sanctions", "oil", "stock", "report", "swap",
        "freeze", "visits", "relief", "oil-given", "words", "later", "newer", "halt", "second",
    ]  # fmt: skip
    names = {old: f"n{n}-x" for n, old in enumerate(ids)}
    pattern = re.compile(r"(?<![\w.-])(" + "|".join(sorted(map(re.escape, ids), key=len, reverse=True)) + r")(?![\w-])")
    text = "\n".join(
        pattern.sub(lambda m: names[m[1]], line)
        if not line.startswith(("name", "title", "marking", "sources"))
        else line
        for line in FULL.splitlines()
    )
    for reading in (None, "us", "dprk"):
        told = Agreement.from_text(text).terms(reading and names[reading])
        assert strip(told) == strip(renamed(Agreement.from_text(FULL).terms(reading), names))


def strip(terms: Terms) -> Terms:
    """Without what is only words, in which names may stand too."""
    words = {"title", "object", "place", "note", "span", "text", "reason", "method", "names"}

    def walk(value: Any) -> Any:
        if is_dataclass(value) and not isinstance(value, type):
            return type(value)(
                **{x.name: "" if x.name in words else walk(getattr(value, x.name)) for x in fields(value)}
            )
        return tuple(walk(v) for v in value) if isinstance(value, tuple) else value

    return walk(terms)  # type: ignore[no-any-return]


# --- formulas, dates and periods as text ---------------------------------------------------------------------------

NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True).filter(lambda n: n not in WORDS)
PERIODS = st.builds(Period, st.integers(0, 300), st.integers(0, 36), st.integers(0, 999), st.integers(0, 999))
DATES = st.dates(dt.date(1900, 1, 1), dt.date(2200, 12, 31))
MOMENTS = DATES | st.integers(-2_208_988_800, 7_289_654_399)  # 1900 to 2200
LEAVES: st.SearchStrategy[Any] = (
    st.sampled_from([f.Always(), f.Never(), f.InForce()])
    | st.builds(f.At, MOMENTS)
    | NAMES.flatmap(
        lambda n: st.sampled_from(
            [k(n) for k in (f.Event, f.Signed, f.Ratified, f.Fulfilled, f.Verified, f.Claimed, f.Breached, f.Joint)]
        )
    )
    | st.builds(f.InState, NAMES, st.frozensets(st.sampled_from(STATES), min_size=1))
    | st.builds(f.Progress, NAMES, st.fractions(Fraction(1, 1000), 1, max_denominator=1000))
)
FORMULAS: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(f.And, st.lists(inner, min_size=2, max_size=3).map(tuple))
        | st.builds(f.Or, st.lists(inner, min_size=2, max_size=3).map(tuple))
        | st.builds(f.After, inner, PERIODS)
        | st.builds(f.NotBy, inner, MOMENTS)
    ),
    max_leaves=12,
)


@settings(max_examples=1000, deadline=None, derandomize=True)
@given(FORMULAS)
def test_the_text_of_a_formula_reads_as_the_same_formula(formula: f.Formula) -> None:
    said = parse_formula(formula_text(formula))
    assert said.formula == formula
    for mention in said.mentions:  # each name stands where it is said to stand
        assert said.text[mention.at :].startswith(mention.name)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(PERIODS, MOMENTS)
def test_periods_and_moments_read_as_they_are_written(period: Period, moment: dt.date | int) -> None:
    assert parse_period(period_text(period)) == period
    assert parse_moment(moment_text(moment)) == moment


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("freeze", f.Fulfilled("freeze")),
        ("a and b or c", f.Or((f.And((f.Fulfilled("a"), f.Fulfilled("b"))), f.Fulfilled("c")))),
        ("a or b and c", f.Or((f.Fulfilled("a"), f.And((f.Fulfilled("b"), f.Fulfilled("c")))))),
        ("a and (b or c)", f.And((f.Fulfilled("a"), f.Or((f.Fulfilled("b"), f.Fulfilled("c")))))),
        ("((a))", f.Fulfilled("a")),
        ("after(verified(a) , 2 weeks 1 day)", f.After(f.Verified("a"), Period(days=15))),
        ("not_by(a or b, 1995-01-21)", f.NotBy(f.Or((f.Fulfilled("a"), f.Fulfilled("b"))), dt.date(1995, 1, 21))),
        ("at(1970-01-01T01:00+01:00)", f.At(0)),
        ("state(c,{overdue,due})", f.InState("c", frozenset({"due", "overdue"}))),
        ("progress(c)>=0.25", f.Progress("c", Fraction(1, 4))),
        ("  true  ", f.Always()),
    ],
)  # fmt: skip
def test_what_formulas_mean(text: str, meant: f.Formula) -> None:
    assert parse_formula(text).formula == meant


@pytest.mark.parametrize(
    ("text", "period"),
    [("1 month", Period(months=1)), ("2 years 3 months", Period(2, 3)), ("14 days", Period(days=14)),
     ("36 hours", Period(hours=36)), ("1 week", Period(days=7)), ("0 days", Period())],
)  # fmt: skip
def test_periods(text: str, period: Period) -> None:
    assert parse_period(text) == period


# --- the schema ----------------------------------------------------------------------------------------------------


def test_the_schema_is_one_and_accepts_what_is_read() -> None:
    schema = agreement_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for text in (FULL, *map(agreement_text, agreement_names())):
        tree = plain(text)
        jsonschema.validate(typed_truths(tree), schema)


def test_the_verb_schema_prints_it() -> None:
    done = CliRunner().invoke(command, ["--agreement"])
    assert json.loads(done.stdout) == agreement_schema()
    assert CliRunner().invoke(command, ["--agreement", "--result", "plan"]).exit_code != 0


def typed_truths(node: Any) -> Any:
    """Truth values, whole numbers and nothing as an editor sees them."""
    if isinstance(node, dict):
        return {k: typed_truths(v) for k, v in node.items()}
    if isinstance(node, list):
        return [typed_truths(v) for v in node]
    return {"true": True, "false": False}.get(node, node)


@pytest.mark.parametrize(
    ("old", "new"),
    [("zone: Asia/Seoul", "note: x"), ("modality: maintain", "modality: keep"), ("title: All", "titel: All"),
     ("effect: escalate", "effect: shout"), ("cure: 14 days", "cure: [14]"), ("role: arbiter", "role: judge")],
)  # fmt: skip
def test_the_schema_refuses_what_is_refused(old: str, new: str) -> None:
    text = FULL.replace(old, new)
    assert text != FULL
    with pytest.raises(CaseError):
        Agreement.from_text(text)
    tree = typed_truths(plain(text))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tree, agreement_schema())
