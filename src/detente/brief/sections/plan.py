"""In what order, with what safeguards? The tests of the target, the steps, what can be reached instead, how sure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from detente.base.errors import CaseError, LimitReached, UsageError
from detente.base.table import Table
from detente.base.wording import counted, listed, sentence, words
from detente.brief.document import Block, Section
from detente.brief.reading import Reading
from detente.case.fields import ConditionalAmount
from detente.case.model import Case
from detente.inquiry.subtitle import taken_types
from detente.pictures.plan_columns import PlanPicture
from detente.pictures.plan_exposure import CAPTION, most_exposed, plan_exposure
from detente.pictures.plan_picture import plan_picture
from detente.pictures.plan_timeline import plan_timeline, timeline_caption
from detente.plan.beyond import caveat, everywhere, mending, proof, sure, taken_discount, threats
from detente.plan.for_all import NOT_JUDGED, shared_table
from detente.plan.late import time_needed
from detente.plan.narrative import (
    NO_ORDER_HELPS,
    better_elsewhere,
    margins_meant,
    physical,
    step_table,
    tests,
    verdict,
    weakest,
)
from detente.plan.problem import TIED
from detente.plan.result import Plan
from detente.plan.wording import failing_tests, number, share_text, span, target_text

TITLE = "In what order, with what safeguards?"
DRAWS = 200  # as many as tell a share to within a few hundredths
SECONDS, FEWER = 5.0, 1.0  # for one search: a brief is read today; of a target that no order can mend
MOST_TARGETS = 4
NOT_ASKED = (UsageError, CaseError, LimitReached)


def section(reading: Reading) -> Section | None:
    """The target asked about, its steps or what is instead; None without a plan in the case."""
    if reading.mute or reading.case.file.plan is None:
        return None
    try:
        if reading.shared:
            return _shared(_asked(reading, draws=0, repairs=False, targets=False, hopeless=True))
        found, instead = answers(reading)
    except NOT_ASKED as error:
        return Section(TITLE, (Block(text=f"Not asked: {_why(error)}"),))
    blocks = [Block(text=_lead(found)), Block(items=tuple(t[3:] if t[:1].isdigit() else t for t in tests(found)))]
    if _worth_telling(found):
        blocks += [*_order(found), *_list(proof(found)), *_list(sure(found))]
    else:
        blocks.append(Block(text=_pointless(found)))
    blocks += _list(mending(found))
    if instead is not None:
        blocks += _told_instead(instead)
    if (table := _best(found, found if found.enforceable else instead)) is not None:
        blocks += [table, *_list(everywhere(found))]
    blocks += [*_views(reading, found, instead), *_assumed(found if _worth_telling(found) else instead or found)]
    return Section(TITLE, tuple(blocks), (_summary(found, instead),))


def answers(reading: Reading) -> tuple[Plan, Plan | None]:
    """The target asked about; the best that can be held where that cannot, None where there is none or no need.

    Raises:
        UsageError, CaseError, LimitReached: it cannot be asked.
    """
    found = _answer(reading)
    return found, None if found.enforceable else _instead(reading, DRAWS)


def _answer(reading: Reading) -> Plan:
    """The target asked about: with little effort where no order can matter, else with all there is to tell."""
    found = _asked(reading, draws=DRAWS, repairs=False, seconds=FEWER)
    if found.starts and not found.enforceable:
        try:
            return _asked(reading, draws=DRAWS)
        except LimitReached:  # among the repairs
            return _asked(reading, draws=DRAWS, repairs=False)
    return found


def _asked(reading: Reading, **asked: Any) -> Plan:
    how = {"seconds": SECONDS, "hopeless": False, "rivals": 0, **asked}
    found: Plan = reading.session.ask("plan", **reading.how, **how)
    return found


def _instead(reading: Reading, draws: int = 0) -> Plan | None:
    """The best target that passes the tests and has an order that holds; None where there is none."""
    try:
        found = _asked(reading, target="auto", draws=draws, repairs=False, targets=False)
    except NOT_ASKED:
        return None
    return found if found.enforceable else None


def _why(error: Exception) -> str:
    problems = error.problems() if isinstance(error, UsageError | CaseError | LimitReached) else ()
    told = [f"{p.found}; expected {p.expected}.{' ' if p.fix else ''}{p.fix}" for p in problems[:3]]
    return sentence(" ".join(told))


def _worth_telling(found: Plan) -> bool:
    """Whether an order can matter: everyone gains by the target and would keep it."""
    return found.checked is not None and found.starts and found.self_enforcing


# --- the target asked about ------------------------------------------------------------------------------------------


def _lead(found: Plan) -> str:
    """The answer, and what was asked about."""
    if found.enforceable or _worth_telling(found):
        text = sentence(verdict(found))
    else:
        text = f"What is asked cannot be reached in steps that nobody gains by abandoning: {listed(_failing(found))}."
    text = " ".join(t for t in (text, caveat(found), better_elsewhere(found)) if t)
    return f"{text} Asked about: {target_text(found)}. Before any order, three questions:"


def _failing(found: Plan) -> list[str]:
    """Which of the three tests fail, and for whom."""
    return failing_tests(found) or ["nobody gains by it"]


def _pointless(found: Plan) -> str:
    """Why no order is told, and how sure that is."""
    text = NO_ORDER_HELPS
    if found.in_draws is not None:
        text += (
            f" Over {found.in_draws.robust.draws:,} draws of what is uncertain everyone gains by this target and would"
            f" keep it in {share_text(found.in_draws.both)}"
        )
        late = found.in_draws.late
        text += f", and the work does not fit the time in {share_text(late)}." if late else "."
    return text


def _order(found: Plan) -> Iterator[Block]:
    """The steps: in a table, as a picture, and what each side stands to lose."""
    for text in margins_meant(found):
        yield Block(text=text)
    yield Block(table=step_table(found))
    yield from _list(weakest(found))
    picture = plan_picture(found)
    if picture is None:
        return
    yield Block(picture=plan_timeline(picture), caption=timeline_caption(picture))
    exposed = plan_exposure(picture)
    if exposed is not None:
        yield Block(picture=exposed, caption=f"{CAPTION} {_exposed(picture)}")


def _exposed(picture: PlanPicture) -> str:
    """Who stands to lose most, and when."""
    found = most_exposed(picture)
    if found is None:
        return "Nobody ever stands to lose against having no deal."
    pause, party, share = found
    where = "today" if pause == 0 else f"after step {pause}"
    return f"Most exposed is {picture.parties[party]} {where}: {share_text(share)}."


def _told_instead(found: Plan) -> Iterator[Block]:
    """The best target within reach, with its steps."""
    steps = counted(len(found.periods) - 1, "step")
    text = "What can be reached instead. Of the targets that everyone gains by and would keep, the one in which the"
    text += f" side that gains least gains most is this: {target_text(found)}. It can be reached in {steps} that nobody"
    yield Block(text=" ".join(t for t in (f"{text} gains by abandoning.", caveat(found), better_elsewhere(found)) if t))
    yield from _order(found)
    yield from _list(sure(found))


def _best(found: Plan, told: Plan | None) -> Block | None:
    """The best targets side by side, by what they change from today; the one told first."""
    targets = found.targets
    if targets is None or not targets.both.any():
        return None
    ranked = targets.listed()
    first = next((n for n in ranked if told is not None and targets.levels(n) == told.target), None)
    shown = [n for n in (first, *[m for m in ranked[:MOST_TARGETS] if m != first]) if n is not None][:MOST_TARGETS]
    today, rows = found.named(targets.today), list[tuple[str, ...]]()
    named = [found.named(targets.levels(n)) for n in shown]
    for option, level in today.items():
        if any(one[option] != level for one in named):
            cells = [words(one[option]) if one[option] != level else "\u2013" for one in named]
            owner = found.case.party_name(found.case.file.options[option].party)
            rows.append((owner, found.case.option_name(option), words(level), *cells))
    if first is not None and told is not None:
        tried = ranked.index(first) if told.chosen == "auto" else 0
        at_once = found.problem.together or found.problem.escrow
        least = f"least time that the work takes{', all sides working at once' if at_once else ''}"
        rows.append(("", least, "", *(_needs_time(found, n) for n in shown)))
        orders = ["yes" if n == first else "none found" if ranked.index(n) < tried else "not tried" for n in shown]
        rows.append(("", "an order that holds in time", "", *orders))
    names = ["shown here" if n == first else f"another ({k})" for k, n in enumerate(shown, 0 if first in shown else 1)]
    note = (
        f"Of {len(targets.states):,} feasible states {int(targets.both.sum()):,} pass both tests as a target: everyone"
        " gains by it and would keep it. Here are the best of those that no other betters for all; a dash stands for:"
        " as today."
    )
    heads = ("party", "option", "today", *names)
    return Block(table=Table(heads, tuple(rows), note=note, rulers=(len(rows) - 2,) if first is not None else ()))


def _needs_time(found: Plan, state: int) -> str:
    """How long a target takes at least, and whether that is too long."""
    targets = found.targets
    assert targets is not None  # noqa: S101 - its states are told only with it
    needs, there_is = time_needed(found.case, targets.today, targets.levels(state)), found.tests.physical.deadline
    late = there_is is not None and needs > there_is
    return f"{span(found.case, needs)}{', too long' if late else ''}"


# --- other readings --------------------------------------------------------------------------------------------------


def _views(reading: Reading, found: Plan, instead: Plan | None) -> Iterator[Block]:
    """The same target, and the best that can be reached, in every expert's view."""
    experts = [n for n, v in reading.case.written.file.views.items() if v.of is None and n != reading.how["view"]]
    if reading.alone or not experts:
        return
    rows = [_row(reading, found, found if found.enforceable else instead)]
    for name in experts:
        other = reading.seen_by(name)
        try:
            answer = _asked(other, draws=0, repairs=False, targets=False, seconds=FEWER)
            best = answer if answer.enforceable else _instead(other)
        except NOT_ASKED as error:
            rows.append((_title(other), f"not asked: {_why(error)}", "", "", ""))
            continue
        rows.append(_row(other, answer, best))
    heads = (
        "reading",
        "does the work fit the time?",
        "who loses by it?",
        "who would not keep it?",
        "what can be reached",
    )
    whose = (
        "the case as written and each expert's view" if reading.how["view"] is None else "this and each expert's view"
    )
    yield Block(text=f"The same target, asked of {whose}, with the types taken there:")
    note = "The last column tells targets by what they change from today."
    yield Block(table=Table(heads, tuple(rows), note=note))


