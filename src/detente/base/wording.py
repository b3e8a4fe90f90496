"""Small helpers for sentences: lists, counts, option levels in words."""

from __future__ import annotations

from collections.abc import Sequence

SMALL_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def listed(items: Sequence[str], conjunction: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if not items:
        return "none"
    if len(items) == 1:
        return items[0]
    return f"{', '.join(items[:-1])} {conjunction} {items[-1]}"


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """``one state``, ``three states``, ``1,204 states``."""
    word = SMALL_NUMBERS[number] if 0 <= number < len(SMALL_NUMBERS) else f"{number:,}"
    return f"{word} {noun if number == 1 else plural or noun + 's'}"


def words(identifier: str) -> str:
    """An id as words: ``no-increase`` becomes ``no increase``."""
    return identifier.replace("-", " ").replace("_", " ")


def sentence(text: str) -> str:
    """The text with a capital at its start and a full stop at its end."""
    text = text.strip()
    if not text:
        return ""
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?:" else text + "."


def broken(text: str, width: int) -> list[str]:
    """A text in lines of at most so many characters, broken between words; a longer word stands alone."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines
