"""What the actions of ``track`` share: the agreement, its ledger, its records; options; the JSON envelope."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from detente.cli.output import head_of

if TYPE_CHECKING:
    from detente.agreement.ledger.chain import Head, Header
    from detente.agreement.ledger.store import Ledger
    from detente.agreement.model import Agreement
    from detente.agreement.records import Record

LONG_AGO = -6_000_000_000  # 1779: before anything that is recorded
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Opened:
    """An agreement with its records.

    Attributes:
        agreement: the text.
        ledger: where its records are kept, or None if nothing has been recorded.
        records: all of them, their chain checked.
        head: the last one.
        shipped: whether they are those shipped with a catalog agreement.
    """

    agreement: Agreement
    ledger: Ledger | None
    records: tuple[Record, ...]
    head: Head
    shipped: bool = False


def file_options(function: F) -> F:
    """FILE and the options every action has."""
    decorators = (
        click.argument("file"),
        click.option("--ledger", metavar="L", help="Where the records are: a file, or postgresql://... "
                     "Default: FILE.ledger.sqlite."),
        click.option("--json", "as_json", is_flag=True, help="JSON on standard output."),
        click.option("-o", "--output", metavar="FILE", help="Write to a file, by its suffix."),
        click.option("--debug", is_flag=True, hidden=True),
    )  # fmt: skip
    for decorator in reversed(decorators):
        function = decorator(function)
    return function


def open_file(file: str) -> Agreement:
    """The agreement, with its warnings told.

    Raises:
        UsageError, CaseError: it is not there or cannot be read.
    """
    from detente.agreement.loading import read_agreement

    agreement = read_agreement(file)
    for warning in agreement.warnings:
        sys.stderr.write(f"warning: {warning}\n")
    return agreement


def ledger_of(file: str, agreement: Agreement, ledger: str | None) -> str:
    """Where the ledger is: what was named, else beside the file; of a catalog agreement in the working folder."""
    from detente.agreement.ledger.store import beside
    from detente.catalog import AGREEMENT_SUFFIX

    if ledger is not None:
        return ledger
    path = Path(file)
    return str(beside(path if path.is_file() else Path(agreement.name + AGREEMENT_SUFFIX)))


def header_of(agreement: Agreement) -> Header:
    """What a ledger that is opened now says of itself."""
    from detente.agreement.ledger.chain import Header
    from detente.agreement.ledger.store import now

    return Header(agreement.name, agreement.digest, now())


def open_records(file: str, ledger: str | None) -> Opened:
    """The agreement and its records, to read.

    Raises:
        UsageError, CaseError: a file that is not there or cannot be read.
        Broken: the chain of the ledger does not hold.
    """
    from detente.agreement.ledger.store import POSTGRES, open_ledger, records

    agreement = open_file(file)
    place = ledger_of(file, agreement, ledger)
    if ledger is None and not place.startswith(POSTGRES) and not Path(place).exists():
        return _without(file, agreement)
    kept = open_ledger(place)
    mine(kept, agreement)
    return Opened(agreement, kept, records(kept), kept.head())


def mine(ledger: Ledger, agreement: Agreement) -> None:
    """Refuse another agreement's ledger, and say if the text has changed since it was opened.

    Raises:
        UsageError: it is another agreement's.
    """
    from detente.base.errors import UsageError, shown

    header = ledger.header
    if header.agreement != agreement.name:
        found = f"the ledger of {shown(header.agreement)} at {shown(ledger.place)}"
        raise UsageError(found, f"one of {shown(agreement.name)}", "Name another with --ledger.")
    if header.digest != agreement.digest:
        sys.stderr.write("warning: the text of the agreement is not the one for which this ledger was opened\n")


def _without(file: str, agreement: Agreement) -> Opened:
    """An agreement of which nothing is recorded here; of a catalog agreement, the record shipped with it."""
    from detente.agreement.ledger.chain import Header, follow, link
    from detente.agreement.loading import read_happened
    from detente.catalog import events_names

    header = Header(agreement.name, agreement.digest, LONG_AGO)
    head = start = header.head()
    if Path(file).is_file() or file == "-" or agreement.name not in events_names():
        return Opened(agreement, None, (), head)
    lines: list[bytes] = []
    for draft in read_happened(agreement.name, agreement):
        more, head = link(head, [draft], draft.occurred.end)  # as if each had been written down at once
        lines += more
    return Opened(agreement, None, tuple(r for r, _ in follow(lines, start)), head, shipped=True)


def envelope(action: str, opened: Opened, parameters: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
    """The JSON document of an answer: provenance first, then its content."""
    view = parameters.pop("view", None)
    head = {"seq": opened.head.seq, "hash": opened.head.hash}
    agreement = opened.agreement
    told = {
        "view": view,
        "parameters": {**parameters, "head": head},
        "warnings": [str(w) for w in agreement.warnings],
    }
    return {**head_of(f"track {action}", agreement.name, agreement.digest, **told), **content}
