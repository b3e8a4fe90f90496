"""``detente track record``, ``import`` and ``keygen``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente.base.errors import UsageError, shown
from detente.cli.output import as_document, deliver
from detente.cli.track.opened import Opened, envelope, file_options, header_of, ledger_of, mine, open_file

if TYPE_CHECKING:
    from detente.agreement.ledger.chain import Draft
    from detente.agreement.model import Agreement

LARGEST = 50_000_000


@click.command("record")
@file_options
@click.option("--from", "source", metavar="FILE", help="A list of what happened (YAML or JSON), - for standard input.")
@click.option("--kind", metavar="KIND", help="One record: sign, claim, verify, refute, measure, contest, ...")
@click.option("--subject", metavar="ID", help="What it is about: a commitment, an event, or agreement.")
@click.option("--by", metavar="WHO", multiple=True, help="Who says so; repeat it for several.")
@click.option("--occurred", metavar="WHEN", help="When it happened: a date, or an instant with its offset.")
@click.option("--evidence", metavar="REF", multiple=True, help="A document that shows it.")
@click.option("--body", metavar="KEY=VALUE", multiple=True, help="Further content, such as value=299.")
@click.option("--expect", metavar="HASH", help="Refuse if another record has come since this head.")
def record_command(
    file: str, ledger: str | None, as_json: bool, output: str | None, debug: bool, expect: str | None, **what: Any
) -> None:
    """Add what happened to the ledger: all of it, or nothing if something in it is wrong.

    What is recorded is never edited. A mistake is corrected by a further record: retract, redate or supersede.
    """
    del debug
    from detente.agreement.gaps import refuse_without_actor
    from detente.agreement.ledger.canonical import ContentError
    from detente.agreement.ledger.store import POSTGRES, open_ledger, records

    agreement = open_file(file)
    refuse_without_actor(agreement.terms())
    place = ledger_of(file, agreement, ledger)
    before = open_ledger(place).head() if place.startswith(POSTGRES) or Path(place).exists() else None
    drafts = events_of(agreement, what, before.seq + 1 if before else 1)  # what is wrong leaves no ledger behind
    if not drafts:
        raise UsageError("a list without anything that happened", "something to record", "Nothing was recorded.")
    if expect is None and before is not None and any("ref" in d.body for d in drafts):
        expect = before.hash  # they name others by number: nothing may come in between
    kept = open_ledger(place, header_of(agreement))
    mine(kept, agreement)
    try:
        added = kept.append(drafts, expected=expect)
    except ContentError as error:
        raise UsageError(error.found, error.expected) from None
    opened = Opened(agreement, kept, records(kept), kept.head())
    notes = _without_effect(opened, {r.seq for r in added})
    content = {
        "recorded": [r.seq for r in added],
        "head": opened.head.hash,
        "without_effect": [{"seq": seq, "why": why} for seq, why in notes],
    }
    if as_json:
        deliver(as_document(envelope("record", opened, {}, content)), output)
        return
    numbers = f"record {added[0].seq}" if len(added) == 1 else f"records {added[0].seq} to {added[-1].seq}"
    lines = [f"Recorded {numbers} in {kept.place}; the head is {opened.head.seq}:{opened.head.hash}"] if added else []
    lines += [f"Record {seq} has no effect: {why}." for seq, why in notes]
    deliver("\n".join(lines or ["Nothing to record."]), output)


@click.command("import")
@file_options
@click.argument("lines", metavar="LINES")
def import_command(
    file: str, ledger: str | None, as_json: bool, output: str | None, debug: bool, lines: str
) -> None:  # fmt: skip
    """A new ledger from JSON Lines (track export): byte for byte, every line held to its chain.

    Of a ledger that is there already the lines must be a continuation; what follows is added.
    """
    del debug, as_json, output
    from detente.agreement.gaps import refuse_without_actor
    from detente.agreement.ledger.lines import imported, take_in
    from detente.agreement.ledger.store import open_ledger

    agreement = open_file(file)
    refuse_without_actor(agreement.terms())
    found = imported(_bytes(lines), lines)
    kept = open_ledger(ledger_of(file, agreement, ledger), found.header)
    mine(kept, agreement)
    added = take_in(kept, found)
    sys.stderr.write(f"Added {added:,} of {len(found.lines):,} records to {kept.place}\n")


@click.command("keygen")
@click.argument("key", metavar="KEYFILE")
@click.option("--debug", is_flag=True, hidden=True)
def keygen_command(key: str, debug: bool) -> None:
    """Write a new private key; prints the public key, which the other side needs to know your signatures."""
    del debug
    from detente.agreement.ledger.signatures import make_key

    public = make_key(Path(key))
    sys.stderr.write(f"Wrote {key}: keep it secret, and a copy of it safe.\n")
    sys.stdout.write(public + "\n")


def events_of(agreement: Agreement, what: dict[str, Any], first: int) -> tuple[Draft, ...]:
    """The records of a command line: a file, or one written out in options.

    Raises:
        UsageError: neither or both.
        CaseError: what is wrong in them, with its place.
    """
    from detente.agreement.events import read_events
    from detente.agreement.loading import read_happened

    single = {k: what[k] for k in ("kind", "subject", "by", "occurred", "evidence", "body") if what.get(k)}
    if (what.get("source") is None) == (not single):
        fix = "For example --from events.yaml, or --kind claim --subject freeze --by dprk --occurred 1994-11-18"
        raise UsageError("nothing to record" if not single else "a file and a single record", "one of them", fix)
    if what.get("source") is not None:
        return read_happened(what["source"], agreement, first)
    body = {}
    for text in single.pop("body", ()):
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise UsageError(f"--body {shown(text)}", "key=value", "For example --body value=299")
        body[key] = value
    entry = {
        **{k: list(v) if isinstance(v, tuple) else v for k, v in single.items()},
        **({"body": body} if body else {}),
    }
    return read_events(json.dumps([entry]), agreement, "the command line", first)


def _bytes(name: str) -> bytes:
    """The bytes of a file, not more than can be looked at."""
    try:
        data = sys.stdin.buffer.read(LARGEST + 1) if name == "-" else _read(Path(name))
    except (OSError, ValueError) as error:
        raise UsageError(f"the file {shown(name)}", "a file that can be read", str(error).split("] ")[-1]) from None
    if len(data) > LARGEST:
        raise UsageError(f"the file {shown(name)} of more than {LARGEST:,} bytes", "a smaller file", "Split it.")
    return data


def _read(path: Path) -> bytes:
    with path.open("rb") as source:
        return source.read(LARGEST + 1)


def _without_effect(opened: Opened, fresh: set[int]) -> list[tuple[int, str]]:
    """New records that change nothing, and why."""
    from detente.agreement.run import run

    found = run(opened.agreement.terms(), opened.records)
    return [(i.seq, i.reason) for i in found.irregular if i.seq in fresh]


COMMANDS = {"record": record_command, "import": import_command, "keygen": keygen_command}
