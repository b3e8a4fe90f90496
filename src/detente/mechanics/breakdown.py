"""What a party gets if it leaves a plan: its own move, the answer after the lag, what returns and when.

A breakdown sends every option to its status quo level, or to the level that the case writes for breakdowns, as far as
its floor permits (DESIGN section 7, Plan). Values are averages per period: a stretch from t1 to t2 counts
delta^t1 - delta^t2.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import LimitReached, UsageError
from detente.case.blocks.plan import Plan
from detente.case.model import Case
from detente.mechanics.amounts import Numbers
from detente.mechanics.flows import Flow, Grid, Ints, mask_on

Floats = NDArray[np.float64]
Levels = tuple[int, ...]
MOST_CELLS = 50_000_000
MOMENT = 1e-12  # a time that counts for less is none
ADVICE = "Merge options or levels, or move to a nearer target."


@dataclass(frozen=True, eq=False)
class Rules:
    """Where options go in a breakdown and how long it takes.

    Attributes:
        case: the case.
        windows: per option and level, the lowest and highest level that can be reached from there.
        back: level that every option returns to, floors aside: by culprit; None is nobody in particular.
        undo: option number -> periods until a return from each level is complete, shape (draws, levels).
        answered: whether a breakdown is answered at all.
    """

    case: Case
    windows: tuple[tuple[tuple[int, int], ...], ...]
    back: Mapping[str | None, Levels]
    undo: Mapping[int, Floats]
    answered: bool = True

    @classmethod
    def of(cls, case: Case, plan: Plan, status_quo: Levels, numbers: Numbers) -> Rules:
        """The rules of a case.

        Args:
            case: the case.
            plan: its plan block.
            status_quo: level numbers of today's state.
            numbers: reads the undo times.
        """
        answered = plan.snapback is not False  # else a breakdown plays no part: the way home is to today's levels
        general = _moved(case, status_quo, plan.breakdown.levels if answered else {})
        back: dict[str | None, Levels] = {None: general}
        back.update({p: _moved(case, general, plan.breakdown.by.get(p, {}) if answered else {}) for p in case.parties})
        undo = {}
        for option, levels in plan.undo.items():
            position, names = case.options.index(option), case.file.options[option].levels
            times = np.zeros((numbers.count, len(names)))
            for level, written in levels.items():
                times[:, _number(names, level)] = numbers.read(("plan", "undo", option, level), written)
            undo[position] = times
        windows = tuple(o.windows() for o in case.file.options.values())
        return cls(case, windows, back, undo, answered)

    def place(self, option: int, level: int, culprit: str | None) -> int:
        """Level that an option goes to in a breakdown from a level."""
        low, high = self.windows[option][level]
        return min(max(self.back[culprit][option], low), high)

    def returns(self, option: int, left: int, level: int, culprit: str | None) -> bool:
        """Whether going from one level to another leads toward the place that the option returns to."""
        away = self.place(option, left, culprit) - left
        return away * (level - left) > 0

    def owns(self, party: str) -> tuple[int, ...]:
        """Options of a party."""
        return self.case.options_of(party)

    def period(self, option: int, level: int) -> Floats | None:
        """Undo time of a level, shape (draws,); None where there is none."""
        times = self.undo.get(option)
        return None if times is None or not times[:, level].any() else times[:, level]


@dataclass(frozen=True, eq=False)
class Leaving:
    """Numbers of one party that count when it leaves, each of shape (draws,).

    Attributes:
        delta: discount per period.
        lag: periods until the answer; None where there is none.
        outside: what it can get elsewhere per period, or None.
    """

    delta: Floats
    lag: Floats | None
    outside: Floats | None


def _moved(case: Case, levels: Levels, written: Mapping[str, str]) -> Levels:
    out = list(levels)
    for option, level in written.items():
        out[case.options.index(option)] = _number(case.file.options[option].levels, level)
    return tuple(out)


def _number(names: tuple[str, ...], level: str) -> int:
    return int(level) if level.isdigit() else names.index(level)


# --- own moves -------------------------------------------------------------------------------------------------------


def best_moves(flow: Flow, rules: Rules, box: Grid, leaving: Leaving) -> Floats:
    """The best a party can do by its own moves, staying included, before any breach cost.

    Args:
        flow: of the party.
        rules: of the breakdown.
        box: the states left.
        leaving: numbers of the party, the same for all of them.

    Returns:
        Shape (draws, *box), with length 1 along axes that do not matter; -inf where an order allows no move.
    """
    own = tuple(o for o in rules.owns(flow.party) if flow.reads(o))
    left = {o: v for o, v in zip(box.axes, box.levels, strict=True) if flow.reads(o)}
    starts = {o: left.get(o, np.array([box.fixed[o]])) for o in own}
    slow = [o for o in own if any(goes_slow(rules, o, int(a), flow.party) for a in np.unique(starts[o]))]
    pieces = {}
    for chosen in itertools.product(*(range(len(starts[o])) for o in slow)):
        here = {o: starts[o][n : n + 1] for o, n in zip(slow, chosen, strict=True)}
        pieces[chosen] = _best_from(flow, rules, box, leaving, {**left, **starts, **here}, here)
    axes = sorted({*left, *own})
    best = _joined(pieces, [axes.index(o) + 1 for o in slow], [len(starts[o]) for o in slow])
    shape = [len(left[o]) if o in left else 1 for o in box.axes]
    return best.reshape(flow.draws, *shape)


def own_moves(flow: Flow, rules: Rules, state: Levels, leaving: Leaving) -> tuple[Grid, Floats]:
    """Every own move from one state with its value before any breach cost, as ``best_moves``.

    Returns:
        The states after the moves (options that do not matter to the party stay), the values of shape (draws, *grid).
    """
    own = tuple(o for o in rules.owns(flow.party) if flow.reads(o))
    left = {o: state[o] for o in own if goes_slow(rules, o, state[o], flow.party)}
    rows = [rules.windows[o][state[o]] for o in own]
    after = Grid(state, own, tuple(np.arange(low, high + 1) for low, high in rows))
    return after, path_value(flow, rules, flow.party, after, leaving, left)


def goes_slow(rules: Rules, option: int, level: int, party: str) -> bool:
    """Whether the owner's own return from a level takes time."""
    low, high = rules.windows[option][level]
    back = any(rules.returns(option, level, b, party) for b in range(low, high + 1))
    return back and rules.period(option, level) is not None


