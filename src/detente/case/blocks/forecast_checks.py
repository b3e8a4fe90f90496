"""Cross-checks of ``forecast``: dates can be counted, parties can move, outcomes and base rates belong together."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING

from detente.base.errors import did_you_mean, one_of, shown
from detente.case.blocks.forecast import Behaviour, DealRule, Forecast

if TYPE_CHECKING:
    import datetime as dt

    from detente.case.checker import Checker, Path
    from detente.case.file import CaseFile

ROOT = ("forecast",)


def check_forecast(file: CaseFile, checker: Checker) -> None:
    """Dates can be counted, parties exist and can move, outcomes and base rates belong together."""
    block = file.forecast
    if block is None:
        return
    _check_outcomes(block, checker)
    _check_base_rates(block, checker)
    seen: set[dt.date] = set()
    for n, day in enumerate(block.at):
        _check_day((*ROOT, "at", n), day, checker)
        if day in seen:
            checker.error((*ROOT, "at", n), f"{day} a second time", "each date once")
        seen.add(day)
    _check_behaviour(file, block.behaviour, checker)
    if block.final and block.behaviour.deals is None and not checker.cut(*ROOT, "behaviour"):
        fix = "Write behaviour.deals: {rate: 0.1}, or leave final out."
        checker.warn((*ROOT, "final"), "final without deals", "joint moves whose results can be final", fix)


def _check_outcomes(block: Forecast, checker: Checker) -> None:
    names: dict[str, str] = {}
    last = next(reversed(block.outcomes), None)
    for name, outcome in block.outcomes.items():
        path = (*ROOT, "outcomes", name)
        if name.casefold().strip() in names:
            found = f"the same name as {shown(names[name.casefold().strip()])}"
            checker.error(path, found, "a name of its own", key=True)
        names[name.casefold().strip()] = name
        if outcome.where is not None:
            checker.condition(path, outcome.where)
            continue
        checker.evidence(path, outcome.evidence)
        if name != last:
            fix = "Move it to the end: a state belongs to the first outcome that it matches."
            checker.error(path, "'otherwise' before other outcomes", "'otherwise' last", fix)


def _check_base_rates(block: Forecast, checker: Checker) -> None:
    total = Fraction(0)
    known = list(block.outcomes)
    for name, rate in block.base_rates.items():
        path = (*ROOT, "base_rates", name)
        problems = len(checker.problems)
        checker.amount(path, rate)
        if name not in block.outcomes and not checker.cut(*ROOT, "outcomes"):
            expected = one_of(known) if known else "an outcome; the forecast names none"
            fix = did_you_mean(name, known)
            checker.error(path, f"a base rate of the unknown outcome {shown(name)}", expected, fix, key=True)
        if rate.evidence is None or not (rate.evidence.source or rate.evidence.note):
            fix = "Write {value: 0.1, source: ...}."
            checker.warn(path, "a base rate without a source", "where it comes from", fix)
        if len(checker.problems) == problems:
            total += checker.mean(rate)
    if total > 1:
        found = f"base rates that sum to {float(total):g}"
        checker.error((*ROOT, "base_rates"), found, "at most 1: a path counts for one outcome only")


def _check_day(path: Path, day: dt.date, checker: Checker) -> None:
    start = checker.file.as_of
    if start is None:
        if not checker.cut("as_of"):
            fix = "Write as_of: and the date of knowledge."
            checker.error(path, f"{day} in a case without as_of", "a date to count from", fix)
    elif day < start:
        checker.error(path, f"{day}, before {start}", "a day on or after as_of")


def _check_behaviour(file: CaseFile, behaviour: Behaviour, checker: Checker) -> None:
    path: Path = (*ROOT, "behaviour")
    if not behaviour.intensity.grid:
        checker.amount((*path, "intensity"), behaviour.intensity.values[0])
    for n, value in enumerate(behaviour.intensity.values if behaviour.intensity.grid else ()):
        checker.evidence((*path, "intensity", n), value.evidence)
    if behaviour.reply != "logit" and "intensity" in behaviour.model_fields_set:
        found = f"an intensity beside reply: {behaviour.reply}"
        checker.warn((*path, "intensity"), found, "an intensity for logit replies only", "It has no effect here.")
    checker.conditional((*path, "breakdown"), behaviour.breakdown)
    _check_initiative(behaviour, checker)
    if behaviour.deals is not None:
        _check_deals(file, behaviour.deals, checker)


def _check_initiative(behaviour: Behaviour, checker: Checker) -> None:
    path: Path = (*ROOT, "behaviour", "initiative")
    written = behaviour.initiative
    if written is None:
        return
    for turn in written.calendar:
        _check_mover((*path, "calendar"), turn.party, checker)
        if turn.date is not None:
            _check_day((*path, "calendar"), turn.date, checker)
    weights = written.weights or ()
    problems = len(checker.problems)
    for party, weight in weights:
        _check_mover((*path, party), party, checker)
        checker.amount((*path, party), weight)
    sound = weights and len(checker.problems) == problems
    if sound and not any(checker.mean(w) for _, w in weights):
        checker.error(path, "weights that are all 0", "at least one above 0: somebody has to have the move")


def _check_mover(path: Path, party: str, checker: Checker) -> None:
    """The party exists, is no mediator, and owns an option to move in."""
    checker.party(path, party)
    written = checker.file.parties.get(party)
    if written is None:
        return
    if written.role == "mediator":
        fix = "Its options move by deals and plans."
        checker.error(path, f"the move for {party}, a mediator", "a party that moves by itself", fix)
    elif not any(o.party == party for o in checker.file.options.values()) and not checker.cut("options"):
        checker.warn(path, f"the move for {party}, which owns no option", "a party with something to change")


def _check_deals(file: CaseFile, deals: DealRule, checker: Checker) -> None:
    path: Path = (*ROOT, "behaviour", "deals")
    checker.conditional((*path, "rate"), deals.rate)
    for n, party in enumerate(deals.among or ()):
        where = (*path, "among", n)
        checker.party(where, party)
        if (deals.among or ()).index(party) < n:
            checker.error(where, f"{shown(party)} a second time", "each party once")
        written = file.parties.get(party)
        if written is not None and written.role == "mediator":
            checker.error(where, f"{party}, a mediator", "a party with a preference of its own")
        elif written is not None and party not in file.preferences and not checker.cut("preferences"):
            found = f"{party}, which has no preference"
            checker.warn(where, found, "a party that can prefer a deal", "Without one it agrees to none.")
    if deals.among is not None and len(set(deals.among)) < 2:
        checker.error((*path, "among"), f"{len(set(deals.among))} parties to a deal", "at least two")
    for name, times in Counter(deals.conditions).items():
        if times > 1:
            checker.error((*path, "if"), f"{name} a second time", "each condition once")
    if "ratifiable" in deals.conditions and file.ratification is None and not checker.cut("ratification"):
        fix = "Write ratification:, or leave it out."
        checker.warn(
            (*path, "if"), "ratifiable in a case without ratification", "bodies to pass; every deal passes", fix
        )
