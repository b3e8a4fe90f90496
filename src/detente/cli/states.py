"""``detente states``."""

from __future__ import annotations

from typing import Any

import click

from detente.cli.output import as_document, case_options, deliver, envelope, need_preferences, open_case, suffix_of

MOST_SHOWN = 16


@click.command("states")
@case_options
@click.option("--full", is_flag=True, help="List all states even above 10,000.")
def command(case: str, as_json: bool, output: str | None, full: bool, debug: bool, **how: Any) -> None:
    """List the states of a case: the option table and how each party ranks them."""
    del debug
    suffix = suffix_of(output, (".json", ".csv", ".txt"))
    asked = open_case(case, **how)
    need_preferences(asked)
    found = asked.session.ask("states", **asked.how)
    if as_json or suffix == ".json":
        deliver(as_document(envelope("states", asked, found, found.to_dict(full=full))), output)
        return
    table = found.table(full=full or suffix == ".csv", most=None if suffix == ".csv" else MOST_SHOWN)
    deliver(table.to_csv() if suffix == ".csv" else str(table), output)
