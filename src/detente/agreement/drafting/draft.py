"""From a plan, or a target alone, to an agreement: everything put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from detente.agreement.drafting.acts import (
    Book,
    Move,
    Stage,
    free,
    write_stage,
    write_standing,
)
from detente.agreement.drafting.consequences import write_consequences
from detente.agreement.drafting.entry import Entry, entry_of
from detente.agreement.drafting.facts import Facts, written_day
from detente.agreement.drafting.result import Draft
from detente.agreement.fields import TAKEN
from detente.agreement.model import Agreement
from detente.base.errors import UsageError
from detente.base.result import Provenance
from detente.base.wording import counted, listed, sentence
from detente.case.fields import LONGEST_TEXT
from detente.case.model import Case
from detente.plan.problem import TIED
from detente.plan.result import Plan
from detente.plan.wording import day

ZONE = "UTC"
LONGEST = LONGEST_TEXT - 100
WHOLE_GAPS = {
    "sunset": "the case does not say",
    "exit": "the case does not say",
    "dispute": "the case names nobody",
    "review": "the case names no date",
}


@dataclass(frozen=True)
class Matter:
    """What a draft is made of.

    Attributes:
        case: the case as asked.
        parties: who signs.
        start, target: option -> level.
        stages: the steps; one without a time where there is no order.
        stays: (party, option, level) of what has to stay as it is.
        enforceable: whether the plan enforces itself; None where there is none.
        warning: what a reader must know before all else.
        order: why there is no order; empty where there is one.
    """

    case: Case
    parties: tuple[str, ...]
    start: Mapping[str, str]
    target: Mapping[str, str]
    stages: tuple[Stage, ...]
    stays: tuple[tuple[str, str, str], ...]
    enforceable: bool | None
    warning: str = ""
    order: str = ""


def matter_of_plan(plan: Plan, warning: str = "") -> Matter:
    """What a plan says: its steps in order, with their times and safeguards."""
    start = plan.named(plan.problem.lattice.start)
    target = plan.named(plan.target)
    stages = []
    for n, step in enumerate(plan.order.steps if plan.order is not None else (), 1):
        side = plan.order.side if plan.order is not None else None
        paid = zip(plan.problem.parties, side[n - 1], strict=True) if side is not None and n <= len(side) else ()
        payments = tuple((p, float(x)) for p, x in paid if abs(float(x)) > TIED)
        moves = tuple(Move(*m) for m in plan.moves(step))
        stages.append(Stage(n, moves, step.periods, step.atomic, payments, day(plan.date(plan.periods[n]))))
    movers = [m.party for s in stages for m in s.moves]
    parties = tuple(p for p in plan.case.parties if p in plan.problem.parties or p in movers)
    stays = stays_of(plan.case, parties, start, target)
    return Matter(plan.case, parties, start, target, tuple(stages), stays, plan.enforceable, warning)


def matter_of_target(
    case: Case, parties: Sequence[str], start: Mapping[str, str], target: Mapping[str, str], order: str, warning: str
) -> Matter:
    """What a target alone says: who has to bring what about, in no order."""
    options = case.file.options
    moves = tuple(Move(options[o].party, o, start[o], v) for o, v in target.items() if v != start[o])
    movers = [m.party for m in moves]
    known = tuple(p for p in case.parties if p in parties or p in movers)
    stays = stays_of(case, known, start, target)
    return Matter(
        case, known, start, target, (Stage(1, moves),), stays, enforceable=False, warning=warning, order=order
    )


def stays_of(
    case: Case, parties: Sequence[str], start: Mapping[str, str], target: Mapping[str, str]
) -> tuple[tuple[str, str, str], ...]:
    """What the case's own target asks of the parties, is so today and is not changed."""
    wanted = case.file.plan.target if case.file.plan is not None else None
    if not isinstance(wanted, Mapping):
        return ()
    levels = {o: w.levels[int(v)] if v.isdigit() else v for o, w in case.file.options.items() if (v := wanted.get(o))}
    alike = [o for o, v in levels.items() if v == start[o] == target[o]]
    return tuple((p, o, start[o]) for o in alike if (p := case.file.options[o].party) in parties)


def draft(matter: Matter, provenance: Provenance, *, link: str | None, shared: bool = False) -> Draft:
    """The draft of an agreement.

    Args:
        matter: what it is made of.
        provenance: of the plan.
        link: how the file names its case; None: its options are written out.
        shared: whether what is private is left out; then the case is not named.

    Raises:
        UsageError: nothing changes, or one party alone would sign.
    """
    case = matter.case
    if not any(s.moves for s in matter.stages):
        raise UsageError("a target that is there already", "a target that changes something", "Name one with --target.")
    if len(matter.parties) < 2:
        found = f"a plan of {case.party_name(matter.parties[0])} alone"
        raise UsageError(found, "at least two parties", "An agreement is between parties.")
    _refuse_taken(matter.parties)
    facts = Facts(case, shared)
    book = Book(facts, depositary=free("depositary", matter.parties))
    ends: list[str] = []
    for stage in matter.stages:
        ends = write_stage(book, stage, ends) if stage.moves else ends
    steps = len(book.tree)
    write_standing(book, matter.stages, matter.stays)
    write_consequences(book, matter.stages, matter.start)
    entry = entry_of(facts, matter.parties, matter.target)
    tree = _whole(matter, book, entry, None if shared else link, shared=shared)
    agreement = Agreement.from_dict(tree, cases=lambda _: case)
    return Draft(
        provenance,
        case=case,
        tree=tree,
        agreement=agreement,
        target=matter.target,
        stages=matter.stages,
        stage_of=dict(book.stage),
        enforceable=None if shared else matter.enforceable,
        warning="" if shared else matter.warning,
        comments=_comments(matter, book, steps),
        shared=shared,
    )


