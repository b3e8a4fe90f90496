"""A draft told to readers: a table of its steps, and what is still open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from detente.agreement.formula_text import formula_text
from detente.agreement.terms import Commitment, Consequence, NoDeadline, On, Within
from detente.agreement.time_text import moment_text, period_text
from detente.base.table import Table
from detente.base.wording import counted, listed, sentence
from detente.plan.wording import day

if TYPE_CHECKING:
    from detente.agreement.drafting.result import Draft

COLUMNS = ("step", "who", "what", "by when", "checked by", "or else")
OPEN, THROUGHOUT = "open", "throughout"
SLOTS = {
    "actor": "who owes it", "act": "what exactly is to be done", "date": "by when", "threshold": "what counts as done",
    "verifier": "who checks it", "evidence": "what shows it", "consequence": "what follows a breach",
    "decider": "who decides", "trigger": "what it waits for", "access": "what lets its verifier in",
    "entry": "when it enters into force", "ratification": "by when it is ratified", "sunset": "when it ends",
    "exit": "how a party leaves", "dispute": "who decides disputes", "review": "when it is looked at again",
    "order": "in which order the steps are taken",
}  # fmt: skip


MAY_STOP = (
    "‘May stop’ means: until the breach is mended they need not go on with what is still to come, nor keep what they"
    " have done."
)


def draft_table(found: Draft) -> Table:
    """A row per commitment: step, who, what, by when, checked by whom, or else what; last what holds throughout."""
    return Table(COLUMNS, tuple(_rows(found)), note=_meant(found))


def short_table(found: Draft) -> Table:
    """The same with one row for all that a party has to do in a step; a step's number stands at its first row."""
    rows: dict[tuple[str, ...], list[str]] = {}
    for step, who, what, *rest in _rows(found):
        rows.setdefault((step, who, *rest), []).append(what.removeprefix(f"{who} "))
    out, rulers, last = list[tuple[str, ...]](), list[int](), ""
    for (step, who, *rest), acts in rows.items():
        rulers += [len(out)] if step == THROUGHOUT != last else []
        out.append((step if step != last else "", who, "; ".join(acts), *rest))
        last = step
    return Table(COLUMNS, tuple(out), note=_meant(found), rulers=tuple(rulers))


def _rows(found: Draft) -> Iterator[tuple[str, ...]]:
    for commitment in found.agreement.terms().commitments:
        number = found.stage_of[commitment.id]
        yield (
            THROUGHOUT if number == 0 else str(number) if found.ordered else "",
            found.who(commitment),
            commitment.title,
            _when(commitment),
            _checked(found, commitment),
            _or_else(found, commitment),
        )


def _meant(found: Draft) -> str:
    stops = any(e.effect == "suspend" for c in found.agreement.terms().commitments for e in c.on_breach)
    return MAY_STOP if stops else ""


def _when(commitment: Commitment) -> str:
    deadline = commitment.deadline
    if "date" in commitment.gaps:
        return OPEN
    if isinstance(deadline, Within):
        first = formula_text(commitment.trigger).startswith("in_force")
        return f"within {period_text(deadline.period)} of {'entry into force' if first else 'the step before'}"
    if isinstance(deadline, On):
        moment = deadline.moment
        return f"by {day(moment)}" if isinstance(moment, dt.date) else moment_text(moment)
    return deadline.reason if isinstance(deadline, NoDeadline) else ""


def _checked(found: Draft, commitment: Commitment) -> str:
    if commitment.verification:
        return listed([found.agreement.called(v.verifier) for v in commitment.verification])
    return OPEN if "verifier" in commitment.gaps else "its owner"


def _or_else(found: Draft, commitment: Commitment) -> str:
    if "consequence" in commitment.gaps and not commitment.on_breach:
        return OPEN
    return "; ".join(_consequence(found, e) for e in commitment.on_breach)


def _consequence(found: Draft, entry: Consequence) -> str:
    owners = {c.id: c.obligors for c in found.agreement.terms().commitments}
    who = dict.fromkeys(p for t in entry.targets for p in owners.get(t, ()))
    names = listed([found.agreement.called(p) for p in found.agreement.file.parties if p in who])
    if entry.effect == "reverse":
        return f"{names} gets its deposit back"
    all_others = len(who) == len(found.agreement.file.parties) - 1
    return f"{'all others' if all_others and len(who) > 1 else names} may stop"


def gap_lines(found: Draft) -> list[str]:
    """What is open, one line for all that is open of the same commitments for the same reason."""
    return [
        sentence(f"{listed([SLOTS[s] for s in slots])}{_of(found, who)}: {reason}")
        for slots, reason, who in found.alike
    ]


def _of(found: Draft, who: Sequence[str]) -> str:
    total = len(found.agreement.terms().commitments)
    if who == ("",):
        return ""
    if len(who) == total:
        return " (all commitments)"
    if len(who) > 3:
        return f" ({counted(len(who), 'commitment')} of {total})"
    return f" ({listed([found.agreement.called(c) for c in who])})"


def lines(found: Draft, under: str = "") -> Iterator[str]:
    """The draft in the terminal: what it is, the steps, what is open."""
    yield f"{found.agreement.title}"
    if under:
        yield under
    if found.warning:
        yield ""
        yield sentence(found.warning)
    yield ""
    yield from str(short_table(found)).splitlines()
    yield ""
    yield "Open, as the case does not say it:"
    yield from (f"  {line}" for line in gap_lines(found))
