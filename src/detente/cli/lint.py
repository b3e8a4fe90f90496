"""``detente lint``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente.base.errors import EXIT_NO, UsageError, did_you_mean, shown
from detente.cli.output import as_document, deliver, head_of, suffix_of

if TYPE_CHECKING:
    from detente.agreement.lint.lint import Report

YAML = (".yaml", ".yml")
SUFFIXES = (".json", ".txt", *YAML)
CHECKED_HERE = "verification, or claim_ok"  # what V5 tells at length
PROSE = (".txt", ".md", ".docx")


@click.command("lint")
@click.argument("file", required=False)
@click.option("--reading", metavar="PARTY", help="Only the text as this party reads it; default: every reading.")
@click.option("--only", metavar="CHECKS", help="Only these checks or groups, such as V,E3.")
@click.option("--explain", metavar="CHECK", help="What a check looks for, and why; all: the whole table.")
@click.option("--parties", metavar="NAMES", help="Of a text: its parties' names, DPRK=North Korea,the DPRK; US=...")
@click.option("--strict", is_flag=True, help="Exit with status 1 for a remark, too.")
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
@click.option("-o", "--output", metavar="FILE", help="Write to a file (.txt, .json; of a text also a draft, .yaml).")
@click.option("--debug", is_flag=True, hidden=True)
def command(
    file: str | None, as_json: bool, output: str | None, debug: bool, explain: str | None, strict: bool, **how: Any
) -> None:
    """What does an agreement lack, and could it be carried out? Findings with place, proof and repair.

    FILE is an agreement file (*.agreement.yaml), a text (.md, .txt, .docx), - for standard input, or the name of a
    catalog agreement. A text that detente draft wrote is read as its file. Of any other every slot is a proposal with
    its place; nothing is taken as settled.
    Exit status 1: an error or a warning is found.
    """
    del debug
    suffix = suffix_of(output, SUFFIXES)
    if explain is not None:
        deliver(_explained(explain), output)
        return
    if file is None:
        raise UsageError("no FILE", "an agreement file, a text, or the name of a catalog agreement")
    prose = _foreign(file) if Path(file).suffix.lower() in PROSE else None
    if prose is not None:
        if how["reading"] is not None or how["only"] is not None:
            raise UsageError("--reading or --only with a text", "an agreement file", "A text is read in one way.")
        found = _prose(file, prose, how["parties"], suffix, as_json=as_json, output=output)
        sys.exit(EXIT_NO if found else 0)
    if how["parties"] is not None or suffix in YAML:
        raise UsageError("--parties or a draft (.yaml) of an agreement file", "a text (.txt, .md, .docx)")
    from detente.agreement.lint.lint import lint
    from detente.agreement.loading import read_agreement

    _no_case(file)
    agreement = read_agreement(file)
    for warning in agreement.warnings:
        if warning.expected != CHECKED_HERE:
            sys.stderr.write(f"warning: {warning}\n")
    only: str | None = how["only"]
    words = [w for w in only.split(",") if w.strip()] if only is not None else []
    if only is not None and not words:
        raise UsageError("--only without a check", "checks such as V3, or groups such as V")
    report = lint(agreement, how["reading"], words)
    if as_json or suffix == ".json":
        deliver(as_document(_document(report, words)), output)
    else:
        from detente.agreement.lint.telling import lines

        deliver("\n".join(lines(report)), output)
    if report.fails(strict=strict):
        sys.exit(EXIT_NO)


def _foreign(file: str) -> bytes | None:
    """The bytes of a text, or None if it is one that detente wrote, which reads as an agreement file."""
    from detente.agreement.prose.reading import bytes_of
    from detente.agreement.text.files import is_written

    data = bytes_of(file)
    return None if is_written(data, Path(file).suffix) else data


def _no_case(file: str) -> None:
    """Refuse a case file in one line, not by each of its keys."""
    try:
        text = Path(file).read_text(encoding="utf-8") if Path(file).is_file() else ""
    except (OSError, ValueError):
        return  # told where the file is read
    keys = {line.partition(":")[0].strip("\"' ") for line in text.splitlines() if line[:1] not in (" ", "#", "")}
    if "detente" in keys and "detente-agreement" not in keys:
        raise UsageError(f"a case in {shown(file)}", "an agreement file", f"This is a case: detente check {file}")


def _document(report: Report, only: list[str]) -> dict[str, Any]:
    agreement = report.agreement
    told = {"parameters": {"reading": report.reading, "only": only}, "warnings": [str(w) for w in agreement.warnings]}
    return {**head_of("lint", agreement.name, agreement.digest, **told), **report.to_dict()}


def _explained(name: str) -> str:
    from detente.agreement.lint.checks import CHECKS_BY_ID, TABLE
    from detente.agreement.lint.telling import explained

    wanted = name.strip().upper()
    if wanted == "ALL":
        return "\n".join(line for check in TABLE for line in explained(check))
    if wanted not in CHECKS_BY_ID:
        known = list(CHECKS_BY_ID)
        raise UsageError(f"the check {shown(name)}", f"one of {', '.join(known)}", did_you_mean(wanted, known))
    return "\n".join(explained(CHECKS_BY_ID[wanted]))


def _prose(file: str, data: bytes, parties: str | None, suffix: str, *, as_json: bool, output: str | None) -> bool:
    """A text that is no agreement file, read by rules; whether an error or a warning is found."""
    import hashlib

    from detente.agreement.prose.draft import proposed_yaml
    from detente.agreement.prose.lint_prose import lint_prose, party_table

    report = lint_prose(data, file, party_table(parties or ""))
    if suffix in YAML:
        deliver(proposed_yaml(report), output)
    elif as_json or suffix == ".json":
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        deliver(as_document({**head_of("lint prose", Path(file).name, digest), **report.to_dict()}), output)
    else:
        deliver("\n".join(report.lines()), output)
    return any(f.severity != "info" for f in report.findings)
