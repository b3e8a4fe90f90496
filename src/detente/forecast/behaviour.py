"""Behaviour in numbers, and the settings over which a forecast is made, since behaviour is not known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from detente.case.blocks.forecast import Behaviour as Block
from detente.case.blocks.forecast import DealRule
from detente.case.blocks.plan import parts
from detente.case.fields import Amount, ConditionalAmount, amount
from detente.case.quantities import NOT_NEGATIVE, PROBABILITY, Quantity, plain
from detente.forecast.dynamics import Dynamics

Path = tuple[str, ...]
AT: Path = ("forecast", "behaviour")
EQUAL = amount("1", NOT_NEGATIVE)
NEVER = ConditionalAmount(amount("0", PROBABILITY))


@dataclass(frozen=True, eq=False)
class Setting:
    """One way in which the parties may behave. The settings of a forecast count alike.

    Attributes:
        values: what tells it from the others, as (name, value) pairs; empty if it is the only one.
        dynamics: the rules of movement.
        intensity: logit weight of one standard deviation of a party's utility.
        initiative: mover -> how often it has the move; the others never.
        breakdown: chance of a breakdown per period.
        rate: chance of a joint move per period.
    """

    values: tuple[tuple[str, str], ...]
    dynamics: Dynamics
    intensity: Amount
    initiative: Mapping[str, Amount]
    breakdown: ConditionalAmount = NEVER
    rate: ConditionalAmount = NEVER

    @property
    def name(self) -> str:
        """For readers."""
        return ", ".join(f"{k} {v}" for k, v in self.values) or "as written"

    def numbers(self) -> list[tuple[Path, Amount]]:
        """Every number with the path where it stands; those that have no effect are left out."""
        out = [((*AT, "intensity"), self.intensity)] if self.dynamics.reply == "logit" else []
        if self.dynamics.turns is None:
            out += [((*AT, "initiative", p), a) for p, a in self.initiative.items()]
        if self.dynamics.breaks is not None:
            out += parts(BREAKDOWN, self.breakdown)
        return [*out, *parts(RATE, self.rate)] if self.dynamics.among else out


BREAKDOWN: Path = (*AT, "breakdown")
RATE: Path = (*AT, "deals", "rate")


def settings_of(block: Block, dynamics: Dynamics) -> tuple[Setting, ...]:
    """The settings that a block describes: one per intensity where a list is written (or none is), else one.

    Args:
        block: behaviour as written, or all defaults.
        dynamics: the rules of movement that follow from it.
    """
    written = block.initiative
    weights = dict(written.weights) if written is not None and written.weights is not None else None
    initiative = dict.fromkeys(dynamics.movers, EQUAL) if weights is None else weights
    rate = block.deals.rate if isinstance(block.deals, DealRule) else NEVER
    several = block.intensity.grid and dynamics.reply == "logit"
    chosen = block.intensity.values if several else block.intensity.values[:1]
    return tuple(
        Setting((("intensity", _text(i.quantity)),) if several else (), dynamics, i, initiative, block.breakdown, rate)
        for i in chosen
    )


def _text(quantity: Quantity) -> str:
    return plain(quantity.numbers[0]) if quantity.kind == "point" else str(quantity)
