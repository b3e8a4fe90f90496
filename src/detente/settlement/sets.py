"""Small families of sets, each set a sum of powers of two: minimal members and hitting sets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

MOST_SETS = 1000
T = TypeVar("T")


def minimal(sets: Iterable[int]) -> list[int]:
    """Those of some sets that contain no other of them, smallest first."""
    kept: list[int] = []
    for candidate in sorted(set(sets), key=lambda s: (s.bit_count(), s)):
        if not any(k & candidate == k for k in kept):
            kept.append(candidate)
    return kept


def hitting_sets(sets: Iterable[int]) -> list[int]:
    """Minimal sets that meet each of some sets (Berge's method); some of them where there are more than a thousand.

    Of no sets at all, the empty set meets each.
    """
    found = [0]
    for wanted in sets:
        bits = [1 << n for n in range(wanted.bit_length()) if wanted >> n & 1]
        grown = {f for f in found if f & wanted} | {f | b for f in found if not f & wanted for b in bits}
        found = minimal(grown)[:MOST_SETS]
    return found


def named(names: Sequence[T], codes: Iterable[int]) -> tuple[tuple[T, ...], ...]:
    """The members of each set by name."""
    return tuple(tuple(x for n, x in enumerate(names) if c >> n & 1) for c in codes)
