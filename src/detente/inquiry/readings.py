"""Which targets of a plan pass both tests under every view and every combination of types."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

from detente.base.errors import DetenteError
from detente.plan.everywhere import Everywhere, OneReading
from detente.plan.targets import Targets, targets_of

if TYPE_CHECKING:
    from detente.case.model import Case
    from detente.inquiry.session import Session

MOST_READINGS = 24
SPACE_READS = ("parties", "options", "infeasible", "coalesce", "status_quo")


def targets_in(session: Session, case: Case) -> Targets:
    """Both tests for every feasible state, remembered."""
    key = case.digest()
    return session.remember("targets", key, lambda: targets_of(case, session.states(case)))  # type: ignore[no-any-return]


def everywhere(session: Session, case: Case, *, types: bool = True) -> Everywhere | None:
    """The targets under every reading of a case.

    Views in which one party sees another (``of:``) are left out: they say what somebody believes, not how things are.

    Args:
        session: supplies the states.
        case: as written, or as one view reads it; then only its types are gone through.
        types: whether all combinations of types are gone through, or the ones that each reading uses.

    Returns:
        The targets; None where there is one reading only, or where nothing can be said of some of them.
    """
    cases, left_out = [case], []
    if case.view_name is None:
        for name, view in case.file.views.items():
            if view.of is not None:
                continue
            read = case.view(name)
            if read.digest(SPACE_READS) == case.digest(SPACE_READS):
                cases.append(read)
            else:
                left_out.append(name)
    every = [one for read in cases for one in (_typed(read) if types else (read,))]
    try:
        found = [OneReading(c.view_name, dict(c.types), targets_in(session, c)) for c in every[:MOST_READINGS]]
    except DetenteError:
        return None
    if len(found) < 2:
        return None
    return Everywhere(tuple(found), tuple(left_out), short=len(every) > MOST_READINGS)


def _typed(case: Case) -> Iterator[Case]:
    """A case with every combination of types."""
    kinds = {p: list(written.types) for p, written in case.file.preferences.items() if written.types}
    for chosen in product(*kinds.values()):
        yield case.with_types(dict(zip(kinds, chosen, strict=True))) if kinds else case
