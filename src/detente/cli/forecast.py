"""``detente forecast``."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from detente.base.errors import EXIT_INTERRUPTED, UsageError, shown
from detente.cli.output import (
    Asked,
    as_document,
    deliver,
    envelope,
    need_preferences,
    open_case,
    optional_case_options,
    suffix_of,
)

if TYPE_CHECKING:
    from detente.forecast.record import Record
    from detente.forecast.result import Forecast

SUFFIXES = (".json", ".txt", ".csv", ".svg")
ASKED = ("draws", "seed", "tolerance", "drivers", "scenarios", "end", "workers")
READING = ("as_json", "output", "debug", "case", "files")  # what may stand beside --open and --score


def only_reading(*allowed: str) -> None:
    """Refuse options that a sealed forecast does not answer to.

    Raises:
        UsageError: with the first of them.
    """
    context = click.get_current_context()
    for parameter in context.command.params:
        name = str(parameter.name)
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and name not in (*READING, *allowed):
            told = "/".join(parameter.opts)
            raise UsageError(f"{told} beside sealed forecasts", "a case", f"{told} asks about a case.")


@click.command("forecast")
@optional_case_options
@click.argument("files", nargs=-1)
@click.option("--draws", type=click.IntRange(2, 1_000_000), default=1000, show_default=True, metavar="N",
              help="Draws of the uncertain numbers and types; fewer in a large case, and told.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, metavar="N", help="Seed of the draws.")
@click.option("--tolerance", type=click.FloatRange(0.001, 0.5), metavar="X",
              help="Stop drawing once the sampling error of every chance is surely below X.")  # fmt: skip
@click.option("--drivers/--no-drivers", default=True, show_default=True, help="Whether to tell what drives it.")
@click.option("--scenarios/--no-scenarios", default=True, show_default=True, help="Whether to tell named futures.")
@click.option("--end/--no-end", default=None,
              help="Whether to tell what comes in the end, without a date. Default: in small cases.")  # fmt: skip
@click.option("--workers", type=click.IntRange(1, 256), metavar="N",
              help="Processes. Default: as many as there are processors; the answer is the same.")  # fmt: skip
@click.option("--seal", metavar="FILE", help="Also write the forecast to a sealed file, and print its hash.")
@click.option("--record", metavar="TRUTH", help="Tell beside it how earlier forecasts did: what came true, then the "
              "sealed FILEs.")  # fmt: skip
@click.option("--open", "opened", metavar="FILE", help="Read a sealed forecast; without CASE.")
@click.option("--hash", "published", metavar="HASH", help="With --open: the hash that was published.")
@click.option("--score", metavar="TRUTH", help="Score the sealed FILEs by what came true; without CASE.")
def command(case: str | None, files: tuple[str, ...], **how: Any) -> None:
    """What can we expect of the next round? Chances of your outcomes, what drives them, and what to watch.

    \b
    detente forecast CASE                          the forecast
    detente forecast CASE --seal FILE              also sealed, to be opened later
    detente forecast --open FILE                   what was told, its hash checked
    detente forecast --score TRUTH FILE...         how sealed forecasts did
    detente forecast CASE --record TRUTH FILE...   with the record beside it

    TRUTH is a YAML or JSON list of {seal, at, outcome}. Exit status 130: interrupted; what there is, is told.
    """  # noqa: D301 - \b keeps click from folding the lines
    del how["debug"]
    if how["opened"] is not None and how["score"] is not None:
        raise UsageError("--open and --score together", "one of them")
    if how["opened"] is not None:
        only_reading("opened", "published")
        _open(how["opened"], [f for f in (case, *files) if f], how)
    elif how["published"] is not None:
        raise UsageError("--hash without --open", "the sealed forecast that the hash was published for")
    elif how["score"] is not None:
        only_reading("score")
        _score(how["score"], [f for f in (case, *files) if f], how)
    elif case is None:
        raise click.UsageError("Missing argument 'CASE'.", click.get_current_context())
    else:
        _tell(case, files, **how)


def _open(path: str, others: list[str], how: dict[str, Any]) -> None:
    from detente.cli.forecast_seals import open_from

    if others:
        raise UsageError(f"{shown(others[0])} beside --open", "one sealed forecast", "--open takes no case.")
    suffix = suffix_of(how["output"], (".json", ".txt"))
    as_json = how["as_json"] or suffix == ".json"
    deliver(open_from(path, as_json=as_json, published=how["published"]), how["output"])


def _score(truth: str, paths: list[str], how: dict[str, Any]) -> None:
    from detente.cli.forecast_seals import score_files

    if not paths:
        raise UsageError("--score without sealed forecasts", "TRUTH FILE...: what came true, then the sealed files")
    suffix = suffix_of(how["output"], (".json", ".txt"))
    as_json = how["as_json"] or suffix == ".json"
    deliver(score_files(truth, paths, as_json=as_json, today=dt.datetime.now(dt.UTC).date()), how["output"])


def _tell(
    case: str, files: tuple[str, ...], *, as_json: bool, output: str | None, seal: str | None, record: str | None,
    **how: Any,
) -> None:  # fmt: skip
    """Work a forecast out and tell it."""
    from detente.cli.forecast_seals import check_new

    suffix = suffix_of(output, SUFFIXES)
    earlier = _record(record, files)
    if seal is not None:
        check_new(seal)
    parameters = {key: how.pop(key) for key in ASKED}
    parameters["workers"] = parameters["workers"] or os.cpu_count() or 1
    parameters["limit"] = parameters.pop("end")
    asked = open_case(case, *(how[key] for key in ("view", "types", "edits", "audience", "limit")))
    need_preferences(asked)
    found = _ask(asked, parameters, earlier)
    if asked.shared:
        found = found.shared()
    if seal is not None:
        sys.stderr.write(_sealed(found, seal))
    if as_json or suffix == ".json":
        deliver(as_document(envelope("forecast", asked, found, found.to_dict())), output)
    elif suffix == ".csv":
        deliver(str(found.table().to_csv()), output)
    elif suffix == ".svg":
        deliver(_picture(asked, found), output)
    else:
        from detente.forecast.narrative import lines
        from detente.inquiry.subtitle import subtitle

        text = lines(found)
        under = subtitle(asked.case(), asked.changes, shared=asked.shared, chosen=asked.types)
        deliver("\n".join([text[0], *([under] if under else []), *text[1:]]), output)
    if found.interrupted:
        sys.exit(EXIT_INTERRUPTED)


def _sealed(found: Forecast, path: str) -> str:
    """What to tell of sealing."""
    from detente.cli.forecast_seals import seal_to

    if found.interrupted:
        return "Not sealed, as the forecast is not complete.\n"
    return seal_to(found, path) + "\n"


def _record(truth: str | None, files: tuple[str, ...]) -> Record | None:
    """How earlier forecasts did.

    Raises:
        UsageError: no files, or files and nothing to judge them by.
    """
    if truth is None and files:
        fix = "detente forecast --score TRUTH FILE..., or CASE --record TRUTH FILE..."
        raise UsageError(f"{shown(files[0])} after the case", "one case", fix)
    if truth is None:
        return None
    from detente.cli.forecast_seals import record_from

    if not files:
        raise UsageError("--record without sealed forecasts", "CASE --record TRUTH FILE...: the sealed files at last")
    return record_from(truth, files, dt.datetime.now(dt.UTC).date())


def _ask(asked: Asked, parameters: dict[str, Any], earlier: Record | None) -> Forecast:
    """The answer, with a bar while it is worked out on a terminal."""
    found: Forecast = _watched(asked, lambda: asked.session.ask("forecast", **parameters, **asked.how))
    if earlier is None:
        return found
    from dataclasses import replace

    from detente.forecast.record import record_of

    return replace(found, track_record=record_of(earlier))


def _watched(asked: Asked, work: Callable[[], Any]) -> Any:
    if not sys.stderr.isatty():
        return work()
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("draws", total=None)
        asked.session.progress = lambda done, total: progress.update(task, completed=done, total=total)
        return work()


def _picture(asked: Asked, found: Forecast) -> str:
    """Chances over time; with one date, as bars."""
    from detente.inquiry.subtitle import reading
    from detente.pictures.forecast_bars import forecast_bars
    from detente.pictures.forecast_fan import forecast_fan

    over_time = forecast_fan(found, standalone=True)
    return over_time or forecast_bars([(reading(asked.case()) or "The forecast", found)], standalone=True)
