"""The answer of ``plan`` in sentences and as a table, for the terminal and the brief."""

from __future__ import annotations

from collections.abc import Iterator

from detente.base.table import Table
from detente.base.wording import counted, listed, sentence
from detente.plan.problem import TIED
from detente.plan.result import Plan, WayOut
from detente.plan.wording import (
    answer_text,
    day,
    fault_text,
    levels_text,
    number,
    repair_text,
    share_text,
    span,
    step_text,
    target_text,
    way_out_text,
)

MOST_REPAIRS = 8
MOST_TARGETS = 5
MOST_THREATS = 4
HOW_CHOSEN = {
    "auto": "the target that leaves the side that gains least best off",
    "condition": "of the states that match, the one that leaves the side that gains least best off",
    "written": "where the written order leads",
}


def lines(found: Plan) -> list[str]:
    """Verdict, the three tests, the order, why it breaks, what mends it, smaller targets, and how sure all of it is."""
    out = [f"{found.case.title or found.case.name}: {verdict(found)}", f"The target: {target_text(found)}."]
    if found.chosen in HOW_CHOSEN:
        out.append(f"It is {HOW_CHOSEN[found.chosen]}.")
    out += [f"note: {w}" for w in found.provenance.warnings]
    out += ["", *tests(found)]
    hopeless = not (found.starts and found.self_enforcing) and found.chosen != "written"
    if hopeless:
        out += ["", "No order of steps can mend that. (The best there is stands in the answer with --json.)"]
    elif found.checked is not None:
        out += ["", *order(found), *pauses(found), "", *weakest(found)]
    for part in (proof(found), threats(found), mending(found), smaller(found), everywhere(found), sure(found)):
        told = list(part)
        out += ["", *told] if told else []
    return out


def verdict(found: Plan) -> str:
    """Whether the target can be reached in steps that nobody gains by abandoning."""
    if found.enforceable:
        steps = counted(len(found.order.steps), "step") if found.order is not None else ""
        return f"the target can be reached in {steps} that nobody gains by abandoning"
    unproven = found.order is not None and not found.order.proven
    reasons = (
        (found.late, "the work does not fit the deadline"),
        (not found.starts, "not everyone gains by the target"),
        (not found.self_enforcing, "the target would not hold once reached, whatever the order of steps"),
        (bool(found.faults), "the order breaks the rules of the case"),
        (found.chosen == "written", "the order does not enforce itself"),
        (found.order is None, "there is no way to the target"),
        (unproven, "no order of steps that enforces itself was found in the time given"),
    )
    return next((text for true, text in reasons if true), "no order of steps enforces itself")


def tests(found: Plan) -> Iterator[str]:
    """The three first tests."""
    yield physical(found)
    yield starting(found)
    yield keeping(found)


def physical(found: Plan) -> str:
    """Whether the work fits the time."""
    case, test = found.case, found.tests.physical
    long = max(test.parties, key=lambda p: test.parties[p])
    alone = span(case, test.parties[long])
    needs = f"The work takes {span(case, test.needs)} at least, {case.party_name(long)} alone {alone}"
    if len(test.parties) == 1 or test.parties[long] == test.needs:
        needs = f"The work takes {span(case, test.needs)} at least, the time that {case.party_name(long)} needs"
    if test.deadline is None:
        return f"1. Does it fit the time? There is no deadline. {needs}."
    block = case.file.plan
    until = day(block.deadline) if block is not None else ""
    yes = "Yes" if test.fits else "No"
    return f"1. Does it fit the time? {yes}. {needs}; until {until} there are {span(case, test.deadline)}."


