"""``detente schema``."""

from __future__ import annotations

import click

from detente.base.errors import UsageError, did_you_mean, shown
from detente.cli.output import as_document, deliver


@click.command("schema")
@click.option("--result", "verb", metavar="VERB", help="The schema of a verb's JSON answer.")
@click.option("--agreement", is_flag=True, help="The schema of the agreement file.")
@click.option("-o", "--output", metavar="FILE", help="Write to a file.")
@click.option("--debug", is_flag=True, hidden=True)
def command(verb: str | None, agreement: bool, output: str | None, debug: bool) -> None:
    """Print the JSON Schema of the case file, of the agreement file, or of a verb's answer."""
    del debug
    if agreement:
        if verb is not None:
            raise UsageError("--agreement and --result", "one of them")
        from detente.agreement.schema import agreement_schema

        deliver(as_document(agreement_schema()), output)
        return
    if verb is None:
        from detente.case.schema import case_schema

        deliver(as_document(case_schema()), output)
        return
    from detente.cli.contracts import CONTRACTS, result_schema

    if verb not in CONTRACTS:
        known = list(CONTRACTS)
        raise UsageError(f"the verb {shown(verb)}", f"one of {', '.join(known)}", did_you_mean(verb, known))
    deliver(as_document(result_schema(verb)), output)
