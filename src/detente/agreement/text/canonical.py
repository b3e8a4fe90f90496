"""The shortest written form of an agreement file: what two files that say the same have in common."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from pydantic import ValidationError

from detente.agreement.blocks import CommitmentBlock, DeadlineBlock, Lag, Obligors, Slots
from detente.agreement.file import DAYS, AgreementFile, DisputeBlock, ExitBlock, PowerBlock
from detente.agreement.formula_text import Said, formula_text
from detente.agreement.periods import Period
from detente.agreement.time_text import moment_text, period_text
from detente.case.fields import Block

NAMES = frozenset({"who", "obligees", "targets", "blockers", "to", "adds", "survivors"})
ONE: dict[str, type[Block]] = {
    "commitments": CommitmentBlock, "powers": PowerBlock, "dispute": DisputeBlock, "exit": ExitBlock,
}  # fmt: skip
PLAIN: dict[type[Block], dict[str, Any]] = {
    CommitmentBlock: {"action": {"text": "x"}},
    PowerBlock: {"holder": "x", "may": "waive", "targets": "x"},
    DisputeBlock: {"window": "1 day"},
    ExitBlock: {"notice": "1 day"},
    AgreementFile: {"detente-agreement": 1, "name": "x", "zone": "UTC", "parties": {}, "commitments": {}},
}  # the least that each block needs


def canonical(file: AgreementFile) -> dict[str, Any]:
    """The shortest tree that reads as a file: defaults left out, dates, periods, formulas and numbers in one form.

    Args:
        file: as read.

    Returns:
        Mappings, lists, texts, whole numbers and truth values; None only in readings, where it takes something away.
    """
    tree = _block(file)
    readings = {party: _reading(override) for party, override in file.readings.items()}
    tree.pop("readings", None)
    if kept := {party: override for party, override in readings.items() if override}:
        tree["readings"] = kept
    return tree


def number_text(number: Fraction) -> str:
    """A number exactly: with a decimal point where that ends, else as a fraction."""
    rest, twos, fives = number.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    places = max(twos, fives)
    if rest != 1:
        return f"{number.numerator}/{number.denominator}"
    if not places:
        return str(number.numerator)
    digits = str(abs(number.numerator) * 10**places // number.denominator).rjust(places + 1, "0")
    return f"{'-' if number < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def _block(block: Block, keep: Iterable[str] = ()) -> dict[str, Any]:
    """What differs from the defaults, and what is to be kept anyway."""
    tree: dict[str, Any] = {}
    for name, field in type(block).model_fields.items():
        value = getattr(block, name)
        key = field.alias or name
        if key in keep or value != field.get_default(call_default_factory=True):
            tree[key] = _value(name, value)
    return tree


def _value(name: str, value: Any) -> Any:  # noqa: PLR0911 - one line for each kind of value
    if isinstance(value, Slots):
        return value.told()
    if isinstance(value, Block):
        return _short(value)
    if isinstance(value, Mapping):
        return {key: _one_or_many(v) if isinstance(v, tuple) else _value(key, v) for key, v in value.items()}
    if isinstance(value, tuple):
        if name in NAMES:
            return _one_or_many(value)
        return [DAYS[v] if name == "weekend" else _value("", v) for v in value]
    if isinstance(value, Said):
        return formula_text(value.formula)
    if isinstance(value, Period):
        return period_text(value)
    if isinstance(value, Fraction):
        return number_text(value)
    if isinstance(value, dt.date) or (name == "on" and isinstance(value, int)):
        return moment_text(value)
    return value


def _short(block: Block) -> Any:
    """A block that has a shorter form, in that form."""
    tree = _block(block)
    if isinstance(block, Obligors) and block.mode == "all":
        return tree.get("who", [])
    if isinstance(block, DeadlineBlock) and set(tree) == {"on"}:
        return tree["on"]
    if isinstance(block, Lag) and block.median == block.q90:
        return tree["median"]
    return tree


def _one_or_many(names: tuple[str, ...]) -> str | list[str]:
    return names[0] if len(names) == 1 else list(names)


# ------------------------------------------------------------------------------------------------------------ readings


def _reading(override: Mapping[str, Any]) -> dict[str, Any]:
    """What a party reads otherwise, each field in its canonical form; a default stays, since it replaces something."""
    tree: dict[str, Any] = {}
    for block, value in override.items():
        if block in ("commitments", "powers"):
            inner = {name: _fields(ONE[block], fields) for name, fields in value.items()}
            kept: dict[str, Any] = {name: fields for name, fields in inner.items() if fields}
            if kept:
                tree[block] = kept
        elif block in ("dispute", "exit") and value is not None:
            tree[block] = _fields(ONE[block], value)
        elif block == "groups":
            if value:
                tree[block] = {name: _value("who", _names(members)) for name, members in value.items()}
        else:
            tree[block] = _field(AgreementFile, block, value)
    return tree


def _names(members: Any) -> tuple[str, ...]:
    return (members,) if isinstance(members, str) else tuple(members)


def _fields(of: type[Block], written: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _field(of, key, value) for key, value in written.items()}


def _field(of: type[Block], key: str, value: Any) -> Any:
    if value is None:
        return None
    name = next(n for n, f in of.model_fields.items() if key in (n, f.alias))
    try:
        block = of.model_validate({**PLAIN[of], key: value})
    except ValidationError as error:  # pragma: no cover - the file that it comes from has been read
        raise TypeError(key) from error
    return _value(name, getattr(block, name))
