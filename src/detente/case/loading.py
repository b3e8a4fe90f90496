"""Bytes of a case: from a path, standard input or the catalog."""

from __future__ import annotations

import sys
from pathlib import Path

from detente.base.errors import UsageError, did_you_mean, shown
from detente.catalog import catalog_names, catalog_text

SUFFIX = ".case.yaml"


def read_source(name: str | Path) -> tuple[bytes, str]:
    """Bytes of a case and the name to show for it."""
    text = str(name)
    if text == "-":
        return sys.stdin.buffer.read(), "<stdin>"
    try:
        path = Path(text)
        if path.is_file():
            return path.read_bytes(), text
        is_folder = path.is_dir()
    except (OSError, ValueError) as error:
        raise UsageError(f"the case {shown(text)}", "a file that can be read", str(error).split("] ")[-1]) from None
    known = catalog_names()
    if text.removesuffix(SUFFIX) in known and not is_folder:
        name = text.removesuffix(SUFFIX)
        return catalog_text(name).encode(), f"{name}{SUFFIX}"
    fix = did_you_mean(text, known) or f"The catalog has {', '.join(known)}."
    found = f"the folder {shown(text)}" if is_folder else f"no file or catalog case {shown(text)}"
    raise UsageError(found, "a case file or a catalog name", fix)
