"""Conditions and levels in words, with the names of the options."""

from __future__ import annotations

from detente.base.wording import listed, words
from detente.case.conditions import Above, And, Comparison, Iff, Implies, Node, Not, Or, Pattern, parse_condition
from detente.case.model import Case

COMPARED = {"==": "at", "!=": "not at", "<": "below", "<=": "at most at", ">": "above", ">=": "at least at"}


def spoken(case: Case, condition: str) -> str:
    """A condition in words."""
    return _node(case, parse_condition(condition, states=True))


def spoken_level(case: Case, option: str, level: str | None) -> str:
    """An option at a level; None stands for any level."""
    if level is None:
        return f"{case.option_name(option)}: any"
    if case.file.options[option].levels == ("no", "yes"):
        return f"{case.option_name(option)}: {level}"
    return f"{case.option_name(option)} at ‘{words(level)}’"


def _node(case: Case, node: Node) -> str:
    if isinstance(node, Comparison):
        named = [f"‘{words(_level(case, node.option, v))}’" for v in node.levels]
        return f"{case.option_name(node.option)} {COMPARED.get(node.op, 'at')} {listed(named, 'or')}"
    if isinstance(node, Above):
        levels = case.file.options[node.option].levels
        name = case.option_name(node.option)
        return f"{name} above ‘{words(levels[0])}’" if levels != ("no", "yes") else f"{name}: yes"
    if isinstance(node, Not):
        if isinstance(node.part, Above):
            levels = case.file.options[node.part.option].levels
            return f"{case.option_name(node.part.option)} at ‘{words(levels[0])}’"
        return f"not ({_node(case, node.part)})"
    if isinstance(node, And | Or):
        joint = " and " if isinstance(node, And) else " or "
        return joint.join(f"({_node(case, p)})" if isinstance(p, And | Or) else _node(case, p) for p in node.parts)
    if isinstance(node, Implies):
        return f"if {_node(case, node.first)}, then {_node(case, node.second)}"
    if isinstance(node, Iff):
        return f"{_node(case, node.first)} exactly when {_node(case, node.second)}"
    return _pattern(case, node.text) if isinstance(node, Pattern) else f"the state {node.text}"


def _level(case: Case, option: str, level: str) -> str:
    return case.file.options[option].levels[int(level)] if level.isdigit() else level


def _pattern(case: Case, text: str) -> str:
    parts = []
    for char, (option, written) in zip(text, case.file.options.items(), strict=True):
        if char == "N":
            parts.append(spoken_level(case, option, written.levels[0]))
        elif char == "Y":
            binary = len(written.levels) == 2
            above = f"{case.option_name(option)} above ‘{words(written.levels[0])}’"
            parts.append(spoken_level(case, option, written.levels[1]) if binary else above)
    return listed(parts) if parts else "any state"
