"""Agreements from a path, standard input or the catalog; the case that one is linked to stays in its folder."""

from __future__ import annotations

import sys
from pathlib import Path

from detente.agreement.model import Agreement, catalog_case
from detente.base.errors import UsageError, did_you_mean, shown
from detente.case.loading import SUFFIX as CASE_SUFFIX
from detente.case.model import Case
from detente.catalog import AGREEMENT_SUFFIX, agreement_names, agreement_text


def read_agreement(name: str | Path) -> Agreement:
    """An agreement by its path, ``-`` for standard input, or its name in the catalog; a path wins.

    Raises:
        UsageError: nothing of this name.
        CaseError: it cannot be read; every problem with its place.
    """
    text = str(name)
    if text == "-":
        return Agreement.from_text(sys.stdin.buffer.read(), "<stdin>", Beside(Path()))
    data: bytes | None = None
    try:
        path = Path(text)
        data = path.read_bytes() if path.is_file() else None
        is_folder = path.is_dir()
    except (OSError, ValueError) as error:
        found = f"the agreement {shown(text)}"
        raise UsageError(found, "a file that can be read", str(error).split("] ")[-1]) from None
    if data is not None:
        return Agreement.from_text(data, text, Beside(path.parent))
    known = agreement_names()
    bare = text.removesuffix(AGREEMENT_SUFFIX)
    if bare in known and not is_folder:
        return Agreement.from_text(agreement_text(bare), f"{bare}{AGREEMENT_SUFFIX}")
    fix = did_you_mean(text, known) or f"The catalog has {', '.join(known)}."
    found = f"the folder {shown(text)}" if is_folder else f"no file or catalog agreement {shown(text)}"
    raise UsageError(found, "an agreement file or a catalog name", fix)


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
