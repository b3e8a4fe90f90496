"""A returned implementation matrix: its status column as proposed records.

What changed in the column against what was sent is put as records that a person confirms; nothing is recorded here. A
workbook comes from outside: it is measured before it is read, what it could run or fetch is refused, and only the texts
of its sheet are looked at.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from detente.agreement import terms as t
from detente.agreement.matrix import HEADS, whole_of
from detente.agreement.matrix_sheet import AS_SENT
from detente.base.errors import DetenteError, LimitReached, MissingExtra, UsageError, did_you_mean, one_of, shown

MOST_PACKED, MOST_UNPACKED, MOST_STYLES = 5_000_000, 10_000_000, 300_000  # bytes; styles are slow to read
MOST_PARTS, MOST_ROWS, MOST_COLUMNS = 500, 5_000, 60
HEADS_WITHIN = 20  # rows in which the heads are looked for
WANTED = (HEADS["step"], HEADS["status"], AS_SENT)
ALONE = "Send back the matrix alone."
A_MATRIX = "an implementation matrix as it was sent (.xlsx)"
# What a status word says, and what record says it.
WORDS = {
    "claimed": "claim", "done": "claim",
    "100%": "claim", "performed": "claim", "fulfilled": "verify", "verified": "verify",
    "remedied": "verify", "kept": "verify", "refuted": "refute", "not verified": "refute", "not kept": "refute",
    "no conclusion": "no_conclusion", "no-conclusion": "no_conclusion", "unverified": "no_conclusion",
    "contested": "contest", "disputed": "contest", "waived": "waive", "suspended": "suspend", "held": "suspend",
    "resumed": "resume", "terminated": "terminate", "will not be done": "declare_nonperformance",
}  # fmt: skip
NOT_SAID = {
    "inert": "it follows from entry into force", "waiting": "it follows from its trigger",
    "due": "it follows from its trigger", "overdue": "it follows from the clock",
    "breached": "it follows from the clock, or from refuted, disputed or will not be done",
    "lapsed": "it follows from the clock", "superseded": "it follows from an amendment",
}  # fmt: skip
PROGRESS = re.compile(r"(?:progress\s*)?([0-9]{1,2}(?:[.][0-9]{1,4})?)\s*%", re.ASCII)
Said = list[tuple[str, dict[str, Any]]]  # kinds of records and their bodies
MEASURED = re.compile(r"(?:measured|value)?\s*:?\s*(-?[0-9]{1,15}(?:[.][0-9]{1,9})?)(?:\s+(.{1,40}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A record that a changed status proposes; when it happened, and whether it is so, a person says.

    Attributes:
        row: row of the sheet.
        step: id of the commitment, part or instance.
        was, now: the status as sent and as returned.
        kind, subject, by, body: of the record; ``by`` are those who could say it.
        question: what is to be confirmed.
    """

    row: int
    step: str
    was: str
    now: str
    kind: str
    subject: str
    by: tuple[str, ...]
    body: dict[str, Any]
    question: str


@dataclass(frozen=True, slots=True)
class Returned:
    """What a returned sheet proposes, and what in it was not understood.

    Attributes:
        proposed: records to confirm, in the order of the sheet.
        remarks: one sentence for each row that could not be read as a record.
    """

    proposed: tuple[Proposed, ...]
    remarks: tuple[str, ...]


@dataclass
class _Notes:
    """What is gathered on the way through a sheet."""

    proposed: list[Proposed] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def read_statuses(path: str | Path, terms: t.Terms, statuses: Mapping[str, str] | None = None) -> Returned:
    """The records that a returned matrix proposes.

    Args:
        path: the workbook.
        terms: the agreement that it is about.
        statuses: life states as they are known now, by id: what is so already is not proposed again.

    Returns:
        Proposals for each changed status that a record can say, and remarks on everything else that changed.

    Raises:
        UsageError: it is no workbook, a foreign one, or one with parts that are not read.
        LimitReached: it is too large.
        MissingExtra: openpyxl is not installed.
    """
    rows = _sheet(Path(path))
    at, columns = _heads(rows)
    notes = _Notes()
    seen: dict[str, int] = {}
    known = {c.id: c for c in terms.commitments}
    for number, row in enumerate(rows[at + 1 :], at + 2):
        step, now, was = (_cell(row, columns[head]) for head in WANTED)
        if not step and not now and not was:
            continue
        found = known.get(whole_of(step))
        if not step or found is None:
            fix = did_you_mean(step, list(known)) if step else "Give the step of the row."
            said = f"the step {shown(step)} is not in the agreement" if step else "a status without a step"
            notes.remarks.append(f"Row {number}: {said}. {fix}".strip())
        elif step in seen:
            notes.remarks.append(f"Row {number}: the step {shown(step)} stands in row {seen[step]} already; left out.")
        else:
            seen[step] = number
            _judge(notes, number, step, (was, now), found, terms, (statuses or {}).get(step, ""))
    if not seen:
        raise UsageError(f"{Path(path).name!r} without any step of this agreement", "the matrix of this agreement")
    return Returned(tuple(notes.proposed), tuple(notes.remarks))


