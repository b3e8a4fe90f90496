"""``detente catalog``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from detente.base.errors import UsageError, did_you_mean, shown
from detente.cli.output import as_document, deliver

if TYPE_CHECKING:
    from detente.agreement.model import Agreement


@click.command("catalog")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
@click.option("-o", "--output", metavar="FILE", help="Write to a file.")
@click.option("--debug", is_flag=True, hidden=True)
def command(name: str | None, as_json: bool, output: str | None, debug: bool) -> None:
    """List the shipped cases and agreements, or print one (an agreement as NAME.agreement.yaml)."""
    del debug
    from detente.base.table import Table
    from detente.base.version import VERSION
    from detente.catalog import agreement_names, agreement_note, catalog_names, catalog_note
    from detente.formats.reading import load

    if name is not None:
        deliver(_text(name), output)
        return
    names = catalog_names()
    agreements = [_agreement(n) for n in agreement_names()]
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
        agreed = [
            {
                "name": a.name,
                "title": a.title,
                "parties": len(a.file.parties),
                "commitments": len(a.file.commitments),
                "good_for": agreement_note(a.name),
            }
            for a in agreements
        ]
        document = {"detente": VERSION, "contract": 1, "verb": "catalog", "cases": rows, "agreements": agreed}
        deliver(as_document(document), output)
        return
    table = Table(
        ("name", "title", "parties", "options", "views"),
        tuple((c.name, c.title, str(len(c.parties)), str(len(c.options)), ", ".join(c.file.views)) for c in cases),
    )
    second = Table(
        ("agreement", "title", "parties", "commitments"),
        tuple(
            (f"{a.name}.agreement.yaml", a.title, str(len(a.file.parties)), str(len(a.file.commitments)))
            for a in agreements
        ),
    )
    notes = [f"{n}: {catalog_note(n)}" for n in names]
    notes += [f"{a.name}.agreement.yaml: {agreement_note(a.name)}" for a in agreements]
    deliver("\n".join([str(table), "", str(second), "", "Good for:", *notes]), output)


def _text(name: str) -> str:
    """The text of a case, or of an agreement named with its suffix, or of one whose name no case has."""
    from detente.catalog import AGREEMENT_SUFFIX, agreement_names, agreement_text, catalog_names, catalog_text

    cases, agreements = catalog_names(), agreement_names()
    if name in cases:
        return catalog_text(name)
    bare = name.removesuffix(AGREEMENT_SUFFIX)
    if bare in agreements:
        return agreement_text(bare)
    known = [*cases, *(f"{n}{AGREEMENT_SUFFIX}" for n in agreements)]
    raise UsageError(f"the case {shown(name)}", f"one of {', '.join(known)}", did_you_mean(name, known))


def _agreement(name: str) -> Agreement:
    from detente.agreement.loading import read_agreement
    from detente.catalog import AGREEMENT_SUFFIX

    return read_agreement(name + AGREEMENT_SUFFIX)
