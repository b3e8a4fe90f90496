"""``detente brief``."""

from __future__ import annotations

import sys
from typing import Any

import click

from detente.cli.output import as_document, case_options, deliver, envelope, open_case, suffix_of


@click.command("brief")
@case_options
def command(case: str, as_json: bool, output: str | None, debug: bool, **how: Any) -> None:
    """Write the brief of a case: one HTML page with everything, and a summary here."""
    del debug
    suffix = suffix_of(output, (".html", ".json", ".txt"))
    asked = open_case(case, **how)
    from detente.brief.document import make_brief

    brief = make_brief(asked.session, shared=asked.shared, **asked.how)
    summary = "\n".join(brief.summary())
    if as_json or suffix == ".json":
        deliver(as_document(envelope("brief", asked, None, brief.to_dict())), output)
        return
    if suffix == ".txt":
        deliver(summary, output)
        return
    sys.stdout.write(summary + "\n")
    deliver(brief.to_html(), output or f"{asked.case().name}.html")