def _judge(
    notes: _Notes, row: int, step: str, change: tuple[str, str], c: t.Commitment, terms: t.Terms, current: str
) -> None:
    was, now = change
    word = " ".join(now.lower().replace("_", " ").split())
    if word == " ".join(was.lower().split()):
        return
    if not word:
        notes.remarks.append(
            f"Row {row}: the status of {shown(step)} was {shown(was)} and is empty; nothing to record."
        )
        return
    if current and word == current.lower():
        notes.remarks.append(f"Row {row}: {shown(step)} is {current} already.")
        return
    meant = _meant(word, was or current, c)
    if isinstance(meant, str):
        notes.remarks.append(f"Row {row}: {shown(now)} for {shown(step)}: {meant}")
        return
    for kind, body in meant:
        by = _sayers(kind, step, c, terms)
        asked = f"{c.title or c.id}: record {kind.replace('_', ' ')}" + "".join(f" ({k} {v})" for k, v in body.items())
        asked += f" by {' or '.join(by)}?" if by else "?"
        notes.proposed.append(Proposed(row, step, was, now, kind, step, by, body, asked))


def _meant(word: str, was: str, c: t.Commitment) -> Said | str:
    """The records that a word says of a commitment, or why there is none."""
    if word in NOT_SAID:
        return f"{NOT_SAID[word]}; no record says it."
    number = _number(word, c)
    if number is not None:
        return number
    if word not in WORDS:
        fix = did_you_mean(word, list(WORDS))
        return f"an unknown status; expected {one_of(list(WORDS), 20)}. {fix}".strip()
    kind = WORDS[word]
    if c.modality in ("maintain", "refrain"):
        if kind == "claim":
            return "what is kept or refrained from is not claimed; write kept, not kept, or a measured value."
        if kind in ("verify", "refute") and not c.verification:
            return [("attest", {"holds": "yes" if kind == "verify" else "no"})]
    elif kind == "verify" and was.lower() not in ("claimed", "unverified", "fulfilled", "remedied"):
        # It has not been claimed: its owner says so first, and where that is enough nobody verifies.
        claim: Said = [("claim", {})]
        return claim if c.claim_ok or not c.verification else [*claim, ("verify", {})]
    return [(kind, {"reason": "suspended"} if kind in ("suspend", "resume") else {})]


def _number(word: str, c: t.Commitment) -> Said | str | None:
    """What a share or a measured value says; None: it is neither."""
    if found := PROGRESS.fullmatch(word):
        return [("claim", {"progress": _share(found.group(1))})]
    found = MEASURED.fullmatch(word)
    if found is None:
        return None
    if not isinstance(c.act, t.QuantityAct):
        return "a measured value, but nothing is measured here."
    unit = (found.group(2) or "").strip()
    if unit and unit != c.act.unit.lower():
        return f"a value in {shown(unit)}; expected {shown(c.act.unit)}."
    return [("measure", {"value": found.group(1)})]


def _share(percent: str) -> str:
    """A percentage as a decimal below 1: 40 as 0.40."""
    whole, _, rest = percent.partition(".")
    return f"0.{whole.zfill(2)}{rest}"


def _sayers(kind: str, step: str, c: t.Commitment, terms: t.Terms) -> tuple[str, ...]:
    party = step.partition("@")[2].partition("#")[0]
    obligors = (party,) if party else c.obligors
    verifiers = tuple(dict.fromkeys(v.verifier for v in c.verification))
    return {
        "claim": obligors,
        "declare_nonperformance": obligors,
        "verify": verifiers,
        "refute": verifiers,
        "no_conclusion": verifiers,
        "attest": verifiers or terms.bodies,
        "measure": verifiers or obligors,
        "contest": (*obligors, *(p for p in c.obligees if p not in obligors)),
        "waive": c.obligees,
    }.get(kind, terms.parties)


# --- the workbook ----------------------------------------------------------------------------------------------------


def _sheet(path: Path) -> Sequence[Sequence[str]]:
    """The texts of the first sheet."""
    data = _inspected(path)
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise MissingExtra("a workbook", "xlsx") from error
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of extensions that are left out
            book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
            try:
                return list(_rows(book.worksheets[0])) if book.worksheets else []
            finally:
                book.close()
    except LimitReached:
        raise
    except Exception:  # noqa: BLE001 - a workbook from outside can break its reader in any way
        raise UsageError(f"{shown(path.name)}, which is damaged", A_MATRIX, "Save it again as .xlsx.") from None