def starting(found: Plan) -> str:
    """Whether everyone gains by starting."""
    case, problem = found.case, found.problem
    gains = {p: float(g / s) for p, g, s in zip(problem.parties, found.tests.start, problem.stake, strict=True)}
    losers = [p for p, g in gains.items() if g < -TIED]
    asked = "2. Does everyone gain by the target, against having no deal?"
    told = listed(
        [f"{case.party_name(p)} {_signed(float(g))}" for p, g in zip(problem.parties, found.tests.start, strict=True)]
    )
    per = f"Per {case.file.period}, on each one's own scale: {told}"
    if losers:
        who = listed([case.party_name(p) for p in losers])
        return f"{asked} No: {who} {'loses' if len(losers) == 1 else 'lose'} by it. {per}."
    if not found.starts:
        return f"{asked} Nobody loses, and nobody gains. {per}."
    return f"{asked} Yes. {per}."


def keeping(found: Plan) -> str:
    """Whether everyone would keep the target."""
    case = found.case
    asked = "3. Would everyone keep the target, once reached?"
    least = found.problem.margin - TIED
    bad = [w for w in found.ways_out_of_target if w.share < least]
    if not bad:
        tightest = min(found.ways_out_of_target, key=lambda w: w.share)
        return (
            f"{asked} Yes. It is tightest for {case.party_name(tightest.party)}, whose best way out would cost it"
            f" {number(tightest.margin)} per {case.file.period} ({share_text(tightest.share)} of its stake)."
        )
    told = "; ".join(f"{way_out_text(found, w)}, and {_gain(found, w)}" for w in bad)
    return f"{asked} No: {told}."


def _gain(found: Plan, way: WayOut) -> str:
    unit = found.case.file.period
    if way.margin >= 0:
        return f"gives up only {number(way.margin)} per {unit} by it, less than the margin asked for"
    return f"gains {number(-way.margin)} per {unit} by it ({share_text(-way.share)} of what is at stake for it)"


def order(found: Plan) -> Iterator[str]:
    """What order is told, and how it was found."""
    assert found.order is not None  # noqa: S101 - asked for only with an order
    if found.chosen == "written":
        yield "The order as written, with what each would lose by its best way out at every pause:"
        yield from (fault_text(found, f) for f in found.faults)
        return
    text = "The best order" if found.order.proven else "The best order found in the time given"
    if found.late:
        text += ", were there time enough"
    if found.checked is not None and not found.enforceable and not found.checked.holds:
        text += ", although it does not hold"
    yield f"{text}:"


def pauses(found: Plan) -> Iterator[str]:
    """Every pause: who has done what by when, every margin, and the weakest link."""
    if found.order is None or found.checked is None:
        return
    case = found.case
    for pause, ways in enumerate(found.ways_out):
        step = found.order.steps[pause - 1] if pause else None
        needs = _needs(found, pause)
        when = day(found.date(found.periods[pause])) or f"{case.file.period} {found.periods[pause]}"
        done = "as things stand" if step is None else step_text(found, step)
        yield f"  {pause or 'Today'}. {when}{f', {needs}' if needs else ''}. {sentence(done)}"
        shares = ", ".join(f"{case.party_name(w.party)} {share_text(w.share)}" for w in ways)
        worst = min(ways, key=lambda w: w.share)
        mark = " This is the tightest place." if pause == found.checked.binding[0] else ""
        yield f"     Margins: {shares}. Weakest link: {way_out_text(found, worst)}.{mark}"


def step_table(found: Plan) -> Table:
    """A row per pause: step, date, who does what, what it needs, every margin, and the weakest link."""
    case = found.case
    heads = (
        "step",
        "by",
        "who does what",
        "needs",
        *(case.party_name(p) for p in found.problem.parties),
        "weakest link",
    )
    if found.order is None or found.checked is None:
        return Table(heads, ())
    rows = []
    for pause in range(len(found.checked.shares)):
        step = found.order.steps[pause - 1] if pause else None
        ways = found.ways_out[pause]
        worst = min(ways, key=lambda w: w.share)
        mark = " ◂ tightest" if pause == found.checked.binding[0] else ""
        shares = [share_text(w.share) for w in ways]
        what = "today" if step is None else step_text(found, step)
        rows.append(
            (str(pause), day(found.date(found.periods[pause])), what, _needs(found, pause), *shares,
             f"{way_out_text(found, worst)}{mark}")
        )  # fmt: skip
    return Table(heads, tuple(rows))


