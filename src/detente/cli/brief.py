"""``detente brief``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente.base.errors import UsageError, shown
from detente.cli.output import as_document, case_options, deliver, envelope, open_case, suffix_of

if TYPE_CHECKING:
    from detente.brief.document import Brief
    from detente.brief.tracked import Tracked
    from detente.cli.track.opened import Opened


@click.command("brief")
@case_options
@click.option("--full", is_flag=True, help="Take the time for all of it: what drives the forecast, more draws.")
@click.option("--agreement", metavar="FILE", help="Add a section on this agreement and its ledger.")
@click.option("--ledger", metavar="L", help="Where the agreement's records are. Default: FILE.ledger.sqlite.")
@click.option("--at", metavar="WHEN", help="How the agreement stands at this date. Default: now.")
@click.option("--known", metavar="K", help="As known then: a record number, or a date. Default: all records.")
def command(case: str, as_json: bool, output: str | None, debug: bool, full: bool, **how: Any) -> None:
    """Write the brief of a case: one HTML page with everything, and a summary here.

    CASE may also be an agreement (*.agreement.yaml, or the name of a catalog agreement): then of the agreement alone.
    """
    del debug
    suffix = suffix_of(output, (".html", ".json", ".txt"))
    from detente.brief.document import agreement_brief, make_brief

    of = {key: how.pop(key) for key in ("agreement", "ledger", "at", "known")}
    if _is_agreement(case):
        _only(of, how)
        opened, tracked = _tracked(case, of, how["view"], shared=how["audience"] == "shared")
        from detente.cli.track.opened import envelope as agreement_envelope

        parameters = {"view": how["view"], "at": of["at"], "known": of["known"]}
        brief = agreement_brief(tracked)
        document = {**agreement_envelope("", opened, parameters, brief.to_dict()), "verb": "brief"}
        _deliver(brief, document, f"{opened.agreement.name}.agreement.html", suffix, as_json=as_json, output=output)
        return
    if of["agreement"] is None and any(of.values()):
        raise UsageError("--ledger, --at or --known", "an agreement to ask about", "Add --agreement FILE.")
    asked = open_case(case, **how)
    added = None
    if of["agreement"] is not None:
        opened, added = _tracked(of["agreement"], of, None, shared=asked.shared)
        linked = opened.agreement.case
        if linked is not None and linked.name != asked.case().name:
            sys.stderr.write(f"warning: the agreement is linked to another case, {shown(linked.name)}\n")
    asked.session.aside = (os.cpu_count() or 1) > 1
    brief = make_brief(asked.session, shared=asked.shared, tracked=added, full=full, **asked.how)
    document = envelope("brief", asked, None, brief.to_dict())
    _deliver(brief, document, f"{asked.case().name}.html", suffix, as_json=as_json, output=output)


def _deliver(
    brief: Brief, document: dict[str, Any], name: str, suffix: str, *, as_json: bool, output: str | None
) -> None:  # fmt: skip
    """Write it in the form asked for; by default a page under this name, and the summary here."""
    summary = "\n".join(brief.summary())
    if as_json or suffix == ".json":
        deliver(as_document(document), output)
    elif suffix == ".txt":
        deliver(summary, output)
    else:
        sys.stdout.write(summary + "\n")
        deliver(brief.to_html(), output or name)


def _is_agreement(name: str) -> bool:
    """Whether a name means an agreement: by its suffix, or as one of the catalog that is no case there."""
    from detente.catalog import AGREEMENT_SUFFIX, agreement_names, catalog_names

    if name.lower().endswith(AGREEMENT_SUFFIX):
        return True
    return name in agreement_names() and name not in catalog_names() and not Path(name).exists()


def _only(of: dict[str, Any], how: dict[str, Any]) -> None:
    """Refuse what only a case can be asked with.

    Raises:
        UsageError: for the option.
    """
    given = {"--agreement": of["agreement"], "--type": how["types"], "--set": how["edits"]}
    for option, value in given.items():
        if value:
            told = shown(value if isinstance(value, str) else value[0])
            raise UsageError(f"{option} {told} for an agreement", "a case", "Name the case, and add --agreement FILE.")


def _tracked(file: str, of: dict[str, Any], view: str | None, *, shared: bool) -> tuple[Opened, Tracked]:
    """An agreement with its ledger, as it stands at a date."""
    from detente.brief.tracked import Tracked
    from detente.cli.track.opened import open_records
    from detente.cli.track.state import asked

    opened = open_records(file, of["ledger"])
    status = asked(opened, {"at": of["at"], "known": of["known"], "view": view})
    head = opened.head if opened.ledger is not None else None
    return opened, Tracked(status, head, opened.shipped, shared)
