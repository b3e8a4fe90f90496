"""The head of a ledger in a form to publish, and the way back."""

from __future__ import annotations

from detente.agreement.ledger.canonical import canonical
from detente.agreement.ledger.chain import Head
from detente.agreement.ledger.entries import ChainError, parsed
from detente.agreement.ledger.times import instant_text, seconds_of
from detente.base.errors import UsageError, shown

KEYS = {"agreement", "seq", "hash", "recorded_at"}
HONEST = (
    "The chain proves the order of the records and that none was edited since this head was published; it does not "
    "prove that they are true, and it says nothing of records added after it. Keep the head where others cannot "
    "change it."
)


def head_line(head: Head) -> str:
    """One line to publish: JSON with the agreement, the number, the hash and the time of the last record."""
    content = {
        "agreement": head.agreement,
        "seq": head.seq,
        "hash": head.hash,
        "recorded_at": instant_text(head.recorded_at),
    }
    return canonical(content).decode()


def read_head(text: str) -> Head:
    """A published head: its line, or at least ``SEQ:HASH``.

    Raises:
        UsageError: it is none.
    """
    expected = "a head as `track head` prints it, or SEQ:HASH"
    short, _, hashed = text.strip().partition(":")
    if short.isdigit() and short.isascii() and len(short) < 16 and _is_hash(hashed):
        return Head("", int(short), hashed, 0)
    try:
        content = parsed(text.strip().encode(errors="replace"), 0)
        if set(content) != KEYS or type(content["seq"]) is not int or not _is_hash(str(content["hash"])):
            raise UsageError(f"the head {shown(text)}", expected)
        when = seconds_of(str(content["recorded_at"]))
        return Head(str(content["agreement"]), content["seq"], str(content["hash"]), when)
    except (ChainError, ValueError):
        raise UsageError(f"the head {shown(text)}", expected) from None


def _is_hash(text: str) -> bool:
    return len(text) == 64 and all(c in "0123456789abcdef" for c in text)
