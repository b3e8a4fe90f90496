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
ROUNDS = 8


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
    from scipy.sparse.linalg import gmres

    scale = 1.0 / system.diagonal()
    weighted = csr_array(diags_array(scale) @ system)
    found: Floats = np.zeros(len(known))
    rest = known
    for _ in range(ROUNDS):
        found = found + gmres(weighted, scale * rest, rtol=1e-6, atol=0.0, restart=60, maxiter=10)[0]
        rest = known - system @ found
        if np.abs(rest).max() <= RESIDUAL * np.abs(known).max() + ROUNDING * np.abs(found).max():
            return found
    return None