def _title(reading: Reading) -> str:
    """Whose reading, and with which types."""
    kinds = taken_types(reading.case)
    name = reading.name[:1].upper() + reading.name[1:]
    return name + (f" ({'; '.join(kinds)})" if kinds else "")


def _row(reading: Reading, found: Plan, best: Plan | None) -> tuple[str, ...]:
    case, physical = found.case, found.tests.physical
    fits = {None: "no deadline", True: "yes", False: "no"}[physical.fits]
    fits += f": {span(case, physical.needs)}" + ("" if physical.deadline is None else f" in {physical.deadline}")
    rows = zip(found.problem.parties, found.tests.start, found.problem.stake, strict=True)
    lose = [f"{case.party_name(p)} ({number(float(g))} per {case.file.period})" for p, g, s in rows if g < -TIED * s]
    leave = [
        f"{case.party_name(w.party)} ({share_text(w.share)})"
        for w in found.ways_out_of_target
        if w.share < found.problem.margin - TIED
    ]
    if best is None:
        reached = "nothing that holds was found"
    elif best is found:
        reached = f"this target, in {counted(len(best.periods) - 1, 'step')}"
    else:
        reached = f"{target_text(best)}; in {counted(len(best.periods) - 1, 'step')}"
    return _title(reading), fits, listed(lose) if lose else "nobody", listed(leave) if leave else "nobody", reached