def _whole(matter: Matter, book: Book, entry: Entry, link: str | None, *, shared: bool) -> dict[str, Any]:
    """The tree of the file."""
    case = matter.case
    tree: dict[str, Any] = {
        "detente-agreement": 1,
        "name": case.name,
        "title": f"{case.title[:LONGEST]}: draft of an agreement",
        "version": "draft",
    }
    if link is not None:
        tree["case"] = link
    if (as_of := written_day(case.file.as_of)) is not None:
        tree["as_of"] = as_of
    tree |= {"zone": ZONE, "calendar": {"overflow": "down"}}
    if case.file.marking:
        tree["marking"] = case.file.marking
    tree["note"] = _note(matter, book, shared=shared)
    tree["parties"] = {p: {"name": case.party_name(p)} for p in matter.parties}
    if book.escrow:
        note = "The plan needs somebody who makes a step all or nothing; the case does not say who."
        tree["bodies"] = {book.depositary: {"name": "Depositary (to be named)", "role": "depositary", "note": note}}
    if link is None:
        tree["options"] = _options(matter, book)
    if book.quantities:
        tree["quantities"] = book.quantities
    if entry.events:
        tree["events"] = entry.events
    tree["entry_into_force"] = entry.formula
    if book.groups:
        tree["groups"] = book.groups
    tree["commitments"] = book.tree
    gaps = dict(entry.gaps)
    if matter.order and not shared:
        gaps["order"] = matter.order
    elif matter.order:
        gaps["order"] = "no order of steps is written"
    tree["gaps"] = gaps | WHOLE_GAPS
    return tree


def _options(matter: Matter, book: Book) -> dict[str, Any]:
    """The options that the commitments name, written out."""
    used = {c["action"].get("option") for c in book.tree.values()}
    return {
        o: {"party": w.party, "name": matter.case.option_name(o), "levels": list(w.levels)}
        for o, w in matter.case.file.options.items()
        if o in used
    }


def _note(matter: Matter, book: Book, *, shared: bool) -> str:
    """What a reader must know before all else."""
    case, plan = matter.case, book.facts.plan
    parts = [] if shared or not matter.warning else [sentence(matter.warning)]
    if matter.order:
        parts.append("The steps have no order here, and each waits for entry into force alone.")
    else:
        steps = counted(len(matter.stages), "step")
        parts.append(f"Drafted from a plan of {steps}. A period counts from the day on which the step before is done.")
    if shared:
        parts.append("What it is worth to each side, and whether each would keep to it, is for each side to say.")
    parts.append("While nobody is named who checks a step, its owner's word counts as done.")
    costly = [p for p in matter.parties if p in plan.breach_cost]
    if costly and plan.snapback is not None and not matter.order and not shared:
        names = listed([case.party_name(p) for p in costly])
        parts.append(
            f"The plan also counts on what a breach costs {names} in standing; no clause can provide for that."
        )
    parts.append("The case names no time zone: days are those of UTC.")
    text = " ".join(parts)
    return text if len(text) <= LONGEST else text[: text.rfind(" ", 0, LONGEST)] + " ..."


def _comments(matter: Matter, book: Book, steps: int) -> dict[str, str]:
    """What stands above the commitments of each step in the file."""
    out: dict[str, str] = {}
    names = list(book.tree)
    for stage in matter.stages:
        first = next((n for n in names if book.stage[n] == stage.number), None)
        if first is None:
            continue
        if stage.periods is None:
            out[first] = "What has to be done, in no order."
            continue
        within = book.facts.period(stage.periods)
        when = f", within {within}" if within else ""
        by = f"; by {stage.by} if all goes as planned from the date of the case" if stage.by else ""
        also = ", all at the same time" if len({m.party for m in stage.moves}) > 1 else ""
        out[first] = f"Step {stage.number}{when}{also}{by}."
    if len(names) > steps:
        out[names[steps]] = "What holds throughout."
    return out


def _refuse_taken(parties: Sequence[str]) -> None:
    """Ids of parties that formulas could not name.

    Raises:
        UsageError: for the first.
    """
    for party in parties:
        if party in TAKEN:
            found = f"the party {party}, a word of the agreement language"
            raise UsageError(found, "another id", f"For example {party}-side, in the case.")
