"""What each commitment is worth to each party by the linked case: the change that its act makes, all else as today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction

from detente.agreement.exposure import prerequisites
from detente.agreement.model import Agreement
from detente.agreement.terms import Commitment, OptionAct, Terms
from detente.base.errors import UsageError
from detente.case.model import Case
from detente.mechanics.payoffs import status_quo_in
from detente.space.space import Space
from detente.space.worth import Worth

Given = dict[str, dict[str, Fraction]]


def given(agreement: Agreement, *, view: str | None = None) -> tuple[Given, Given]:
    """What each party gives (positive) or receives (negative) by each commitment, per period.

    Args:
        agreement: linked to a case; acts on its options.
        view: whose reading of the case.

    Returns:
        By party, by commitment: all of it, and with only what cannot be taken back counted as given.

    Raises:
        UsageError: no case, or no party of both with a utility.
        CaseError: the case cannot be read.
    """
    case = agreement.case
    if case is None:
        fix = "Write case: and the name of a case in the agreement."
        raise UsageError(f"{agreement.title}, which is linked to no case", "an agreement linked to a case", fix)
    case = case if view is None else case.view(view)
    space = Space.of(case)
    today = status_quo_in(case, space) or (0,) * len(case.options)
    acts = [c for c in agreement.terms().commitments if isinstance(c.act, OptionAct)]
    starts = _starts(case, agreement.terms(), acts)
    whole: Given = {}
    lasting: Given = {}
    for party in agreement.terms().parties:
        forms = case.preference(party) if party in case.file.parties else None
        if forms is None or forms.utility is None:
            continue
        worth = Worth.of(case, forms)
        gives = {c.id: -_change(case, worth, today, c, starts.get(c.id)) for c in acts}
        whole[party] = gives
        lasting[party] = {c.id: v for c in acts if (v := gives[c.id]) < 0 or c.reversible == "no"}
    if not whole:
        found = f"no party of {agreement.title} whose case says what levels are worth to it"
        raise UsageError(found, "utilities in the case", "A ranking alone gives no amounts.")
    return whole, lasting


def _starts(case: Case, terms: Terms, acts: list[Commitment]) -> dict[str, str]:
    """For acts without ``from`` the level to which what must come before has brought their option, if it is one."""
    of = {c.id: c.act for c in acts if isinstance(c.act, OptionAct)}
    often = Counter(a.option for a in of.values())
    open_ = [n for n, a in of.items() if a.from_level is None and often[a.option] > 1]
    if not open_:
        return {}
    ways = prerequisites(terms)

    def before(name: str, join: Callable[..., frozenset[str]]) -> set[str]:
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            here = waiting.pop()
            for other in join(*ways[here]) if ways[here] else ():
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)
        return seen - {name}

    found = {}
    for name in open_:
        order = list(case.file.options[of[name].option].levels)
        must, may = (
            max((order.index(of[n].to_level) for n in names if n in of and of[n].option == of[name].option), default=-1)
            for names in (before(name, frozenset.intersection), before(name, frozenset.union))
        )
        if must == may >= 0:
            found[name] = order[must]
    return found


def _change(
    case: Case, worth: Worth, today: tuple[int, ...], commitment: Commitment, start: str | None = None
) -> Fraction:
    """What its act changes for a party from ``from``, or else a level before it, every other option as today."""
    act = commitment.act
    assert isinstance(act, OptionAct)  # noqa: S101 - chosen by the caller
    place = case.options.index(act.option)
    names = list(case.file.options[act.option].levels)

    def at(level: str | None) -> Fraction:
        levels = list(today)
        if level is not None:
            levels[place] = names.index(level)
        return worth.of_levels(case, levels)

    return at(act.to_level) - at(start if act.from_level is None else act.from_level)
