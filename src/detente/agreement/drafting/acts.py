"""The commitments of a draft: what each step is made of, what is paid on the way, what has to stay as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from detente.agreement.drafting.facts import Facts, written_day
from detente.agreement.fields import TAKEN
from detente.agreement.lint.weak import weak_words
from detente.base.wording import counted, listed, words
from detente.case.fields import LONGEST_ID
from detente.case.spoken import spoken_level

Tree = dict[str, Any]
AS_LONG = "as long as the agreement is in force"
NOBODY_CHECKS = "the case does not say who"
CAN_PRETEND = "the case does not say who, although this can be pretended"
NO_EVIDENCE = "the case does not say"
NO_THRESHOLD = "the case names the level, and not what counts as reaching it"


@dataclass(frozen=True)
class Move:
    """A party brings an option from a level to another."""

    party: str
    option: str
    before: str
    after: str


@dataclass(frozen=True)
class Stage:
    """A step of a plan, as the draft has it.

    Attributes:
        number: from 1.
        moves: who does what in it.
        periods: how long it may take, in periods of the case; None where there is no order.
        atomic: whether somebody makes it all or nothing.
        payments: what each party gets per period while it is under way (negative: pays), in units of money.
        by: when it would be done, if the agreement entered into force on the case's date, as a date for readers.
    """

    number: int
    moves: tuple[Move, ...]
    periods: int | None = None
    atomic: bool = False
    payments: tuple[tuple[str, float], ...] = ()
    by: str = ""


@dataclass
class Book:
    """The commitments written so far.

    Attributes:
        facts: the case.
        tree: id -> commitment, in the order of the draft.
        owner: id -> who owes it.
        stage: id -> number of the step; 0 for what holds throughout.
        groups: name -> members.
        quantities: of payments.
        escrow: whether something is deposited.
        depositary: the id of whoever keeps it.
    """

    facts: Facts
    tree: dict[str, Tree] = field(default_factory=dict)
    owner: dict[str, str] = field(default_factory=dict)
    stage: dict[str, int] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    quantities: dict[str, Tree] = field(default_factory=dict)
    escrow: bool = False
    depositary: str = "depositary"

    def add(self, wanted: str, party: str, stage: int, content: Tree) -> str:
        """Write a commitment down under a name that is free."""
        name = free(wanted, {*self.tree, *self.quantities})
        said = content["action"].get("text") or words(content["action"].get("to", ""))
        if any(w.group == "degree" for w in weak_words(said)):
            content["gaps"].setdefault("threshold", NO_THRESHOLD)
        self.tree[name], self.owner[name], self.stage[name] = content, party, stage
        return name


def free(wanted: str, taken: Iterable[str]) -> str:
    """A name made of a text that is a name of the agreement language and not taken."""
    name = re.sub(r"[^a-z0-9_-]+", "-", wanted.lower())[:LONGEST_ID].strip("-_") or "x"
    name = name if name[0].isalpha() else f"x-{name}"[:LONGEST_ID]
    known, number, plain = set(taken), 2, name
    while name in known or name in TAKEN:
        name, number = f"{plain[: LONGEST_ID - 8]}-{number}", number + 1
    return name


def write_stage(book: Book, stage: Stage, before: Sequence[str]) -> list[str]:
    """The commitments of a step, and what the next one waits for.

    Args:
        book: where they are written.
        stage: the step.
        before: what the step before ended with; none for the first.
    """
    after = " and ".join(_done(book, name) for name in before) or "in_force"
    several = len({m.party for m in stage.moves}) > 1 and stage.periods is not None
    group = f"step-{stage.number}"
    trigger = f"{after} and joint({group})" if several else after
    held: list[str] = []
    if stage.atomic:
        held = [_deposit(book, stage, move, trigger) for move in stage.moves]
        book.groups[group] = held
        book.escrow = True
        trigger = " and ".join(f"verified({name})" for name in held)
    ends = [_move(book, stage, move, trigger) for move in stage.moves]
    if several and not held:
        book.groups[group] = ends
    _pay(book, stage, after)
    return ends


def write_standing(book: Book, stages: Sequence[Stage], stays: Sequence[tuple[str, str, str]]) -> None:
    """What holds throughout: that nothing of what was done is taken back, and what has to stay as it is.

    Args:
        book: where it is written.
        stages: the steps.
        stays: (party, option, level) of what the target asks for and is so today.
    """
    done: dict[str, dict[str, str]] = {}
    for stage in stages:
        for m in stage.moves:
            mine = done.setdefault(m.party, {})
            mine.pop(m.option, None)
            if not book.facts.lasting(m.option, m.before, m.after):
                mine[m.option] = m.after
    for party, option, level in stays:
        title = f"{book.facts.case.option_name(option)}: still {words(level)}"
        book.add(f"keep-{option}", party, 0, _throughout(title, party, {"option": option, "to": level}))
    for party, levels in done.items():
        if levels:
            told = listed([spoken_level(book.facts.case, o, v) for o, v in levels.items()])
            act = {"text": f"Takes back nothing of what it has done under this agreement: {told}."}
            title = f"{book.facts.case.party_name(party)} takes nothing back"
            book.add(f"kept-by-{party}", party, 0, _throughout(title, party, act))


def _throughout(title: str, party: str, act: Tree) -> Tree:
    return {
        "title": title,
        "modality": "maintain",
        "obligors": party,
        "action": act,
        "trigger": "in_force",
        "deadline": {"none": AS_LONG},
        "gaps": {"verifier": NOBODY_CHECKS, "evidence": NO_EVIDENCE},
    }


def _done(book: Book, name: str) -> str:
    return f"verified({name})" if book.tree[name].get("verification") else name


def _move(book: Book, stage: Stage, move: Move, trigger: str) -> str:
    """The commitment to make a move."""
    facts = book.facts
    gaps: Tree = {}
    content: Tree = {
        "title": facts.title(move.option, move.after),
        "obligors": move.party,
        "action": {"option": move.option, "to": move.after, "from": move.before},
        "trigger": trigger,
    }
    if stage.atomic:
        content["deadline"] = {"none": "upon the deposits"}
        gaps["date"] = "the case gives a time for the whole step and none for the release of what is deposited"
        content["verification"] = [{"by": book.depositary, "method": "release of what is deposited"}]
    else:
        _date(facts, stage, content, gaps)
        content["claim_ok"] = True
        gaps["verifier"] = CAN_PRETEND if move.option in facts.plan.conceal else NOBODY_CHECKS
    gaps["evidence"] = NO_EVIDENCE
    work = facts.work(move.option, move.before, move.after)
    if work is not None and stage.periods is not None and not stage.atomic:
        content["min_duration"] = work
    if facts.lasting(move.option, move.before, move.after):
        content["reversible"] = "no"
    elif (undo := facts.undo(move.option, move.after)) is not None:
        content["reversible"] = {"time": undo}
    content["gaps"] = gaps
    return book.add(f"{move.option}-{move.after}", move.party, stage.number, content)


def _date(facts: Facts, stage: Stage, content: Tree, gaps: Tree) -> None:
    """By when: the time that the plan gives, the case's own date, or a gap."""
    within = facts.period(stage.periods) if stage.periods is not None else None
    until = written_day(facts.plan.deadline)
    if within is not None:
        content["deadline"] = {"within": within}
    elif stage.periods is None and until is not None:
        content["deadline"] = until
    else:
        reason = "without an order of steps there is no date" if stage.periods is None else "the time is too long"
        content["deadline"] = {"none": reason}
        gaps["date"] = reason