def _best_from(
    flow: Flow, rules: Rules, box: Grid, leaving: Leaving, starts: Mapping[int, Ints], left: Mapping[int, Ints]
) -> Floats:
    """Best own moves where the options whose return takes time are left at one level each."""
    own = [o for o in rules.owns(flow.party) if o in starts]
    axes = tuple(sorted(starts))
    ends = {o: _ends(rules, o, starts[o]) for o in own}
    levels = tuple(np.arange(ends[o][0], ends[o][1] + 1) if o in ends else starts[o] for o in axes)
    after = Grid(box.fixed, axes, levels)
    value = path_value(flow, rules, flow.party, after, leaving, {o: int(v[0]) for o, v in left.items()})
    for option in own:
        axis = axes.index(option) + 1
        value = _reached(value, axis, rules, option, starts[option], ends[option][0])
    return value


def _ends(rules: Rules, option: int, levels: Ints) -> tuple[int, int]:
    """Lowest and highest level reached from any of some levels."""
    rows = [rules.windows[option][int(a)] for a in levels]
    return min(low for low, _ in rows), max(high for _, high in rows)


def _reached(value: Floats, axis: int, rules: Rules, option: int, levels: Ints, first: int) -> Floats:
    """Largest value along an axis within reach of each level left."""
    found: dict[tuple[int, int], Floats] = {}
    rows = [rules.windows[option][int(a)] for a in levels]
    for low, high in dict.fromkeys(rows):
        part = value[(slice(None),) * axis + (slice(low - first, high - first + 1),)]
        found[low, high] = part.max(axis=axis, keepdims=True)
    return np.concatenate([found[row] for row in rows], axis=axis)


def _joined(pieces: Mapping[tuple[int, ...], Floats], axes: list[int], counts: list[int]) -> Floats:
    """Pieces of length 1 along some axes put together."""
    if not axes:
        return pieces[()]
    first = next(iter(pieces.values()))
    shape = list(first.shape)
    for axis, count in zip(axes, counts, strict=True):
        shape[axis] = count
    out = np.empty(shape)
    for chosen, piece in pieces.items():
        where: list[slice] = [slice(None)] * out.ndim
        for axis, n in zip(axes, chosen, strict=True):
            where[axis] = slice(n, n + 1)
        out[tuple(where)] = piece
    return out