def _needs(found: Plan, pause: int) -> str:
    """What a step needs beside its owners: a third party, all at once, a payment."""
    if not pause or found.order is None:
        return ""
    step = found.order.steps[pause - 1]
    parts = []
    if step.atomic:
        parts.append("a third party that makes it all or nothing")
    elif len(step.movers) > 1:
        parts.append("all at the same time")
    side = found.order.side
    if side is not None:
        for party, paid in zip(found.problem.parties, side[pause - 1], strict=True):
            if paid > TIED:
                parts.append(f"{number(float(paid))} paid to {found.case.party_name(party)} until then")
    return "; ".join(parts)


def weakest(found: Plan) -> Iterator[str]:
    """Where the order is tightest, and through which way out."""
    assert found.checked is not None  # noqa: S101 - asked for only with an order
    pause, party = found.checked.binding
    way = found.ways_out[pause][party]
    where = "before the first step" if pause == 0 else f"after step {pause}"
    answered = answer_text(found, way)
    answered = f"; {answered}" if answered else ""
    unit = found.case.file.period
    out = way_out_text(found, way)
    if way.share < found.problem.margin - TIED:
        yield f"It breaks {where}: {out}, and {_gain(found, way)}{answered}."
    else:
        loss = f"loses {number(way.margin)} per {unit} by it ({share_text(way.share)} of what is at stake for it)"
        yield f"It is tightest {where}: if {out}, it {loss}{answered}."
    yield "Percentages are margins: what each would lose by its best way out, as a share of what is at stake for it."


def proof(found: Plan) -> Iterator[str]:
    """Why no order can hold."""
    if found.proof is None:
        return
    name = found.case.party_name(found.proof.party)
    state = found.named(found.problem.lattice.state(found.proof.cell))
    start = found.named(found.problem.lattice.start)
    changed = {o: v for o, v in state.items() if v != start[o]}
    where = "today's state" if not changed else f"the state with {levels_text(found.case, changed)}"
    short = f"{name} is short by {share_text(-found.proof.largest)} of what is at stake for it"
    if len(found.proof.cut) == 1:
        yield f"No order can hold: every one has to pass {where}, and there {short}."
        return
    count = counted(len(found.proof.cut), "state")
    yield f"No order can hold: every one has to pass one of {count}, and in the best of them, {where}, {short}."


def threats(found: Plan) -> Iterator[str]:
    """Answers that those who would have to give them would rather not give."""
    told: dict[tuple[str, str], int] = {}
    for pause, threat in found.threats:
        if not threat.credible:
            told.setdefault((threat.by, threat.against), pause)
    if not told:
        return
    yield "The answers to a breach that this rests on are not all in the interest of those who would have to give them:"
    for (by, against), pause in list(told.items())[:MOST_THREATS]:
        who, whom = found.case.party_name(by), found.case.party_name(against)
        where = "before the first step" if pause == 0 else f"after step {pause}"
        yield f"  {who} would rather let a breach by {whom} {where} pass than answer it."
    if len(told) > MOST_THREATS:
        yield f"  So it is in {counted(len(told) - MOST_THREATS, 'further pairing')}."


