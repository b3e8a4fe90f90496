"""A listed problem cut into clusters of options that do not bear on each other, as far as its numbers allow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from detente.plan.clusters import Groups
from detente.plan.problem import Bools, Floats, Problem
from detente.plan.tables import Sum, Tables, of_problem

CLOSE = 1e-10  # of the largest number of an array: what differs by less is rounding


def separated(problem: Problem) -> Tables:
    """The same as ``of_problem`` with as many clusters as there can be.

    An array is a sum over groups of axes exactly if no axis of one group changes what an axis of another one adds. A
    pause is permitted exactly if it is permitted group by group, all other axes at the status quo.

    Args:
        problem: any; what is the largest of several sums is no sum, and keeps its axes together.
    """
    axes = range(len(problem.lattice.shape))
    groups = Groups(len(axes))
    for array in _arrays(problem):
        for a in axes:
            groups.join((a, *(b for b in range(a) if groups.root(a) != groups.root(b) and _bear(array, a, b))))
    groups.join(_along([problem.alarm]))
    for party in dict.fromkeys(problem.lattice.owners):
        groups.join(_along([q for a, q in problem.caught.items() if problem.lattice.owners[a] == party]))
    clusters = _clusters(groups, axes)
    while (together := _misjudged(problem.lattice.feasible, clusters)) is not None:
        groups.join(together)
        clusters = _clusters(groups, axes)
    return _cut(problem, clusters)


def _arrays(problem: Problem) -> Iterator[Floats]:
    """The arrays that have to be sums."""
    for rows in (problem.flow, problem.breach, problem.walk, problem.snapped, problem.accused):
        yield from (row for row in rows if np.isfinite(row).all())


def _bear(array: Floats, a: int, b: int) -> bool:
    """Whether what a step along one axis adds depends on another axis."""
    mixed = np.diff(np.diff(array, axis=a), axis=b)
    return bool(np.abs(mixed).max(initial=0.0) > CLOSE * max(1.0, float(np.abs(array).max())))


def _along(arrays: Sequence[Floats]) -> tuple[int, ...]:
    """The axes along which some array changes."""
    return tuple(sorted({a for row in arrays for a in range(row.ndim) if np.ptp(row, axis=a).any()}))


def _clusters(groups: Groups, axes: Iterable[int]) -> tuple[tuple[int, ...], ...]:
    found: dict[int, list[int]] = {}
    for a in axes:
        found.setdefault(groups.root(a), []).append(a)
    return tuple(tuple(row) for row in found.values())


def _misjudged(feasible: Bools, clusters: tuple[tuple[int, ...], ...]) -> tuple[int, ...] | None:
    """Axes moved in a pause that is not judged right cluster by cluster, as few as there are; None if all are."""
    said = np.ones((), bool)
    for axes in clusters:
        said = said & _slice(feasible, axes)
    wrong = np.argwhere(said != feasible)
    if not len(wrong):
        return None
    first = wrong[np.count_nonzero(wrong, axis=1).argmin()]
    return tuple(int(a) for a in np.flatnonzero(first))


def _slice(array: Floats | Bools, axes: tuple[int, ...]) -> Floats | Bools:
    """An array along some axes, all others at the status quo, with length 1 there."""
    return array[tuple(slice(None) if a in axes else slice(0, 1) for a in range(array.ndim))]


def _cut(problem: Problem, clusters: tuple[tuple[int, ...], ...]) -> Tables:
    """The tables of a problem with given clusters."""
    whole = of_problem(problem)
    if len(clusters) == 1:
        return whole
    shape = problem.lattice.shape

    def part(array: Floats | Bools, c: int) -> Floats | Bools:
        return _slice(array, clusters[c]).reshape([shape[a] for a in clusters[c]])

    def one(total: Sum) -> Sum:
        if not total.tables:
            return total
        array, tables = total.tables[0], {}
        base = float(array.flat[0])
        for c in range(len(clusters)):
            table = np.asarray(part(array, c), np.float64) - base
            if table.any():
                tables[c] = table
        return Sum(total.constant + base, tables)

    def each(sums: tuple[Sum, ...]) -> tuple[Sum, ...]:
        return tuple(one(s) for s in sums)

    return replace(
        whole,
        clusters=clusters,
        feasible=tuple(np.asarray(part(problem.lattice.feasible, c), bool) for c in range(len(clusters))),
        flow=each(whole.flow),
        breach=each(whole.breach),
        walk=tuple(each(s) for s in whole.walk),
        snapped=tuple(each(s) for s in whole.snapped),
        accused=tuple(each(s) for s in whole.accused),
        alarm=one(whole.alarm),
        caught={a: one(s) for a, s in whole.caught.items()},
    )
