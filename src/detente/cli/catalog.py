"""``detente catalog``."""

from __future__ import annotations

import click

from detente.base.errors import UsageError, did_you_mean, shown
from detente.cli.output import as_document, deliver


@click.command("catalog")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
@click.option("-o", "--output", metavar="FILE", help="Write to a file.")
@click.option("--debug", is_flag=True, hidden=True)
def command(name: str | None, as_json: bool, output: str | None, debug: bool) -> None:
    """List the shipped cases, or print one."""
    del debug
    from detente.base.table import Table
    from detente.base.version import VERSION
    from detente.catalog import catalog_names, catalog_note, catalog_text
    from detente.formats.reading import load

    names = catalog_names()
    if name is not None:
        if name not in names:
            raise UsageError(f"the case {shown(name)}", f"one of {', '.join(names)}", did_you_mean(name, names))
        deliver(catalog_text(name), output)
        return
    cases = [load(f"{n}.case.yaml") for n in names]
    if as_json:
        rows = [
            {
                "name": c.name,
                "title": c.title,
                "parties": len(c.parties),
                "options": len(c.options),
                "good_for": catalog_note(n),
            }
            for n, c in zip(names, cases, strict=True)
        ]
        deliver(as_document({"detente": VERSION, "contract": 1, "verb": "catalog", "cases": rows}), output)
        return
    table = Table(
        ("name", "title", "parties", "options", "views"),
        tuple((c.name, c.title, str(len(c.parties)), str(len(c.options)), ", ".join(c.file.views)) for c in cases),
    )
    notes = "\n".join(f"{n}: {catalog_note(n)}" for n in names)
    deliver(f"{table}\n\nGood for:\n{notes}", output)
