"""``detente forecast``."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from detente.base.errors import EXIT_INTERRUPTED, UsageError
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

SUFFIXES = (".json", ".txt", ".csv", ".svg")


@click.command("forecast")
@case_options
@click.option("--draws", type=click.IntRange(2, 1_000_000), default=1000, show_default=True, metavar="N",
              help="Draws of the uncertain numbers and types.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, metavar="N", help="Seed of the draws.")
@click.option("--tolerance", type=click.FloatRange(0.001, 0.5), metavar="X",
              help="Stop drawing once the sampling error of every chance is surely below X.")  # fmt: skip
@click.option("--drivers/--no-drivers", default=True, show_default=True, help="Whether to tell what drives it.")
@click.option("--scenarios/--no-scenarios", default=True, show_default=True, help="Whether to tell named futures.")
@click.option("--workers", type=click.IntRange(1, 256), metavar="N",
              help="Processes. Default: as many as there are processors; the answer is the same.")  # fmt: skip
@click.option("--seal", metavar="FILE", help="Also write the forecast to a sealed file, and print its hash.")
def command(case: str, as_json: bool, output: str | None, debug: bool, seal: str | None, **how: Any) -> None:
    """What can we expect of the next round? Chances of your outcomes, what drives them, and what to watch.

    Sealed forecasts are opened with `detente seals open FILE`, and scored with `detente seals score TRUTH FILE...`.
    """
    del debug
    suffix = suffix_of(output, SUFFIXES)
    names = ("draws", "seed", "tolerance", "drivers", "scenarios", "workers")
    parameters = {key: how.pop(key) for key in names}
    parameters["workers"] = parameters["workers"] or os.cpu_count() or 1
    asked = open_case(case, **how)
    need_preferences(asked)
    found = _ask(asked, parameters)
    if asked.shared:
        found = found.shared()
    if seal is not None:
        from detente.cli.forecast_seals import seal_to

        sys.stderr.write(f"Sealed: {seal_to(found, seal)}\n")
    if as_json or suffix == ".json":
        deliver(as_document(envelope("forecast", asked, found, found.to_dict())), output)
    elif suffix == ".csv":
        deliver(found.table().to_csv(), output)
    elif suffix == ".svg":
        deliver(_picture(found), output)
    else:
        from detente.forecast.narrative import lines
        from detente.inquiry.subtitle import subtitle

        text = lines(found)
        under = subtitle(asked.case(), asked.changes, shared=asked.shared)
        deliver("\n".join([text[0], *([under] if under else []), *text[1:]]), output)
    if found.interrupted:
        sys.exit(EXIT_INTERRUPTED)


def _ask(asked: Asked, parameters: dict[str, Any]) -> Any:
    """The answer, with a bar while it is worked out on a terminal."""
    if not sys.stderr.isatty():
        return asked.session.ask("forecast", **parameters, **asked.how)
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("draws", total=None)
        asked.session.progress = lambda done, total: progress.update(task, completed=done, total=total)
        return asked.session.ask("forecast", **parameters, **asked.how)


def _picture(found: Any) -> str:
    from detente.pictures.forecast_fan import forecast_fan

    picture = forecast_fan(found, standalone=True)
    if picture is None:
        raise UsageError("a picture of this answer", "a forecast with at least two dates")
    return str(picture)
