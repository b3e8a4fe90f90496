"""``detente track status``, ``next``, ``history``, ``what-if`` and ``exposure``."""

from __future__ import annotations

from typing import Any

import click

from detente.base.errors import UsageError, did_you_mean, shown
from detente.cli.output import as_document, deliver, suffix_of
from detente.cli.track.opened import F, Opened, envelope, file_options, open_records

SUFFIXES = (".csv", ".json", ".txt")


def time_options(function: F) -> F:
    """--at, --known and --view."""
    decorators = (
        click.option("--at", metavar="WHEN", help="A date, or an instant with its offset. Default: now."),
        click.option("--known", metavar="K", help="What was known: a record number, or a date. Default: all records."),
        click.option("--view", metavar="PARTY", help="As this party sees it; joint: as all recognise it."),
    )
    for decorator in reversed(decorators):
        function = decorator(function)
    return function


@click.command("status")
@file_options
@time_options
def status_command(file: str, ledger: str | None, as_json: bool, output: str | None, debug: bool, **how: Any) -> None:
    """What has been kept, broken, disputed, at a date, as known at another. Breaches are an answer: exit status 0."""
    del debug
    suffix = suffix_of(output, (*SUFFIXES, ".svg"))
    opened = open_records(file, ledger)
    found = asked(opened, how)
    if as_json or suffix == ".json":
        parameters = {"at": how["at"], "known": how["known"], "view": how["view"]}
        deliver(as_document(envelope("status", opened, parameters, found.to_dict())), output)
    elif suffix == ".csv":
        deliver(found.table().to_csv(), output)
    elif suffix == ".svg":
        from detente.pictures.agreement_rows import timeline_of
        from detente.pictures.agreement_timeline import agreement_timeline

        deliver(agreement_timeline(timeline_of(found), standalone=True), output)
    else:
        from detente.agreement.telling import status_lines

        deliver("\n".join([*_shipped(opened), *status_lines(found)]), output)


@click.command("next")
@file_options
@time_options
def next_command(file: str, ledger: str | None, as_json: bool, output: str | None, debug: bool, **how: Any) -> None:
    """What is due next and for whom; the last useful day of each power; what waits, and for what."""
    del debug
    suffix = suffix_of(output, (".json", ".txt"))
    opened = open_records(file, ledger)
    found = asked(opened, how)
    if as_json or suffix == ".json":
        parameters = {"at": how["at"], "known": how["known"], "view": how["view"]}
        deliver(as_document(envelope("next", opened, parameters, _next(found))), output)
        return
    from detente.agreement.telling import next_lines

    deliver("\n".join([*_shipped(opened), *next_lines(opened.agreement, found.run, found.at)]), output)


@click.command("history")
@file_options
@time_options
@click.argument("commitment", required=False)
def history_command(
    file: str, ledger: str | None, as_json: bool, output: str | None, debug: bool, commitment: str | None, **how: Any
) -> None:
    """What became of every commitment, or of one, move by move: when, why, and what shows it."""
    del debug
    suffix = suffix_of(output, SUFFIXES)
    opened = open_records(file, ledger)
    found = asked(opened, how)
    known = [c.id for c in opened.agreement.terms().commitments]
    parts = {s.id: s.of for s in found.standings}
    if commitment is not None and commitment not in (*known, *parts):
        expected = f"one of {', '.join(known)}"
        raise UsageError(f"the commitment {shown(commitment)}", expected, did_you_mean(commitment, known))
    from detente.agreement.telling import history_table
    from detente.agreement.time_text import moment_text

    moves = [
        m for m in found.run.history
        if m.instant <= found.at and commitment in (None, m.commitment, parts.get(m.commitment, m.commitment))
    ]  # fmt: skip
    if as_json or suffix == ".json":
        content = {
            "at": moment_text(found.at),
            "known": str(found.known),
            "moves": [
                {"at": moment_text(m.instant), "commitment": m.commitment, "row": m.row, "from": m.before,
                 "to": m.after, "record": m.cause if isinstance(m.cause, int) else None,
                 "consequence": m.because or None}
                for m in moves
            ],
        }  # fmt: skip
        parameters = {"at": how["at"], "known": how["known"], "view": how["view"], "commitment": commitment}
        deliver(as_document(envelope("history", opened, parameters, content)), output)
        return
    table = history_table(opened.agreement, found.run, opened.records, moves)
    deliver(table.to_csv() if suffix == ".csv" else "\n".join([*_shipped(opened), str(table)]), output)


