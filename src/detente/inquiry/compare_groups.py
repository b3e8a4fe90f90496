"""Verdicts for groups of parties compared with a table, and whether groups that move otherwise explain what differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.inquiry.explaining import Explanation
from detente.stability.coalition_witness import GroupVerdict
from detente.stability.coalitions import Coalitions

if TYPE_CHECKING:
    from detente.inquiry.compare import Column
    from detente.inquiry.session import Session

Bools = NDArray[np.bool_]
UNIVERSAL = "universal"
MOST_GROUPS_TOLD = 2
OTHER = {"legal": "joint", "joint": "legal"}
SAYS = {
    "joint": ("the members of a group change all their options at once", "they move one after the other"),
    "legal": ("the members of a group move one after the other", "they change all their options at once"),
}


@dataclass(frozen=True, slots=True)
class GroupMiss:
    """A verdict for a group (``us+dprk``, or ``universal`` for every group) that differs."""

    concept: str
    group: str
    state: int
    expected: bool
    witnesses: tuple[GroupVerdict, ...]
    readings: tuple[str, ...]


@dataclass(frozen=True)
class GroupsCompared:
    """What came of the comparison."""

    found: Coalitions | None
    compared: int
    misses: tuple[GroupMiss, ...]
    explanations: tuple[Explanation, ...]
    not_compared: tuple[str, ...]


def compare_groups(session: Session, columns: Sequence[Column], moves: str, how: dict[str, Any]) -> GroupsCompared:
    """Compare verdicts for groups.

    Args:
        session: of the case.
        columns: expected verdicts; the party of each is a group joined by +, or ``universal``.
        moves: how groups move in the table, ``legal`` or ``joint``.
        how: view, types and changes.
    """
    if not columns:
        return GroupsCompared(None, 0, (), (), ())
    concepts = list(dict.fromkeys(c.concept for c in columns))
    found: Coalitions = session.ask("coalitions", concepts=concepts, moves=moves, **how)
    other: Coalitions = session.ask("coalitions", concepts=concepts, moves=OTHER[moves], **how)
    reading = f"{OTHER[moves]}_moves"
    misses: list[GroupMiss] = []
    not_compared: list[str] = []
    compared = contradicts = 0
    for column in columns:
        here, there = _verdicts(found, column), _verdicts(other, column)
        if here is None or there is None:
            text = f"{column.concept} for {column.party}: no verdict, since an order that it needs is not known."
            not_compared.append(text)
            continue
        compared += int(column.judged.sum())
        differing = column.judged & (column.stable != here)
        for state in (int(s) for s in np.flatnonzero(differing)):
            solved = bool(there[state] == column.stable[state])
            proof = _witnesses(found, column, state)
            misses.append(
                GroupMiss(column.concept, column.party, state, bool(column.stable[state]), proof, (reading,) * solved)
            )
        contradicts += int((column.judged & ~differing & (here != there)).sum())
    explains = sum(bool(m.readings) for m in misses)
    used = tuple(dict.fromkeys(m.concept for m in misses if m.readings))
    says, definition = SAYS[OTHER[moves]]
    told = Explanation((reading,), says, definition, used, explains, len(misses), contradicts)
    return GroupsCompared(found, compared, tuple(misses), (told,) * bool(explains), tuple(not_compared))


def _verdicts(found: Coalitions, column: Column) -> Bools | None:
    if column.party == UNIVERSAL:
        return found.universal[column.concept]
    return found.stable[column.concept][tuple(column.party.split("+"))]


def _witnesses(found: Coalitions, column: Column, state: int) -> tuple[GroupVerdict, ...]:
    if column.party != UNIVERSAL:
        return (found.witness(column.concept, column.party.split("+"), state),)
    of = found.stable[column.concept]
    leaving = [g for g in found.coalitions if (s := of[g]) is not None and not s[state]]
    return tuple(found.witness(column.concept, g, state) for g in leaving[:MOST_GROUPS_TOLD])
