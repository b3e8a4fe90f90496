"""``detente track matrix`` and ``calendar``."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

import click

from detente.cli.output import as_document, deliver, deliver_bytes, suffix_of
from detente.cli.track.opened import Opened, envelope, file_options, open_records
from detente.cli.track.state import asked, time_options

if TYPE_CHECKING:
    from detente.agreement.matrix_return import Returned


@click.command("matrix")
@file_options
@time_options
@click.option("--read", "returned", metavar="XLSX", help="Propose records from the status column of a returned matrix.")
def matrix_command(
    file: str, ledger: str | None, as_json: bool, output: str | None, debug: bool, returned: str | None, **how: Any
) -> None:
    """The implementation matrix: who does what, where, seen by whom, or else what, and where it stands.

    With --read the records that a returned workbook proposes are told; none is recorded before a person says so.
    With -o FILE.yaml too they are a list to fill in with dates, for track record --from.
    """
    del debug
    allowed = (".json", ".txt", ".yaml", ".yml") if returned is not None else (".xlsx", ".csv", ".json", ".txt")
    suffix = suffix_of(output, allowed)
    opened = open_records(file, ledger)
    status = asked(opened, how)
    if returned is not None:
        _read(opened, status, returned, as_json=as_json, output=output)
        return
    matrix = _matrix(opened, status)
    if suffix == ".xlsx":
        from detente.agreement.matrix_sheet import matrix_xlsx

        deliver_bytes(matrix_xlsx(matrix), output)
    elif as_json or suffix == ".json":
        from dataclasses import asdict

        content = {"as_of": matrix.as_of, "rows": [asdict(row) for row in matrix.rows]}
        deliver(as_document(envelope("matrix", opened, {"at": how["at"], "known": how["known"]}, content)), output)
    elif suffix == ".csv":
        deliver(matrix.to_csv(), output)
    else:
        deliver(_text(matrix), output)


@click.command("calendar")
@file_options
@time_options
def calendar_command(file: str, ledger: str | None, as_json: bool, output: str | None, debug: bool, **how: Any) -> None:
    """What has its day, for a calendar program: deadlines, times to mend and to check, reviews, powers, the end."""
    del debug
    suffix_of(output, (".ics", ".json"))
    from detente.agreement.dated import dated_of
    from detente.agreement.ics import ics

    opened = open_records(file, ledger)
    status = asked(opened, how)
    terms, text = opened.agreement.terms(), opened.agreement.file
    if as_json or (output or "").endswith(".json"):
        from detente.agreement.time_text import moment_text

        dates = [
            {"id": d.id, "title": d.title, "who": list(d.who), "until": moment_text(d.instant), "kind": d.kind}
            for d in dated_of(status)
        ]
        parameters = {"at": how["at"], "known": how["known"]}
        deliver(as_document(envelope("calendar", opened, parameters, {"dates": dates})), output)
        return
    known = max((r.recorded_at for r in opened.records[: status.known]), default=0)
    deliver_bytes(ics(terms, dated_of(status), known, opened.agreement.title, text.marking), output)


def _matrix(opened: Opened, status: Any) -> Any:
    from detente.agreement.matrix import Matrix, matrix_rows
    from detente.agreement.tracking import day_text

    file = opened.agreement.file
    names = {n: opened.agreement.called(n) for n in (*file.parties, *file.bodies)}
    states = {s.id: s.life for s in status.standings if not s.id.startswith("restore:")}
    rows = matrix_rows(opened.agreement.terms(), states, names)
    return Matrix(opened.agreement.title, rows, file.marking, day_text(status.run.calendar, status.at))


def _text(matrix: Any) -> str:
    """The matrix for a terminal: a paragraph per step."""
    from dataclasses import asdict

    from detente.agreement.matrix import HEADS

    lines = [matrix.heading]
    for row in matrix.rows:
        told = asdict(row)
        lines += ["", told.pop("obligation")]
        lines += [f"  {HEADS[key]}: {text}" for key, text in told.items() if text]
    return "\n".join(lines)


def _read(opened: Opened, status: Any, path: str, *, as_json: bool, output: str | None) -> None:
    """The records that a returned workbook proposes."""
    from detente.agreement.matrix_return import read_statuses

    states = {s.id: s.life for s in status.standings}
    found = read_statuses(path, opened.agreement.terms(), states)
    if as_json or (output or "").endswith(".json"):
        content = {
            "proposed": [
                {"kind": p.kind, "subject": p.subject, "by": list(p.by), "body": p.body, "was": p.was, "now": p.now,
                 "row": p.row, "question": p.question}
                for p in found.proposed
            ],
            "remarks": list(found.remarks),
        }  # fmt: skip
        deliver(as_document(envelope("matrix --read", opened, {"read": path}, content)), output)
        return
    if (output or "").endswith((".yaml", ".yml")):
        deliver(_list(found, opened.agreement.title), output)
        return
    count = len(found.proposed)
    told = "One record is" if count == 1 else f"{count} records are"
    lines = [f"{told} proposed; nothing is recorded."]
    for p in found.proposed:
        options = ["--kind", p.kind, "--subject", p.subject]
        options += [o for name in p.by[:1] for o in ("--by", name)]
        options += [o for key, value in p.body.items() for o in ("--body", f"{key}={value}")]
        command = shlex.join(["detente", "track", "record", opened.agreement.source or "FILE", *options])
        lines += ["", f"Row {p.row}: {p.question}", f"  {command} --occurred DATE"]
    deliver("\n".join([*lines, *(["", *found.remarks] if found.remarks else [])]), output)


def _list(found: Returned, title: str) -> str:
    """The records proposed, as a list in which a person fills in when each happened, and strikes out what is not so."""
    lines = [
        f"# {' '.join(title.split())}: proposed by a returned matrix. Nothing is recorded yet.",
        "# Fill in when each happened, delete what is not so, and add evidence; then: detente track record ... --from",
    ]
    for p in found.proposed:
        others = f" (or {', '.join(p.by[1:])})" if len(p.by) > 1 else ""
        entry = {"kind": p.kind, "subject": p.subject, "by": list(p.by[:1])} | ({"body": p.body} if p.body else {})
        fields = ", ".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in entry.items())
        lines += ["", f"# Row {p.row}: {' '.join(p.question.split())}{others}", f"- {{{fields}, occurred: }}"]
    lines += [f"# {' '.join(remark.split())}" for remark in found.remarks]
    return "\n".join(lines if found.proposed else [*lines, "[]"])


COMMANDS = {"matrix": matrix_command, "calendar": calendar_command}
