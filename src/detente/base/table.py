"""A small frozen table: columns of text, printed alike in a terminal, a page and a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from detente.base.errors import MissingExtra

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under column heads.

    Attributes:
        columns: the heads.
        rows: one tuple of texts per row, as long as ``columns``.
        title: what the table shows.
        note: a remark printed under it.
        rulers: indices of rows before which a rule is drawn (groups).
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    note: str = ""
    rulers: tuple[int, ...] = ()

    def __str__(self) -> str:
        """Aligned plain text."""
        widths = [max(len(r[c]) for r in (self.columns, *self.rows)) for c in range(len(self.columns))]
        lines = [self.title] if self.title else []
        lines.append("  ".join(h.ljust(w) for h, w in zip(self.columns, widths, strict=True)).rstrip())
        lines.append("  ".join("-" * w for w in widths))
        lines += ["  ".join(v.ljust(w) for v, w in zip(r, widths, strict=True)).rstrip() for r in self.rows]
        if self.note:
            lines.append(self.note)
        return "\n".join(lines)

    def to_html(self) -> str:
        """An HTML table with every text escaped."""
        head = "".join(f"<th>{escape(c)}</th>" for c in self.columns)
        body = "".join("<tr>" + "".join(f"<td>{escape(v)}</td>" for v in r) + "</tr>" for r in self.rows)
        caption = f"<caption>{escape(self.title)}</caption>" if self.title else ""
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def to_csv(self) -> str:
        """Comma-separated text; cells that a spreadsheet would run as a formula are prefixed with ``'``."""
        import csv
        import io

        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([_inert(c) for c in self.columns])
        writer.writerows([_inert(v) for v in r] for r in self.rows)
        return out.getvalue()

    def to_frame(self) -> pd.DataFrame:
        """The table as a pandas data frame.

        Raises:
            MissingExtra: pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise MissingExtra("a data frame", "frames") from error
        return pd.DataFrame(list(self.rows), columns=list(self.columns))


def _inert(cell: str) -> str:
    return "'" + cell if cell[:1] in ("=", "+", "@", "\t", "\r") else cell
