"""``detente init``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from detente.base.errors import UsageError, did_you_mean, shown


@click.command("init")
@click.argument("file", metavar="FILE")
@click.option("--from", "source", metavar="NAME", help="Start from a catalog case, or agreement.")
@click.option("--agreement", is_flag=True, help="An agreement instead of a case.")
@click.option("--debug", is_flag=True, hidden=True)
def command(file: str, source: str | None, agreement: bool, debug: bool) -> None:
    """Write a commented starter case or agreement, ready to edit."""
    del debug
    text = _agreement(source) if agreement else _case(source)
    path = Path(file)
    if path.exists():
        raise UsageError(f"the file {shown(file)}, which exists", "a new file", "Nothing was overwritten.")
    try:
        path.write_text(text, encoding="utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(f"the file {shown(file)}", "a file that can be written", str(error).split("] ")[-1]) from None
    sys.stderr.write(f"Wrote {file}. Next: detente {'track status' if agreement else 'check'} {file}\n")


def _case(source: str | None) -> str:
    from detente.catalog import catalog_names, catalog_text, starter_text

    names = catalog_names()
    if source is not None and source not in names:
        raise UsageError(f"the case {shown(source)}", f"one of {', '.join(names)}", did_you_mean(source, names))
    return starter_text() if source is None else catalog_text(source)


def _agreement(source: str | None) -> str:
    from detente.catalog import AGREEMENT_SUFFIX, agreement_names, agreement_text, starter_agreement_text

    if source is None:
        return starter_agreement_text()
    names, bare = agreement_names(), source.removesuffix(AGREEMENT_SUFFIX)
    if bare not in names:
        raise UsageError(f"the agreement {shown(source)}", f"one of {', '.join(names)}", did_you_mean(bare, names))
    return agreement_text(bare)
