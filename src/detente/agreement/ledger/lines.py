"""A ledger as JSON Lines: the header, then one record per line, to send and to archive."""

from __future__ import annotations

from collections.abc import Iterator

from detente.agreement.ledger.chain import LONGEST_LINE, ChainError, Head, Header, follow
from detente.agreement.ledger.store import Ledger
from detente.agreement.records import Record


def exported(ledger: Ledger) -> Iterator[bytes]:
    """The lines of a ledger, each with its end."""
    yield ledger.header.line() + b"\n"
    for line in ledger.lines():
        yield line + b"\n"


def imported(data: bytes) -> tuple[Header, tuple[Record, ...], tuple[bytes, ...]]:
    """Read exported lines, every byte held to its chain.

    Raises:
        ChainError: the first line that does not hold (numbered as its record; 0 = the header).
    """
    if data.startswith(b"\xef\xbb\xbf"):
        raise ChainError(0, "a mark of byte order", "the bytes as they were written")
    if not data.endswith(b"\n"):
        raise ChainError(data.count(b"\n"), "a last line without its end", "a whole line")
    first, *rest = data[:-1].split(b"\n")
    if len(first) > LONGEST_LINE:
        raise ChainError(0, f"a line of {len(first):,} bytes", f"at most {LONGEST_LINE:,}")
    header = Header.read(first)
    return header, tuple(r for r, _ in follow(rest, header, strict=True)), tuple(rest)


def last_head(header: Header, lines: tuple[bytes, ...]) -> Head:
    """The head of lines that hold."""
    found = Head(header.agreement, 0, header.hash, header.opened)
    for record, hashed in follow(lines, header):
        found = Head(header.agreement, record.seq, hashed, record.recorded_at)
    return found
