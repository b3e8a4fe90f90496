"""Linear systems of chains: x = Q x + known, exactly where that is quick, else to a residual near rounding."""

from __future__ import annotations

from typing import Any

import numpy as np

from detente.forecast.dynamics import Floats

DENSE = 400
DIRECT = 4_000
"""Above this the factors of a matrix can fill up beyond any memory."""
RESIDUAL = 1e-12
ROUNDING = 1e-14
ROUNDS = 60
SPACE = 60
NEARER = 1e-9
"""A round that has come so much nearer to the solution ends."""


def solve(chances: Any, known: Floats) -> Floats:
    """The x with x = chances x + known.

    Args:
        chances: sparse square matrix, not negative, whose powers vanish, shape (n, n).
        known: shape (n,).

    Returns:
        Shape (n,).

    Raises:
        LinAlgError: powers that vanish too slowly to be told from ones that do not.
    """
    size = len(known)
    out: Floats
    if size <= DENSE:
        out = np.linalg.solve(np.eye(size) - chances.toarray(), known)
        return out
    from scipy.sparse import csc_array, csr_array, eye_array
    from scipy.sparse.linalg import splu

    system = csr_array(eye_array(size, format="csr") - chances)
    if chances.nnz > 8 * size:  # the factors would fill up: cheaper to go round
        found = _by_rounds(system, known)
        if found is not None:
            return found
        if size > DIRECT:
            raise np.linalg.LinAlgError("a system that comes to rest too slowly")
    try:
        out = splu(csc_array(system)).solve(known)
    except RuntimeError as error:  # exactly singular
        raise np.linalg.LinAlgError(str(error)) from None
    return out


def _by_rounds(system: Any, known: Floats) -> Floats | None:
    """The solution by a Krylov method, each round finding what the one before left; None where that does not end."""
    from scipy.sparse import csr_array, diags_array

    scale = 1.0 / system.diagonal()
    weighted = csr_array(diags_array(scale) @ system)
    found: Floats = np.zeros(len(known))
    rest = known
    for _ in range(ROUNDS):
        found = found + _round(weighted, scale * rest)
        rest = known - system @ found
        if np.abs(rest).max() <= RESIDUAL * np.abs(known).max() + ROUNDING * np.abs(found).max():
            return found
    return None


def _round(system: Any, known: Floats) -> Floats:
    """The x in a Krylov space for which system x is nearest to known (generalised minimal residuals, Saad 1986).

    Sums are ``einsum``'s: the threads of a linear algebra library cost more than they save here, and on a busy machine
    wait for each other.
    """
    basis = np.zeros((SPACE + 1, len(known)))
    small = np.zeros((SPACE + 1, SPACE))
    aim = np.zeros(SPACE + 1)
    aim[0] = _length(known)
    if aim[0] == 0.0:
        return np.zeros(len(known))
    basis[0] = known / aim[0]
    best: Floats = np.zeros(0)
    for n in range(SPACE):
        fresh = system @ basis[n]
        for _ in range(2):  # a second time, for what rounding left of the first
            along = np.einsum("kn,n->k", basis[: n + 1], fresh)
            fresh = fresh - np.einsum("kn,k->n", basis[: n + 1], along)
            small[: n + 1, n] += along
        small[n + 1, n] = _length(fresh)
        last = small[n + 1, n] <= 1e-14 or n == SPACE - 1
        if last or n % 5 == 4:
            best = np.linalg.lstsq(small[: n + 2, : n + 1], aim[: n + 2])[0].astype(np.float64)
            off = aim[: n + 2] - small[: n + 2, : n + 1] @ best
            if last or _length(off) <= NEARER * aim[0]:
                break
        basis[n + 1] = fresh / small[n + 1, n]
    return np.asarray(np.einsum("kn,k->n", basis[: len(best)], best))


def _length(vector: Floats) -> float:
    return float(np.sqrt(np.einsum("n,n->", vector, vector)))
