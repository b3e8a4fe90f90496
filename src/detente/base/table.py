"""A small frozen table: columns of text, printed alike in a terminal, a page and a notebook."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from detente.base.errors import MissingExtra

if TYPE_CHECKING:
    import pandas as pd

FORMULA = ("=", "+", "@", "\uff1d", "\uff0b", "\uff20")  # and the wide forms that some spreadsheets take for them
PLAIN = re.compile(r"[-\u2212](?:[0-9][0-9,]*(?:\.[0-9]+)?)?")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under column heads.

    Attributes:
        columns: the heads.
        rows: one tuple of texts per row, as long as ``columns``.
        title: what the table shows.
        note: a remark printed under it.
        rulers: indices of rows before which a rule is drawn (groups).
        stubs: how many leading columns name the rows; they stand in every part of a table that is cut.
        groups: heads over neighbouring columns, as (name, how many columns); together they cover all columns.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    note: str = ""
    rulers: tuple[int, ...] = ()
    stubs: int = 1
    groups: tuple[tuple[str, int], ...] = ()

    @property
    def heads(self) -> tuple[str, ...]:
        """One head per column, with the name of its group before it."""
        names = [name for name, count in self.groups for _ in range(count)] or [""] * len(self.columns)
        return tuple(f"{n} {c}".strip() for n, c in zip(names, self.columns, strict=True))

    def __str__(self) -> str:
        """Aligned plain text."""
        widths = [max(len(r[c]) for r in (self.heads, *self.rows)) for c in range(len(self.columns))]
        lines = [self.title] if self.title else []
        lines.append("  ".join(h.ljust(w) for h, w in zip(self.heads, widths, strict=True)).rstrip())
        lines.append("  ".join("-" * w for w in widths))
        lines += ["  ".join(v.ljust(w) for v, w in zip(r, widths, strict=True)).rstrip() for r in self.rows]
        if self.note:
            lines.append(self.note)
        return "\n".join(lines)

    def to_html(self) -> str:
        """An HTML table with every text escaped."""
        head = "".join(f"<th>{escape(c)}</th>" for c in self.heads)
        body = "".join("<tr>" + "".join(f"<td>{escape(v)}</td>" for v in r) + "</tr>" for r in self.rows)
        caption = f"<caption>{escape(self.title)}</caption>" if self.title else ""
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def to_csv(self) -> str:
        """Comma-separated text; cells that a spreadsheet would run as a formula are prefixed with ``'``."""
        import csv
        import io

        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([_inert(c) for c in self.heads])
        writer.writerows([_inert(v) for v in r] for r in self.rows)
        return out.getvalue()

    def to_latex(self, label: str = "") -> str:
        r"""A LaTeX table for a paper (needs ``\usepackage{array,booktabs}``), cut into parts where it is wide or long.

        Args:
            label: what to refer to it by, without ``tab:``.
        """
        from detente.base.latex import latex

        return latex(self, label)

    def to_frame(self) -> pd.DataFrame:
        """The table as a pandas data frame.

        Raises:
            MissingExtra: pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise MissingExtra("a data frame", "frames") from error
        return pd.DataFrame(list(self.rows), columns=list(self.heads))


def _inert(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula; numbers and lone dashes stay as they are."""
    start = cell.lstrip()[:1] or cell[:1]
    if start in ("-", "\uff0d", "\u2212"):
        return cell if PLAIN.fullmatch(cell) else "'" + cell
    return "'" + cell if cell[:1] in ("\t", "\r", "\n") or start in FORMULA else cell
