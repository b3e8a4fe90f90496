"""Linear systems of chains: x = Q x + known, exactly where that is quick, else to a residual near rounding."""

from __future__ import annotations

from typing import Any

import numpy as np

from detente.forecast.dynamics import Floats

DENSE = 400
RESIDUAL = 1e-12


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
    if size <= DENSE:
        out: Floats = np.linalg.solve(np.eye(size) - chances.toarray(), known)
        return out
    from scipy.sparse import csc_array, eye_array
    from scipy.sparse.linalg import bicgstab, splu

    system = csc_array(eye_array(size, format="csr") - chances)
    bound = RESIDUAL * float(np.abs(known).max(initial=0.0))
    if chances.nnz > 8 * size:  # filling up the factors would cost more than going round
        found, _ = bicgstab(system, known, rtol=RESIDUAL / 10, atol=0.0, maxiter=2_000)
        if np.abs(system @ found - known).max(initial=0.0) <= bound:
            return np.asarray(found)
    try:
        return np.asarray(splu(system).solve(known))
    except RuntimeError as error:  # exactly singular
        raise np.linalg.LinAlgError(str(error)) from None
