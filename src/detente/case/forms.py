"""From a tree to a checked file of any root block: every problem at once, each with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from detente.base.errors import COLLECTED, Problem, did_you_mean, one_of, shown
from detente.case.checker import Findings, Path, Raw, below
from detente.case.fields import Block
from detente.case.yaml_tree import Text, written_at

ROUNDS = 12
B = TypeVar("B", bound=Block)


@dataclass(frozen=True)
class Form(Generic[B]):
    """A kind of file.

    Attributes:
        root: its model.
        what: what a file of this kind is, for messages.
        split: how to mend one that is too large.
        check: the cross-checks, given the model and the paths that were taken out of it.
        empty: stand-ins for required top-level blocks that are faulty, so that the rest can be judged.
        most: top-level block -> how many entries it may have.
        tags: steps in pydantic's locations that stand for no key of the file.
        implied: keys that may be left out where a text or list stands for the mapping that they are in.
    """

    root: type[B]
    what: str
    split: str
    check: Callable[[B, frozenset[Path]], Findings]
    empty: Mapping[str, Any] = field(default_factory=dict)
    most: Mapping[str, int] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()
    implied: frozenset[str] = frozenset()


def read_form(tree: Any, file: str | None, form: Form[B]) -> tuple[B | None, list[Problem], list[Problem]]:
    """Check a tree against the blocks of a form and their cross-checks.

    Args:
        tree: mappings, lists and texts, from a file or from code.
        file: name for messages.
        form: what it is to be.

    Returns:
        The file (None if it has problems), the problems, the warnings.
    """
    if not isinstance(tree, dict):
        found = "nothing" if tree is None else "a list" if isinstance(tree, list) else shown(tree)
        line, column = getattr(tree, "at", (1, 1))
        return None, [Problem(found, form.what, "", "", file, line, column)], []
    if large := list(_too_large(tree, form)):
        return None, [placed(p, tree, file) for p in large], []
    model, raw, cuts = _schema(tree, form)
    warnings: list[Raw] = []
    if model is not None:
        findings = form.check(model, frozenset(cuts))
        told = [(as_written(p[0], tree, form.implied), *p[1:]) for p in findings.problems]
        raw += [p for p in told if not below(p[0], cuts)]
        warnings = [(as_written(w[0], tree, form.implied), *w[1:]) for w in findings.warnings]
    problems = [placed(p, tree, file) for p in raw[:COLLECTED]]
    return (None if problems else model), problems, [placed(w, tree, file) for w in warnings]


def placed(raw: Raw, tree: Any, file: str | None) -> Problem:
    """A problem with the line and column of its path in the tree."""
    path, at, found, expected, fix, key = raw
    node = written_at(tree, path, key=key)
    if node is None:
        return Problem(found, expected, fix, dotted(path), file)
    offset = at + node.shift if isinstance(node, Text) and at else 0
    return Problem(found, expected, fix, dotted(path), file, node.at[0], node.at[1] + offset)


def as_written(path: Path, tree: Any, implied: frozenset[str]) -> Path:
    """A path through the blocks as a path through what was written, where a text may stand for a list or a mapping."""
    steps: list[str | int] = []
    node = tree
    for step in path:
        inside = (isinstance(node, dict) and step in node) or (isinstance(node, list | tuple) and isinstance(step, int))
        if not inside and (step in implied or (isinstance(node, str) and isinstance(step, int))):
            continue
        steps.append(step)
        node = _below(node, step) if inside else None
    return tuple(steps)


def dotted(path: Path) -> str:
    """A path as text: ``claims[0].party``; keys with dots or spaces in quotes."""
    out = ""
    for step in path:
        if isinstance(step, int):
            out += f"[{step}]"
        else:
            plain = step.replace("-", "").replace("_", "").isalnum() and step.isascii()
            out += ("." if out else "") + (step if plain else shown(step, 80).replace("'", '"'))
    return out


def _too_large(tree: dict[str, Any], form: Form[B]) -> Iterator[Raw]:
    """Blocks with so many entries that looking at each would take too long."""
    for block, most in form.most.items():
        count = len(tree[block]) if isinstance(tree.get(block), dict) else 0
        if count > most:
            yield (block,), 0, f"{count:,} {block}", f"at most {most:,}", form.split, True


def _schema(tree: Any, form: Form[B]) -> tuple[B | None, list[Raw], set[Path]]:
    """Validate, taking faulty parts out and validating again so that one fault does not hide the others."""
    raw: list[Raw] = []
    cuts: set[Path] = set()
    work = tree
    for _ in range(ROUNDS):
        try:
            return form.root.model_validate(work), raw, cuts
        except ValidationError as error:
            fresh = []
            details = error.errors(include_url=False)
            added = [_path(d, work, form.tags | form.implied) for d in details if d["type"] == "extra_forbidden"]
            for detail in details:
                path = _path(detail, work, form.tags | form.implied)
                if not below(path, cuts) and not _misspelt(detail, path, added):
                    raw.append(_translate(detail, path, form.root))
                if len(raw) >= COLLECTED:
                    return None, raw, cuts
                fresh.append(_cut(detail, path))
            cuts.update(fresh)
            work = _without(work, fresh, form.empty)
    return None, raw, cuts


def _misspelt(detail: ErrorDetails, path: Path, added: list[Path]) -> bool:
    """Whether a key that is missing is there under another spelling, which is told already."""
    near = (str(a[-1]) for a in added if a[:-1] == path[:-1])
    return detail["type"] == "missing" and any(did_you_mean(key, [str(path[-1])]) for key in near)


def _path(detail: ErrorDetails, tree: Any, tags: frozenset[str]) -> Path:
    """The path in the tree: pydantic's location without the tags of its unions."""
    path: list[str | int] = []
    node = tree
    last = len(detail["loc"]) - 1 if detail["type"] in ("missing", "extra_forbidden") else -1  # names a key, not a tag
    for n, step in enumerate(detail["loc"]):
        if step == "[key]":
            continue
        inside = (isinstance(node, dict) and step in node) or (isinstance(node, list | tuple) and isinstance(step, int))
        if not inside and step in tags and n != last:
            continue
        path.append(step)
        node = _below(node, step) if inside else None
    return (*path, *detail.get("ctx", {}).get("within", ()))