@click.command("what-if")
@file_options
@click.option("--at", metavar="WHEN", help="Compare at this date. Default: the day of the last thing that happens.")
@click.option("--from", "source", metavar="FILE", help="A list of what might happen (YAML or JSON).")
@click.option("--kind", metavar="KIND", help="One record: claim, verify, refute, measure, contest, ...")
@click.option("--subject", metavar="ID", help="What it is about.")
@click.option("--by", metavar="WHO", multiple=True, help="Who says so; repeat it for several.")
@click.option("--occurred", metavar="WHEN", help="When it happens.")
@click.option("--evidence", metavar="REF", multiple=True, help="A document that shows it.")
@click.option("--body", metavar="KEY=VALUE", multiple=True, help="Further content, such as value=299.")
def what_if_command(
    file: str, ledger: str | None, as_json: bool, output: str | None, debug: bool, at: str | None, **what: Any
) -> None:
    """What would change if this happened. Nothing is recorded."""
    del debug
    suffix_of(output, (".json", ".txt"))
    from detente.agreement.records import Record
    from detente.agreement.telling import what_if_lines
    from detente.agreement.time_text import moment_text
    from detente.agreement.tracking import instant_of
    from detente.agreement.what_if import what_if
    from detente.cli.track.writing import events_of

    opened = open_records(file, ledger)
    drafts = events_of(opened.agreement, what, opened.head.seq + 1)
    further = [
        Record(opened.head.seq + n, opened.head.recorded_at, d.occurred, d.kind, d.subject, d.by, d.evidence, d.body)
        for n, d in enumerate(drafts, 1)
    ]
    last = max((max(r.occurred.start, r.occurred.end - 1) for r in further), default=opened.head.recorded_at)
    found = what_if(opened.agreement.terms(), opened.records, further,
                    instant_of(at, opened.agreement, last, name="--at"))  # fmt: skip
    if as_json or (output or "").endswith(".json"):
        content = {
            "at": moment_text(found.at),
            "changed": [
                {"commitment": d.commitment, "before": d.before.life if d.before else None,
                 "after": d.after.life if d.after else None, "fields": list(d.fields)}
                for d in found.changed
            ],
            "irregular": [{"seq": i.seq, "subject": i.subject, "why": i.reason} for i in found.irregular],
        }  # fmt: skip
        deliver(as_document(envelope("what-if", opened, {"at": at}, content)), output)
        return
    deliver("\n".join(what_if_lines(opened.agreement, found)), output)


@click.command("exposure")
@file_options
@click.option("--view", metavar="V", help="Whose reading of the linked case.")
def exposure_command(
    file: str, ledger: str | None, as_json: bool, output: str | None, debug: bool, view: str | None
) -> None:  # fmt: skip
    """How far each side can be ahead of what it has received when everything stops, by the linked case's worths."""
    del debug
    suffix_of(output, (".json", ".txt"))
    from detente.agreement.exposure import exposure
    from detente.agreement.telling import exposure_lines
    from detente.agreement.worths import given

    opened = open_records(file, ledger)
    whole, lasting = given(opened.agreement, view=view)
    terms = opened.agreement.terms()
    found, kept = exposure(terms, whole), exposure(terms, lasting)
    if as_json or (output or "").endswith(".json"):
        content = {
            "stops": {p: {"value": float(s.value), "done": list(s.done)} for p, s in found.stops.items()},
            "lasting": {p: {"value": float(s.value), "done": list(s.done)} for p, s in kept.stops.items()},
            "never_due": list(found.left_out),
        }
        deliver(as_document(envelope("exposure", opened, {"view": view}, content)), output)
        return
    deliver("\n".join(exposure_lines(opened.agreement, found, kept)), output)


def asked(opened: Opened, how: dict[str, Any]) -> Any:
    """The status at a date as known at another."""
    from detente.agreement.ledger.store import now
    from detente.agreement.tracking import instant_of, known_of, track

    at = instant_of(how["at"], opened.agreement, now(), name="--at")
    return track(
        opened.agreement, opened.records, at, known_of(how["known"], opened.agreement, opened.records), how["view"]
    )


def _next(found: Any) -> dict[str, Any]:
    from detente.agreement.time_text import moment_text

    due = found.run.next(found.at)
    return {
        "at": moment_text(found.at),
        "known": str(found.known),
        "coming": [
            {"commitment": c.commitment, "what": c.what, "who": list(c.who),
             "until": None if c.until is None else moment_text(c.until),
             "last_day": None if c.last_day is None else c.last_day.isoformat()}
            for c in due.coming
        ],
        "powers": [
            {"power": p.power, "holder": p.holder, "may": p.may, "targets": list(p.targets),
             "expires": None if p.expires is None else moment_text(p.expires),
             "last_day": None if p.last_day is None else p.last_day.isoformat()}
            for p in due.powers
        ],
        "waiting": [{"commitment": name, "for": list(parts)} for name, parts in due.waiting],
    }  # fmt: skip


def _shipped(opened: Opened) -> list[str]:
    return ["(What the catalog records of it; there is no ledger here.)"] if opened.shipped else []


COMMANDS = {
    "status": status_command,
    "next": next_command,
    "history": history_command,
    "what-if": what_if_command,
    "exposure": exposure_command,
}
