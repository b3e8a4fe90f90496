"""A case as a clean YAML file: what the tree says, without comments."""

from __future__ import annotations

from typing import Any, TypeVar

import yaml

from detente.case.change import plain_tree
from detente.case.model import Case

Node = TypeVar("Node", yaml.SequenceNode, yaml.MappingNode)
WIDTH = 100  # beyond which a list or mapping has a line for each entry


class _Dumper(yaml.SafeDumper):
    """Writes no aliases; short lists and mappings stand on one line."""

    def ignore_aliases(self, data: Any) -> bool:
        """Everything is written out."""
        del data
        return True

    def represent_sequence(self, tag: str, sequence: Any, flow_style: bool | None = None) -> yaml.SequenceNode:  # noqa: FBT001 - as PyYAML has it
        """On one line where it is short."""
        node = super().represent_sequence(tag, sequence, flow_style)
        return _short(node, [len(str(n.value)) for n in node.value])

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:  # noqa: FBT001 - as PyYAML has it
        """On one line where it is short."""
        node = super().represent_mapping(tag, mapping, flow_style)
        return _short(node, [len(str(k.value)) + len(str(v.value)) + 2 for k, v in node.value])


def _short(node: Node, lengths: list[int]) -> Node:
    if node.flow_style and sum(lengths) + 2 * len(lengths) > WIDTH:
        node.flow_style = False
    return node


def case_yaml(case: Case) -> str:
    """The text of a case file that reads as this case.

    Args:
        case: any case; its views are kept, a view or changes applied are part of what is written.
    """
    tree = plain_tree(case.tree)
    tree["detente"] = 1
    text: str = yaml.dump(
        tree, Dumper=_Dumper, default_flow_style=None, sort_keys=False, allow_unicode=True, width=10**9
    )  # fmt: skip
    return text
