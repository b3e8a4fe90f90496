"""Changes: ordered edits of a case by path. Views, chosen types, draws, repairs and what-ifs are all Changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from detente.base.errors import Problem, UsageError, did_you_mean, one_of, shown
from detente.case.conditions import ConditionError, Node, parse_condition
from detente.case.reading import dotted
from detente.case.yaml_tree import Mapping, read_tree

REPLACED = ("status_quo", "disagreement")
FIXED_KEYS = ("levels", "party")
NUMBERED = (  # what a number belongs to, and what leads there
    ("party", ("terms",)),
    ("body", ("ratification", "bodies")),
    ("bloc", ("ratification", "bodies", "*", "blocs")),
)


@dataclass(frozen=True)
class Edit:
    """One edit: the value is merged into what stands at the path; None deletes it."""

    path: tuple[str, ...]
    value: Any

    def pair(self) -> tuple[str, str]:
        """The edit as two texts."""
        value = self.value if isinstance(self.value, str) else json.dumps(self.value, ensure_ascii=False)
        return dotted(self.path), value


@dataclass(frozen=True)
class Change:
    """An ordered list of edits, validated like a file.

    Attributes:
        edits: applied one after the other.
        label: what the change is, for readers.
    """

    edits: tuple[Edit, ...]
    label: str = ""

    @classmethod
    def parse(cls, text: str) -> Change:
        """Read ``path=value`` as given to ``--set``: dotted path, value in YAML.

        Raises:
            UsageError: no '=', an empty or unreadable path.
            CaseError: the value is no YAML.
        """
        path, equals, value = _split_assignment(text)
        if not equals:
            raise UsageError(f"--set {shown(text)}", "path=value", "For example --set parties.us.discount=0.9")
        tree = read_tree(value, "--set")
        return cls((Edit(_steps(path), plain_tree(tree)),), label=text)

    def __add__(self, other: Change) -> Change:
        """Both, this one first."""
        return Change(self.edits + other.edits, ", ".join(t for t in (self.label, other.label) if t))


def plain_tree(node: Any) -> Any:
    """A tree without positions, as code would write it."""
    if isinstance(node, dict):
        return {str(k): plain_tree(v) for k, v in node.items()}
    if isinstance(node, list | tuple):
        return [plain_tree(v) for v in node]
    return str(node) if isinstance(node, str) else node


def _split_assignment(text: str) -> tuple[str, str, str]:
    """Split at the first '=' outside quotes that is no part of a comparison."""
    quoted = False
    for n, char in enumerate(text):
        if char == '"':
            quoted = not quoted
        elif char == "=" and not quoted:
            return text[:n], "=", text[n + 1 :]
    return text, "", ""


def _steps(path: str) -> tuple[str, ...]:
    steps, current, quoted = [], "", False
    for char in path.strip():
        if char == '"':
            quoted = not quoted
        elif char == "." and not quoted:
            steps.append(current)
            current = ""
        else:
            current += char
    steps.append(current)
    if quoted or any(not s for s in steps):
        fix = 'Quote keys that contain dots or spaces: preferences.us.utility."access >= 1"'
        raise UsageError(f"the path {shown(path)}", "keys joined by dots", fix)
    return tuple(steps)


def apply(tree: Any, change: Change) -> tuple[Any, list[Problem], list[Problem]]:
    """Apply a change to a tree.

    Returns:
        The new tree (parts that did not change are shared with the old one), problems, warnings.
    """
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for edit in change.edits:
        problems += _forbidden(tree, edit)
        if not problems:
            warnings += _unmatched(tree, edit)
            tree = _merge_at(tree, edit.path, edit.value, ())
    return tree, problems, warnings


def _forbidden(tree: Any, edit: Edit) -> Iterator[Problem]:
    """Parties, options and levels are fixed."""
    for path, value in _leaves(edit.path, edit.value):
        block = path[0]
        where = dotted(path)
        if block in ("views", "detente", "name"):
            yield Problem(f"a change of {block}", "a change of the case's content", "Edit the file.", where)
        yield from _unknown(tree, path)
        if block not in ("parties", "options"):
            continue
        known = list(tree.get(block) or {})
        if len(path) == 1 and value is None:
            yield Problem(f"a change that removes {block}", "a change of their details", "Edit the file.", where)
        elif len(path) > 1 and path[1] not in known:
            fix = did_you_mean(path[1], known)
            yield Problem(f"a change that adds {shown(path[1])}", f"one of {', '.join(known)}", fix, where)
        elif len(path) == 2 and value is None:
            yield Problem(
                f"a change that removes {shown(path[1])}", "parties and options stay", "Edit the file.", where
            )
        elif block == "options" and len(path) > 2 and path[2] in FIXED_KEYS:
            yield Problem(f"a change of {path[2]}", "a change of moves, irreversible or names", "Edit the file.", where)


def _unknown(tree: Any, path: tuple[str, ...]) -> Iterator[Problem]:
    """A number of a body, a bloc or a term that is not there: a slip, as a new one would be given whole."""
    for kind, holder in NUMBERED:
        depth = len(holder)
        if len(path) <= depth + 1 or any(h not in (step, "*") for h, step in zip(holder, path, strict=False)):
            continue
        known = list(_at(tree, path[:depth]) if kind != "party" else tree.get("parties") or {})
        if path[depth] not in known:
            new = "" if kind == "party" else f"A new {kind} is given whole."
            fix = _written(tree, path[depth]) or did_you_mean(path[depth], known) or new
            found = f"the unknown {kind} {shown(path[depth])}"
            yield Problem(found, one_of(known) if known else f"a {kind} of this case", fix, dotted(path[: depth + 1]))
            return


def _written(tree: Any, word: str) -> str:
    """How a party is written that a word calls by its name."""
    for party, written in (tree.get("parties") or {}).items():
        name = written.get("name") if isinstance(written, dict) else None
        if isinstance(name, str) and name.casefold() == word.casefold():
            return f"{name} is written {party}."
    return ""


def _at(tree: Any, path: tuple[str, ...]) -> dict[str, Any]:
    for step in path:
        tree = tree.get(step) if isinstance(tree, dict) else None
    return tree if isinstance(tree, dict) else {}


def _leaves(path: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict) and value and len(path) < 3:
        for key, inner in value.items():
            yield from _leaves((*path, str(key)), inner)
    else:
        yield path, value


def _unmatched(tree: Any, edit: Edit) -> Iterator[Problem]:
    """A condition key that no written key equals is new: worth a warning."""
    node = tree
    for depth, step in enumerate(edit.path):
        if not isinstance(node, dict):
            return
        key = _same_key(node, step)
        if key is None:
            if depth and edit.path[depth - 1] in ("utility", "when") and " " in step:
                found = f"the condition {shown(step)}, which matches no key written there"
                yield Problem(found, "a condition that is written there", "It was added.", dotted(edit.path))
            return
        node = node[key]


def _same_key(node: dict[str, Any], step: str) -> str | None:
    """The key of a mapping that equals a step: as text, or as a parsed condition."""
    if step in node:
        return step
    wanted = _parsed(step)
    if wanted is None:
        return None
    return next((k for k in node if _parsed(k) == wanted), None)


def _parsed(text: str) -> Node | None:
    try:
        return parse_condition(text)
    except ConditionError:
        return None


def _replaces(path: tuple[str, ...]) -> bool:
    return (
        path[-1] == "target"
        or (len(path) == 1 and path[0] in REPLACED)
        or (len(path) == 2 and path[0] == "preferences")
    )


def _merge_at(node: Any, path: tuple[str, ...], value: Any, here: tuple[str, ...]) -> Any:
    if not path:
        return _merge(node, value, here)
    # ``disagreement: status_quo`` and other scalars give way to what is written below them
    out = _same_kind(node) if isinstance(node, dict) else {}
    if isinstance(node, dict):
        out.update(node)
    key = _same_key(out, path[0]) or path[0]
    if len(path) == 1 and value is None:
        out.pop(key, None)
        return out
    out[key] = _merge_at(out.get(key), path[1:], value, (*here, path[0]))
    return out


def _mergeable(old: Any, new: Any) -> bool:
    """Whether both are mappings of one form: evidence gives way, and a number paid once is none that has a default."""
    if not isinstance(old, dict) or not isinstance(new, dict) or "value" in old or "value" in new:
        return False
    return not old or not new or _form(old) == _form(new)


def _form(tree: dict[str, Any]) -> str:
    return next((key for key in ("once", "default") if key in tree), "default" if set(tree) == {"when"} else "")


def _merge(old: Any, new: Any, here: tuple[str, ...]) -> Any:
    if not _mergeable(old, new) or (here and _replaces(here)):
        return new
    out = _same_kind(old)
    out.update(old)
    for key, value in new.items():
        known = _same_key(out, key) or key
        if value is None:
            out.pop(known, None)
        else:
            out[known] = _merge(out.get(known), value, (*here, key))
    return out


def _same_kind(node: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(node, Mapping):
        return {}
    out = Mapping()
    out.at = node.at
    return out
