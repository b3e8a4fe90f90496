"""What a forecast computes with: the rules of movement (the same in every draw), one draw, and the shares it gives."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from detente.graph.ranks import dense
from detente.space.moves import Moves

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Reply = Literal["better", "best", "logit"]
Foresight = Literal["none", "one_reply", "deep"]


@dataclass(frozen=True, eq=False)
class Dynamics:
    """How a case moves from period to period: everything that does not change from draw to draw.

    One period: with the chance of a breakdown everything ends in the state that ``breaks`` gives; else, with the rate
    of deals, the parties of ``among`` make one joint move (none is possible: nothing happens); else one party has the
    move and replies. Period 1 leads from tick 0 (the start) to tick 1.

    Attributes:
        moves: the states and what each party can reach alone.
        parties: whose utilities a draw gives, a row each: every party but mediators, in file order.
        movers: those of them that own options, in file order.
        start: the state today.
        classes: number of the outcome of every state (first match), ``len(outcomes)`` where none matches, (states,).
        outcomes: their names, in list order.
        otherwise: number of the outcome that stands for whatever no other matches, or None.
        ticks: whole periods after which shares are asked for, ascending.
        ever: whether a path counts for the first outcome in list order that it has visited by then (else for the one
            it stands in).
        limit: whether shares without a date are asked for as well.
        reply: better = any improvement, equally likely; best = the best reply, ties equally likely; logit = staying
            and every move weighted by exp(intensity times utility per standard deviation).
        foresight: what a move is judged by: the state it leads to (none), that state after one reply by another
            party (one_reply), or all that follows, discounted (deep).
        caution: whether parties leave out moves that the others can answer to their cost (as in sequential stability).
        turns: chance of each mover to have the move in each period, shape (periods, movers), rows that sum to 1 or
            (nobody moves) to 0; None: by the draw's weights in every period.
        cyclic: whether ``turns`` starts again after its last period (else nobody moves alone from then on).
        breaks: state after a breakdown in each state, shape (states,), or None where none can happen.
        among: the parties that make deals; none: no deals.
        final: whether a deal that was made stays for ever.
        kept: of a part of the states only (see ``within``), their numbers in ``moves``, shape (states,); None: all.
    """

    moves: Moves
    parties: tuple[str, ...]
    movers: tuple[str, ...]
    start: int
    classes: Int64
    outcomes: tuple[str, ...]
    ticks: tuple[int, ...]
    ever: bool = True
    limit: bool = True
    otherwise: int | None = None
    reply: Reply = "logit"
    foresight: Foresight = "none"
    caution: bool = False
    turns: Floats | None = None
    cyclic: bool = True
    breaks: Int64 | None = None
    among: tuple[str, ...] = ()
    final: bool = False
    kept: Int64 | None = None
    _cache: dict[object, object] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        """Number of states."""
        return len(self.classes)

    def within(self, kept: Int64, breaks: Int64 | None) -> Dynamics:
        """The same over some of the states, which nothing leaves, numbered anew in the order given.

        Args:
            kept: their numbers, the start first, shape (kept,).
            breaks: state after a breakdown in each, in the new numbering, shape (kept,); None: none can happen.
        """
        return replace(self, start=0, classes=self.classes[kept], breaks=breaks, kept=kept, _cache={})

    def everywhere(self, values: Floats) -> Floats:
        """What some of the states hold, by the state's number in ``moves``; the others hold nothing.

        Args:
            values: shape (..., states).
        """
        if self.kept is None:
            return values
        out = np.zeros((*values.shape[:-1], len(self.moves.states)))
        out[..., self.kept] = values
        return out

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What is worked out once for all draws."""
        if key not in self._cache:
            self._cache[key] = make()
        return self._cache[key]


@dataclass(frozen=True, eq=False)
class Draw:
    """Everything uncertain in one draw, as plain numbers.

    Attributes:
        utility: of every party of ``Dynamics.parties`` in every state, shape (parties, states).
        weights: how often each mover has the move, not negative, any total, shape (movers,); unused with ``turns``.
        intensity: logit weight of one standard deviation of a party's utility over the states (0 = all moves equal).
        discount: per period, shape (parties,); used by deep foresight only, then required.
        breakdown: chance per period of a breakdown, in each state or in all, shape (states,) or ().
        rate: chance per period of a joint move, in each state or in all, shape (states,) or ().
        deals: states that may be agreed on, shape (states,); None: all.

    Draws with the same utilities can share what follows from them (``_known``).
    """

    utility: Floats
    weights: Floats
    intensity: float = 1.0
    discount: Floats | None = None
    breakdown: Floats | float = 0.0
    rate: Floats | float = 0.0
    deals: Bools | None = None

    _known: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    def ranks(self, party: int) -> Int32:
        """Places of the states in a party's order, 0 for the worst, ties share one; shape (states,)."""
        found: Int32 = self.once(("rank", party), lambda: dense(self.utility[party]))
        return found

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What follows from the utilities alone, worked out once for all ways of behaving."""
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]


@dataclass(frozen=True, eq=False)
class Limit:
    """What comes in the end, without a date.

    Attributes:
        outcome: chance of every outcome, those without a name last, shape (outcomes + 1,). With ``ever`` they sum to
            1; else they and ``unsettled`` do.
        state: chance that it ends in a state for ever (a breakdown and a final deal included), shape (states,).
        broken: chance that it ends in a breakdown.
        agreed: chance that it ends in a final deal.
        unsettled: chance that it never comes to rest.
        periods: expected periods until it is at rest; infinite where that is not certain.
        first: expected periods until the first outcome that is not the last resort ("otherwise", or no name);
            infinite where that is not certain, None where there is no such outcome.
    """

    outcome: Floats
    state: Floats
    broken: float
    agreed: float
    unsettled: float
    periods: float
    first: float | None


@dataclass(frozen=True, eq=False)
class Shares:
    """Exact chances in one draw. Rows are the ticks of ``Dynamics.ticks``.

    Attributes:
        outcome: chance of every outcome, those without a name last; rows sum to 1; shape (ticks, outcomes + 1).
        state: chance of every state at the tick, whatever ``ever`` says, a breakdown and a final deal counted where
            they stand; rows sum to 1; shape (ticks, states).
        broken: chance of a breakdown by then, shape (ticks,).
        agreed: chance of a final deal by then, shape (ticks,).
        unsettled: chance that it has not come to rest by then (something can still happen), shape (ticks,).
        limit: without a date; None where not asked.
    """

    outcome: Floats
    state: Floats
    broken: Floats
    agreed: Floats
    unsettled: Floats
    limit: Limit | None
