"""``detente compare``."""

from __future__ import annotations

import sys
from typing import Any

import click

from detente.base.errors import EXIT_NO
from detente.cli.output import as_document, case_options, deliver, envelope, need_preferences, open_case, suffix_of


@click.command("compare")
@case_options
@click.argument("expected")
def command(
    case: str, expected: str, as_json: bool, output: str | None, debug: bool, limit: int, **how: Any
) -> None:  # fmt: skip
    """Hold a case against EXPECTED: what differs, and which reading of the definitions explains it.

    EXPECTED is a table of stable states in YAML, JSON or CSV, an answer of detente stability --json, or another model
    of the same conflict (.gmcr or .case.yaml). Exit status 1 if anything differs, or nothing could be compared.

    \b
    YAML, equilibria, or stable states by party (names or ids):
      equilibria: {nash: [s5, s8, s9], seq: [s5, s8, s9]}
      stable: {gmr: {lg: [s1, s2, s3, s4, s5, s6, s7, s8, s9]}}
      ranking: {lg: [s7, s3, s5, s1, s8, s6, s4, s2, s9]}
      coalitions: {cnash: {universal: [s8, s9]}}
      unknown: {a: {nash: [s4]}}

    \b
    CSV, a row per claim:          CSV, a row per state:
      concept,party,states           state,nash lg,nash all
      nash,all,"s5 s8 s9"            s5,x,x

    docs/compare.md has more examples and the list of readings.
    """  # noqa: D301 - a backspace is meant, which keeps the lines of the examples
    del debug
    suffix = suffix_of(output, (".json", ".csv", ".txt"))
    asked = open_case(case, limit=limit, **how)
    need_preferences(asked)
    from detente.formats.expected import read_expected
    from detente.inquiry.compare import compare
    from detente.inquiry.compare_words import lines

    table = read_expected(expected, asked.session.graph(asked.case()), limit)
    for warning in table.warnings:
        sys.stderr.write(f"warning: {warning}\n")
    found = compare(asked.session, table, **asked.how)
    if as_json or suffix == ".json":
        deliver(as_document(envelope("compare", asked, found, found.to_dict())), output)
    elif suffix == ".csv":
        deliver(found.table().to_csv(), output)
    else:
        deliver("\n".join(lines(found)), output)
    if not found.equal:
        sys.exit(EXIT_NO)
