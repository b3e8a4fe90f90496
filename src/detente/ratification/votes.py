"""How many vote yes: exact distributions of blocs that may vote as one, with a shock that all of a body share.

A bloc of n members votes as one with its chance of cohesion (all yes with chance p, else all no), and else each member
says yes with chance p on its own. Blocs are independent but for one standard normal term z per body:
logit p(z) = logit p + shock * z; a chance of exactly 0 or 1 stays what it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FARTHEST = 7.5  # beyond so many standard deviations lie 6e-14 of a normal term
COARSEST, FINEST_NODES = 0.5, 20_001
STEP = 1.8
MOST_CELLS = 1 << 21
TINY = 5e-324


def at_least(votes: Sequence[int], accepts: Floats, cohesion: Floats, shock: Floats, quotas: Sequence[int]) -> Floats:
    """Chance that at least so many vote yes.

    Args:
        votes: members of each bloc.
        accepts: a member's chance of yes, shape (rows, blocs).
        cohesion: chance that a bloc votes as one, shape (rows, blocs).
        shock: standard deviation of the common term, on the scale of log-odds, shape (rows,).
        quotas: numbers of yes votes asked about.

    Returns:
        Shape (rows, quotas).

    Source: Poisson-binomial by convolution; the common term by the trapezoid rule, whose error falls faster than any
    power of the step for integrands that are smooth and vanish at both ends.
    """
    out = np.empty((len(accepts), len(quotas)))
    order = np.argsort(votes, kind="stable")
    for rows, chances, weights in _mixed(votes, accepts, shock):
        blocs = [_bloc(votes[b], chances[0][..., b], chances[1][..., b], cohesion[rows, b, None]) for b in order]
        first = np.ones((*chances[0].shape[:2], 1))
        for pmf in blocs[:-1]:
            first = _convolved(first, pmf)
        above = np.cumsum(blocs[-1][..., ::-1], axis=2)[..., ::-1]
        for n, quota in enumerate(quotas):
            out[rows, n] = _tail(first, above, quota) @ weights
    return np.clip(out, 0.0, 1.0)


def distribution(votes: Sequence[int], accepts: Floats, cohesion: Floats, shock: Floats) -> Floats:
    """Chance of every number of yes votes, shape (rows, members + 1); arguments as ``at_least``."""
    out = np.empty((len(accepts), sum(votes) + 1))
    order = np.argsort(votes, kind="stable")
    for rows, chances, weights in _mixed(votes, accepts, shock):
        total = np.ones((*chances[0].shape[:2], 1))
        for b in order:
            total = _convolved(total, _bloc(votes[b], chances[0][..., b], chances[1][..., b], cohesion[rows, b, None]))
        out[rows] = np.einsum("rzk,z->rk", total, weights)
    return out


def _mixed(
    votes: Sequence[int], accepts: Floats, shock: Floats
) -> Iterator[tuple[NDArray[np.int64], tuple[Floats, Floats], Floats]]:
    """Rows in batches: their numbers, chances of yes and no of shape (rows, nodes, blocs), weights of the nodes."""
    for shocked in (False, True):
        chosen = np.flatnonzero((shock > 0) == shocked)
        if not len(chosen):
            continue
        z, weights = nodes(float(shock[chosen].max()), sum(votes))
        batch = max(1, MOST_CELLS // (len(z) * (sum(votes) + 1)))
        for start in range(0, len(chosen), batch):
            rows = chosen[start : start + batch]
            yield rows, _shifted(accepts[rows], shock[rows, None] * z), weights


def nodes(shock: float, members: int) -> tuple[Floats, Floats]:
    """Where the common term is evaluated, and the weights.

    The count of yes votes turns from under to over a quota within about 2 / (shock * sqrt(members)) of z: the step is
    kept below that.
    """
    if shock == 0:
        return np.zeros(1), np.ones(1)
    step = min(COARSEST, STEP / (shock * sqrt(members + 3)))
    count = min(ceil(FARTHEST / step), FINEST_NODES // 2)
    z = np.linspace(-FARTHEST, FARTHEST, 2 * count + 1)
    weights: Floats = np.exp(-0.5 * z * z)
    weights /= weights.sum()
    return z, weights


def _shifted(accepts: Floats, term: Floats) -> tuple[Floats, Floats]:
    """Chances of yes and of no with a term added to the log-odds, shape (rows, nodes, blocs)."""
    from scipy.special import expit, logit

    odds = logit(accepts)[:, None, :] + term[:, :, None]
    if not term.any():  # exactly the chances written, not what is left of them after a logarithm and back
        yes = np.broadcast_to(accepts[:, None, :], odds.shape)
        return yes, np.subtract(1.0, yes)
    return np.asarray(expit(odds), np.float64), np.asarray(expit(-odds), np.float64)


def _bloc(votes: int, yes: Floats, no: Floats, cohesion: Floats) -> Floats:
    """Distribution of the yes votes of one bloc, shape (rows, nodes, votes + 1)."""
    from scipy.special import gammaln

    j = np.arange(votes + 1)
    ways = gammaln(votes + 1) - gammaln(j + 1) - gammaln(votes - j + 1)
    logs = [np.log(np.maximum(p, TINY))[..., None] for p in (yes, no)]
    pmf: Floats = np.exp(ways + j * logs[0] + (votes - j) * logs[1])
    pmf *= (1 - cohesion)[..., None]
    pmf[..., -1] += cohesion * yes
    pmf[..., 0] += cohesion * no
    return pmf


def _convolved(first: Floats, second: Floats) -> Floats:
    """Distribution of a sum, over the last axis; the first has the fewer entries, or about as many."""
    size = first.shape[2]
    out = np.zeros((*first.shape[:2], size + second.shape[2] - 1))
    for j in range(size):
        out[..., j : j + second.shape[2]] += first[..., j, None] * second
    return out


def _tail(first: Floats, above: Floats, quota: int) -> Floats:
    """Chance that a sum reaches a quota, shape (rows, nodes).

    Args:
        first: distribution of one part.
        above: chance that the other part is at least 0, 1, ..., shape (rows, nodes, members + 1).
        quota: number to reach.
    """
    needed = quota - np.arange(first.shape[2])
    within = needed < above.shape[2]
    reached = above[..., np.clip(needed[within], 0, None)]
    out: Floats = np.einsum("rzj,rzj->rz", first[..., within], reached)
    return out
