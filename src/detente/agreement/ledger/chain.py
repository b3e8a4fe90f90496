"""Records chained by their hashes: drafts become lines, lines become records; any change of a byte is found.

A line is the canonical JSON of a record with its ``prev``, the hash of the record before, and its ``hash``, SHA-256 of
its own canonical bytes without ``hash``. The first ``prev`` is the hash of the header, which names the agreement. The
chain proves the order of the records and that none was edited, *relative to a head that was published*; it does not
prove that they are true, and who can write to the file can rewrite all of it after the last head that others hold.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from detente.agreement.ledger.canonical import ContentError, canonical, check_content, check_text, digest
from detente.agreement.periods import Instant, Interval
from detente.agreement.records import CORRECTIONS, RANK, Record
from detente.base.errors import did_you_mean, shown

FORMAT = 1
FIELDS = frozenset(
    {"seq", "recorded_at", "occurred", "kind", "subject", "by", "evidence", "body", "prev", "hash"}
)  # fmt: skip
ALL_KINDS = (*RANK, *CORRECTIONS)
LONGEST_LINE = 200_000
MARK = b',"hash":"'
EARLIEST, LATEST = -6_847_804_800, 253_370_764_799  # the years 1753 to 9998, written with four digits


class ChainError(ValueError):
    """A ledger that does not hold together: where, what was found, what was expected.

    Args:
        at: number of the line or record, from 1; 0 = the header.
    """

    def __init__(self, at: int, found: str, expected: str) -> None:
        super().__init__(f"record {at}: found {found}; expected {expected}")
        self.at, self.found, self.expected = at, found, expected


@dataclass(frozen=True, slots=True)
class Header:
    """What a ledger says of itself: its agreement, the digest of the text when it was opened, and when that was."""

    agreement: str
    digest: str
    opened: Instant

    def line(self) -> bytes:
        """The canonical line."""
        content = {
            "agreement": self.agreement, "digest": self.digest, "ledger": FORMAT, "opened": instant_text(self.opened)
        }  # fmt: skip
        return canonical(content)

    @property
    def hash(self) -> str:
        """What the first record is bound to."""
        return digest(self.line())

    @classmethod
    def read(cls, line: bytes) -> Header:
        """Read a header line.

        Raises:
            ChainError: it is none.
        """
        content = parsed(line, 0)
        expected = "a header: {agreement, digest, ledger, opened}"
        if set(content) != {"agreement", "digest", "ledger", "opened"} or content["ledger"] != FORMAT:
            raise ChainError(0, shown(line.decode(errors="replace")), expected)
        agreement, text, opened = content["agreement"], content["digest"], content["opened"]
        if not all(isinstance(v, str) for v in (agreement, text, opened)):
            raise ChainError(0, shown(line.decode(errors="replace")), expected)
        header = cls(agreement, text, _time(opened, 0))
        if header.line() != line:
            raise ChainError(0, "a header that is not in canonical form", "the bytes as they were written")
        return header


@dataclass(frozen=True, slots=True)
class Head:
    """The last record: its number, its hash and when it was recorded; number 0 is the header."""

    agreement: str
    seq: int
    hash: str
    recorded_at: Instant


@dataclass(frozen=True, slots=True)
class Draft:
    """A record before it is numbered and bound.

    Attributes: as ``Record``.
    """

    occurred: Interval
    kind: str
    subject: str
    by: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    body: dict[str, Any] = field(default_factory=dict)


def check_draft(draft: Draft) -> None:
    """Hold a draft to what can be recorded.

    Raises:
        ContentError: what cannot.
    """
    if draft.kind not in ALL_KINDS:
        fix = did_you_mean(draft.kind, ALL_KINDS)
        raise ContentError(f"the kind {shown(draft.kind)}", f"one of {', '.join(ALL_KINDS)}{'. ' + fix if fix else ''}")
    if not EARLIEST <= draft.occurred.start <= draft.occurred.end <= LATEST:
        raise ContentError("a time out of range, or an interval that ends before it starts", "a time from 1753 to 9998")
    check_text(draft.subject, "subject")
    if not draft.subject and draft.kind not in ("recognise", *CORRECTIONS):
        raise ContentError(f"no subject of {draft.kind}", "what it is about")
    for name, texts in (("by", draft.by), ("evidence", draft.evidence)):
        if not all(isinstance(t, str) for t in texts):
            raise ContentError(f"something that is no text in {name}", "texts")
        check_content(list(texts), name)
    check_content(draft.body)


def link(head: Head, drafts: Sequence[Draft], now: Instant) -> tuple[list[bytes], Head]:
    """The lines that follow a head, and the new head.

    Raises:
        ContentError: a draft that cannot be recorded; none is.
    """
    lines = []
    seq, prev, when = head.seq, head.hash, max(now, head.recorded_at)
    for draft in drafts:
        check_draft(draft)
        seq += 1
        content = {
            "seq": seq, "recorded_at": instant_text(when), "occurred": _interval_text(draft.occurred),
            "kind": draft.kind, "subject": draft.subject, "by": list(draft.by), "evidence": list(draft.evidence),
            "body": draft.body, "prev": prev,
        }  # fmt: skip
        prev = digest(canonical(content))
        lines.append(canonical({**content, "hash": prev}))
        if len(lines[-1]) > LONGEST_LINE:
            raise ContentError(f"a record of {len(lines[-1]):,} bytes", f"at most {LONGEST_LINE:,}")
    return lines, Head(head.agreement, seq, prev, when)


def follow(lines: Iterable[bytes], header: Header, *, strict: bool = False) -> Iterator[tuple[Record, str]]:
    """Records and hashes of lines, each checked against the one before.

    The hash is taken of the bytes with the member ``hash`` cut out. In canonical JSON ``,"hash":"`` occurs once: inside
    a text its quotes would be escaped, and no key of a body may be ``hash``. So the rest is what was hashed when the
    line was written, and equal hashes mean equal bytes.

    Args:
        lines: without their ends.
        header: of the ledger.
        strict: also hold every line to its canonical form.

    Raises:
        ChainError: the first line that does not follow.
    """
    prev, when = header.hash, header.opened
    for number, line in enumerate(lines, 1):
        cut = line.find(MARK)
        stated = line[cut + 9 : cut + 73]
        if cut < 0 or line[cut + 73 : cut + 75] != b'",' or len(line) > LONGEST_LINE:
            raise ChainError(
                number, shown(line[:80].decode(errors="replace")), "a record in canonical form with its hash"
            )
        found = digest(line[:cut] + line[cut + 74 :])
        if found.encode() != stated:
            raise ChainError(
                number, f"bytes whose hash is {found[:12]}...", f"{stated[:12].decode(errors='replace')}..."
            )
        content = parsed(line, number)
        if content.get("prev") != prev:
            raise ChainError(
                number, f"a record that follows {str(content.get('prev'))[:12]}...", f"one that follows {prev[:12]}..."
            )
        if strict and canonical(content) != line:
            raise ChainError(number, "a line that is not in canonical form", "the bytes as they were written")
        record = record_of(content, number)
        if record.recorded_at < when:
            raise ChainError(number, "a record recorded before the one before it", "times in order")
        yield record, found
        prev, when = found, record.recorded_at


def parsed(line: bytes, number: int) -> dict[str, Any]:
    """The JSON object of a line.

    Raises:
        ChainError: it is none.
    """
    try:
        content = json.loads(line, parse_float=_refuse, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise ChainError(number, shown(line[:80].decode(errors="replace")), "a JSON object without floats") from None
    if not isinstance(content, dict):
        raise ChainError(number, shown(line[:80].decode(errors="replace")), "a JSON object")
    return content


def record_of(content: dict[str, Any], number: int) -> Record:
    """The record of a JSON object.

    Raises:
        ChainError: a field that is missing, unknown or of a wrong kind.
    """
    try:
        occurred = content["occurred"]
        if occurred.__class__ is str:
            at = _time(occurred, number)
            interval = Interval(at, at)
        else:
            start, end = occurred
            interval = Interval(_time(start, number), _time(end, number))
        kind, subject, by, evidence, body = (
            content["kind"], content["subject"], content["by"], content["evidence"], content["body"]
        )  # fmt: skip
        good = (
            len(content) == 10
            and content["seq"] == number
            and content["seq"].__class__ is int
            and kind.__class__ is str
            and subject.__class__ is str
            and body.__class__ is dict
            and by.__class__ is list
            and evidence.__class__ is list
            and "".join(by + evidence) is not None  # raises where something in them is no text
            and interval.start <= interval.end
        )
        record = Record(
            number, _time(content["recorded_at"], number), interval, kind, subject, tuple(by), tuple(evidence), body
        )
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, ChainError):
            raise
        raise ChainError(
            number, "a record with a field missing or wrong", f"the fields {', '.join(sorted(FIELDS))}"
        ) from None
    if not good or (kind not in RANK and kind not in CORRECTIONS):
        raise ChainError(number, "a record with a field missing or wrong", f"the fields {', '.join(sorted(FIELDS))}")
    return record


def instant_text(instant: Instant) -> str:
    """An instant as ``2019-01-29T10:00:00Z``."""
    return f"{dt.datetime(1970, 1, 1) + dt.timedelta(seconds=instant):%Y-%m-%dT%H:%M:%S}Z"  # noqa: DTZ001


def seconds_of(text: str) -> Instant:
    """Seconds of ``2019-01-29T10:00:00Z``.

    Raises:
        ChainError: it is no such text.
    """
    return _time(text, 0)


def _interval_text(interval: Interval) -> str | list[str]:
    start = instant_text(interval.start)
    return start if interval.start == interval.end else [start, instant_text(interval.end)]


def _time(text: str, number: int) -> Instant:
    """Seconds of ``2019-01-29T10:00:00Z``."""
    try:
        if len(text) == 20 and text[10] == "T" and text[19] == "Z":
            return _day(text[:10]) + _clock(text[11:19])
    except (ValueError, TypeError):
        pass
    raise ChainError(number, f"the time {shown(text)}", "a time such as 2019-01-29T10:00:00Z")


@lru_cache(maxsize=100_000)
def _day(text: str) -> Instant:
    return (dt.date.fromisoformat(text) - dt.date(1970, 1, 1)).days * 86_400


@lru_cache(maxsize=100_000)
def _clock(text: str) -> int:
    hours, minutes, seconds = text.split(":")
    if not (len(text) == 8 and hours.isdigit() and minutes.isdigit() and seconds.isdigit() and text.isascii()):
        raise ValueError(text)
    if int(hours) > 23 or int(minutes) > 59 or int(seconds) > 59:
        raise ValueError(text)
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)


def _refuse(text: str) -> None:
    raise ValueError(text)
