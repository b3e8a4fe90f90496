"""Texts for other programs' files, without what is no part of a text."""

from __future__ import annotations

import unicodedata


def plain(text: str, longest: int = 32_767) -> str:
    """A text without control characters, halves of characters and marks that turn the direction of writing."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    text = "".join(c for c in text if c == "\n" or not _unseen(c))
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _unseen(char: str) -> bool:
    if unicodedata.category(char) in ("Cc", "Cs") or ord(char) & 0xFFFE == 0xFFFE:
        return True
    return "\u202a" <= char <= "\u202e" or "\u2066" <= char <= "\u2069" or char in "\u200e\u200f\u061c\ufeff"
