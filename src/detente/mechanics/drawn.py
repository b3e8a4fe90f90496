"""What a deal gives a party beyond having none, in every draw of the uncertain numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detente.case.fields import Amount
from detente.case.model import Case
from detente.mechanics.payoffs import Levels, finder
from detente.space.draws import Draws
from detente.space.masks import mask
from detente.space.states import StateSpace

Floats = NDArray[np.float64]


def drawn_gain(draws: Draws, states: StateSpace, party: str, levels: Levels) -> Floats | None:
    """Worth of a deal to a party minus what it has without one, shape (draws,).

    Args:
        draws: of the case; the type that the case chooses is read.
        states: its states, or those of a case with the same options and rules.
        party: whose.
        levels: the deal, one level number per option.

    Returns:
        The gains, or None where the party's preference is no utility.
    """
    case = draws.case
    forms = case.preference(party)
    if forms is None or forms.utility is None:
        return None
    return worth_in_draws(draws, party, levels) - _without_a_deal(draws, states, party)


def worth_in_draws(draws: Draws, party: str, levels: Sequence[int]) -> Floats:
    """Utility of one combination of levels in every draw, shape (draws,)."""
    case, kind = draws.case, draws.case.types.get(party)
    forms = case.preference(party)
    prefix = ("preferences", party) if kind is None else ("preferences", party, "types", kind)
    total = np.zeros(draws.count)
    column = np.array(levels, np.uint8)[:, None]
    for key, written in ((forms.utility if forms is not None else None) or {}).items():
        if not isinstance(written, Amount):
            total += draws.level_worths(party, key, kind)[levels[case.options.index(key)]]
        elif mask(case.meaning(key), column)[0]:
            total += draws.sample((*prefix, "utility", key), written)
    return total


def without_a_deal(draws: Draws, states: StateSpace, party: str) -> Floats | list[tuple[Levels, Floats]]:
    """What a party has without a deal.

    Returns:
        Its payoff in every draw, shape (draws,), where one is written; else the states that can follow, each with its
        chance in every draw.
    """
    case, spec = draws.case, draws.case.file.disagreement
    find = finder(case, states)
    if spec.lottery is not None:
        return [
            (find(spec.lottery[n].state, f"disagreement.lottery[{n}].state"), chance)
            for n, chance in enumerate(_chances(draws, case))
        ]
    if spec.payoffs is not None and party in spec.payoffs:
        return draws.sample(("disagreement", "payoffs", party), spec.payoffs[party])
    state = "status_quo" if spec.state is None else spec.state
    return [(find(state, "disagreement.state"), np.ones(draws.count))]


def _without_a_deal(draws: Draws, states: StateSpace, party: str) -> Floats:
    found = without_a_deal(draws, states, party)
    if isinstance(found, list):
        return np.sum([c * worth_in_draws(draws, party, levels) for levels, c in found], axis=0)  # type: ignore[no-any-return]
    return found


def _chances(draws: Draws, case: Case) -> list[Floats]:
    """Chances of the states of a lottery in every draw; they sum to 1."""
    tickets = case.file.disagreement.lottery or ()
    out: list[Floats] = []
    rest = None
    for n, ticket in enumerate(tickets):
        if isinstance(ticket.chance, str):
            rest = n
            out.append(np.zeros(draws.count))
        else:
            out.append(draws.sample(("disagreement", "lottery", str(n), "chance"), ticket.chance))
    total = np.sum(out, axis=0)
    if rest is not None:
        out[rest] = np.maximum(0.0, 1.0 - total)
        total = np.maximum(total, 1.0)
    return [c / np.where(total > 0, total, 1.0) for c in out]
