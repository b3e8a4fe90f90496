"""``detente ratify``."""

from __future__ import annotations

import sys
from typing import Any

import click

from detente.base.errors import EXIT_NO
from detente.cli.output import as_document, case_options, deliver, envelope, need_preferences, open_case, suffix_of


@click.command("ratify")
@case_options
@click.option("--deal", metavar="DEAL", help="A state, a condition, or a rule of settle such as nash, ks or fallback. "
              "Printed names of rules do, too. Default: nash; fallback where only orders are known.")  # fmt: skip
@click.option("--draws", type=click.IntRange(0, 1_000_000), default=1000, show_default=True, metavar="N",
              help="Draws of the uncertain numbers; 0 for none.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, metavar="N", help="Seed of the draws.")
def command(
    case: str, as_json: bool, output: str | None, debug: bool, deal: str | None, draws: int, seed: int, **how: Any
) -> None:  # fmt: skip
    """Would it pass at home? Votes, win-set, and until when.

    Exit status 1: the deal passes with a chance under one half.
    """
    del debug
    suffix = suffix_of(output, (".json", ".txt", ".csv", ".svg"))
    asked = open_case(case, **how)
    need_preferences(asked)
    found = asked.session.ask("ratify", deal=deal, draws=draws, seed=seed, **asked.how)
    if asked.shared:
        found = found.for_sharing()
    if as_json or suffix == ".json":
        deliver(as_document(envelope("ratify", asked, found, found.to_dict())), output)
    elif suffix == ".csv":
        deliver(found.table().to_csv(), output)
    elif suffix == ".svg":
        from detente.pictures.vote_bar import vote_bar

        deliver(vote_bar(found, standalone=True) or "", output)
    else:
        from detente.inquiry.subtitle import subtitle
        from detente.ratification.narrative import lines

        text = lines(found)
        under = subtitle(asked.case(), asked.changes, shared=asked.shared)
        deliver("\n".join([text[0], *([under] if under else []), *text[1:]]), output)
    if not found.passed:
        sys.exit(EXIT_NO)