def _deposit(book: Book, stage: Stage, move: Move, trigger: str) -> str:
    """The commitment to deposit what a move needs, so that the step is made as a whole or not at all."""
    facts, gaps = book.facts, {"act": "the case does not say what is deposited"}
    what = facts.title(move.option, move.after)
    content: Tree = {
        "title": f"Deposit ({what})",
        "obligors": move.party,
        "action": {"text": f"Deposits with the depositary what is needed for this: {what}."},
        "trigger": trigger,
    }
    _date(facts, stage, content, gaps)
    content["verification"] = [{"by": book.depositary, "method": "receipt of the deposit"}]
    content["gaps"] = {**gaps, "evidence": NO_EVIDENCE}
    return book.add(f"deposit-{move.option}-{move.after}", move.party, stage.number, content)


def _pay(book: Book, stage: Stage, after: str) -> None:
    """What is paid while a step is under way."""
    facts = book.facts
    gets = [p for p, amount in stage.payments if amount > 0]
    for party, amount in stage.payments:
        if amount >= 0 or not gets:
            continue
        quantity = free(f"paid-by-{party}-{stage.number}", {*book.tree, *book.quantities})
        name = facts.case.party_name(party)
        book.quantities[quantity] = {
            "name": f"What {name} pays per {facts.case.file.period} during step {stage.number}",
            "unit": "units of money",
        }  # fmt: skip
        split = len(gets) > 1
        gaps = {"threshold": "the case counts in units of money and names no currency"}
        if split:
            gaps["act"] = f"the plan says what each of {counted(len(gets), 'party', 'parties')} gets, not from whom"
        content: Tree = {
            "title": f"Payments by {name} during step {stage.number}",
            "obligors": party,
            "obligees": gets,
            "action": {"quantity": quantity, "op": ">=", "amount": _exact(-amount)},
            "trigger": after,
        }
        _date(facts, stage, content, gaps)
        content |= {"claim_ok": True, "gaps": {**gaps, "verifier": NOBODY_CHECKS, "evidence": NO_EVIDENCE}}
        book.add(f"payment-{party}-{stage.number}", party, stage.number, content)


def _exact(amount: float) -> str:
    """An amount that has to suffice, with three digits after the point at most, rounded up."""
    thousandths = -int(-amount * 1000 // 1) if amount * 1000 == int(amount * 1000) else int(amount * 1000) + 1
    whole, rest = divmod(thousandths, 1000)
    return str(whole) if rest == 0 else f"{whole}.{rest:03}".rstrip("0")