def _below(node: Any, step: str | int) -> Any:
    """What stands at a step of a mapping or a list, or None beyond the list's end."""
    return None if isinstance(node, list | tuple) and int(step) >= len(node) else node[step]


def _translate(detail: ErrorDetails, path: Path, root: type[BaseModel]) -> Raw:
    context = detail.get("ctx", {})
    kind = detail["type"]
    if kind == "detente":
        key = "[key]" in detail["loc"] or context.get("key") or context["found"].startswith("the unknown key")
        return path, int(context["at"]), context["found"], context["expected"], context["fix"], key
    if kind == "extra_forbidden":
        known = _known_keys(path[:-1], root)
        expected = one_of(known, 40) if known else "a known key"
        return path, 0, f"the unknown key {shown(path[-1])}", expected, did_you_mean(str(path[-1]), known), True
    if kind == "missing":
        return path[:-1], 0, f"no {path[-1]}", f"the key {path[-1]!r}", f"Add {path[-1]}: and a value.", False
    found = _found(detail.get("input"))
    kinds = {
        "string_type": "a text",
        "dict_type": "a mapping (key: value)",
        "model_type": "a mapping (key: value)",
        "model_attributes_type": "a mapping (key: value)",
        "list_type": "a list",
        "tuple_type": "a list",
    }
    if kind == "literal_error":
        choice = f"one of {context['expected']}".replace("'", "")
        allowed = choice.removeprefix("one of ").replace(" or ", ", ").split(", ")
        return path, 0, found, choice, did_you_mean(str(detail.get("input")), allowed), False
    return path, 0, found, kinds.get(kind, detail["msg"].lower()), "", False


def _found(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    return shown(value)


def _known_keys(path: Path, root: type[BaseModel]) -> list[str]:
    """The keys allowed at a path, walking the models' annotations."""
    kind: Any = root
    for step in path:
        kind = _model_in(kind)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            field = next((f for n, f in kind.model_fields.items() if (f.alias or n) == str(step)), None)
            kind = field.annotation if field else None
        elif get_origin(kind) is dict:
            kind = get_args(kind)[1]
        elif get_origin(kind) is tuple:
            kind = get_args(kind)[0]
    kind = _model_in(kind)
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return []
    return [f.alias or n for n, f in kind.model_fields.items()]


def _model_in(kind: Any) -> Any:
    """The model, mapping or list inside Annotated and optional types."""
    while True:
        if getattr(kind, "__metadata__", None) is not None:
            kind = kind.__origin__
            continue
        inner = [a for a in get_args(kind) if a is not type(None)]
        if get_origin(kind) not in (dict, tuple) and inner and kind is not None:
            kind = inner[0]
            continue
        return kind


def _cut(detail: ErrorDetails, path: Path) -> Path:
    """What to take out so that the rest can be judged."""
    if detail["type"] == "missing":
        return path[:-1] if len(path) > 1 else path
    return path[: len(path) - len(detail.get("ctx", {}).get("within", ()))]


def _without(tree: Any, cuts: list[Path], empty: Mapping[str, Any]) -> Any:
    """A copy of the tree without some parts; required top-level blocks are replaced by empty ones."""
    gone = object()
    ends = set(cuts)
    stems = {c[:n] for c in ends for n in range(len(c))}

    def copy(node: Any, here: Path) -> Any:
        if here in ends:
            return empty[str(here[0])] if len(here) == 1 and here[0] in empty else gone
        if here not in stems:
            return node
        if not isinstance(node, dict | list | tuple):
            return gone if here else node
        if isinstance(node, dict):
            found = {k: copy(v, (*here, str(k))) for k, v in node.items()}
            return {k: v for k, v in found.items() if v is not gone}
        return [w for n, v in enumerate(node) if (w := copy(v, (*here, n))) is not gone]

    result = copy(tree, ())
    for key, stand_in in empty.items():
        if (key,) in cuts:
            result[key] = stand_in
    return result
