"""Free texts in visible quotes: what would not survive a page is written out, so that nothing is lost on the way."""

from __future__ import annotations

import re
import unicodedata

TEXT = r"“(?:[^“”\\]|\\.)*”"
OUT = re.compile(r"\\(?:u\{([0-9a-f]{1,6})\}|(.))")
SHORT = {"\n": "n", "\t": "t"}
LONG = {v: k for k, v in SHORT.items()}
HIDDEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


def quoted(text: str, marks: str = "“”") -> str:
    r"""A text between quotes; quotes in it stand after a backslash, line ends are \n, other hidden signs \u{...}."""
    out: list[str] = []
    last = len(text) - 1
    for n, sign in enumerate(text):
        if sign in "“”‘’\\" and (sign in marks or sign == "\\"):
            out.append("\\" + sign)
        elif sign in SHORT:
            out.append("\\" + SHORT[sign])
        elif sign == " ":
            alone = 0 < n < last and text[n - 1] != " "
            out.append(" " if alone else "\\u{20}")
        elif sign.isspace() or hidden(sign):
            out.append(f"\\u{{{ord(sign):x}}}")
        else:
            out.append(sign)
    return marks[0] + "".join(out) + marks[1]


def unquoted(text: str) -> str:
    """The text between quotes.

    Raises:
        ValueError: a sign after a backslash that means nothing.
    """
    return OUT.sub(_sign, text[1:-1])


def hidden(sign: str) -> bool:
    """Whether a sign cannot be seen, or may not stand in a document."""
    return unicodedata.category(sign) in HIDDEN


def _sign(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    if match[2] in LONG:
        return LONG[match[2]]
    if match[2] in "“”‘’\\":
        return match[2]
    raise ValueError(f"\\{match[2]}")
