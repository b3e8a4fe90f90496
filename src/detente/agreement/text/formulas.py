"""Formulas as blocks that sentences can tell, and back."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from detente.agreement import formulas as f
from detente.agreement.formula_text import STATES, formula_text
from detente.agreement.periods import Period
from detente.agreement.text.canonical import number_text
from detente.agreement.time_text import moment_text, parse_moment, parse_period, period_text

CONSTANTS: dict[str, f.Formula] = {"true": f.Always(), "never": f.Never(), "in_force": f.InForce()}
ABOUT: dict[str, Any] = {
    "event": f.Event, "signed": f.Signed, "ratified": f.Ratified, "joint": f.Joint, "fulfilled": f.Fulfilled,
    "verified": f.Verified, "claimed": f.Claimed, "breached": f.Breached,
}  # fmt: skip
KIND = {of: kind for kind, of in ABOUT.items()}


def block_of(formula: f.Formula) -> dict[str, Any]:
    """What the rules ``simple`` and ``long`` tell of a formula that is neither an ``and`` nor an ``or``."""
    for word, constant in CONSTANTS.items():
        if formula == constant:
            return {"f": word}
    if isinstance(formula, f.At):
        return {"f": "at", "moment": moment_text(formula.moment)}
    if isinstance(formula, f.After):
        return {"f": "after", "period": period_text(formula.period), "inner": formula.formula}
    if isinstance(formula, f.NotBy):
        return {"f": "not_by", "moment": moment_text(formula.moment), "inner": formula.formula}
    if isinstance(formula, f.InState):
        return {"f": "state", "name": formula.commitment, "states": [s for s in STATES if s in formula.states]}
    if isinstance(formula, f.Progress):
        return {"f": "progress", "name": formula.commitment, "share": number_text(formula.at_least)}
    name = formula.party if isinstance(formula, f.Signed | f.Ratified) else None
    name = formula.group if isinstance(formula, f.Joint) else name
    name = formula.name if isinstance(formula, f.Event) else name
    return {"f": KIND[type(formula)], "name": name or formula.commitment}  # type: ignore[union-attr]


def formula_of(block: dict[str, Any]) -> f.Formula:
    """The formula of such a block."""
    kind = block["f"]
    if kind in CONSTANTS:
        return CONSTANTS[kind]
    if kind == "at":
        return f.At(parse_moment(block["moment"]))
    if kind == "after":
        return f.After(block["inner"], _period(block["period"]))
    if kind == "not_by":
        return f.NotBy(block["inner"], parse_moment(block["moment"]))
    if kind == "state":
        return f.InState(block["name"], frozenset(block["states"]))
    if kind == "progress":
        return f.Progress(block["name"], Fraction(block["share"]))
    made: f.Formula = ABOUT[kind](block["name"])
    return made


def _period(text: str) -> Period:
    return parse_period(text)


__all__ = ["block_of", "formula_of", "formula_text"]
