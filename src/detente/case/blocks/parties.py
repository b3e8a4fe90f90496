"""``parties``: who decides, who is affected, who guarantees, who mediates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from detente.case.fields import Block, Discount, Positive, Prose

if TYPE_CHECKING:
    from detente.case.checker import Checker
    from detente.case.file import CaseFile

Role = Literal["signatory", "affected", "guarantor", "mediator"]


class Party(Block):
    """One party.

    Attributes:
        name: shown to readers; the id where not given.
        role: signatory (default), affected, guarantor or mediator.
        discount: worth today of one unit next period; 0.95 a year where not given.
        scale: size of what is at stake, on the party's own utility scale.
        money: worth of one unit of money, on the party's own utility scale.
        note: free text.
    """

    name: Prose | None = None
    role: Role = "signatory"
    discount: Discount | None = None
    scale: Positive | None = None
    money: Positive | None = None
    note: Prose = ""


def check_parties(file: CaseFile, checker: Checker) -> None:
    """At least one party; names shown to readers differ."""
    if not file.parties and not checker.cut("parties"):
        checker.error(("parties",), "no party", "at least one party", "Name who decides.")
    seen: dict[str, str] = {}
    for party, written in file.parties.items():
        name = (written.name or party).casefold()
        if name in seen:
            checker.error(("parties", party, "name"), f"the same name as {seen[name]!r}", "a name of its own")
        seen.setdefault(name, party)
        for field in ("discount", "scale", "money"):
            checker.amount(("parties", party, field), getattr(written, field))
