"""A ledger as JSON Lines, to send and to archive: the header, a line for each record, then the signed heads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from detente.agreement.ledger.chain import LONGEST_LINE, ChainError, Head, Header, follow
from detente.agreement.ledger.entries import cut
from detente.agreement.ledger.store import Broken, Ledger
from detente.agreement.records import Record
from detente.base.errors import UsageError, shown

SIGNED = b'{"agreement":'  # how a signed head begins; a record begins with its body


@dataclass(frozen=True, slots=True)
class Exported:
    """What exported lines hold.

    Attributes:
        place: the file, for messages.
        header: of the ledger.
        records: each held to the chain.
        lines: of the records, without their ends.
        hashes: of the records.
        signed: signed heads, unjudged.
    """

    place: str
    header: Header
    records: tuple[Record, ...]
    lines: tuple[bytes, ...]
    hashes: tuple[str, ...]
    signed: tuple[str, ...]

    @property
    def head(self) -> Head:
        """The last record."""
        if not self.records:
            return self.header.head()
        return Head(self.header.agreement, len(self.records), self.hashes[-1], self.records[-1].recorded_at)


def exported(ledger: Ledger) -> Iterator[bytes]:
    """The lines of a ledger, each with its end."""
    yield ledger.header.line() + b"\n"
    for line in ledger.lines():
        yield line + b"\n"
    for text in ledger.signed():
        yield text.encode(errors="replace") + b"\n"


def imported(data: bytes, place: str = "lines") -> Exported:
    """Read exported lines, every byte of the records held to the chain.

    Args:
        data: the whole file.
        place: its name, for messages.

    Raises:
        Broken: the first line that does not hold.
    """
    if data.startswith(b"\xef\xbb\xbf"):
        raise Broken(place, ChainError(0, "a mark of byte order at the start", "the file as it was exported"), line=1)
    if not data.endswith(b"\n"):
        number = data.count(b"\n")
        error = ChainError(number, "a last line without its end", "the whole file; the rest was cut off")
        raise Broken(place, error, line=number + 1)
    first, *rest = data[:-1].split(b"\n")
    end = next((n for n, line in enumerate(rest) if line.startswith(SIGNED)), len(rest))
    try:
        if first.endswith(b"\r"):
            raise ChainError(0, "lines that end as on Windows", "the file as it was exported")  # noqa: TRY301
        header = Header.read(first)
        found = list(follow(rest[:end], header.head()))
        for number, line in enumerate(rest[end:], end + 1):
            if not line.startswith(SIGNED) or len(line) > LONGEST_LINE:
                raise ChainError(number, cut(line), "signed heads after the records")  # noqa: TRY301 - told below
    except ChainError as error:
        raise Broken(place, error, max(0, end - error.at) if error.at else end, error.at + 1) from None
    signed = tuple(line.decode(errors="replace") for line in rest[end:])
    return Exported(place, header, tuple(r for r, _ in found), tuple(rest[:end]), tuple(h for _, h in found), signed)


def take_in(ledger: Ledger, found: Exported) -> int:
    """Add to a ledger what an exported copy of it has more.

    Returns:
        The number of records that came.

    Raises:
        UsageError: the copy is of another ledger, or the two went apart.
    """
    head = ledger.head()
    expected = f"lines of the ledger {shown(ledger.place)}"
    if found.header != ledger.header:
        raise UsageError(f"another ledger in {shown(found.place)}", expected, "Take it in to a new file.")
    shared = min(head.seq, found.head.seq)
    if shared and found.lines[shared - 1] != _line(ledger, shared):
        fix = "Find the first record that differs; one of the two was written anew from there on."
        raise UsageError(f"records in {shown(found.place)} that differ from those here", expected, fix)
    more = found.lines[head.seq :]
    if more:
        ledger.take(more, head.hash)
    for text in found.signed:
        ledger.keep_signed(text)
    return len(more)


def _line(ledger: Ledger, number: int) -> bytes:
    *_, last = ledger.lines(number)
    return last
