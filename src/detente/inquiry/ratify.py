"""``ratify``: which deal is asked about, and what ratification costs, through a session."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from detente.base.errors import DetenteError, UsageError, did_you_mean, shown
from detente.base.result import Provenance
from detente.case.conditions import ConditionError, StateName, parse_condition
from detente.case.meaning import faults
from detente.case.model import Case
from detente.ratification.passage import Assembly
from detente.ratification.result import Cost, Example, Ratification, ratify
from detente.settlement.problem import bargain_of
from detente.settlement.result import RULE_NAMES, RULES, Settlement
from detente.settlement.solve import settle
from detente.space.draws import draws
from detente.space.masks import Bools
from detente.space.states import StateSpace

if TYPE_CHECKING:
    from detente.inquiry.session import Session


SETTLE_READS = (
    "detente", "name", "parties", "options", "infeasible", "coalesce", "status_quo", "preferences", "numbers",
    "disagreement", "settlement",
)  # fmt: skip
VOTES_READ = (*SETTLE_READS, "ratification")
TIED = 1e-12


def assembly_of(session: Session, case: Case) -> Assembly:
    """Bodies and requirements over the states of a case."""
    key = case.digest(VOTES_READ)
    return session.remember("assembly", key, lambda: Assembly.of(case, session.states(case)))  # type: ignore[no-any-return]


def ratifiable(session: Session, case: Case) -> Bools:
    """The states that pass with a chance of at least one half, shape (states,): for ``settle`` and others."""
    return assembly_of(session, case).win_set


def ratification(
    session: Session, case: Case, provenance: Provenance, deal: str | None, *, count: int, seed: int
) -> Ratification:
    """How a deal fares in the bodies that have to pass it.

    Args:
        session: supplies the states.
        case: the case as asked.
        provenance: carried into the result.
        deal: a state, a condition (of several states that match, the one that changes fewest options from today), a
            rule of ``settle``, or ``status_quo``; None for the Nash point (fallback where only orders are known), and
            for today's state where no deal is acceptable to all.
        count: draws of the uncertain numbers; 0 for none.
        seed: the same seed gives the same draws.

    Raises:
        UsageError: a deal that cannot be found, or none given where no deal is acceptable to all.
    """
    assembly = assembly_of(session, case)
    plain = _settled(session, case, None)
    state, chosen, notes = _find(session.states(case), plain, deal)
    made = draws(case, count, seed) if count else None
    found = ratify(assembly, provenance, state, chosen, made)
    sampled = found.draws is not None
    return replace(
        found,
        provenance=replace(provenance, seed=seed if sampled else None, warnings=(*provenance.warnings, *notes)),
        points=_points(assembly, plain),
        examples=_examples(assembly, plain),
        cost=_cost(session, case, assembly, plain),
    )


def _settled(session: Session, case: Case, allowed: Bools | None) -> Settlement | DetenteError:
    """The answer of ``settle``, over the states that pass where they are given, or why there is none."""

    def build() -> Settlement | DetenteError:
        try:
            bargain = bargain_of(case, session.states(case), allowed=allowed)
            return settle(bargain, session.provenance(case, ()), RULES, limit=session.limit)
        except DetenteError as error:
            return error

    reads = SETTLE_READS if allowed is None else VOTES_READ
    key = (allowed is None, case.digest(reads))
    return session.remember("settlement", key, build)  # type: ignore[no-any-return]


def _find(states: StateSpace, plain: Settlement | DetenteError, deal: str | None) -> tuple[int, str, list[str]]:
    """State number of the deal, how it was named, and what to tell about the choice."""
    if deal is None and _picked(plain, _usual(plain)) is None and states.status_quo is not None:
        note = "No deal is known that all sides could accept, so today's state is asked about; --deal names another."
        return states.status_quo, "status_quo", [note]
    deal = _usual(plain) if deal is None else deal
    if (rule := _rule(states, deal)) is not None:
        return _point(plain, rule), rule, []
    if deal == "status_quo":
        if states.status_quo is None:
            raise UsageError("a case without a status quo", "a state or a condition")
        return states.status_quo, deal, []
    try:
        node = parse_condition(deal, states=True)
    except ConditionError as error:
        fix = did_you_mean(deal.lower(), RULES) or f"{str(error).capitalize()}. {error.fix}".strip()
        raise UsageError(f"the deal {shown(deal)}", _ways(states), fix) from None
    if isinstance(node, StateName):
        return states.find(deal), deal, []
    for fault in faults(node, states.case.vocabulary):
        fix = did_you_mean(deal.lower(), RULES) or fault.fix or f"A deal is {_ways(states)}."
        raise UsageError(fault.found, fault.expected, fix)
    found = np.flatnonzero(states.mask(deal, "--deal"))
    if len(found) == 0:
        raise UsageError(f"no feasible state matching {shown(deal)}", "a deal that is feasible")
    state = _nearest(states, found)
    note = f"{len(found):,} states match {shown(deal)}; asked is {states.id(state)}, which changes least from today."
    return state, deal, [note] if len(found) > 1 else []


def _rule(states: StateSpace, deal: str) -> str | None:
    """The rule that a text names by its key or as it is printed, whatever its capitals; None for other texts."""
    if deal in RULES:
        return deal
    if deal in states.case.options:
        return None
    names = {_plain(n): r for r, printed in RULE_NAMES.items() for n in (r, printed, printed.split(" (")[0])}
    return names.get(_plain(deal))


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("-", " ").replace("_", " ").split())


def _ways(states: StateSpace) -> str:
    """How a deal can be named."""
    option = states.case.options[0]
    condition = f"{option} == {states.case.file.options[option].levels[-1]}"
    return f"a state such as {states.id(0)}, a condition such as {condition}, or a rule: {', '.join(RULES)}"


def _usual(plain: Settlement | DetenteError) -> str:
    if isinstance(plain, Settlement) and plain.bargain.ordinal & set(plain.bargain.axes):
        return "fallback"
    return "nash"


def _picked(plain: Settlement | DetenteError, rule: str) -> int | None:
    """The deal that a rule picks; of several the one that changes least from today."""
    classes = plain.points.get(rule, ()) if isinstance(plain, Settlement) else ()
    return classes[0].deals[0].state if classes else None


def _point(plain: Settlement | DetenteError, rule: str) -> int:
    expected = "--deal with a state or a condition"
    if not isinstance(plain, Settlement):
        reason = next(iter(plain.problems()))
        raise UsageError(f"no deal to ask about ({reason.found})", expected, reason.fix)
    state = _picked(plain, rule)
    if state is None:
        raise UsageError("no deal that all sides could accept, and so none to ask about", expected)
    return state


def _points(assembly: Assembly, plain: Settlement | DetenteError) -> dict[str, list[tuple[int, float]]]:
    if not isinstance(plain, Settlement):
        return {}
    return {
        rule: [
            (d.state, float(assembly.passage[d.state])) for c in classes for d in c.deals if d.state is not None
        ]
        for rule, classes in plain.points.items()
    }  # fmt: skip


def _examples(assembly: Assembly, plain: Settlement | DetenteError) -> list[Example]:
    """For every requirement the deals that pass most easily: of those nobody loses by, and of all if one is easier."""
    zone = np.zeros(len(assembly.states), bool)
    if isinstance(plain, Settlement) and plain.deals is not None:
        zone[plain.deals.states[plain.deals.zone]] = True
    out = []
    for n, matches in enumerate(assembly.matches):
        best = -1.0
        for where, acceptable in ((matches & zone, True), (matches, False)):
            found = np.flatnonzero(where)
            if len(found) and assembly.passage[found].max() > best + TIED:
                best = float(assembly.passage[found].max())
                state = _nearest(assembly.states, found[assembly.passage[found] >= best - TIED])
                out.append(Example(n, state, float(assembly.passage[state]), acceptable))
    return out


def _nearest(states: StateSpace, found: np.ndarray[tuple[int], np.dtype[np.int64]]) -> int:
    """The state that changes fewest options from today, the first of several; from all first levels without today."""
    digits = states.digits[:, states.cell_of[found]]
    start = states.status_quo
    today = 0 if start is None else states.digits[:, states.cell_of[start]][:, None]
    return int(found[np.argmin((digits != today).sum(axis=0))])


def _cost(session: Session, case: Case, assembly: Assembly, plain: Settlement | DetenteError) -> Cost | None:
    """What ratification costs: the zone and its usual point, with and without the deals that do not pass."""
    if not isinstance(plain, Settlement) or plain.deals is None or case.file.ratification is None:
        return None
    inside = plain.deals.strict if plain.verdict == "zone" else plain.deals.zone
    numbers = plain.deals.states[inside]
    rule = _usual(plain)
    passing = assembly.win_set
    kept = plain if passing.all() else _settled(session, case, passing) if passing.any() else None
    verdict = kept.verdict if isinstance(kept, Settlement) else "none"
    payoffs = {}
    if plain.points.get(rule):
        now = plain.points[rule][0].gains
        later = kept.points[rule][0].gains if isinstance(kept, Settlement) and kept.points.get(rule) else None
        zero = plain.bargain.disagreement
        payoffs = {
            p: (zero[p] + g, None if later is None else zero[p] + later.get(p, g * 0)) for p, g in now.items()
        }  # fmt: skip
    return Cost(plain.verdict, int(inside.sum()), int(passing[numbers].sum()), verdict, rule, payoffs)
