"""``detente track verify``, ``head`` and ``export``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from detente.base.errors import EXIT_NO, UsageError, did_you_mean, shown
from detente.cli.output import as_document, deliver, deliver_bytes, suffix_of
from detente.cli.track.opened import Opened, envelope, file_options, ledger_of, mine, open_file, open_records

LARGEST_HEAD = 100_000


@click.command("verify")
@file_options
@click.option("--published", metavar="HEAD", multiple=True,
              help="A head that was published: SEQ:HASH, a line of `track head`, or a file of such lines.")  # fmt: skip
@click.option("--key", "keys", metavar="P=KEY", multiple=True,
              help="The public key that party P is known by, to judge its signatures.")  # fmt: skip
def verify_command(
    file: str, ledger: str | None, as_json: bool, output: str | None, debug: bool, **against: tuple[str, ...]
) -> None:
    """Check every record of the ledger, and published heads against it. Exit status 1: something does not hold."""
    del debug
    suffix_of(output, (".json", ".txt"))
    from detente.agreement.ledger.store import open_ledger, verify

    agreement = open_file(file)
    keys = _keys(against["keys"], agreement)
    kept = open_ledger(ledger_of(file, agreement, ledger))
    mine(kept, agreement)
    found = [(one, by, verify(kept, one)) for text in against["published"] for one, by in _heads(text)]
    first = found[0][2] if found else verify(kept)  # each reads the whole ledger
    for one, _, _ in found:
        if one.agreement and one.agreement != agreement.name:
            raise UsageError(f"a head of {shown(one.agreement)}", f"one of {shown(agreement.name)}")
    signers, wrong = _signers(kept, keys) if first.broken is None else ([], [])
    holds = first.broken is None and all(v.holds for _, _, v in found) and all(s["known"] is not False for s in signers)
    holds = holds and not wrong
    if as_json or (output or "").endswith(".json"):
        broken = first.broken
        content = {
            "holds": holds,
            "records": first.head.seq,
            "head": first.head.hash,
            "broken": broken and {"at": broken.at, "found": broken.found, "expected": broken.expected},
            "published": [
                {"seq": h.seq, "hash": h.hash, "verdict": v.published, "by": by and by[0], "key": by and by[1]}
                for h, by, v in found
            ],
            "signers": signers,
            "wrong_signatures": wrong,
        }
        deliver(as_document(envelope("verify", Opened(agreement, kept, (), first.head), {}, content)), output)
    else:
        bad = [f"A signature kept with the records does not hold: {why}." for why in wrong]
        deliver("\n".join([*_told(kept.place, first, found, signers), *bad]), output)
    if not holds:
        sys.exit(EXIT_NO)


def _told(place: str, first: Any, found: list[Any], signers: list[dict[str, Any]]) -> list[str]:
    """What a check found, for a terminal."""
    from detente.agreement.ledger.heads import HONEST

    verdicts = {
        "same": "is the last record",
        "extended": "is in the ledger, which has gone on since",
        "missing": "is NOT in this ledger: its tail was cut, or it was written anew",
    }
    lines = [f"{place}: {first.head.seq:,} records hold together."]
    if (broken := first.broken) is not None:
        where = "its header" if broken.at == 0 else f"record {broken.at}"
        before = f"The {first.head.seq:,} records before it hold."
        lines = [f"{place}: the chain breaks at {where}: found {broken.found}; expected {broken.expected}. {before}"]
    for one, by, verdict in found:
        who = f", signed as {by[0]} with {by[1]}," if by else ""
        lines.append(f"Head {one.seq} ({one.hash[:12]}...){who} {verdicts[str(verdict.published)]}.")
    judged = {
        True: "the key it is known by",
        False: "ANOTHER key than it is known by",
        None: "a key not known from elsewhere",
    }
    for signer in signers:
        if signer["keys"]:
            lines.append(f"{signer['by']} has signed up to record {signer['upto']}, with {judged[signer['known']]}.")
        elif signer["unsigned"]:
            lines.append(f"{signer['by']} has signed nothing.")
    lines.append(HONEST if found else "Without a published head, nothing shows whether the last records were cut off.")
    return lines


def _signers(ledger: Any, keys: dict[str, str]) -> tuple[list[dict[str, Any]], list[str]]:
    """Who has signed what, and what is wrong with signatures; nothing where nobody has signed."""
    if not ledger.signed():
        return [], []
    from detente.agreement.ledger.signatures import signatures

    found = signatures(ledger, keys)
    signers = [
        {"by": s.name, "upto": s.upto, "keys": list(s.keys), "known": s.known, "unsigned": list(s.unsigned)}
        for s in found.signers
    ]
    return signers, [why for _, why in found.wrong]


def _keys(written: tuple[str, ...], agreement: Any) -> dict[str, str]:
    """Public keys by party."""
    keys = {}
    for text in written:
        party, equals, key = text.partition("=")
        if not equals or not key.startswith("ed25519:"):
            raise UsageError(f"--key {shown(text)}", "party=ed25519:...", "Take what `track keygen` printed.")
        _signer(party, agreement)
        keys[party] = key
    return keys


def _signer(name: str, agreement: Any) -> None:
    known = [*agreement.file.parties, *agreement.file.bodies]
    if name not in known:
        raise UsageError(f"the signer {shown(name)}", f"one of {', '.join(known)}", did_you_mean(name, known))


@click.command("head")
@file_options
@click.option("--sign", metavar="KEY", help="Sign it with the key in this file (track keygen).")
@click.option("--by", metavar="PARTY", help="Who signs.")
def head_command(
    file: str, ledger: str | None, as_json: bool, output: str | None, debug: bool, sign: str | None, by: str | None
) -> None:
    """The head of the ledger in one line, to publish where others keep it."""
    del debug
    suffix_of(output, (".json", ".txt"))
    opened = open_records(file, ledger)
    if opened.ledger is None:
        fix = "The first `track record` makes it."
        raise UsageError(f"no ledger of {opened.agreement.title} here", "a ledger whose head can be published", fix)
    line = _signed(opened, sign, by) if sign is not None or by is not None else None
    if line is None:
        from detente.agreement.ledger.heads import head_line

        line = head_line(opened.head)
    if as_json or (output or "").endswith(".json"):
        content = {"line": line, "seq": opened.head.seq, "hash": opened.head.hash}
        deliver(as_document(envelope("head", opened, {}, content)), output)
    else:
        deliver(line, output)


@click.command("export")
@file_options
def export_command(file: str, ledger: str | None, as_json: bool, output: str | None, debug: bool) -> None:
    """The ledger as JSON Lines: its header, then one record per line."""
    del debug, as_json
    suffix_of(output, (".jsonl",))
    from detente.agreement.ledger.lines import exported
    from detente.agreement.ledger.store import open_ledger, records

    agreement = open_file(file)
    kept = open_ledger(ledger_of(file, agreement, ledger))
    mine(kept, agreement)
    records(kept)  # a broken ledger is not passed on
    deliver_bytes(b"".join(exported(kept)), output)


def _signed(opened: Opened, sign: str | None, by: str | None) -> str:
    """The head signed, and the signed head kept beside the records."""
    from detente.agreement.ledger.signatures import sign as sign_head

    if sign is None or by is None:
        raise UsageError("only one of --sign and --by", "both", "For example --sign us.key --by us")
    _signer(by, opened.agreement)
    line = sign_head(opened.head, by, Path(sign))
    if opened.ledger is not None:
        opened.ledger.keep_signed(line)
    return line


def _heads(text: str) -> list[tuple[Any, tuple[str, str] | None]]:
    """Published heads: as written, or from a file of lines; a signature must fit."""
    from detente.agreement.ledger.heads import read_head

    lines = [text]
    if not text.lstrip().startswith("{") and ":" not in text:
        try:
            with Path(text).open(encoding="utf-8") as source:
                lines = [one for one in source.read(LARGEST_HEAD).splitlines() if one.strip()]
        except (OSError, ValueError) as error:
            fix = str(error).split("] ")[-1]
            raise UsageError(
                f"the head {shown(text)}", "SEQ:HASH, a line of `track head`, or a file of them", fix
            ) from None
    if not lines:
        raise UsageError(f"the file {shown(text)} without any head", "a line of `track head`, or several")
    out: list[tuple[Any, tuple[str, str] | None]] = []
    for line in lines:
        if '"signature"' in line:
            from detente.agreement.ledger.signatures import read_signed

            signed = read_signed(line)
            out.append((signed.head, (signed.by, signed.key)))
        else:
            out.append((read_head(line), None))
    return out


COMMANDS = {"verify": verify_command, "head": head_command, "export": export_command}
