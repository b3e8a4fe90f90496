"""CSV text to cells that know their line and column."""

from __future__ import annotations

import re

from detente.base.errors import CaseError, Problem
from detente.case.yaml_tree import MAX_NODES, Text, decode

DELIMITERS = (",", ";", "\t")
HEADED = re.compile(r'\s*"?(?:states?|concept|party)"?\s*[,;\t]', re.IGNORECASE)
MOST_TITLES = 5


def read_cells(data: bytes | str, file: str | None) -> list[list[Text]]:
    """Rows of cells, quoted as spreadsheets quote, separated by comma, semicolon or tab.

    The separator is whichever the first line with known heads has, else the first line. Rows without any text are
    left out.

    Raises:
        CaseError: undecodable bytes, hidden characters, a quote that is not closed, too many cells.
    """
    text = decode(data, file).replace("\r\n", "\n").replace("\r", "\n")
    lines = text.lstrip("\n").split("\n", MOST_TITLES)[:MOST_TITLES]
    first = next((line for line in lines if HEADED.match(line)), lines[0])
    delimiter = max(DELIMITERS, key=first.count)
    if text.count(delimiter) + text.count("\n") > MAX_NODES:
        raise CaseError([Problem(f"more than {MAX_NODES:,} cells", f"at most {MAX_NODES:,}", "", "", file, 1, 1)])
    rows: list[list[Text]] = [[]]
    at, line, start = 0, 1, 0
    while at <= len(text):
        place = (line, at - start + 1)
        if text[at : at + 1] == '"':
            end = _closing(text, at + 1)
            if end < 0:
                raise CaseError([Problem("a quote that is not closed", "'\"'", "", "", file, *place)])
            raw = text[at + 1 : end].replace('""', '"')
            line += raw.count("\n")
            start = at + 1 + text[at + 1 : end].rfind("\n") + 1 if "\n" in raw else start
            at = end + 1
            if at < len(text) and text[at] not in (delimiter, "\n"):
                found = f"{text[at]!r} after a closing quote"
                raise CaseError([Problem(found, "the next cell", "", "", file, line, at - start + 1)])
        else:
            ends = [e for mark in (delimiter, "\n") if (e := text.find(mark, at)) >= 0]
            end = min(ends, default=len(text))
            raw = text[at:end]
            at = end
        cell = Text(raw.strip())
        cell.at, cell.shift = place, 0
        rows[-1].append(cell)
        if at >= len(text):
            break
        if text[at] == "\n":
            rows.append([])
            line, start = line + 1, at + 1
        at += 1
    return [r for r in rows if any(r)]


def _closing(text: str, at: int) -> int:
    """Where a quoted cell ends, or -1."""
    while True:
        end = text.find('"', at)
        if end < 0 or text[end + 1 : end + 2] != '"':
            return end
        at = end + 2
