"""Sealed forecasts on the command line: writing one, opening one, scoring several."""

from __future__ import annotations

import datetime as dt
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.base.errors import UsageError, shown
from detente.base.version import VERSION
from detente.cli.output import CONTRACT, as_document

if TYPE_CHECKING:
    from detente.forecast.record import Record
    from detente.forecast.result import Forecast
    from detente.forecast.seals import Sealed

SALT_BYTES = 32


def seal_to(found: Forecast, path: str, when: dt.datetime | None = None, salt: str | None = None) -> str:
    """Write a sealed forecast to a new file.

    Args:
        found: the forecast.
        path: the file; one that exists is left alone.
        when: the time of sealing; None: now.
        salt: see ``forecast.seals.seal``; None: a fresh one.

    Returns:
        What to tell: the hash to publish, and what to do with it.

    Raises:
        UsageError: the file exists or cannot be written.
    """
    from detente.forecast.seals import seal

    content = seal(found, when or dt.datetime.now(dt.UTC), salt or secrets.token_hex(SALT_BYTES))
    try:
        with Path(path).open("x", encoding="utf-8") as file:
            file.write(as_document(content) + "\n")
    except FileExistsError:
        raise _taken(path) from None
    except (OSError, ValueError) as error:
        told = str(error).split("] ")[-1]
        raise UsageError(f"the file {shown(path)}", "a file that can be written", told) from None
    return (
        f"Sealed in {shown(path, 200)[1:-1]} at {content['sealed']}.\n"
        f"Publish this hash now, where its date can be seen later:\n{content['hash']}\n"
        "Keep the file unchanged, and to yourself until you open it: it holds the whole forecast. Without a published"
        " hash nothing shows later that the forecast was made today."
    )


def check_new(path: str) -> None:
    """Refuse a file that exists before a forecast is worked out for it.

    Raises:
        UsageError: the file exists.
    """
    if os.path.lexists(path):
        raise _taken(path)


def _taken(path: str) -> UsageError:
    fix = "A sealed forecast is never written over."
    return UsageError(f"the file {shown(path)}, which exists", "a new file", fix)


def open_from(path: str, *, as_json: bool = False, published: str | None = None) -> str:
    """The forecast told when a file was sealed, its hash checked.

    Args:
        path: the file.
        as_json: the whole content (contract ``SEALED``) in place of a text.
        published: the hash that was published, or its first digits (at least 8).

    Raises:
        CaseError, UsageError: see ``forecast.seals.open_seal``; a file that cannot be read.
    """
    from detente.forecast.seals import PROVES

    found = _opened(path, published)
    if as_json:
        return as_document(dict(found.content))
    seed = "" if found.seed is None else f", seed {found.seed}"
    said = "published and " if published is not None else ""
    return "\n".join([
        str(found.table()),
        "",
        f"Sealed {found.content['sealed']} with detente {found.version}; case {found.case}, {found.digest}{seed}.",
        f"Hash, {said}checked: {found.hash}",
        PROVES,
    ])  # fmt: skip


def score_files(truth: str, paths: Sequence[str], *, as_json: bool = False, today: dt.date | None = None) -> str:
    """How sealed forecasts did.

    Args:
        truth: the file of what came true, a list of {seal, at, outcome}, YAML or JSON.
        paths: the files of the sealed forecasts.
        as_json: contract ``SCORES`` in place of a text.
        today: nothing later can have come true; not looked at where None.

    Raises:
        CaseError, UsageError: files that cannot be read or make no sense.
    """
    record = record_from(truth, paths, today)
    return as_document(scores(record)) if as_json else scores_text(record)


def record_from(truth: str, paths: Sequence[str], today: dt.date | None = None) -> Record:
    """The record of sealed forecasts, from files; arguments as of ``score_files``."""
    from detente.forecast.came_true import read_came_true
    from detente.forecast.record import score

    seals = [_opened(p) for p in paths]
    return score(seals, read_came_true(_bytes(truth, "what came true"), seals, truth, today))


def scores(record: Record) -> dict[str, Any]:
    """The contract ``SCORES``."""
    from detente.forecast.record import finite, record_of

    def named(number: int) -> dict[str, str]:
        return {"seal": record.seals[number].name, "hash": record.seals[number].hash}

    return {
        "detente": VERSION,
        "contract": CONTRACT,
        "verb": "forecast",
        "record": record_of(record),
        "seals": [
            {**named(n), "sealed": s.content["sealed"], "case": s.case, "digest": s.digest, "version": s.version}
            for n, s in enumerate(record.seals)
        ],
        "graded": [
            {
                **named(g.seal), "at": str(g.at), "outcome": g.outcome, "chance": g.chance, "brier": g.brier,
                "log": finite(g.log), "told": g.told, "base": g.base,
            }
            for g in record.graded
        ],
        "pending": [{**named(n), "at": str(d)} for n, d in record.pending],
        "late": [{**named(n), "at": str(d)} for n, d in record.late],
    }  # fmt: skip


def scores_text(record: Record) -> str:
    """Scores, calibration and what is still open, for readers."""
    from detente.forecast.record import record_of
    from detente.forecast.track import record_text

    parts = [record_text(record_of(record))]
    if record.graded:
        parts.append(str(record.table()))
    else:
        parts.append(record.counts())
    if record.pending:
        still = [f"{record.seals[n].name} {d}" for n, d in record.pending[:20]]
        more = f" and {len(record.pending) - 20:,} more" if len(record.pending) > 20 else ""
        parts.append(f"Still open: {', '.join(still)}{more}.")
    if record.calibration is not None:
        one = "One case per sealed forecast: what it called likeliest for its last date judged."
        parts.append(f"{record.calibration.table()}\n{one}")
    return "\n\n".join(parts)


def _opened(path: str, published: str | None = None) -> Sealed:
    from detente.forecast.seals import open_seal

    return open_seal(_bytes(path, "the sealed forecast"), path, published)


def _bytes(path: str, what: str) -> bytes:
    """The bytes of a file, unless it is larger than any that is meant."""
    from detente.forecast.seals import MOST_BYTES

    try:
        file = Path(path)
        if not file.is_file():
            found = f"the folder {shown(path)}" if file.is_dir() else f"no file {shown(path)}"
            raise UsageError(found, f"a file with {what}")
        if file.stat().st_size > MOST_BYTES:
            raise UsageError(f"the file {shown(path)} of {file.stat().st_size:,} bytes", f"at most {MOST_BYTES:,}")
        return file.read_bytes()
    except (OSError, ValueError) as error:
        if isinstance(error, UsageError):
            raise
        raise UsageError(f"the file {shown(path)}", "a file that can be read", str(error).split("] ")[-1]) from None
