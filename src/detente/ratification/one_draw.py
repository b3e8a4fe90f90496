"""The chance of passage of every state in one draw of the uncertain numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from detente.case.fields import Amount
from detente.ratification.passage import Assembly, BodySlots, Path, Slot
from detente.space.masks import Bools


@dataclass(frozen=True, eq=False)
class DrawnAssembly(Assembly):
    """An assembly whose numbers are those of one draw.

    Attributes:
        reader: gives the number that stands at a path.
    """

    reader: Callable[[Path, Amount], float]

    def read(self, path: Path, written: Amount) -> float:
        """A number that stands at a path."""
        return self.reader(path, written)


def in_one_draw(
    assembly: Assembly, reader: Callable[[Path, Amount], float], blocks: Mapping[str, Bools]
) -> DrawnAssembly:
    """An assembly in one draw.

    Args:
        assembly: at the point values.
        reader: gives the number that stands at a path, in the draw.
        blocks: party with a veto -> where it gets less than without a deal in the draw, shape (states,).
    """

    def vote(slot: Slot) -> Slot:
        return slot if slot.party is None else replace(slot, choice=(~blocks[slot.party]).astype(np.int16))

    def drawn(body: BodySlots) -> BodySlots:
        return replace(body, vetoes={name: vote(slot) for name, slot in body.vetoes.items()})

    bodies = {name: drawn(body) for name, body in assembly.bodies.items()}
    return DrawnAssembly(assembly.case, assembly.states, bodies, assembly.needs, assembly.matches, blocks, reader)
