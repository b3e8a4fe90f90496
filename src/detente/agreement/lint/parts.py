"""Strongly connected parts of a graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping


def components(edges: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Strongly connected components, each after those that its members lead to (Tarjan, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on: set[str] = set()
    found: list[list[str]] = []
    for root in edges:
        if root in index:
            continue
        work: list[tuple[str, Iterator[str]]] = [(root, iter(edges[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on.add(root)
        while work:
            node, rest = work[-1]
            fresh = next((n for n in rest if n in edges and (n not in index or _lower(n, node, index, low, on))), None)
            if fresh is not None:
                index[fresh] = low[fresh] = len(index)
                stack.append(fresh)
                on.add(fresh)
                work.append((fresh, iter(edges[fresh])))
                continue
            work.pop()
            if work:
                above = work[-1][0]
                low[above] = min(low[above], low[node])
            if low[node] == index[node]:
                found.append(_pop(node, stack, on))
    return found


def _lower(seen: str, node: str, index: dict[str, int], low: dict[str, int], on: set[str]) -> bool:
    """Note an edge to what was seen before; always False, so that the search goes on."""
    if seen in on:
        low[node] = min(low[node], index[seen])
    return False


def _pop(node: str, stack: list[str], on: set[str]) -> list[str]:
    part = []
    while True:
        top = stack.pop()
        on.discard(top)
        part.append(top)
        if top == node:
            return part
