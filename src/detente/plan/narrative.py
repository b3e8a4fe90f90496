"""The answer of ``plan`` in sentences and as a table, for the terminal and the brief."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from detente.base.table import Table
from detente.base.wording import counted, listed, sentence
from detente.plan.beyond import (
    BEFORE_ONLY,
    caveat,
    everywhere,
    hopeless,
    mending,
    proof,
    smaller,
    sure,
    taken_discount,
    threats,
)
from detente.plan.problem import TIED
from detente.plan.result import Plan, WayOut
from detente.plan.verify import check
from detente.plan.wording import (
    answer_text,
    day,
    enough,
    fault_text,
    is_are,
    number,
    share_text,
    span,
    step_text,
    target_text,
    way_out_text,
)

NO_ORDER_HELPS = "No order of steps can mend that, so none is shown here."
LEAST_BAD = " (The one with the largest smallest margin before the target stands in the answer with --json.)"
HOW_CHOSEN = {
    "auto": "the target in which the side that gains least gains most",
    "condition": "of the states that match, the one in which the side that gains least gains most",
    "written": "where the written order leads",
}


def lines(found: Plan) -> list[str]:
    """Verdict, the three tests, the order, why it breaks, what mends it, smaller targets, and how sure all of it is."""
    out = [f"{found.case.title or found.case.name}: {verdict(found)}", f"The target: {target_text(found)}."]
    if found.chosen in HOW_CHOSEN:
        out.append(f"It is {HOW_CHOSEN[found.chosen]}.")
    out += [text for text in (caveat(found), better_elsewhere(found)) if text]
    out += [f"note: {w}" for w in found.provenance.warnings if not (hopeless(found) and w == BEFORE_ONLY)]
    out += ["", *tests(found)]
    if hopeless(found):
        out += [
            "",
            f"{NO_ORDER_HELPS}{LEAST_BAD if found.order else ''}",
        ]
    elif found.checked is not None:
        out += ["", *order(found), *margins_meant(found), *pauses(found), "", *faulty(found), *weakest(found)]
    parts = (proof(found), threats(found), mending(found), smaller(found), everywhere(found), sure(found))
    for part in (*parts, iter([taken_discount(found)] if taken_discount(found) else [])):
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
        ({f.rule for f in found.faults} == {"late"}, "the order as written ends too late"),
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


def physical(found: Plan, *, whole: bool = False) -> str:
    """Whether the work fits the time, and how long the order takes that is told.

    Args:
        found: the answer.
        whole: whether the order is told even where it is not judged.
    """
    case, test = found.case, found.tests.physical
    asked = "1. Does it fit the time?"
    long = max(test.parties, key=lambda p: test.parties[p])
    alone = span(case, test.parties[long])
    needs = f"The work takes {span(case, test.needs)} at least, {case.party_name(long)} alone {alone}"
    if len(test.parties) == 1 or test.parties[long] == test.needs:
        needs = f"The work takes {span(case, test.needs)} at least, the time that {case.party_name(long)} needs"
    length, late = "", False
    if found.order is not None and (whole or not hopeless(found)):
        lasts = found.periods[-1]
        which = "the written order" if found.chosen == "written" else "the order below"
        end = day(found.date(lasts))
        length = f"; {which} takes {span(case, lasts)}{f', until {end}' if end else ''}"
        late = found.chosen == "written" and test.deadline is not None and lasts > test.deadline
    if test.deadline is None:
        return f"{asked} There is no deadline. {needs}{length}."
    until = day(case.file.plan.deadline) if case.file.plan is not None else ""
    fits = "Yes" if test.fits else "No"
    if late and test.fits:
        fits = "Not in the written order"
    return f"{asked} {fits}. {needs}{length}. Until {until} there {is_are(case, test.deadline)}."


def starting(found: Plan) -> str:
    """Whether everyone gains by starting."""
    case, problem = found.case, found.problem
    gains = {p: float(g / s) for p, g, s in zip(problem.parties, found.tests.start, problem.stake, strict=True)}
    losers = [p for p, g in gains.items() if g < -TIED]
    asked = "2. Does everyone gain by the target, against having no deal?"
    told = listed(
        [f"{case.party_name(p)} {_signed(float(g))}" for p, g in zip(problem.parties, found.tests.start, strict=True)]
    )
    per = f"Per {case.file.period}, on each one's own scale: {told}."
    elsewhere = [
        f" But {case.party_name(p)} can get more elsewhere: {number(offer)} per {case.file.period}, against"
        f" {number(float(gain + none))} by the target."
        for p, gain, none, stake in zip(
            problem.parties, found.tests.start, problem.disagreement, problem.stake, strict=True
        )
        if (offer := found.outside.get(p)) is not None and gain + none < offer - TIED * stake
    ]
    more = "".join(elsewhere)
    if losers:
        who = listed([case.party_name(p) for p in losers])
        return f"{asked} No: {who} {'loses' if len(losers) == 1 else 'lose'} by it. {per}{more}"
    if not found.starts:
        return f"{asked} Nobody loses, and nobody gains. {per}{more}"
    return f"{asked} Yes. {per}{more}"


def better_elsewhere(found: Plan) -> str:
    """Who would do better never to start and to take what it can get elsewhere; empty where nobody would.

    Leaving for elsewhere is a breach and pays what a breach costs, before the first step as after it; what a party has
    for nothing, without any deal, is its disagreement. So this is told beside the margins and not counted in them.
    """
    if found.checked is None or hopeless(found):
        return ""
    case, told = found.case, []
    rows = zip(found.problem.parties, found.checked.values[0], found.problem.stake, strict=True)
    for party, value, stake in rows:
        offer = found.outside.get(party)
        if offer is not None and offer > value + TIED * stake:
            more = enough(float(offer - value))
            told.append(
                f"{case.party_name(party)} would have {more} more per {case.file.period} by never starting and taking"
                " what it can get elsewhere, if that cost it nothing; its margins count it as a breach. What it has"
                " without any deal belongs into the disagreement of the case."
            )
    return " ".join(told)


def keeping(found: Plan) -> str:
    """Whether everyone would keep the target."""
    case = found.case
    asked = "3. Would everyone keep the target, once reached?"
    least = found.problem.margin - TIED
    bad = [w for w in found.ways_out_of_target if w.share < least]
    if not bad:
        tightest = min(found.ways_out_of_target, key=lambda w: w.share)
        if tightest.kind == "none":
            return f"{asked} Yes. Nobody owns an option or has anywhere else to go."
        return (
            f"{asked} Yes. It is tightest for {case.party_name(tightest.party)}, whose best way out would cost it"
            f" {number(tightest.margin)} per {case.file.period} ({share_text(tightest.share)} of its stake)."
        )
    end = found.problem.lattice.target
    ends = {w.party: answer_text(found, w, end) if w.kind == "conceal" else "" for w in bad}
    told = "; ".join(f"{way_out_text(found, w)}, and {_gain(found, w, ends[w.party])}" for w in bad)
    return f"{asked} No: {told}."


def _gain(found: Plan, way: WayOut, more: str = "") -> str:
    """What a way out brings, and how it ends, in one pair of brackets."""
    unit, least, more = found.case.file.period, found.problem.margin, f"; {more}" if more else ""
    if way.margin >= 0:
        loss = f"{number(way.margin)} per {unit} by it ({share_text(way.share)} of what is at stake for it{more})"
        return f"gives up only {loss}, less than the margin asked for, {share_text(least)}"
    return f"gains {number(-way.margin)} per {unit} by it ({share_text(-way.share)} of what is at stake for it{more})"


def order(found: Plan) -> Iterator[str]:
    """What order is told, and how it was found."""
    assert found.order is not None  # noqa: S101 - asked for only with an order
    if found.chosen == "written":
        yield "The order as written:"
        return
    text = "The best order" if found.order.proven else "The best order found in the time given"
    if found.late:
        text += ", were there time enough"
    if found.checked is not None and not found.enforceable and not found.checked.holds:
        text += ", although it does not hold"
    yield f"{text}:"


def faulty(found: Plan) -> Iterator[str]:
    """Rules that a written order breaks, and dates of its own that it misses."""
    yield from (fault_text(found, f) for f in found.faults)
    for step, due, done in found.overdue:
        yield (
            f"Step {step} is wanted after {span(found.case, due)} by the text, and is done after"
            f" {span(found.case, done)}."
        )


def margins_meant(found: Plan) -> Iterator[str]:
    """What margins are, for above the steps."""
    text = (
        "Margins say what each would lose by its best way out at that point, as a share of what is at stake for it:"
        " how far the target is from no deal for it, or the scale that the case gives."
    )
    shares = np.zeros(1) if found.checked is None else found.checked.shares
    if (shares == np.inf).any():
        text += " Who owns no option and has nowhere else to go cannot leave."
    if shares[shares < np.inf].max() > 1:
        text += " Above 100 %, leaving would cost it more than the whole difference that the deal makes."
    if found.problem.margin > TIED:
        text += f" Asked for is a margin of {share_text(found.problem.margin)} at least."
    yield text


def pauses(found: Plan) -> Iterator[str]:
    """Every pause: who has done what by when, every margin, and the weakest link."""
    if found.order is None or found.checked is None:
        return
    case = found.case
    for pause, ways in enumerate(found.ways_out):
        step = found.order.steps[pause - 1] if pause else None
        needs = _needs(found, pause)
        when = day(found.date(found.periods[pause]))
        if not when and pause:
            when = f"after {span(case, found.periods[pause])}"
        done = "as things stand" if step is None else step_text(found, step)
        head = ", ".join(part for part in (when, needs) if part)
        yield f"  {pause or 'Today'}. {sentence(head)}{' ' if head else ''}{sentence(done)}"
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
        money = [
            (found.case.party_name(p), float(paid))
            for p, paid in zip(found.problem.parties, side[pause - 1], strict=True)
        ]
        gives = listed([f"{name} pays {number(-paid)}" for name, paid in money if paid < -TIED])
        gets = listed([f"{name} gets {number(paid)}" for name, paid in money if paid > TIED])
        if len([paid for _, paid in money if abs(paid) > TIED]) == 2:
            payer, payee = (next(name for name, paid in money if sign * paid > TIED) for sign in (-1, 1))
            amount = number(max(paid for _, paid in money))
            parts.append(f"until then {payer} pays {payee} {amount} per {found.case.file.period}, in units of money")
        elif any(paid > TIED for _, paid in money):
            parts.append(f"until then {gives} and {gets} per {found.case.file.period}, in units of money")
    return "; ".join(parts)


def weakest(found: Plan) -> Iterator[str]:
    """Where the order breaks first and worst, or is tightest, and through which way out."""
    assert found.checked is not None and found.order is not None  # noqa: S101, PT018 - asked for only with an order
    pause, party = found.checked.binding
    way, least = found.ways_out[pause][party], found.problem.margin - TIED
    place, told, answered = _where(pause), way_out_text(found, way), _answered(found, pause, way)
    if way.share < least:
        first = next(t for t, row in enumerate(found.checked.shares) if row.min() < least)
        if first != pause:
            other = min(found.ways_out[first], key=lambda w: w.share)
            yield f"It breaks first {_where(first)}: {way_out_text(found, other)}, and {_gain(found, other)}."
        kind = "breaks" if first == pause else "breaks worst"
        yield f"It {kind} {place}: {told}, and {_gain(found, way)}{answered}."
    elif number(way.margin) == "0":
        yield f"It is tightest {place}: if {told}, it neither gains nor loses by it{answered}."
    else:
        loss = f"loses {number(way.margin)} per {found.case.file.period} by it"
        loss += f" ({share_text(way.share)} of what is at stake for it)"
        yield f"It is tightest {place}: if {told}, it {loss}{answered}."
    yield from _payments_needed(found)


def _where(pause: int) -> str:
    return "before the first step" if pause == 0 else f"after step {pause}"


def _answered(found: Plan, pause: int, way: WayOut) -> str:
    """How the others answer, or how a pretence ends, after a semicolon."""
    lattice = found.problem.lattice
    cell = found.order.steps[pause - 1].after if pause and found.order is not None else lattice.origin
    text = answer_text(found, way, cell)
    return f"; {text}" if text else ""


def _payments_needed(found: Plan) -> Iterator[str]:
    """Whether the order holds without its side payments as well."""
    if found.order is None or found.order.side is None or found.checked is None or not found.problem.flow.size:
        return
    bare = check(found.problem, found.order.steps)
    if bare.holds and found.checked.holds:
        yield (
            f"The order holds without the payments as well; they raise the smallest margin before the target from"
            f" {share_text(bare.interior)} to {share_text(found.checked.interior)}."
        )


def _signed(value: float) -> str:
    return f"+{number(value)}" if value > 0 and number(value) != "0" else number(value)
