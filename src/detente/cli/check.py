"""``detente check``."""

from __future__ import annotations

import sys
from typing import Any

import click

from detente.base.errors import EXIT_NO
from detente.cli.output import as_document, case_options, deliver, envelope, open_case, suffix_of


@click.command("check")
@case_options
@click.option("--strict", is_flag=True, help="Remarks count as findings too.")
def command(case: str, as_json: bool, output: str | None, strict: bool, debug: bool, **how: Any) -> None:
    """Look a case over: what it contains, and what should be mended."""
    del debug
    asked = open_case(case, **how)
    found = asked.session.ask("check", **asked.how)
    if as_json or suffix_of(output, (".json", ".txt")) == ".json":
        deliver(as_document(envelope("check", asked, found, found.to_dict())), output)
    else:
        deliver(_text(asked.case(), found), output)
    if not found.clean or (strict and found.findings):
        sys.exit(EXIT_NO)


def _text(case: Any, found: Any) -> str:
    bound = "" if found.feasible_exact else "at most "
    large = found.combinations if found.combinations < 10**15 else f"about 10^{len(str(found.combinations)) - 1}"
    feasible = found.feasible if found.feasible < 10**15 else f"about 10^{len(str(found.feasible)) - 1}"
    sizes = [
        f"{case.title}",
        f"{_some(len(case.parties), 'party', 'parties')}, {_some(len(case.options), 'option', 'options')},"
        f" {_number(large)} combinations of levels,"
        f" {bound}{_number(feasible)} of them feasible"
        + (f", {found.states:,} states" if found.states is not None and found.states != found.feasible else ""),
    ]
    sizes.append("Parties: " + ", ".join(f"{p} ({case.party_name(p)})" for p in case.parties) + ".")
    lines = []
    for finding in found.findings:
        place = f"{finding.file}:{finding.line}:{finding.column}: " if finding.line else ""
        lines.append(f"{place}{finding.severity}: {finding.text}" + (f" {finding.fix}" if finding.fix else ""))
    held = sum(test.holds for _, test in found.claims)
    if found.claims:
        sizes.append(f"{held} of {len(found.claims)} claims agree with the preferences.")
    return "\n".join([*sizes, *(lines or ["Nothing to report."])])


def _some(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"


def _number(value: int | str) -> str:
    return value if isinstance(value, str) else f"{value:,}"
