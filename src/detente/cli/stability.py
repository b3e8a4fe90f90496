"""``detente stability``."""

from __future__ import annotations

from typing import Any

import click

from detente.base.errors import UsageError, shown
from detente.cli.output import (
    Asked,
    as_document,
    case_options,
    deliver,
    envelope,
    need_preferences,
    open_case,
    suffix_of,
)

CONCEPTS = ("nash", "gmr", "smr", "seq", "sseq")


@click.command("stability")
@case_options
@click.option(
    "--concept",
    "concepts",
    multiple=True,
    metavar="C",
    help="nash, gmr, smr, seq or sseq; P=C gives party P a concept of its own. Default: all five.",
)
@click.option("--explain", nargs=2, metavar="STATE PARTY", help="Tell why a state is stable for a party, or not.")
@click.option("--full", is_flag=True, help="List all states even above 10,000.")
def command(
    case: str, as_json: bool, output: str | None, debug: bool, concepts: tuple[str, ...],
    explain: tuple[str, str] | None, full: bool, **how: Any,
) -> None:  # fmt: skip
    """Which outcomes would hold once reached, and why."""
    del debug
    suffix = suffix_of(output, (".json", ".csv", ".txt"))
    asked = open_case(case, **how)
    need_preferences(asked)
    plain, mixture = _concepts(concepts)
    found = asked.session.ask("stability", concepts=plain, mixture=mixture, **asked.how)
    if explain:
        deliver(_explained(asked, found, explain, as_json=as_json or suffix == ".json"), output)
    elif as_json or suffix == ".json":
        deliver(as_document(envelope("stability", asked, found, found.to_dict(full=full))), output)
    elif suffix == ".csv":
        deliver(found.table().to_csv(), output)
    else:
        deliver(_text(found), output)


def _concepts(written: tuple[str, ...]) -> tuple[tuple[str, ...], dict[str, str]]:
    plain = tuple(c for text in written if "=" not in text for c in text.split(",") if c)
    mixture = {}
    for text in written:
        if "=" in text:
            party, _, concept = text.partition("=")
            if not party or not concept:
                raise UsageError(f"--concept {shown(text)}", "a concept, or party=concept")
            mixture[party] = concept
    return plain or (() if mixture else CONCEPTS), mixture


def _text(found: Any) -> str:
    from detente.stability.narrative import overview

    return "\n".join([*overview(found), "", str(found.table())])


def _explained(asked: Asked, found: Any, explain: tuple[str, str], *, as_json: bool) -> str:
    from detente.stability.narrative import narrate

    state, party = explain
    verdicts = [found.witness(c, party, state) for c in found.concepts]
    if as_json:
        content = {"verdicts": [v.to_dict() for v in verdicts]}
        return as_document(envelope("stability", asked, found, content))
    return "\n".join(narrate(found, verdicts))