# --- paths in time ---------------------------------------------------------------------------------------------------


def answered_value(flow: Flow, rules: Rules, culprit: str | None, box: Grid, leaving: Leaving) -> Floats:
    """What a party gets once a breakdown is answered, or from elsewhere where that is better.

    Args:
        flow: of the party.
        rules: of the breakdown.
        culprit: who caused it; None for nobody in particular.
        box: the states in which it is answered.
        leaving: numbers of the party; the lag plays no part.

    Returns:
        Shape (draws, *box), with length 1 along axes that do not matter.
    """
    axes = tuple(o for o in box.axes if flow.reads(o))
    levels = tuple(v for o, v in zip(box.axes, box.levels, strict=True) if o in axes)
    at_once = Leaving(leaving.delta, np.zeros(flow.draws), leaving.outside)
    value = path_value(flow, rules, culprit, Grid(box.fixed, axes, levels), at_once, {})
    shape = [len(v) if o in axes else 1 for o, v in zip(box.axes, box.levels, strict=True)]
    return value.reshape(flow.draws, *shape)


def path_value(
    flow: Flow, rules: Rules, culprit: str | None, after: Grid, leaving: Leaving, left: Mapping[int, int]
) -> Floats:
    """Value of the path that follows from states after a move.

    Args:
        flow: of the party that gets it.
        rules: of the breakdown.
        culprit: who caused it.
        after: the states after the culprit's move.
        leaving: numbers of the party.
        left: level left, of the culprit's own options whose return takes time.

    Returns:
        Shape (draws, *after); -inf where the move leads to states that an order says nothing of.

    Raises:
        UsageError: a breakdown leads to a state that an order says nothing of.
        LimitReached: too many states.
    """
    size = int(np.prod([float(n) for n in after.shape])) * flow.draws
    if size > MOST_CELLS:
        raise LimitReached("states that a breakdown can start from", f"{size:,}", MOST_CELLS, ADVICE)
    along = dict(zip(after.axes, after.levels, strict=True))
    stages = {
        o: _stages(rules, culprit, o, along.get(o, np.array([after.fixed[o]])), left.get(o), leaving)
        for o in range(len(after.fixed))
        if flow.reads(o)
    }
    answer = np.zeros(flow.draws) if leaving.lag is None else leaving.delta**leaving.lag
    lost: NDArray[np.bool_] | None = None
    if flow.order is None:
        before, then = _summed(flow, stages, after, answer)
    else:
        before, then, lost = _looked_up(flow, rules, stages, after, answer)
    if leaving.outside is not None and leaving.lag is not None:
        then = np.maximum(then, _along(answer * leaving.outside, after))
    total = np.broadcast_to(before + then, (flow.draws, *after.shape))
    return total if lost is None else np.where(lost, -np.inf, total)


@dataclass(frozen=True, eq=False)
class _Stage:
    """Where an option stands for some time, for each of its levels along an axis.

    Attributes:
        levels: where it stands, shape (levels,).
        begin, end: from when to when, as discount factors (1 is now, 0 is never), shape (draws, levels).
    """

    levels: Ints
    begin: Floats
    end: Floats


def _stages(
    rules: Rules, culprit: str | None, option: int, levels: Ints, left: int | None, leaving: Leaving
) -> tuple[_Stage, ...]:
    """How an option goes on from each level of its axis: at the level left, at the one chosen, where it returns to."""
    shape = (len(leaving.delta), len(levels))
    first, last = levels.copy(), levels.copy()
    arrives, leaves = np.zeros(shape), np.full(shape, np.inf)
    for n, level in enumerate(int(b) for b in levels):
        slow = None if left is None or culprit is None else rules.period(option, left)
        if slow is not None and left is not None and rules.returns(option, left, level, culprit):
            first[n], arrives[:, n] = left, slow
        place = rules.place(option, level, culprit)
        if leaving.lag is not None and place != level:
            undo = rules.period(option, level)
            last[n] = place
            leaves[:, n] = np.maximum(leaving.lag, arrives[:, n]) + (0 if undo is None else undo)
    there, gone = (leaving.delta[:, None] ** times for times in (arrives, leaves))
    found = [(first, np.ones(shape), there), (levels, there, gone), (last, gone, np.zeros(shape))]
    return tuple(_Stage(*stage) for stage in found if (stage[1] > stage[2]).any())


