"""Draws that are steered: some streams drawn afresh, some held at a quantile, some at their point values.

One object holds a whole design of such draws (a row of the design = a draw), so that what is answered for plain draws
is answered for it in the same way, by the same workers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from detente.case.fields import Amount
from detente.case.model import Case
from detente.space.draws import Draws, Floats, Path

Int64 = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Steered(Draws):
    """A design of draws.

    Attributes:
        number: the plain draw that each draw starts from, shape (draws,).
        other: seed of streams that are drawn afresh.
        fresh: stream -> draws in which it is drawn afresh: as in the plain draw of the same number of seed ``other``.
        pinned: stream -> its quantile in every draw, NaN where it is as drawn; of a party's types the type's number.
        points: draws in which everything that is not pinned is at its point value, shape (draws,). An order is then at
            equal steps, a type is the one that the case chooses.
    """

    number: Int64 = field(default_factory=lambda: np.zeros(0, np.int64))
    other: int = 0
    fresh: Mapping[str, Bools] = field(default_factory=dict)
    pinned: Mapping[str, Floats] = field(default_factory=dict)
    points: Bools = field(default_factory=lambda: np.zeros(0, bool))

    @classmethod
    def of(
        cls,
        plain: Draws,
        number: Int64,
        *,
        fresh: Mapping[str, Bools] | None = None,
        pinned: Mapping[str, Floats] | None = None,
        points: Bools | None = None,
    ) -> Steered:
        """A design that starts from plain draws.

        Args:
            plain: the draws; streams drawn afresh are those of a seed that follows from its own.
            number: the plain draw that each draw starts from.
            fresh: stream -> where it is drawn afresh.
            pinned: stream -> its quantiles.
            points: where everything else is at its point value.
        """
        number = np.asarray(number, np.int64)
        points = np.zeros(len(number), bool) if points is None else np.asarray(points, bool)
        return cls(plain.case, len(number), plain.seed, number, _another(plain.seed), fresh or {}, pinned or {}, points)

    def of_case(self, case: Case) -> Steered:
        """The same design over a case with other types chosen."""
        return Steered(
            case, self.count, self.seed, self.number, self.other, self.fresh, self.pinned, self.points
        )  # fmt: skip

    @cached_property
    def _both(self) -> tuple[Draws, Draws]:
        most = int(self.number.max(initial=0)) + 1
        return Draws(self.case, most, self.seed), Draws(self.case, most, self.other)

    def uniforms(self, stream: str) -> Floats:
        """Quantiles of a stream, shape (draws,)."""
        plain, other = self._both
        out = plain.uniforms(stream)[self.number]
        if stream in self.fresh:
            out = np.where(self.fresh[stream], other.uniforms(stream)[self.number], out)
        if stream in self.pinned and not _of_types(stream):
            out = np.where(np.isnan(self.pinned[stream]), out, self.pinned[stream])
        return out

    def free_points(self, stream: str) -> Bools:
        """Draws in which a stream is at its point value, shape (draws,)."""
        if stream not in self.pinned:
            return self.points
        out: Bools = self.points & np.isnan(self.pinned[stream])
        return out

    def sample(self, path: Path, amount: Amount) -> Floats:
        """A number that stands at a path, in every draw, shape (draws,)."""
        at = self.free_points(self._stream(path, amount))
        if at.all():
            return np.full(self.count, float(self.case.mean(amount)))
        return np.where(at, float(self.case.mean(amount)), super().sample(path, amount))

    def types(self, party: str) -> Int64:
        """Type of a party in every draw, as its position in the file, shape (draws,)."""
        written = list(self.case.file.preferences[party].types or ())
        stream = f"preferences.{party}.types"
        out = np.where(self.free_points(stream), written.index(self.case.types[party]), super().types(party))
        if stream in self.pinned:
            given = self.pinned[stream]
            out = np.where(np.isnan(given), out, given)
        return out.astype(np.int64)

    def order_worth(self, party: str, classes: int, draw: int) -> Floats:
        """Worths that fit an order, in one draw, shape (classes,)."""
        if self.points[draw]:
            return np.linspace(0.0, 1.0, classes) if classes > 1 else np.zeros(1)
        return super().order_worth(party, classes, draw)

    def generator(self, stream: str, draw: int | None = None) -> np.random.Generator:
        """The random numbers of a stream, or of one draw of it."""
        if draw is None:
            return super().generator(stream)
        source = self._both[int(stream in self.fresh and bool(self.fresh[stream][draw]))]
        return source.generator(stream, int(self.number[draw]))


def _another(seed: int) -> int:
    """A seed that differs from the given one, and is the same every time."""
    return seed + 0x9E3779B9


def _of_types(stream: str) -> bool:
    """Whether a stream is that of a party's type."""
    parts = stream.split(".")
    return len(parts) == 3 and parts[0] == "preferences" and parts[2] == "types"