def mending(found: Plan) -> Iterator[str]:
    """What would make a plan hold, the cheapest first."""
    if found.repairs is None:
        return
    written, rules = found.chosen == "written", {f.rule for f in found.faults}
    if not found.repairs:
        text = "No single change that was tried makes a plan to this target hold."
        if written:
            text = "No single change that was tried makes these steps hold in this order, and no other order was found."
        yield text
        return
    yield (
        "What would make these steps hold in this order, or another order, each alone, by as little as works:"
        if written
        else "What would make a plan to this target hold, each alone, by as little as works:"
    )
    if written and "late" in rules and any(r.lever not in ("order", "deadline") for r in found.repairs):
        end = day(found.date(found.periods[-1])) or f"{span(found.case, found.periods[-1])} from now"
        yield f"(As written they also need a deadline of {end} or later.)"
    for repair in found.repairs[:MOST_REPAIRS]:
        yield f"  {repair_text(found, repair)}"
    if len(found.repairs) > MOST_REPAIRS:
        further = counted(len(found.repairs) - MOST_REPAIRS, "further way")
        yield f"  {sentence(f'{further} with --json')}"


def smaller(found: Plan) -> Iterator[str]:
    """The targets that everyone gains by and would keep."""
    if found.targets is None:
        return
    targets = found.targets
    count = int(targets.both.sum())
    every = f"Of {len(targets.states):,} feasible states"
    if not count:
        yield f"{every} none passes both tests: nobody loses by it, and everyone would keep it."
        return
    some = "one passes" if count == 1 else f"{count:,} pass"
    yield f"{every} {some} both tests as a target. The best:"
    for state in targets.listed()[:MOST_TARGETS]:
        named, start = found.named(targets.levels(state)), found.named(targets.today)
        yield f"  {levels_text(found.case, {o: v for o, v in named.items() if v != start[o]}, 12)}."


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
    some = "one passes" if len(listed_) == 1 else f"{len(listed_):,} pass"
    yield f"{every}; {some} under all of them. The best of these in the worst case:"
    start, first = found.named(found.problem.lattice.start), found.everywhere.readings[0].targets
    for state in listed_[:MOST_TARGETS]:
        named = found.named(first.levels(state))
        yield f"  {levels_text(found.case, {o: v for o, v in named.items() if v != start[o]}, 12)}."


def sure(found: Plan) -> Iterator[str]:
    """How the order fares over draws of the uncertain numbers."""
    drawn = found.in_draws
    if drawn is None:
        return
    case, first = found.case, drawn.robust.records[0]
    yield (
        f"With the uncertain numbers drawn {drawn.robust.draws:,} times, the order holds in"
        f" {share_text(first.holds)} of draws; the target passes both tests in {share_text(drawn.both)}."
    )
    if drawn.late:
        yield f"It ends after the deadline in {share_text(drawn.late)} of draws."
    weak = first.weakest
    if weak is not None:
        where = "before the first step" if weak.pause == 0 else f"after step {weak.pause}"
        who = case.party_name(weak.party)
        yield f"Where it breaks, it is most often {where}, by {who} ({share_text(weak.share)} of draws)."
    best = drawn.robust.records[drawn.robust.safest]
    if drawn.robust.safest and best.holds > first.holds:
        steps = ", then ".join(step_text(found, s) for s in best.order.steps)
        yield f"Another order holds more often, in {share_text(best.holds)} of draws: {steps}."


def _signed(value: float) -> str:
    return f"+{number(value)}" if value > 0 and number(value) != "0" else number(value)


# --- for all sides ---------------------------------------------------------------------------------------------------


def shared_lines(found: Plan) -> list[str]:
    """The verdict and the steps, and nothing of what going on or leaving is worth to anybody."""
    out = [f"{found.case.title or found.case.name}: {verdict(found)}", f"The target: {target_text(found)}.", ""]
    return [*out, physical(found), "", *str(shared_table(found)).splitlines()]


def shared_table(found: Plan) -> Table:
    """A row per step: step, date, who does what, what it needs."""
    rows = []
    for pause, step in enumerate(found.order.steps if found.order is not None else (), 1):
        needs = "a third party" if step.atomic else "all at the same time" if len(step.movers) > 1 else ""
        rows.append((str(pause), day(found.date(found.periods[pause])), step_text(found, step), needs))
    return Table(("step", "by", "who does what", "needs"), tuple(rows))