def _summed(flow: Flow, stages: Mapping[int, tuple[_Stage, ...]], after: Grid, answer: Floats) -> tuple[Floats, Floats]:
    """Value before and after the answer where worths are summed: every worth counts for as long as it is there."""
    zero = np.zeros((flow.draws, *(1 for _ in after.axes)))
    before, then = zero, zero
    for option, worths in flow.levels:
        early, late = np.zeros((2, *stages[option][0].begin.shape))
        for stage in stages[option]:
            weights = _split(stage.begin, stage.end, answer[:, None])
            early, late = (t + w * worths[:, stage.levels] for t, w in zip((early, late), weights, strict=True))
        before, then = before + _along(early, after, option), then + _along(late, after, option)
    for sense, used, worth in flow.conditions:
        early, late = zero, zero
        for grid, begin, end in _together({o: stages[o] for o in sorted(used)}, after, zero + 1, zero):
            holds = mask_on(sense, used, grid)
            weights = _split(begin, end, _along(answer, after))
            early, late = (t + w * holds for t, w in zip((early, late), weights, strict=True))
        before, then = before + _along(worth, after) * early, then + _along(worth, after) * late
    return before, then


def _looked_up(
    flow: Flow, rules: Rules, stages: Mapping[int, tuple[_Stage, ...]], after: Grid, answer: Floats
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Value before and after the answer where only an order of states is known, and where it says nothing of them."""
    shape = (flow.draws, *after.shape)
    before, then = np.zeros(shape), np.zeros(shape)
    lost = ~np.isfinite(flow.on(after))
    wrong: list[tuple[Grid, NDArray[np.bool_]]] = []
    for grid, begin, end in _together(stages, after, np.ones(shape), np.zeros(shape)):
        value = flow.on(grid)
        gone = ~np.isfinite(value)
        early, late = _split(begin, end, _along(answer, after))
        lost |= gone & (early > MOMENT)
        wrong.append((grid, gone & (late > MOMENT)))
        value = np.where(gone, 0.0, value)
        before, then = before + early * value, then + late * value
    for grid, gone in wrong:
        _only_feasible(flow, rules, grid, gone & ~lost)
    return before, then, lost


def _together(
    stages: Mapping[int, tuple[_Stage, ...]], after: Grid, begin: Floats, end: Floats
) -> Iterator[tuple[Grid, Floats, Floats]]:
    """Every combination of stages of some options that somewhere lasts: where they stand, from when to when."""
    if not stages:
        yield after, begin, end
        return
    option = next(iter(stages))
    rest = {o: s for o, s in stages.items() if o != option}
    for stage in stages[option]:
        # factors fall with time: the later beginning is the smaller one
        since = np.minimum(begin, _along(stage.begin, after, option))
        until = np.maximum(end, _along(stage.end, after, option))
        if (since > until).any():
            yield from _together(rest, after.standing(option, stage.levels), since, until)


def _split(begin: Floats, end: Floats, answer: Floats) -> tuple[Floats, Floats]:
    """Weights of a time before and after the answer."""
    early = np.maximum(begin - np.maximum(end, answer), 0.0)
    return early, np.maximum(np.minimum(begin, answer) - end, 0.0)


def _along(values: Floats, grid: Grid, option: int | None = None) -> Floats:
    """Values of shape (draws,) or (draws, levels of an option) with the axes of a grid."""
    shape = [len(values), *(1 for _ in grid.axes)]
    if option in grid.axes:
        shape[1 + grid.axes.index(option)] = -1
    return values.reshape(shape)


def _only_feasible(flow: Flow, rules: Rules, grid: Grid, gone: NDArray[np.bool_]) -> None:
    """Refuse a breakdown state that is infeasible for a party of which only an order is known."""
    if not gone.any():
        return
    cell = int(np.flatnonzero(gone.any(axis=0).reshape(-1))[0])
    digits = grid.digits()[:, cell]
    case = rules.case
    told = ", ".join(f"{o}: {w.levels[d]}" for (o, w), d in zip(case.file.options.items(), digits, strict=True))
    name = case.party_name(flow.party)
    found = (
        f"a breakdown that leads to {{{told}}}, which the case rules out, for {name}, of which only an order is known"
    )
    raise UsageError(found, f"a utility of {name}, or a breakdown to a feasible state", "Write plan.breakdown.")
