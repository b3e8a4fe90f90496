"""One table of formats: what a file is, and how it is read as a case."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from detente.case.loading import read_source
from detente.case.model import Case
from detente.formats.opened import Opened

HEAD = 4096
OBJECT = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{")


@dataclass(frozen=True)
class Format:
    """A file format.

    Attributes:
        id: its name.
        says: what it is, for readers.
        suffix: how names of such files end.
        sniff: whether bytes look like it, whatever the name of the file.
        read: bytes and the file's name to what they say.
    """

    id: str
    says: str
    suffix: str
    sniff: Callable[[bytes], bool]
    read: Callable[[bytes, str | None], Opened]


def _is_gmcr(data: bytes) -> bool:
    return bool(OBJECT.match(data[:HEAD])) and b'"decisionMakers"' in data


def _read_gmcr(data: bytes, source: str | None) -> Opened:
    from detente.formats.gmcr_case import open_gmcr

    return open_gmcr(data, source)


def _read_yaml(data: bytes, source: str | None) -> Opened:
    return Opened(Case.from_text(data, source), (), "detente")


FORMATS = {
    f.id: f
    for f in (
        Format("gmcr", "a save file of GMCR+", ".gmcr", _is_gmcr, _read_gmcr),
        Format("detente", "a case file", ".case.yaml", lambda data: True, _read_yaml),  # noqa: ARG005 - the rest
    )
}


def sniff(data: bytes, source: str | None) -> Format:
    """The format of a file, by its name or else by what is in it."""
    named = next((f for f in FORMATS.values() if source is not None and source.lower().endswith(f.suffix)), None)
    return named or next(f for f in FORMATS.values() if f.sniff(data))


def open_file(name: str | Path) -> Opened:
    """Read a case in any known format.

    Args:
        name: path of a file, ``-`` for standard input, or the name of a catalog case; a path wins.

    Raises:
        UsageError: there is no such file or catalog case.
        CaseError: every problem found in it.
    """
    data, source = read_source(name)
    return sniff(data, source).read(data, source)


def load(name: str | Path) -> Case:
    """Read a case in any known format; what is lost on the way is among its ``warnings``.

    Raises:
        UsageError: there is no such file or catalog case.
        CaseError: every problem found in it.
    """
    opened = open_file(name)
    case = opened.case
    case.warnings = (*opened.losses, *case.warnings)
    return case