def _rows(sheet: Any) -> Iterator[tuple[str, ...]]:
    empty = 0
    for number, row in enumerate(sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS), 1):
        if number > MOST_ROWS:
            raise LimitReached("rows in the sheet", f"over {MOST_ROWS:,}", MOST_ROWS, ALONE)
        texts = tuple(_text(cell) for cell in row)
        empty = 0 if any(texts) else empty + 1
        if empty > 1000:  # nothing is looked for beyond
            return
        yield texts


def _text(cell: Any) -> str:
    """The text of a cell; a share that a spreadsheet keeps as a number (40% as 0.4) as it is seen."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool) and "%" in str(cell.number_format):
        return f"{round(value * 100, 4):g}%"
    return str(value).strip()[:1000]


def _inspected(path: Path) -> bytes:
    """The file, refused if it is no workbook, too large, or has parts that run or fetch something."""
    name = shown(path.name)
    try:
        with path.open("rb") as file:
            data = file.read(MOST_PACKED + 1)
        _measure(data, name)
        return data
    except DetenteError:
        raise
    except OSError as error:
        raise UsageError(f"{name}, which cannot be read ({error.strerror or 'error'})", A_MATRIX) from None
    except zipfile.BadZipFile:
        fix = "Save it as .xlsx, without a password."
        raise UsageError(f"{name}, which is no workbook, is damaged or protected", A_MATRIX, fix) from None
    except Exception:  # noqa: BLE001 - an archive from outside can break its reader in any way
        raise UsageError(f"{name}, which is damaged or protected", A_MATRIX, "Save it again as .xlsx.") from None


def _measure(data: bytes, name: str) -> None:
    if len(data) > MOST_PACKED:
        raise LimitReached("bytes in the workbook", f"over {MOST_PACKED:,}", MOST_PACKED, ALONE)
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        parts = packed.infolist()
        # What is declared is a bound: no more is unpacked of any part.
        unpacked = sum(part.file_size for part in parts)
        if unpacked > MOST_UNPACKED:
            raise LimitReached("bytes in the workbook when unpacked", f"{unpacked:,}", MOST_UNPACKED, ALONE)
        styles = max((part.file_size for part in parts if part.filename.lower() == "xl/styles.xml"), default=0)
        if styles > MOST_STYLES:
            raise LimitReached("bytes of styles in the workbook", f"{styles:,}", MOST_STYLES, ALONE)
        if len(parts) > MOST_PARTS:
            raise LimitReached("parts of the workbook", f"{len(parts):,}", MOST_PARTS, ALONE)
        _refuse_parts(name, [part.filename for part in parts])
        for part in parts:
            # Zero bytes are passed over, so that another encoding hides nothing.
            text = packed.read(part).replace(b"\0", b"").upper()
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                fix = "Copy its cells into a new workbook."
                raise UsageError(f"{name} with declarations of entities", A_MATRIX, fix)


def _refuse_parts(name: str, parts: Sequence[str]) -> None:
    if "[Content_Types].xml" not in parts or not any(p.startswith("xl/worksheets/") for p in parts):
        raise UsageError(f"{name}, an archive without a sheet", A_MATRIX)
    if any("vbaproject" in p.lower() or "macrosheet" in p.lower() for p in parts):
        raise UsageError(f"{name} with macros", A_MATRIX, "Save it as .xlsx, without macros.")
    if any("externallink" in p.lower() or p.lower().endswith("connections.xml") for p in parts):
        raise UsageError(f"{name} with links to other workbooks", A_MATRIX, "Break its links (Data, Edit links).")


def _heads(rows: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]]:
    """Where the heads stand, and the column of each that is needed."""
    best: dict[str, int] = {}
    for number, row in enumerate(rows[:HEADS_WITHIN]):
        found = {text: column for column, text in reversed(list(enumerate(row))) if text in WANTED}
        if len(found) == len(WANTED):
            return number, found
        best = max(best, found, key=len)
    missing = [head for head in WANTED if head not in best]
    if len(missing) == len(WANTED):
        raise UsageError("a workbook without the heads of the matrix", A_MATRIX, "Is it the matrix that was sent?")
    fix = "Columns may be moved, but not deleted or renamed; copy the statuses into a new matrix."
    raise UsageError(f"no column {' and no column '.join(map(shown, missing))}", "the columns that were sent", fix)


def _cell(row: Sequence[str], column: int) -> str:
    return row[column] if column < len(row) else ""
