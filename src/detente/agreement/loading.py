"""Agreements and what happened under them, from a path, standard input or the catalog; linked cases beside them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from detente.agreement.events import read_events
from detente.agreement.ledger.chain import Draft
from detente.agreement.model import Agreement, catalog_case
from detente.agreement.text.files import agreement_of, is_written
from detente.base.errors import UsageError, did_you_mean, shown
from detente.case.loading import SUFFIX as CASE_SUFFIX
from detente.case.model import Case
from detente.catalog import (
    AGREEMENT_SUFFIX,
    EVENTS_SUFFIX,
    agreement_before,
    agreement_names,
    agreement_text,
    events_names,
    events_text,
)


def read_agreement(name: str | Path) -> Agreement:
    """An agreement by its path, ``-`` for standard input, or its name in the catalog; a path wins.

    A text in controlled English that detente wrote (``.md``, ``.html``, ``.docx``) is read as the file that it tells.

    Raises:
        UsageError: nothing of this name.
        CaseError: it cannot be read; every problem with its place.
    """
    data, source, folder = _read(str(name), "agreement", AGREEMENT_SUFFIX, agreement_names(), agreement_text)
    cases = catalog_case if folder is None else Beside(folder)
    suffix = Path(source).suffix
    if is_written(data, suffix):
        return agreement_of(data, suffix, source, cases)
    return Agreement.from_text(data, source, cases)


def read_happened(name: str | Path, agreement: Agreement, first: int = 1) -> tuple[Draft, ...]:
    """What happened under an agreement, by the path of a list, ``-``, or a name in the catalog; a path wins.

    Args:
        name: which list.
        agreement: whose names it uses.
        first: the number that its first entry is going to get in the ledger.

    Raises:
        UsageError: nothing of this name.
        CaseError: it cannot be read; every problem with its place.
    """
    data, source, _ = _read(str(name), "list of events", EVENTS_SUFFIX, events_names(), events_text)
    return read_events(data, agreement, source, first)


def _read(
    text: str, what: str, suffix: str, known: Sequence[str], shipped: Callable[[str], str]
) -> tuple[bytes, str, Path | None]:
    """The bytes of a file, its name for messages and its folder (None: from the catalog)."""
    if text == "-":
        return sys.stdin.buffer.read(), "<stdin>", Path()
    try:
        path = Path(text)
        if path.is_file():
            return path.read_bytes(), text, path.parent
        is_folder = path.is_dir()
    except (OSError, ValueError) as error:
        found = f"the {what} {shown(text)}"
        raise UsageError(found, "a file that can be read", str(error).split("] ")[-1]) from None
    bare = text.removesuffix(suffix)
    if bare in known and not is_folder:
        return shipped(bare).encode(), f"{bare}{suffix}", None
    fix = did_you_mean(text, known) or f"The catalog has {', '.join(known)}."
    found = f"the folder {shown(text)}" if is_folder else f"no file or catalog {what} {shown(text)}"
    raise UsageError(found, f"a file, or the name of a catalog {what}", fix)


class Beside:
    """Reads the cases that an agreement in a folder can be linked to: files below it, else those of the catalog.

    Args:
        folder: where the agreement stands.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, name: str) -> Case:
        """The case.

        Raises:
            UsageError: it is not there, or stands elsewhere.
            CaseError: it cannot be read.
        """
        home, paths = self.folder.resolve(), (self.folder / name, self.folder / f"{name}{CASE_SUFFIX}")
        try:
            path = next((p for p in paths if p.is_file()), None)
            inside = path is None or path.resolve().is_relative_to(home)
            data = path.read_bytes() if path is not None and inside else b""
        except (OSError, ValueError) as error:
            found = f"the case {shown(name)}"
            raise UsageError(found, "a file that can be read", str(error).split("] ")[-1]) from None
        if not inside:
            found = f"the path {shown(name)}, which leads out of its folder"
            raise UsageError(found, "a file below the agreement's folder")
        return catalog_case(name.removesuffix(CASE_SUFFIX)) if path is None else Case.from_text(data, str(path))


def last_agreement(case: Case) -> Agreement | None:
    """The last agreement before a case of the catalog; None where the catalog names none.

    Args:
        case: as read; of a case that does not come from the catalog no other agreement is known.
    """
    name = agreement_before(case.name) if case.source == case.name + CASE_SUFFIX else None
    return None if name is None else Agreement.from_text(agreement_text(name), name + AGREEMENT_SUFFIX)
