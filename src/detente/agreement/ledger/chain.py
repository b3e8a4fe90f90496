"""Records chained by their hashes: drafts become lines, lines become records; any change of a byte is found.

A line is the canonical JSON of a record with its ``prev``, the hash of the record before, and its ``hash``, SHA-256 of
its own canonical bytes without ``hash``. The first ``prev`` is the hash of the header, which names the agreement. The
chain proves the order of the records and that none was edited, *relative to a head that was published*; it does not
prove that they are true, and who can write to the file can rewrite all of it after the last head that others hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from detente.agreement.ledger.canonical import ContentError, canonical, check_text, digest
from detente.agreement.ledger.entries import ChainError, Draft, check_draft, cut, parsed, record_of
from detente.agreement.ledger.times import instant_text, interval_text, seconds_of
from detente.agreement.periods import Instant
from detente.agreement.records import Record

__all__ = ["ChainError", "Draft", "Head", "Header", "check_draft", "follow", "head_of", "link"]

FORMAT = 1
LONGEST_LINE = 200_000
MARK = b',"hash":"'
SHORT = 12  # digits of a hash in messages


@dataclass(frozen=True, slots=True)
class Head:
    """The last record: its number, its hash and when it was recorded; number 0 is the header."""

    agreement: str
    seq: int
    hash: str
    recorded_at: Instant


@dataclass(frozen=True, slots=True)
class Header:
    """What a ledger says of itself: its agreement, the digest of the text when it was opened, and when that was."""

    agreement: str
    digest: str
    opened: Instant

    def line(self) -> bytes:
        """The canonical line.

        Raises:
            ContentError: a name that cannot be written.
        """
        check_text(self.agreement, "the name of the agreement")
        check_text(self.digest, "the digest of the agreement")
        content = {
            "agreement": self.agreement, "digest": self.digest, "ledger": FORMAT, "opened": instant_text(self.opened)
        }  # fmt: skip
        return canonical(content)

    @property
    def hash(self) -> str:
        """What the first record is bound to."""
        return digest(self.line())

    def head(self) -> Head:
        """The head of a ledger without records."""
        return Head(self.agreement, 0, self.hash, self.opened)

    @classmethod
    def read(cls, line: bytes) -> Header:
        """Read a header line.

        Raises:
            ChainError: it is none.
        """
        expected = f"a header of format {FORMAT}: agreement, digest, ledger, opened"
        if len(line) > LONGEST_LINE:
            raise ChainError(0, f"a line of {len(line):,} bytes", f"at most {LONGEST_LINE:,}")
        content = parsed(line, 0)
        try:
            agreement, text, opened = content["agreement"], content["digest"], seconds_of(content["opened"])
            if not (isinstance(agreement, str) and isinstance(text, str)):
                raise TypeError  # noqa: TRY301 - told with the others below
            header = cls(agreement, text, opened)
            if header.line() == line:
                return header
        except (KeyError, TypeError, ValueError):
            raise ChainError(0, cut(line), expected) from None
        raise ChainError(0, cut(line), f"{expected}, byte by byte as it was written")


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
            "seq": seq, "recorded_at": instant_text(when), "occurred": interval_text(draft.occurred),
            "kind": draft.kind, "subject": draft.subject, "by": list(draft.by), "evidence": list(draft.evidence),
            "body": draft.body, "prev": prev,
        }  # fmt: skip
        prev = digest(canonical(content))
        lines.append(canonical({**content, "hash": prev}))
        if len(lines[-1]) > LONGEST_LINE:
            raise ContentError(f"a record of {len(lines[-1]):,} bytes", f"at most {LONGEST_LINE:,}")
    return lines, Head(head.agreement, seq, prev, when)


def follow(lines: Iterable[bytes], start: Head) -> Iterator[tuple[Record, str]]:
    """Records and hashes of lines, each checked against the one before.

    Args:
        lines: without their ends.
        start: the head that they follow.

    Raises:
        ChainError: the first line that does not follow.
    """
    prev, when = start.hash, start.recorded_at
    for number, line in enumerate(lines, start.seq + 1):
        record, found, before = _read(line, number)
        if before != prev:
            what = f"a record that names {_short(before)} as the hash of the one before it"
            raise ChainError(number, what, f"{_short(prev)}: records are missing, added or in another order here")
        if record.recorded_at < when:
            raise ChainError(number, "a record recorded before the one before it", "times in order")
        yield record, found
        prev, when = found, record.recorded_at


def head_of(line: bytes, number: int, agreement: str) -> Head:
    """The head that a last line is, its own hash checked.

    Raises:
        ChainError: it is no record, or its hash does not fit.
    """
    record, found, _ = _read(line, number)
    return Head(agreement, number, found, record.recorded_at)


def _read(line: bytes, number: int) -> tuple[Record, str, str]:
    """Record, hash and ``prev`` of a line.

    The hash is taken of the bytes with the member ``hash`` cut out, which saves writing the record anew. That is sound:
    in canonical JSON the bytes ``,"hash":"`` stand only where a mapping has that key (inside a text the quotes would be
    escaped), a body has no such key (``check_content``), and lists of texts have no keys. So they stand once, what is
    left after the cut is the canonical record without ``hash``, and its digest is the stated one only if all bytes but
    the stated hash are as they were; those are compared themselves.
    """
    if not line:
        raise ChainError(number, "no record", "a record: it was taken out, or its number was changed")
    at = line.find(MARK)
    stated = line[at + 9 : at + 73]
    if at < 0 or line[at + 73 : at + 75] != b'",' or len(line) > LONGEST_LINE:
        raise ChainError(number, cut(line), f"a record with its hash, in at most {LONGEST_LINE:,} bytes")
    found = digest(line[:at] + line[at + 74 :])
    if found.encode() != stated:
        what = f"text whose hash is {_short(found)}"
        raise ChainError(number, what, f"{_short(stated.decode(errors='replace'))} as stated: it was edited")
    content = parsed(line, number)
    try:
        same = canonical(content) == line
    except (ValueError, RecursionError):  # half a character
        same = False
    record = record_of(content, number)
    if not same:
        raise ChainError(number, "a line that is not in canonical form", "sorted keys, each once, and no spaces")
    return record, found, str(content["prev"])


def _short(text: str) -> str:
    return f"{text[:SHORT]}..."
