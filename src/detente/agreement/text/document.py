"""A text as its visible lines: headings, numbered sentences and rows of tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LINE = Literal["heading", "sentence", "row"]


@dataclass(frozen=True, slots=True)
class Line:
    """One visible line.

    Attributes:
        kind: what it is.
        text: what it says; a row's cells stand under ``cells``.
        level: 1 for the title, 2 and 3 for headings below it.
        number: of a sentence, such as ``3.2``; empty without one.
        cells: of a row.
        row, column: where it stands in the file it was read from.
    """

    kind: LINE
    text: str = ""
    level: int = 0
    number: str = ""
    cells: tuple[str, ...] = ()
    row: int = 0
    column: int = 1


@dataclass(frozen=True, slots=True)
class Document:
    """A text, line by line."""

    lines: tuple[Line, ...]

    @property
    def title(self) -> str:
        """Its first heading."""
        return self.lines[0].text
