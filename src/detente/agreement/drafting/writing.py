"""An agreement as a YAML file that reads well: a line per field, comments where they help."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

WIDTH = 150  # beyond which a list or mapping goes on in further lines
PLAIN = re.compile(r"[^\W_](?:[^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff:#,\[\]{}\"'&*!|>%@`\\]|:(?=\S)|(?<=\w)'(?=\w))*")
WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
FOLDED = ("note", "text", "trigger", "entry_into_force")


def agreement_yaml(tree: Mapping[str, Any], comments: Mapping[str, str], head: str = "") -> str:
    """The text of an agreement file that reads as a tree.

    Args:
        tree: texts, whole numbers, truth values, lists and mappings.
        comments: commitment -> a comment above it.
        head: the comment at the top, lines of any length.
    """
    out = [*_comment(head, "")]
    for key, value in tree.items():
        if out and key in ("parties", "commitments", "gaps"):
            out.append("")
        if key == "commitments":
            out.append("commitments:")
            for name, content in value.items():
                if name in comments:
                    out += _comment(comments[name], "  ")
                out.append(f"  {name}:")
                for slot, written in content.items():
                    out += _entry(slot, written, "    ")
        else:
            out += _entry(key, value, "")
    return "\n".join(out) + "\n"


def _comment(text: str, indent: str) -> Iterator[str]:
    for line in text.splitlines():
        yield from (f"{indent}# {part}" for part in textwrap.wrap(line, 120) or [""])


def _entry(key: str, value: Any, indent: str) -> list[str]:
    """A key with its value, on one line where there is room."""
    flow = _flow(value, key)
    if len(indent) + len(key) + 2 + len(flow) <= WIDTH and not _deep(key, value):
        return [f"{indent}{_scalar(key)}: {flow}"]
    if isinstance(value, Mapping):
        return [
            f"{indent}{_scalar(key)}:",
            *(line for k, v in value.items() for line in _entry(str(k), v, indent + "  ")),
        ]
    if isinstance(value, list):
        if all(isinstance(v, str) for v in value):
            return _wrapped(f"{indent}{key}: [", [_scalar(v) for v in value], "]")
        return [f"{indent}{key}:", *(line for v in value for line in _item(v, indent + "  "))]
    if isinstance(value, str) and key in FOLDED and value == " ".join(value.split()):
        wrapped = textwrap.wrap(value, WIDTH - len(indent) - 2, break_long_words=False, break_on_hyphens=False)
        return [f"{indent}{key}: >-", *(f"{indent}  {line}" for line in wrapped)]
    return [f"{indent}{_scalar(key)}: {flow}"]


def _deep(key: str, value: Any) -> bool:
    """Whether something stands in lines of its own even if it is short."""
    return key in ("parties", "bodies", "events", "options", "quantities", "groups", "on_breach") and bool(value)


def _item(value: Any, indent: str) -> list[str]:
    flow = _flow(value)
    if len(indent) + 2 + len(flow) <= WIDTH or not isinstance(value, Mapping):
        return [f"{indent}- {flow}"]
    lines = [line for k, v in value.items() for line in _entry(str(k), v, indent + "  ")]
    return [f"{indent}- {lines[0].strip()}", *lines[1:]]


def _wrapped(start: str, parts: list[str], end: str) -> list[str]:
    """A list over as many lines as it needs."""
    lines, at = [start], " " * len(start)
    for n, part in enumerate(parts):
        text = part + (", " if n < len(parts) - 1 else end)
        if len(lines[-1]) + len(text.rstrip()) > WIDTH and lines[-1].strip() != start.strip():
            lines[-1] = lines[-1].rstrip()
            lines.append(at)
        lines[-1] += text
    return lines


def _flow(value: Any, key: str = "") -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(str(k))}: {_flow(v, str(k))}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(v) for v in value) + "]"
    if isinstance(value, int):
        return str(value)
    if value is None:
        return "null"
    if key == "reversible" and value == "no":
        return "no"
    return _scalar(str(value))


def _scalar(text: str) -> str:
    """A text as it stands where that can be read, else in quotes."""
    plain = PLAIN.fullmatch(text) and text == text.strip() and text.lower() not in WORDS
    return text if plain else json.dumps(text, ensure_ascii=False)