# --- the end ---------------------------------------------------------------------------------------------------------


def _assumed(found: Plan) -> Iterator[Block]:
    """What the answer rests on."""
    block = found.case.file.plan
    if block is None:
        return
    items = []
    if block.snapback:
        items.append(
            f"A breach is answered {_answers(found)}, and everything then goes back toward today's state as far as it"
            " can."
        )
    elif block.snapback is False:
        items.append("Nobody answers a breach.")
    if found.problem.alarm.max() > 0:
        items.append("A wrong accusation can end the deal at any time; every margin counts that in.")
    hidden = [found.case.option_name(o) for o in block.conceal]
    pretended = f"Only on {listed(hidden)} can steps be pretended." if hidden else "No step can be pretended."
    discount = taken_discount(found)
    items += [discount] if discount else []
    yield Block(text="What this rests on:")
    yield Block(items=(*items, pretended))
    yield from _list(threats(found))


def _answers(found: Plan) -> str:
    """After how long breaches are answered: one time, or one for each side."""
    case, block = found.case, found.case.file.plan
    lag = None if block is None else block.lag
    if isinstance(lag, ConditionalAmount):
        return _after(case, lag)
    each = [(case.party_name(p), lag[p]) for p in found.problem.parties if p in lag] if lag else []
    return listed([f"{_after(case, after)} if {name} causes it" for name, after in each])


def _after(case: Case, lag: ConditionalAmount) -> str:
    """After how long: at once, or so many periods."""
    periods = float(case.mean(lag.default))
    told = f"after {span(case, periods)}" if periods else "at once"
    return f"{told} (in some states otherwise)" if lag.when else told


def _list(lines: Iterator[str]) -> Iterator[Block]:
    """Lines as the terminal shows them: those set in are the items of a list."""
    items: list[str] = []
    for line in lines:
        if line.startswith("  "):
            items.append(line.strip())
            continue
        if items:
            yield Block(items=tuple(items))
            items = []
        yield Block(text=line)
    if items:
        yield Block(items=tuple(items))


def _shared(found: Plan) -> Section:
    """For all sides: the steps, and nothing of what they are worth to anybody."""
    text = f"What is asked about: {target_text(found)}. {physical(found, whole=True)[3:]}"
    blocks = [Block(text=text)]
    if found.order is not None:
        blocks += [Block(text=NOT_JUDGED), Block(table=shared_table(found))]
    return Section(TITLE, tuple(blocks), (f"In what order: {text[:1].lower()}{text[1:]}",))


def _summary(found: Plan, instead: Plan | None) -> str:
    """One line for the top of the brief."""
    if found.enforceable or _worth_telling(found):
        text = f"In what order: {verdict(found)}."
    else:
        text = (
            "In what order: what is asked cannot be reached in steps that nobody gains by abandoning:"
            f" {listed(_failing(found))}."
        )
    if instead is None:
        return text
    steps = counted(len(instead.periods) - 1, "step")
    return f"{text} Within reach in {steps}: {target_text(instead)}."
