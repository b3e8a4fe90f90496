"""What ``plan`` says beside the order: why none holds, who would answer, what mends it, other targets, how sure."""

from __future__ import annotations

from collections.abc import Iterator

from detente.base.wording import counted, listed, sentence
from detente.mechanics.clock import default_discount
from detente.plan.late import time_needed
from detente.plan.result import Plan
from detente.plan.wording import day, is_are, levels_text, repair_text, share_text, span, step_text

BEFORE_ONLY = (
    "The target itself would not be kept, which no order can mend: the order told only makes the smallest margin before"
    " the target as large as can be."
)
MOST_REPAIRS = 8
MOST_TARGETS = 5
MOST_THREATS = 4


def hopeless(found: Plan) -> bool:
    """Whether no order can matter: the target itself fails a test, and no order was written that could be judged."""
    return not (found.starts and found.self_enforcing) and found.chosen != "written"


def proof(found: Plan) -> Iterator[str]:
    """Why no order can hold."""
    if found.proof is None:
        return
    name = found.case.party_name(found.proof.party)
    state = found.named(found.problem.lattice.state(found.proof.cell))
    start = found.named(found.problem.lattice.start)
    changed = {o: v for o, v in state.items() if v != start[o]}
    where = "today's state" if not changed else f"the state with {levels_text(found.case, changed)}"
    where = "the target itself" if found.proof.cell == found.problem.lattice.target else where
    short = f"{name} is short by {share_text(-found.proof.largest)} of what is at stake for it"
    if len(found.proof.cut) == 1:
        yield f"No order can hold: every one has to pass {where}, and there {short}."
        return
    count = counted(len(found.proof.cut), "state")
    yield f"No order can hold: every one has to pass one of {count}, and in the best of them, {where}, {short}."


def unwilling(found: Plan) -> dict[tuple[str, str], int]:
    """(who would rather not answer, whom) -> the first pause at which it is so, along the order that is told."""
    told: dict[tuple[str, str], int] = {}
    for pause, threat in () if hopeless(found) else found.threats:
        if not threat.credible:
            told.setdefault((threat.by, threat.against), pause)
    return told


def caveat(found: Plan) -> str:
    """That the answers which deter a breach might not be given, in one sentence; empty where they would be."""
    if not (found.enforceable and unwilling(found)):
        return ""
    return (
        "That rests on breaches being answered, and some of those who would have to answer would rather not (they are"
        " listed below)."
    )


def threats(found: Plan) -> Iterator[str]:
    """Answers that those who would have to give them would rather not give."""
    told = unwilling(found)
    if not told:
        return
    yield "The answers to a breach that this rests on are not all in the interest of those who would have to give them:"
    for (by, against), pause in list(told.items())[:MOST_THREATS]:
        who, whom = found.case.party_name(by), found.case.party_name(against)
        where = "before the first step" if pause == 0 else f"after step {pause}"
        yield f"  If {whom} leaves the plan {where}, {who} would rather let that pass than answer it."
    if len(told) > MOST_THREATS:
        more = len(told) - MOST_THREATS
        yield f"  The same is true of {'one more pair' if more == 1 else counted(more, 'more pair')} of sides."


def mending(found: Plan) -> Iterator[str]:
    """What would make a plan hold, the cheapest first."""
    if found.repairs is None:
        return
    written = found.chosen == "written"
    others = [r for r in found.repairs if r.lever == "order"]
    changes = [r for r in found.repairs if r.lever != "order"]
    yield from (repair_text(found, r) for r in others)
    if written and {f.rule for f in found.faults} - {"late"}:
        yield "What would mend the written order is not looked for, as it breaks rules of the case."
        return
    if not changes and not others:
        these = "these steps hold in this order" if written else "a plan to this target hold"
        yield f"No single change that was tried makes {these}."
    if not changes:
        return
    these = "the written order" if written else "a plan to this target"
    yield f"What would make {these} hold, each alone, by as little as works:"
    for repair in changes[:MOST_REPAIRS]:
        yield f"  {repair_text(found, repair)}"
    if len(changes) > MOST_REPAIRS:
        further = counted(len(changes) - MOST_REPAIRS, "further way")
        yield f"  {sentence(f'{further} with --json')}"
    if "late" in {f.rule for f in found.faults} and any(r.lever != "deadline" for r in changes):
        end = day(found.date(found.periods[-1])) or f"{span(found.case, found.periods[-1])} from now"
        yield f"Besides, the order as written needs a deadline of {end} or later."


