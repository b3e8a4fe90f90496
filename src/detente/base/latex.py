r"""Tables in LaTeX: escaped texts, ``booktabs`` rules, wide and long tables cut into parts that fit a page.

The result needs ``\usepackage{array,booktabs}``. Letters outside Latin (Hangul, for instance) need XeLaTeX or
LuaLaTeX and a font that has them; everything else also sets with pdfLaTeX.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from detente.base.wording import broken

if TYPE_CHECKING:
    from detente.base.table import Table

MOST_COLUMNS = 20  # columns of one tabular, those that name the rows not counted
MOST_WIDTH = 96  # characters in a line of it
MOST_ROWS = 36  # rows on a page
HEAD = 12  # characters after which a head is broken into lines
LONG = 34  # characters from which a column is set as paragraphs
NAME = 22  # the same for columns that name the rows
SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': "''", "`": r"\textasciigrave{}", "[": "{[}", "]": "{]}", "*": "{*}",
    "\u00a0": "~", "…": r"\dots{}", "•": r"\textbullet{}",
}  # fmt: skip
SYMBOLS = {
    "±": "pm", "×": "times", "·": "cdot", "−": "-", "≤": "leq", "≥": "geq", "≠": "neq", "≈": "approx", "∞": "infty",
    "→": "rightarrow", "←": "leftarrow", "↔": "leftrightarrow", "⇒": "Rightarrow", "≻": "succ", "≺": "prec",
    "∼": "sim", "∈": "in", "∅": "emptyset", "½": "frac12", "✓": "surd", "√": "surd",
}  # fmt: skip
LIGATURES = re.compile(r"(?<=[-,?!'])(?=[-,'`])")


def escaped(text: str) -> str:
    """A text that LaTeX prints as it stands: no command, no comment, no change of column or line, no ligature.

    Args:
        text: anything a case contains.

    Returns:
        The text on one line; control and direction characters are left out.
    """
    shown = "".join(c if c == "\u00a0" or not unicodedata.category(c).startswith("Z") else " " for c in text)
    shown = "".join(" " if c in "\n\r\t" else c for c in shown)
    kept = (c for c in shown if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    return "".join(_char(c) for c in LIGATURES.sub("\0", "".join(kept)))


def _char(char: str) -> str:
    if char == "\0":
        return "{}"
    if char in SYMBOLS:
        name = SYMBOLS[char]
        return rf"\ensuremath{{{name if name == '-' else chr(92) + name}}}"
    return SPECIAL.get(char, char)


def latex(table: Table, label: str = "") -> str:
    """A table as LaTeX floats: one, or several "(continued)" under one number where it does not fit a page.

    Args:
        table: what to set.
        label: what to refer to it by, without ``tab:``; no label where empty.
    """
    floats: list[list[str]] = []
    left = 0
    for columns in _column_parts(table):
        for rows in _row_parts(table):
            size = len(rows) + 3
            if left < size:
                floats.append([])
                left = MOST_ROWS + 3
            left -= size
            floats[-1].append(_tabular(table, columns, rows))
    wide = len(floats) > 1 or len(floats[0]) > 1 or _width(table, range(len(table.columns))) > MOST_WIDTH * 0.7
    pages = [_float(table, parts, label, number, wide=wide) for number, parts in enumerate(floats)]
    return "\n".join(pages)


def _float(table: Table, parts: list[str], label: str, number: int, *, wide: bool) -> str:
    lines = [r"\begin{table}[htbp]", r"\centering"]
    if wide:
        lines += [r"\small", r"\setlength{\tabcolsep}{3pt}"]
    if number:
        lines.append(r"\addtocounter{table}{-1}")
    if table.title:
        lines.append(rf"\caption{{{escaped(table.title)}{' (continued)' if number else ''}}}")
    if label and not number:
        lines.append(rf"\label{{tab:{re.sub('[^A-Za-z0-9:-]+', '-', label)}}}")
    lines.append("\n\n\\medskip\n".join(parts))
    if table.note:
        lines.append("\n\\smallskip\n{\\footnotesize " + escaped(table.note) + "\\par}")
    return "\n".join([*lines, r"\end{table}", ""])


# --- what fits --------------------------------------------------------------------------------------------------------


def _head(table: Table, column: int) -> list[str]:
    """A head in short lines."""
    cells = max((len(r[column]) for r in table.rows), default=0)
    return broken(table.columns[column], max(HEAD, min(cells, _longest(table, column))))


def _longest(table: Table, column: int) -> int:
    """The longest text that a column sets on one line."""
    return NAME if column < table.stubs and len(table.columns) > table.stubs + 2 else LONG


def _widths(table: Table, columns: range) -> list[float]:
    texts = ((*_head(table, c), *(r[c] for r in table.rows)) for c in columns)
    return [1.5 + min(_longest(table, c), max(map(len, of))) for c, of in zip(columns, texts, strict=True)]


def _width(table: Table, columns: range) -> float:
    return sum(_widths(table, columns))


def _column_parts(table: Table) -> Iterator[list[int]]:
    """Numbers of the columns of each tabular; those that name the rows stand in every one, groups stay whole."""
    stubs = list(range(table.stubs))
    widths = _widths(table, range(len(table.columns)))
    base = sum(widths[: table.stubs])
    part: list[int] = []
    for block in _blocks(table, widths):
        held = sum(widths[c] for c in [*part, *block])
        if part and (len(part) + len(block) > MOST_COLUMNS or base + held > MOST_WIDTH):
            yield stubs + part
            part = []
        part += block
    yield stubs + part


def _blocks(table: Table, widths: list[float]) -> Iterator[list[int]]:
    """Columns that stay together: a group, where it fits a line."""
    start = 0
    for name, count in table.groups or (("", 1),) * len(table.columns):
        block = [c for c in range(start, start + count) if c >= table.stubs]
        start += count
        fits = len(block) <= MOST_COLUMNS and sum(widths[c] for c in [*range(table.stubs), *block]) <= MOST_WIDTH
        for piece in [block] if name and fits else [[c] for c in block]:
            if piece:
                yield piece


def _row_parts(table: Table) -> list[range]:
    count = len(table.rows)
    return [range(at, min(at + MOST_ROWS, count)) for at in range(0, max(count, 1), MOST_ROWS)]


# --- one tabular ------------------------------------------------------------------------------------------------------


def _tabular(table: Table, columns: list[int], rows: range) -> str:
    lines = [rf"\begin{{tabular}}{{@{{}}{_kinds(table, columns)}@{{}}}}", r"\toprule"]
    spans = _spans(table, columns)
    if any(name for name, _, _ in spans):
        cells = [rf"\multicolumn{{{last - first + 1}}}{{c}}{{{escaped(name)}}}" for name, first, last in spans]
        rules = [rf"\cmidrule(lr){{{first}-{last}}}" for name, first, last in spans if name]
        lines += [" & ".join(cells) + r" \\", "".join(rules)]
    heads = (_stacked(_head(table, c)) for c in columns)
    lines += [" & ".join(heads) + r" \\", r"\midrule"]
    for row in rows:
        if row in table.rulers and row != rows[0]:
            lines.append(r"\midrule")
        cells = [escaped(table.rows[row][c]) for c in columns]
        if (
            table.stubs > 1
            and row != rows[0]
            and row not in table.rulers
            and table.rows[row][0] == table.rows[row - 1][0]
        ):
            cells[0] = ""  # a name that goes for several rows is printed once
        lines.append(" & ".join(cells) + r" \\")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"])


def _spans(table: Table, columns: list[int]) -> list[tuple[str, int, int]]:
    """The group heads over a tabular's columns, with the first and last place (from 1) of each."""
    names = [name for name, count in table.groups for _ in range(count)]
    out: list[tuple[str, int, int]] = []
    for place, column in enumerate(columns, start=1):
        name = names[column] if names else ""
        if name and out and out[-1][0] == name:
            out[-1] = (name, out[-1][1], place)
        else:
            out.append((name, place, place))
    return out


