"""``detente schema``."""

from __future__ import annotations

import click

from detente.base.errors import UsageError, did_you_mean, shown
from detente.cli.output import as_document, deliver


@click.command("schema")
@click.option("--result", "verb", metavar="VERB", help="The schema of a verb's JSON answer.")
@click.option("-o", "--output", metavar="FILE", help="Write to a file.")
@click.option("--debug", is_flag=True, hidden=True)
def command(verb: str | None, output: str | None, debug: bool) -> None:
    """Print the JSON Schema of the case file, or of a verb's answer."""
    del debug
    if verb is None:
        from detente.case.schema import case_schema

        deliver(as_document(case_schema()), output)
        return
    from detente.cli.contracts import CONTRACTS, result_schema

    if verb not in CONTRACTS:
        known = list(CONTRACTS)
        raise UsageError(f"the verb {shown(verb)}", f"one of {', '.join(known)}", did_you_mean(verb, known))
    deliver(as_document(result_schema(verb)), output)
