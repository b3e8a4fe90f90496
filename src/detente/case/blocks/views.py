"""``views``: somebody's reading of the case, as edits to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict

from detente.base.errors import did_you_mean, shown
from detente.case.fields import Block, Identifier, Prose

if TYPE_CHECKING:
    from detente.case.checker import Checker
    from detente.case.file import CaseFile

OWN_KEYS = ("by", "of", "extends", "label", "note", "source")
UNEDITED = ("detente", "name", "views")


class View(Block):
    """A reading of the case by somebody, or the picture a party has of it.

    Attributes:
        by: whose reading.
        of: the party whose picture of things this is.
        extends: another view that is applied first.
        label: shown to readers.
        note, source: where it comes from.

    Every other key is a block of the case, merged into it (DESIGN section 3).
    """

    model_config = ConfigDict(extra="allow")

    by: Prose | None = None
    of: Identifier | None = None
    extends: Identifier | None = None
    label: Prose | None = None
    note: Prose = ""
    source: Prose | None = None

    def edits(self) -> dict[str, Any]:
        """The blocks that the view writes, as a plain tree."""
        return dict(self.__pydantic_extra__ or {})


def check_views(file: CaseFile, checker: Checker) -> None:
    """Blocks exist, parties exist, chains of views end."""
    blocks = [f for f in type(file).model_fields if f not in UNEDITED]
    for name, view in file.views.items():
        path = ("views", name)
        for key in view.edits():
            if key not in blocks:
                known = (*OWN_KEYS, *blocks)
                fix = did_you_mean(key, known)
                checker.error((*path, key), f"the unknown key {shown(key)}", f"one of {', '.join(known)}", fix)
        if view.of is not None:
            checker.party((*path, "of"), view.of)
        if view.extends is not None:
            checker.view((*path, "extends"), view.extends)
        checker.source((*path, "source"), view.source)
        if name in ancestry(file, name)[1:]:
            checker.error((*path, "extends"), "a view that extends itself", "a chain of views that ends")


def ancestry(file: CaseFile, name: str) -> list[str]:
    """A view and those it extends, nearest first; stops where the chain bites its tail."""
    chain: list[str] = []
    current: str | None = name
    while current is not None and current in file.views:
        if current in chain:
            return [*chain, current]
        chain.append(current)
        current = file.views[current].extends
    return chain
