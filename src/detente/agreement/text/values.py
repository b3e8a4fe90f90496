"""The values that stand in sentences: how each type is written, how it is recognised and read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from detente.agreement.blocks import CommitmentBlock
from detente.agreement.file import DAYS, AgreementFile, PowerBlock
from detente.agreement.table import LIVES
from detente.agreement.text.quoting import TEXT, quoted, unquoted
from detente.agreement.time_text import DATE, parse_moment, parse_period, period_text
from detente.base.wording import listed, words

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
A_DATE = rf"[0-9]{{1,2}} (?:{'|'.join(MONTHS)}) [0-9]{{4}}"
UNIT = r"(?!(?:to|and|shall|or|of)\b)[A-Za-z%°€$£/²³]+(?: (?!(?:to|and|shall|or|of)\b)[A-Za-z%°€$£/²³]+)*"
FIELDS = {
    words(field.alias or name): field.alias or name
    for block in (CommitmentBlock, PowerBlock, AgreementFile)
    for name, field in block.model_fields.items()
}
WHOLE = "agreement"


class MisfitError(ValueError):
    """A value that is not of the type of a slot."""


@dataclass(frozen=True)
class Type:
    """A type of values.

    Attributes:
        pattern: regular expression of one.
        write: its text, from the value; raises MisfitError.
        read: the value, from its text; raises ValueError.
        expected: what it is called in messages.
    """

    pattern: str
    write: Callable[[Any], str]
    read: Callable[[str], Any]
    expected: str


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise MisfitError
    return quoted(value)


def date_words(text: Any) -> str:
    """``1994-11-21`` as ``21 November 1994``."""
    if not isinstance(text, str):
        raise MisfitError
    if not DATE.fullmatch(text):
        raise MisfitError
    year, month, day = (int(part) for part in text.split("-"))
    return f"{day} {MONTHS[month - 1]} {year}"


def _date(text: str) -> str:
    day, month, year = text.split(" ")
    return dt.date(int(year), MONTHS.index(month) + 1, int(day)).isoformat()


def _moment_words(value: Any) -> str:
    if not isinstance(value, str):
        raise MisfitError
    day, sign, time = value.partition("T")
    return f"{date_words(day)} at {time.removesuffix('Z')} UTC" if sign else date_words(day)


def _moment(text: str) -> str:
    day, sign, time = text.partition(" at ")
    found = f"{_date(day)}T{time.removesuffix(' UTC')}Z" if sign else _date(day)
    parse_moment(found)
    return found


def _period_words(value: Any) -> str:
    if not isinstance(value, str):
        raise MisfitError
    return value


def _number_words(value: Any) -> str:
    if not isinstance(value, str):
        raise MisfitError
    whole = re.match(r"-?[0-9]+", value)
    if whole is None or "/" in value:
        return value
    return f"{int(whole[0]):,}" + value[whole.end() :] if len(whole[0]) > 4 else value


def _unit_words(value: Any) -> str:
    if not isinstance(value, str):
        raise MisfitError
    return value if re.fullmatch(UNIT, value) else quoted(value)


def _unit(text: str) -> str:
    return unquoted(text) if text.startswith("“") else text


def _plain(known: Any) -> Callable[[Any], str]:
    def write(value: Any) -> str:
        if not isinstance(value, str) or value not in known:
            raise MisfitError
        return value

    return write


def _level_words(value: Any) -> str:
    if not isinstance(value, str):
        raise MisfitError
    return f"‘{value.replace('-', ' ')}’" if re.fullmatch(r"[a-z0-9_]+(?:-[a-z0-9_]+)+", value) else value


def _level(text: str) -> str:
    return text[1:-1].replace(" ", "-") if text.startswith("‘") else text


def _count(value: Any) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        raise MisfitError
    return str(value)


def _states(value: Any) -> str:
    return listed(value, "or")


def _field_words(value: Any) -> str:
    return words(value)


def _one_of(known: Any) -> str:
    return "(?:" + "|".join(re.escape(k) for k in sorted(known, key=lambda k: -len(k))) + ")"


PERIOD = r"[0-9]+ (?:year|month|week|day|hour)s?(?: [0-9]+ (?:year|month|week|day|hour)s?)*"
TYPES: dict[str, Type] = {
    "TEXT": Type(TEXT, _text, unquoted, "a text in quotes: “…”"),
    "DATE": Type(A_DATE, date_words, _date, "a date such as 21 November 1994"),
    "MOMENT": Type(
        A_DATE + r"(?: at [0-9]{2}:[0-9]{2}:[0-9]{2} UTC)?", _moment_words, _moment, "a date such as 21 November 1994"
    ),
    "PERIOD": Type(PERIOD, _period_words, lambda t: period_text(parse_period(t)), "a period such as 3 months"),
    "NUMBER": Type(
        r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+|/[0-9]+)?",
        _number_words, lambda t: t.replace(",", ""), "a number",
    ),
    "INT": Type(r"[0-9]{1,4}", _count, int, "a whole number"),
    "UNIT": Type(f"(?:{UNIT}|{TEXT})", _unit_words, _unit, "a unit"),
    "LEVEL": Type(r"(?:[a-z][a-z0-9_-]*|‘[a-z][a-z0-9_ -]*’)", _level_words, _level, "a level such as frozen"),
    "WEEKDAY": Type(_one_of(DAYS).title(), lambda v: _plain(DAYS)(v).title(), str.lower, "a day of the week"),
    "STATES": Type(
        f"{_one_of(LIVES)}(?:, {_one_of(LIVES)})*(?: or {_one_of(LIVES)})?",
        _states, lambda t: re.split(", | or ", t), "states such as due or overdue",
    ),
    "FIELD": Type(_one_of(FIELDS), _field_words, FIELDS.__getitem__, "what is meant"),
}  # fmt: skip
LISTS = {"TEXTS": "TEXT", "DATES": "DATE", "LEVELS": "LEVEL", "WEEKDAYS": "WEEKDAY"}
NAMED = {
    "ACTOR": "A", "ARTICLE": "C", "OPTION": "O", "QUANTITY": "Q", "EVENT": "E", "GROUP": "G", "POWERNAME": "P",
    "AMENDMENTNAME": "M", "BASELINE": "CQ",
}  # fmt: skip
NAMED_LISTS = {"ACTORS": "ACTOR", "ARTICLES": "ARTICLE"}


def several(texts: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return listed(texts)
