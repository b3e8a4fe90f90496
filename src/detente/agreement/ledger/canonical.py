"""Canonical bytes of a record, and their hash.

RFC 8785 for the content that records have: texts, whole numbers, truth values, lists and mappings with ASCII keys. For
these, sorted keys, no spaces and plain UTF-8 are the whole of it; there are no floats, so that no rule for printing
them is needed.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from detente.base.errors import shown

KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")
RESERVED = frozenset({"hash", "prev", "signature"})  # cut out of the bytes of a line by their names
LARGEST = 2**53 - 1
DEEPEST = 8
LONGEST_TEXT = 4_000
MOST_ENTRIES = 1_000


class ContentError(ValueError):
    """Content that a record cannot have.

    Args:
        found, expected: in plain words.
    """

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(f"found {found}; expected {expected}")
        self.found, self.expected = found, expected


def canonical(content: dict[str, Any]) -> bytes:
    """The bytes that are hashed (RFC 8785)."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def digest(data: bytes) -> str:
    """SHA-256 as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def check_content(value: Any, where: str = "body", depth: int = 0) -> None:
    """Hold content to what a record can have.

    Raises:
        ContentError: what it cannot have.
    """
    if depth > DEEPEST:
        raise ContentError(f"more than {DEEPEST} levels in {where}", "flatter content")
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise ContentError(f"the number {shown(value, 24)} in {where}", "a whole number below 2^53, or a text")
    elif isinstance(value, str):
        check_text(value, where)
    elif isinstance(value, list | tuple | dict):
        if len(value) > MOST_ENTRIES:
            raise ContentError(f"{len(value):,} entries in {where}", f"at most {MOST_ENTRIES:,}")
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(value, dict) and (not isinstance(key, str) or not KEY.fullmatch(key) or key in RESERVED):
                raise ContentError(
                    f"the key {shown(key)} in {where}", "small ASCII letters, digits and '_'; no hash, prev"
                )
            check_content(inner, f"{where}.{key}", depth + 1)
    else:
        raise ContentError(f"{shown(value)} in {where}", "a text; numbers with decimals are written as texts")


def check_text(text: str, where: str) -> None:
    """Hold a text to its length, and to characters that can be written.

    Raises:
        ContentError: too long, or half a character.
    """
    if len(text) > LONGEST_TEXT:
        raise ContentError(f"a text of {len(text):,} characters in {where}", f"at most {LONGEST_TEXT:,}")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ContentError(f"half a character in {where}", "text in Unicode") from None