def _stacked(lines: list[str]) -> str:
    parts = [part for part in map(escaped, lines) if part.strip()]
    if len(parts) < 2:
        return "".join(parts)
    return r"\shortstack[l]{" + r"\\".join(parts) + "}"  # no line of it may be empty


def _kinds(table: Table, columns: list[int]) -> str:
    """The column letters: centred marks, left-hand texts, paragraphs for long names and for texts sharing the line."""
    longest = {c: max((len(r[c]) for r in table.rows), default=0) for c in columns}
    long = {c: n**0.5 for c, n in longest.items() if n > LONG == _longest(table, c)}
    short = sum(
        1.5 + min(_longest(table, c), max(longest[c], *map(len, _head(table, c)))) for c in columns if c not in long
    )
    room = max(0.3, 0.98 - short / MOST_WIDTH)
    kinds = []
    for column in columns:
        width = ""
        if column in long:
            width = rf"{room * long[column] / sum(long.values()) - 0.015:.3f}\linewidth"
        elif longest[column] > _longest(table, column):
            width = f"{NAME * 0.47:g}em"
        if width:
            kinds.append(rf">{{\raggedright\arraybackslash}}p{{{width}}}")
        else:
            kinds.append("c" if column >= table.stubs and longest[column] <= 3 else "l")
    return "".join(kinds)
