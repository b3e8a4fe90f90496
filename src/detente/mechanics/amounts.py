"""Written numbers at their point values or in every draw, and where they depend on the state."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.case.fields import Amount, ConditionalAmount
from detente.case.model import Case
from detente.space.draws import Draws
from detente.space.masks import Digits, mask

Floats = NDArray[np.float64]
Path = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Numbers:
    """Reads written numbers: one value each, or one per draw.

    Attributes:
        case: where the numbers stand.
        draws: of the case, or None for point values.
    """

    case: Case
    draws: Draws | None = None

    @property
    def count(self) -> int:
        """Values per number: the draws, or 1."""
        return 1 if self.draws is None else self.draws.count

    def read(self, path: Path, written: Amount) -> Floats:
        """A number, shape (draws,)."""
        if self.draws is None:
            return np.array([float(self.case.mean(written))])
        return self.draws.sample(path, written)

    def judged(self, path: Path, written: ConditionalAmount, digits: Digits) -> Floats:
        """A number that may depend on the state: the first condition that holds counts.

        Args:
            path: where it stands.
            written: the number.
            digits: states it is judged at, level numbers of shape (options, states).

        Returns:
            Shape (draws, states); (draws, 1) where it depends on nothing.
        """
        if not written.when:
            return self.read(path, written.default)[:, None]
        first = np.full(digits.shape[1], len(written.when))
        values = []
        for n, (condition, number) in enumerate(written.when):
            holds = mask(self.case.meaning(condition), digits)
            first[holds & (first == len(written.when))] = n
            values.append(self.read((*path, "when", condition.text), number))
        values.append(self.read((*path, "default"), written.default))
        return np.stack(values, axis=1)[:, first]
