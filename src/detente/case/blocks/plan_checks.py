"""Cross-checks of ``plan``: parties, options, levels and numbers exist; the target is feasible; dates fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from detente.base.errors import did_you_mean, one_of, shown
from detente.case.blocks.plan import LONGEST_STEP, RULES, Plan, Word, plan_conditionals
from detente.case.conditions import Above
from detente.case.fields import Amount
from detente.case.meaning import holds
from detente.case.quantities import plain

if TYPE_CHECKING:
    from detente.case.checker import Checker, Path
    from detente.case.file import CaseFile

PER_PARTY = ("lag", "breach_cost", "outside")
PER_OPTION = ("undo", "conceal", "costs", "takes")
PER_LEVEL = ("undo", "costs", "takes")


def check_plan(file: CaseFile, checker: Checker) -> None:
    """Parties, options, levels and numbers exist; the target is feasible; dates fit."""
    plan = file.plan
    if plan is None:
        return
    _check_target(plan, checker)
    _check_breakdown(plan, checker)
    for kind in PER_PARTY:
        written = getattr(plan, kind)
        for party in written if isinstance(written, Mapping) else ():
            checker.party(("plan", kind, party), party)
    for kind in PER_OPTION:
        for option in getattr(plan, kind):
            checker.option(("plan", kind, option), option)
    for kind in PER_LEVEL:
        for option, levels in getattr(plan, kind).items():
            _check_levels(kind, option, levels, checker)
    for path, number in plan_conditionals(plan):
        checker.conditional(path, number)
    for kind in ("step", "transfers", "margin"):
        checker.amount(("plan", kind), getattr(plan, kind))
    _check_margin(plan, checker)
    _check_deadline(plan, checker)
    _check_money(plan, checker)


def _check_levels(kind: str, option: str, levels: Mapping[str, object], checker: Checker) -> None:
    names = checker.names.levels.get(option)
    seen: dict[int, str] = {}
    for level, number in levels.items():
        path = ("plan", kind, option, level)
        checker.amount((*path, "once") if kind == "costs" else path, number)  # type: ignore[arg-type]
        if not checker.level(path, option, level) or names is None:
            continue
        place = int(level) if level.isdigit() else list(names).index(level)
        if place in seen:
            checker.error(path, f"the level {seen[place]} a second time", "each level once", key=True)
        seen[place] = level
        if kind == "takes":
            _check_time(path, number, checker)  # type: ignore[arg-type]
        if kind != "undo" and option not in checker.broken_options:
            _check_reached(path, option, place, checker)
        if kind == "undo" and option not in checker.broken_options:
            _check_undo(path, option, place, checker)


def _check_time(path: Path, written: Amount, checker: Checker) -> None:
    """A step is not longer than any plan."""
    shared = {n: a.quantity for n, a in checker.file.numbers.items()}
    if written.quantity.kind == "shared" and written.quantity.name not in shared:
        return
    if max(written.quantity.resolve(shared).numbers) > LONGEST_STEP:
        fix = "Use a longer period." if checker.file.period != "year" else ""
        checker.error(path, f"{written.quantity} periods", f"from 0 to {LONGEST_STEP:,} periods", fix)


def _check_reached(path: Path, option: str, level: int, checker: Checker) -> None:
    """Nothing is paid for, or takes time to reach, where an option stands already."""
    today = checker.file.status_quo
    written = (today or {}).get(option, "0") if isinstance(today, dict | None) else ""
    names = list(checker.names.levels.get(option, ()))
    stands = int(written) if written.isdigit() else names.index(written) if written in names else None
    if stands == level:
        found = f"what it takes to reach {shown(path[3])}, where {option} stands today"
        checker.warn(path, found, "a level that it is yet to reach", "Plans go one way: this is never used.")


def _check_undo(path: Path, option: str, level: int, checker: Checker) -> None:
    """A level that nothing leads away from takes no time to be left."""
    low, high = checker.file.options[option].windows()[level]
    if low == high == level:
        fix = "Leave it out, or change moves or irreversible of the option."
        checker.warn(path, f"a time to return from {shown(path[-1])}, which is never left", "a level that is", fix)


def _check_target(plan: Plan, checker: Checker) -> None:
    target, path = plan.target, ("plan", "target")
    if target is None:
        return
    if isinstance(target, Word):
        _check_word(target, checker)
        return
    if checker.levels(path, target) or checker.broken_options:
        return
    today = checker.file.status_quo
    if today is not None and not isinstance(today, dict):
        return
    if not all(o in checker.names.levels and checker.level((), o, v) for o, v in (today or {}).items()):
        return
    digits = checker.full_state({**(today or {}), **target})
    for n, condition in enumerate(checker.file.infeasible):
        sense = checker.sense(condition)
        if sense is not None and holds(sense, digits):
            found = f"a target ruled out by infeasible[{n}] ({shown(condition.text)})"
            fix = "Name more levels: options that are not named stay at the status quo."
            checker.error(path, found, "a feasible state", fix)


def _check_word(word: Word, checker: Checker) -> None:
    path, options = ("plan", "target"), checker.names.levels
    checker.evidence(path, word.evidence)
    if word.text in RULES and word.text in options:
        found = f"{shown(word.text)}, the name of an option and of a rule that picks a settlement"
        checker.warn(path, found, "a name of one of them", f"It is read as the condition that {word.text} is chosen.")
    if isinstance(word.settled(options), str) or word.condition is None:
        return
    if isinstance(word.condition.node, Above) and word.text not in options:
        if not checker.cut("options", word.text) and "*" not in checker.broken_options:
            known = [*options, *RULES, "auto"]
            expected = f"levels, a condition, auto, or a rule: {one_of(RULES)}"
            where = (*path, "value") if word.evidence else path
            checker.error(where, f"the unknown target {shown(word.text)}", expected, did_you_mean(word.text, known))
        return
    checker.condition(path, word.condition, states=True)


def _check_breakdown(plan: Plan, checker: Checker) -> None:
    path: Path = ("plan", "breakdown")
    _check_places(path, plan.breakdown.levels, plan, checker)
    for party, levels in plan.breakdown.by.items():
        checker.party((*path, "by", party), party)
        _check_places((*path, "by", party), levels, plan, checker)


def _check_places(path: Path, levels: Mapping[str, str], plan: Plan, checker: Checker) -> None:
    """Options and levels exist; what a floor cuts short is told."""
    for option, level in levels.items():
        where = (*path, option)
        if not checker.option(where, option) or not checker.level(where, option, level):
            continue
        names = list(checker.names.levels.get(option, ()))
        if option in checker.broken_options or not names:
            continue
        place = int(level) if level.isdigit() else names.index(level)
        starts = _starts(option, names, plan, checker)
        for start in dict.fromkeys(starts):
            low, high = checker.file.options[option].windows()[start]
            if not low <= place <= high:
                end = names[min(max(place, low), high)]
                found = f"{names[place]}, which {option} does not return to from {names[start]}"
                fix = f"From there it goes to {end}." if end != names[start] else "From there it stays."
                checker.warn(where, found, "a level that a breakdown can lead to", fix)


def _starts(option: str, names: list[str], plan: Plan, checker: Checker) -> list[int]:
    """Levels that an option certainly has on the way: the status quo's and, where it is written, the target's."""
    today = checker.file.status_quo
    written = [today] if isinstance(today, dict | None) else []
    if isinstance(plan.target, dict):
        written.append({**(written[0] or {}), **plan.target} if written else plan.target)
    found = []
    for state in written:
        level = (state or {}).get(option, "0")
        if level in names or (level.isdigit() and int(level) < len(names)):
            found.append(int(level) if level.isdigit() else names.index(level))
    return found


def _check_deadline(plan: Plan, checker: Checker) -> None:
    if plan.deadline is None:
        return
    path, start = ("plan", "deadline"), checker.file.as_of
    if start is None and not checker.cut("as_of"):
        fix = "Write as_of: and the date of knowledge."
        checker.error(path, f"{plan.deadline} in a case without as_of", "a date to count from", fix)
    elif start is not None and plan.deadline < start:
        checker.error(path, f"{plan.deadline}, before {start}", "a day on or after as_of")


def _check_margin(plan: Plan, checker: Checker) -> None:
    """More than all that is at stake is seldom meant."""
    quantity = plan.margin.quantity
    if quantity.kind == "point" and quantity.numbers[0] > 1:
        found = f"a margin of {plain(100 * quantity.numbers[0])} % of what is at stake"
        fix = "It is a share: margin: 0.05 asks that nobody leaves for less than a loss of 5 %."
        checker.warn(("plan", "margin"), found, "a share from 0 to 1", fix)


def _check_money(plan: Plan, checker: Checker) -> None:
    """Side payments need two parties with a worth of money."""
    if plan.transfers.quantity.kind == "point" and plan.transfers.quantity.numbers[0] == 0:
        return
    paying = [p for p, written in checker.file.parties.items() if written.money is not None]
    if len(paying) < 2 and not checker.cut("parties"):
        fix = "Write parties.X.money, the worth of one unit of money, for those who could pay or be paid."
        found = f"side payments, and money for {paying[0] if paying else 'no party'}"
        checker.warn(("plan", "transfers"), found, "money for at least two parties", fix)
