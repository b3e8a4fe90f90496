"""Conditions over many states at once: masks where all levels are known, three-valued where some are not yet."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detente.case.meaning import All, Levels, Meaning, Negation, Same

Bools = NDArray[np.bool_]
Digits = NDArray[np.uint8]


def mask(condition: Meaning, digits: Digits) -> Bools:
    """Where a condition holds.

    Args:
        condition: what it says of the levels.
        digits: level numbers, shape (options, states).

    Returns:
        Booleans, shape (states,).
    """
    if isinstance(condition, Levels):
        where: Bools = _lookup(condition, int(digits[condition.option].max(initial=0)))[digits[condition.option]]
        return where
    if isinstance(condition, Negation):
        return ~mask(condition.part, digits)
    if isinstance(condition, Same):
        return ~(mask(condition.first, digits) ^ mask(condition.second, digits))
    out = np.full(digits.shape[1], isinstance(condition, All))
    for part in condition.parts:
        if isinstance(condition, All):
            out &= mask(part, digits)
        else:
            out |= mask(part, digits)
    return out


def certainty(condition: Meaning, digits: Digits, known: frozenset[int]) -> tuple[Bools, Bools]:
    """Where a condition certainly holds and where it certainly does not, some options being still open.

    Args:
        condition: what it says of the levels.
        digits: level numbers, shape (options, rows); rows of open options are not read.
        known: the options whose levels are settled.

    Returns:
        (certainly true, certainly false), each of shape (rows,).
    """
    rows = digits.shape[1]
    if isinstance(condition, Levels):
        if condition.option not in known:
            return np.zeros(rows, bool), np.full(rows, not condition.allowed)
        true = mask(condition, digits)
        return true, ~true
    if isinstance(condition, Negation):
        true, false = certainty(condition.part, digits, known)
        return false, true
    if isinstance(condition, Same):
        (t1, f1), (t2, f2) = (certainty(p, digits, known) for p in (condition.first, condition.second))
        return (t1 & t2) | (f1 & f2), (t1 & f2) | (f1 & t2)
    both = [certainty(p, digits, known) for p in condition.parts]
    everywhere, nowhere = np.ones(rows, bool), np.zeros(rows, bool)
    if isinstance(condition, All):
        return _every([t for t, _ in both], everywhere), _some([f for _, f in both], nowhere)
    return _some([t for t, _ in both], nowhere), _every([f for _, f in both], everywhere)


def _every(parts: list[Bools], out: Bools) -> Bools:
    for part in parts:
        out &= part
    return out


def _some(parts: list[Bools], out: Bools) -> Bools:
    for part in parts:
        out |= part
    return out


def _lookup(condition: Levels, top: int) -> Bools:
    table = np.zeros(max(top, max(condition.allowed, default=0)) + 1, bool)
    table[sorted(condition.allowed)] = True
    return table
