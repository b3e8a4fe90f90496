"""Plans in words: steps, ways out, margins, repairs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from math import ceil, floor, inf, log10, prod
from typing import TYPE_CHECKING

from detente.base.wording import counted, listed, sentence
from detente.case.model import Case
from detente.case.spoken import spoken_level
from detente.plan.problem import TIED, Cell, Step

if TYPE_CHECKING:
    from detente.plan.mending import Repair
    from detente.plan.result import Plan, WayOut
    from detente.plan.rules import Fault

MOST_LEVELS = 6
PLAINLY = {
    "withhold": "holds back its part while the others do theirs",
    "outside": "leaves for what it can get elsewhere",
    "leave": "leaves by its best move",
    "none": "has no way out",
}


def share_text(share: float) -> str:
    """A share of the stake as a percentage; in words where there is no way out at all."""
    if share == inf:
        return "cannot leave"
    percent = round(100 * share)
    if percent == 0 and abs(share) > 1e-9:
        return "under 1 %" if share > 0 else "minus under 1 %"
    return f"{percent} %".replace("-", "\N{MINUS SIGN}")


def number(value: float) -> str:
    """A value per period with two digits after the point, none where they are zero."""
    return f"{value:.2f}".rstrip("0").rstrip(".").replace("-", "\N{MINUS SIGN}") if abs(value) >= 0.005 else "0"


def enough(value: float) -> str:
    """An amount that has to suffice, rounded up to three digits that count, whole beyond."""
    if value <= 0:
        return "0"
    digits = max(0, 2 - floor(log10(value)))
    rounded = ceil(value * 10**digits - 1e-6) / 10**digits
    return f"{rounded:,.{min(digits, 12)}f}".rstrip("0").rstrip(".") if digits else f"{rounded:,.0f}"


def span(case: Case, periods: float) -> str:
    """So many periods of a case: ``three months``."""
    noun = period(case)
    if periods == int(periods):
        return counted(int(periods), noun)
    return f"{periods:.3g} {noun}s"


def is_are(case: Case, periods: float) -> str:
    """How much time there is: ``is one month``, ``are three months``."""
    return f"{'is' if periods == 1 else 'are'} {span(case, periods)}"


def day(date: dt.date | None) -> str:
    """A date in words; empty without one."""
    return "" if date is None else f"{date.day} {date:%B %Y}"


def levels_text(case: Case, levels: Mapping[str, str], most: int = MOST_LEVELS) -> str:
    """Option and level of each, in words."""
    told = [spoken_level(case, option, level) for option, level in levels.items()]
    if len(told) > most + 1:
        told = [*told[:most], f"{counted(len(told) - most, 'more option')}"]
    return listed(told) if told else "nothing changed"


def target_text(plan: Plan, most: int = 12) -> str:
    """What the target changes from today."""
    target, start = plan.named(plan.target), plan.named(plan.problem.lattice.start)
    return levels_text(plan.case, {o: v for o, v in target.items() if v != start[o]}, most)


def step_text(plan: Plan, step: Step) -> str:
    """Who does what in a step."""
    case = plan.case
    by: dict[str, list[str]] = {}
    for party, option, _, level in plan.moves(step):
        by.setdefault(party, []).append(spoken_level(case, option, level))
    return "; ".join(f"{case.party_name(p)}: {listed(done)}" for p, done in by.items())


def way_out_text(plan: Plan, way: WayOut) -> str:
    """What a party would do instead of going on, as a clause with the party as its subject."""
    case, name = plan.case, plan.case.party_name(way.party)
    deviation = way.deviation
    moved = {}
    if deviation is not None:
        before, after = plan.named(deviation.state), plan.named(deviation.after)
        moved = {o: v for o, v in after.items() if before[o] != v}
    if way.kind == "decline":
        return f"{name} never starts"
    if way.kind == "conceal":
        return f"{name} only pretends ({levels_text(case, way.truth)} in truth)"
    if way.kind in PLAINLY:
        return f"{name} {PLAINLY[way.kind]}"
    if way.kind == "stop" and deviation is not None and deviation.state == plan.problem.lattice.start:
        return f"{name} never starts"
    if way.kind == "stop":
        return f"{name} stops and changes nothing more"
    how = "takes back what it can" if way.kind == "grab" else "breaks the deal"
    return f"{name} {how} ({levels_text(case, moved)})"


def answer_text(plan: Plan, way: WayOut, cell: Cell | None = None) -> str:
    """How the others answer a way out, or nothing; of a pretence kept up at a cell, how it ends."""
    listed_ = all(chance.size for chance in plan.problem.caught.values())
    if way.kind == "conceal" and cell is not None and plan.problem.caught and listed_:
        axes = [a for a, o in enumerate(plan.problem.lattice.options) if o in way.truth]
        chance = 1 - prod(1 - float(plan.problem.caught[a][cell]) for a in axes)
        seen = f"such a pretence is found out with a chance of {share_text(chance)} per {period(plan.case)}"
        return f"{seen} there, and ends the deal when it is"
    deviation = way.deviation
    if deviation is None or deviation.lag is None:
        return ""
    after = "at once" if deviation.lag == 0 else f"after {span(plan.case, deviation.lag)}"
    return f"the others answer {after}"


def failing_tests(found: Plan) -> list[str]:
    """Which of the three tests fail, and for whom, in clauses; none if all pass."""
    out = ["the work does not fit the time"] if found.tests.physical.fits is False else []
    rows = zip(found.problem.parties, found.tests.start, found.problem.stake, strict=True)
    lose = [found.case.party_name(p) for p, gain, stake in rows if gain < -TIED * stake]
    least = found.problem.margin - TIED
    leave = [found.case.party_name(w.party) for w in found.ways_out_of_target if w.share < least]
    both = [p for p in lose if p in leave]
    for who, what in (
        (both, "would lose by it and would not keep it"),
        ([p for p in lose if p not in both], "would lose by it"),
        ([p for p in leave if p not in both], "would not keep it"),
    ):
        if who:
            out.append(f"{listed(who)} {what}")
    return out


def fault_text(plan: Plan, fault: Fault) -> str:
    """What is wrong with a step of a written order."""
    case, block = plan.case, plan.problem
    who = listed([case.party_name(p) for p in fault.parties])
    excess = span(case, fault.excess)
    texts = {
        "apart": "does not begin where the step before ends",
        "still": "changes nothing",
        "back": f"takes back {listed([case.option_name(block.lattice.options[a]) for a in fault.axes])}",
        "pause": "ends in a state that the case rules out",
        "together": f"has {who} move at once, which the case does not allow (together: true would)",
        "escrow": "is to be all or nothing, and the case names nobody who could make it so (escrow: true would)",
        "short": f"is given {excess} less than it needs",
        "late": f"ends {excess} after the deadline",
        "target": "does not end at the target",
    }
    return f"Step {fault.step} {texts[fault.rule]}." if fault.step else sentence(f"the order {texts[fault.rule]}")


def repair_text(plan: Plan, repair: Repair) -> str:
    """One repair in a sentence."""
    case = plan.case
    who = "" if repair.party is None else case.party_name(repair.party)
    what = "" if repair.option is None else case.option_name(repair.option)
    text = _lever(plan, repair, who, what)
    notes = []
    if repair.harms:
        names = listed([case.party_name(p) for p in repair.harms])
        notes.append(f"the smallest margin of {names} shrinks by it, and stays large enough")
    if repair.note:
        notes.append(repair.note)
    return sentence(text + (f" ({'; '.join(notes)})" if notes else ""))


def _lever(plan: Plan, repair: Repair, who: str, what: str) -> str:
    """What is changed, without what it does to whom."""
    if repair.price is not None or repair.amounts:
        return _priced(plan, repair, who)
    case, amount = plan.case, repair.amount or 0.0
    given = f"what {who} gives{f' ({what})' if what else ''}"
    meant = f"about {what}" if what else "whatever is pretended"
    soon = f"within {span(case, amount)}" if amount else "at once"
    steps = "; then ".join(step_text(plan, s) for s in repair.order.steps) if repair.lever == "order" else ""
    texts = {
        "detection": f"pretences {meant} are found out with a chance of at least {enough(100 * amount)} % per"
        f" {period(case)}",
        "lag": f"a breach by {who} is answered {soon}",
        "answer": "a breach is answered by taking steps back, which nobody would do as it is"
        + (f", after one {period(case)}" if len(repair.edits) > 1 else ""),
        "irreversible": f"{given} cannot be taken back",
        "reversible": f"{given} can be taken back",
        "escrow": f"a third party makes {counted(int(amount), 'step')} all or nothing",
        "split": f"{what} is given in {counted(int(amount), 'part')} in place of one",
        "order": f"another order of steps holds, with the case as it stands: {steps}",
        "earlier": f"{what} comes earlier, as step {int(amount)}",
        "deadline": f"a deadline of {_until(plan, amount)} or later, in place of the one there is",
    }
    return texts[repair.lever] if repair.lever in texts else f"a smaller target: {_changed_target(plan, repair)}"


def _priced(plan: Plan, repair: Repair, who: str) -> str:
    """A breach cost or a payment, per period and once."""
    case, amount = plan.case, repair.amount or 0.0
    price = "" if repair.price is None else f" ({share_text(repair.price)} of what is at stake for it)"
    if repair.amounts:
        each = [f"{case.party_name(p)} by {enough(v)}" for p, v in repair.amounts.items()]
        return f"a breach costs several sides at once more per {period(case)} than it does now: {listed(each)}"
    if repair.lever == "payment":
        payer = "somebody outside" if repair.payer is None else case.party_name(repair.payer)
        money = "" if repair.money is None else f", {enough(repair.money)} in money"
        worth = f"{payer} pays {who} what is worth {enough(amount)} to it per {period(case)}{money}"
        return f"{worth}, as long as it keeps to the plan{price}"
    once = "" if repair.once is None else f", or {enough(repair.once)} more once"
    return f"a breach costs {who} {enough(amount)} more per {period(case)} than it does now{once}{price}"


def period(case: Case) -> str:
    """One period of a case as a noun."""
    return str(case.file.period)


def _until(plan: Plan, periods: float) -> str:
    return day(plan.date(int(periods))) or f"{span(plan.case, periods)} from now"


def _changed_target(plan: Plan, repair: Repair) -> str:
    start = plan.named(plan.problem.lattice.start)
    levels: dict[str, str] = next((value for path, value in repair.edits if path == ("plan", "target")), {})
    return levels_text(plan.case, {o: v for o, v in levels.items() if start[o] != v})