def smaller(found: Plan) -> Iterator[str]:
    """The targets that everyone gains by and would keep, and whether the work fits the time."""
    if found.targets is None:
        return
    targets = found.targets
    count = int(targets.both.sum())
    every = f"Of {len(targets.states):,} feasible states"
    if not count:
        yield f"{every} none passes both tests: nobody loses by it, and everyone would keep it."
        return
    some = "one passes" if count == 1 else f"{count:,} pass"
    yield f"{every} {some} both tests as a target{':' if count == 1 else '. The best of them:'}"
    for state in targets.listed()[:MOST_TARGETS]:
        levels = targets.levels(state)
        named, start = found.named(levels), found.named(targets.today)
        told = levels_text(found.case, {o: v for o, v in named.items() if v != start[o]}, 12)
        yield f"  {told}{too_long(found, targets.today, levels)}."


def too_long(found: Plan, today: tuple[int, ...], levels: tuple[int, ...]) -> str:
    """That a target takes longer than there is time, in brackets; empty where it does not."""
    there_is, needs = found.tests.physical.deadline, time_needed(found.case, today, levels)
    if there_is is None or needs <= there_is:
        return ""
    return f" (not in time: it takes {span(found.case, needs)} at least, and there {is_are(found.case, there_is)})"


def everywhere(found: Plan) -> Iterator[str]:
    """The targets that pass both tests however the case is read."""
    if found.everywhere is None:
        return
    listed_, count = found.everywhere.listed(), len(found.everywhere.readings)
    low, high = min(found.everywhere.counts), max(found.everywhere.counts)
    every = f"Under the {count} readings of the case (views, and types of parties) {low:,} to {high:,} states pass"
    if not listed_:
        yield f"{every}; none passes under all of them."
        return
    one = len(listed_) == 1
    some = "one passes under all of them:" if one else f"{len(listed_):,} pass under all of them. The best of these"
    yield f"{every}; {some}{'' if one else ' in the worst case:'}"
    start, first = found.named(found.problem.lattice.start), found.everywhere.readings[0].targets
    for state in listed_[:MOST_TARGETS]:
        levels = first.levels(state)
        told = {o: v for o, v in found.named(levels).items() if v != start[o]}
        yield f"  {levels_text(found.case, told, 12)}{too_long(found, found.problem.lattice.start, levels)}."


def sure(found: Plan) -> Iterator[str]:
    """How the order, where one is told, fares over draws of the uncertain numbers."""
    drawn = found.in_draws
    if drawn is None:
        return
    case, first = found.case, drawn.robust.records[0]
    often = f"With the uncertain numbers drawn {drawn.robust.draws:,} times"
    both = f"everyone gains by the target and would keep it in {share_text(drawn.both)}"
    if hopeless(found):
        yield f"{often}, {both} of draws."
        return
    if drawn.late:
        yield (
            f"{often}, the order holds and is in time in {share_text(drawn.in_time)} of draws. (It holds in"
            f" {share_text(first.holds)}, ends after the deadline in {share_text(drawn.late)}; {both}.)"
        )
    else:
        yield f"{often}, the order holds in {share_text(first.holds)} of draws; {both}."
    weak = first.weakest
    if weak is not None:
        where = "before the first step" if weak.pause == 0 else f"after step {weak.pause}"
        who = case.party_name(weak.party)
        yield f"Where it breaks, it is most often {where}, by {who} ({share_text(weak.share)} of draws)."
    best = drawn.robust.records[drawn.robust.safest]
    if drawn.robust.safest and best.holds > first.holds:
        steps = ", then ".join(step_text(found, s) for s in best.order.steps)
        yield f"Another order holds more often, in {share_text(best.holds)} of draws: {steps}."


def taken_discount(found: Plan) -> str:
    """Which parties' discount is not written, and what is taken; empty where all are."""
    case = found.case
    without = [case.party_name(p) for p in found.problem.parties if case.file.parties[p].discount is None]
    if not without:
        return ""
    whose = "any party" if len(without) == len(found.problem.parties) else listed(without)
    lost = 100 * (1 - default_discount(case.file.period))
    each = "" if case.file.period == "year" else f", {lost:.2g} % a {case.file.period}"
    return f"How much less what comes later counts is not written for {whose}: 5 % a year is taken{each}."
