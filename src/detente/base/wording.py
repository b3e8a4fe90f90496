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


LIKELIHOOD = (
    (0.05, "almost no chance"),
    (0.20, "very unlikely"),
    (0.45, "unlikely"),
    (0.55, "roughly even chance"),
    (0.80, "likely"),
    (0.95, "very likely"),
    (1.00, "almost certain"),
)
"""Words for chances, each up to the number beside it.

Source: US Intelligence Community Directive 203, 2015, whose ranges meet at the same numbers. How sure one is of a
chance (confidence) is another matter and never shows in these words.
"""


def likelihood(chance: float) -> str:
    """The word for a chance; a number on the border takes the word nearer to one half."""
    return next((word for end, word in LIKELIHOOD if chance < end or (chance <= end and end > 0.5)), LIKELIHOOD[-1][1])


def percent(chance: float) -> str:
    """A chance for readers: ``0 %`` and ``100 %`` only where it is certain."""
    text = f"{100 * chance:.0f} %"
    if text == "0 %" and chance > 1e-12:
        return "under 1 %"
    return "over 99 %" if text == "100 %" and chance < 1 - 1e-12 else text
