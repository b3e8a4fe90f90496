"""Ratification (R1): duties that are due before they bind, ratification without a date, deals that cannot pass.

The order is that of the agreement: what entry into force waits for. Whether a deal can pass is asked of the votes that
the linked case describes (``ratification``), for the state in which all acts have been done.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from detente.agreement import formulas as f
from detente.agreement.lint.findings import Finding
from detente.agreement.lint.read import Read
from detente.agreement.lint.saying import named, quoted
from detente.agreement.terms import On, OptionAct, Terms
from detente.base.errors import DetenteError
from detente.base.wording import listed
from detente.case.model import Case
from detente.case.needs import votes_in
from detente.mechanics.payoffs import status_quo_in
from detente.ratification.passage import Assembly
from detente.space.space import Space
from detente.space.states import StateSpace

MOST_STATES = 200_000


def parts(formula: f.Formula) -> Iterator[f.Formula]:
    """A formula and all formulas within it."""
    yield formula
    if isinstance(formula, f.And | f.Or):
        for part in formula.parts:
            yield from parts(part)
    elif isinstance(formula, f.After | f.NotBy):
        yield from parts(formula.formula)


def required(formula: f.Formula) -> frozenset[str]:
    """The parties whose ratification a formula cannot do without."""
    if isinstance(formula, f.Ratified):
        return frozenset({formula.party})
    if isinstance(formula, f.And):
        return frozenset().union(*(required(p) for p in formula.parts))
    if isinstance(formula, f.Or) and formula.parts:
        return frozenset.intersection(*(required(p) for p in formula.parts))
    return required(formula.formula) if isinstance(formula, f.After) else frozenset()


def dated(terms: Terms) -> frozenset[str]:
    """The parties of whose ratification some formula says what follows if it has not come by a date."""
    formulas = [terms.entry, *(c.trigger for c in terms.commitments), *(p.when for p in terms.powers)]
    late = [p for one in formulas for p in parts(one) if isinstance(p, f.NotBy)]
    return frozenset(p.party for one in late for p in parts(one.formula) if isinstance(p, f.Ratified)) | frozenset(
        party for one in late if any(isinstance(p, f.InForce) for p in parts(one.formula)) for party in terms.parties
    )


def order(read: Read) -> Iterator[Finding]:
    """R1: ratification that nobody has to bring by a date, and what is due meanwhile."""
    terms = read.terms
    needed = required(terms.entry)
    open_ = [p for p in terms.parties if p in needed and p not in dated(terms)]
    if open_:
        fixed = [c.id for c in terms.commitments if isinstance(c.deadline, On) and not c.provisional]
        names = listed([read.called(p) for p in open_])
        meanwhile = f" Meanwhile {named(read, fixed, most=3)} can fall due by a fixed date." if fixed else ""
        yield read.finding(
            "R1", "warning", "", ("entry_into_force",),
            f"Nothing binds before {names} {'has' if len(open_) == 1 else 'have'} ratified, and no date is set for"
            f" that: one side can keep the agreement waiting for ever.{meanwhile}",
            {"waits_for": open_, "dated": [], "fixed_dates": fixed},
            "Say what follows if it does not come, for example a power:"
            " {holder: ..., may: terminate, targets: agreement, "
            "when: 'not_by(in_force, a date)'}, "
            "and count deadlines from entry into force: {within: 3 months, of: in_force}.",
        )  # fmt: skip
    for c in terms.commitments:
        early = [p for p in c.obligors if p in needed]
        if c.provisional and c.reversible == "no" and early:
            yield read.finding(
                "R1", "warning", c.id, ("commitments", c.id, "provisional"),
                f"{quoted(read, c.id)} counts from signature on and cannot be undone, but"
                f" {listed([read.called(p) for p in early])} "
                "may still fail to ratify: then it has been given for nothing, or was never allowed.",
                {"provisional": True, "reversible": "no", "not_ratified": early},
                "Take provisional out of it, or let it wait: trigger: in_force.",
            )  # fmt: skip


def votes(read: Read) -> Iterator[Finding]:
    """R1: by the case somebody has to pass the deal, and it cannot pass or is not waited for."""
    case = read.agreement.case
    if case is None or case.file.ratification is None or not case.file.ratification.requirements:
        return
    found = _votes(read, case)
    if isinstance(found, str):
        return  # told by ``skipped``
    assembly, state = found
    wins = assembly.win_set
    chance = float(assembly.passage[state])
    bodies = _bodies(assembly, state)
    if not wins[state]:
        nothing = not wins.any()
        yield read.finding(
            "R1", "error" if nothing else "warning", "", ("commitments",),
            f"By the case the agreement, once carried out, passes the bodies that have to vote on it with a chance"
            f" of {round(chance * 100)} %"
            + (
                "; no deal passes with a chance of one half."
                if nothing
                else f"; {int(wins.sum()):,} other outcomes would pass with at least one half."
            ),
            {"levels": assembly.states.levels(state), "passage": chance, "win_set": int(wins.sum()), "bodies": bodies},
            "Ask detente ratify which deals pass, and change the levels that are owed.",
        )  # fmt: skip
    waits = any(isinstance(p, f.Ratified | f.Event) for p in parts(read.terms.entry))
    if assembly.matches[:, state].any() and not waits:
        yield read.finding(
            "R1", "warning", "", ("entry_into_force",),
            "By the case the agreement has to pass a vote, but it enters into force without waiting for one:"
            " duties are due before those who can undo them have agreed.",
            {"levels": assembly.states.levels(state), "passage": chance, "bodies": bodies},
            "Write entry_into_force: ratified(a party) and ..., or an event for the vote.",
        )  # fmt: skip


def _bodies(assembly: Assembly, state: int) -> list[str]:
    """The bodies that have to vote on a state."""
    needs = [need for need, matches in zip(assembly.needs, assembly.matches, strict=True) if matches[state]]
    return sorted({vote.body for need in needs for vote in votes_in(need)})


def _votes(read: Read, case: Case) -> tuple[Assembly, int] | str:
    """The votes of the case, and the state in which all acts have been done; or why it cannot be asked."""
    try:
        assembly: Assembly = case.once(
            ("votes of an agreement",), lambda: Assembly.of(case, StateSpace.of(case, MOST_STATES))
        )
        levels = outcome(read.terms, case)
        state = None if levels is None else assembly.states.cell(list(levels))
    except DetenteError as error:
        return str(error)
    return "the case has no state in which all acts are done" if state is None else (assembly, state)


def outcome(terms: Terms, case: Case) -> tuple[int, ...] | None:
    """The levels once all acts are done (of several on one option the one furthest along); None: no state today."""
    today = status_quo_in(case, Space.of(case))
    if today is None:
        return None
    levels = list(today)
    reached: dict[int, int] = {}
    for c in terms.commitments:
        if isinstance(c.act, OptionAct) and c.modality in ("achieve", "maintain"):
            place = case.options.index(c.act.option)
            level = list(case.file.options[c.act.option].levels).index(c.act.to_level)
            reached[place] = max(level, reached.get(place, 0))
    for place, level in reached.items():
        levels[place] = level
    return tuple(levels)


def skipped(read: Read) -> Iterator[tuple[str, str]]:
    """What was not asked, and why."""
    case: Any = read.agreement.case
    if case is None:
        yield "R1", "the order of ratification is checked; whether a deal passes is not: no case is linked"
    elif case.file.ratification is None:
        yield (
            "R1",
            "the order of ratification is checked; whether a deal passes is not: the case names nobody who votes",
        )
    elif case.file.ratification.requirements and isinstance(found := _votes(read, case), str):
        yield "R1", f"the order of ratification is checked; whether a deal passes is not: {found}"


IDS = ("R1",)
CHECKS = (order, votes)
