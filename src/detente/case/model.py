"""``Case``: the written situation, checked and frozen; every edit gives a new one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from detente.base.errors import COLLECTED, CaseError, Problem, UsageError, did_you_mean, shown
from detente.base.wording import words
from detente.case.blocks.preferences import Forms, PreferenceType
from detente.case.blocks.views import OWN_KEYS, ancestry
from detente.case.change import Change, Edit, apply
from detente.case.conditions import parse_condition
from detente.case.fields import Amount, Clause
from detente.case.file import CaseFile
from detente.case.meaning import Meaning, Vocabulary, meaning
from detente.case.quantities import Quantity
from detente.case.reading import MOST_ENTRIES, read_file
from detente.case.yaml_tree import read_tree


class Case:
    """One written case, valid by construction.

    Attributes:
        file: the blocks as written.
        source: name of the file it came from, or None.
        changes: the edits that led from the written case to this one.
        written: the case as first read, before any view or change (state numbers in a file mean its numbering).
        view_name: the view applied last, or None.
        warnings: what should be looked at, found while reading.
    """

    def __init__(self, tree: Any, source: str | None = None, *, base: Case | None = None, change: Change | None = None,
                 view: str | None = None) -> None:  # fmt: skip
        self.tree = tree
        self.source = source
        self.changes: Change = (base.changes if base else Change(())) + (change or Change(()))
        self.written: Case = base.written if base else self
        self.view_name: str | None = view if view is not None else (base.view_name if base else None)
        file, problems, warnings = read_file(tree, source)
        if base is None and isinstance(tree, dict):
            problems, warnings = self._check_views(tree, problems, warnings)
        if problems or file is None:
            raise CaseError(problems)
        self.file: CaseFile = file
        self._known: dict[tuple[Hashable, ...], Any] = {}
        self.warnings: tuple[Problem, ...] = tuple(dict.fromkeys(warnings))

    # --- making ------------------------------------------------------------------------------------------------------

    @classmethod
    def from_dict(cls, tree: dict[str, Any]) -> Case:
        """Build a case in code: the same keys, checks and messages as a file.

        Raises:
            CaseError: every problem found, with its path.
        """
        return cls(tree)

    @classmethod
    def from_text(cls, data: bytes | str, source: str | None = None) -> Case:
        """Read a case from YAML.

        Raises:
            CaseError: every problem found, with file, line and column.
        """
        return cls(read_tree(data, source), source)

    def change(self, change: Change, *, view: str | None = None) -> Case:
        """The case with edits applied, validated like a file.

        Raises:
            CaseError: an edit that is not allowed, or a result that is not valid.
        """
        tree, problems, warnings = apply(self.tree, change)
        if problems:
            raise CaseError(problems)
        case = Case(tree, self.source, base=self, change=change, view=view)
        case.warnings = tuple(dict.fromkeys([*case.warnings, *warnings]))
        return case

    def view(self, name: str) -> Case:
        """The case as a view reads it.

        Raises:
            UsageError: the case has no such view.
        """
        if name not in self.written.file.views:
            known = list(self.written.file.views)
            expected = f"one of {', '.join(known)}" if known else "no view: this case has none"
            raise UsageError(f"the unknown view {shown(name)}", expected, did_you_mean(name, known))
        change = view_change(self.written.tree, self.written.file, name) or Change(())
        return self.change(change, view=name)

    def with_types(self, chosen: Mapping[str, str]) -> Case:
        """The case with one type chosen for some parties.

        Raises:
            UsageError: an unknown party or type.
        """
        found: Case = self.once(("types", *chosen.items()), lambda: self._with_types(chosen))
        return found

    def _with_types(self, chosen: Mapping[str, str]) -> Case:
        edits: list[Edit] = []
        for party, name in chosen.items():
            written = self.file.preferences.get(party)
            if written is None or not written.types:
                typed = [p for p, w in self.file.preferences.items() if w.types]
                expected = f"a party with types: {', '.join(typed) or 'this case has none'}"
                raise UsageError(f"a type of {shown(party)}", expected, did_you_mean(party, typed))
            if name not in written.types:
                known = list(written.types)
                fix = did_you_mean(name, known)
                raise UsageError(f"the unknown type {shown(name)} of {party}", f"one of {', '.join(known)}", fix)
            edits += [
                Edit(("preferences", party, "types", other, "assumed"), "true" if other == name else None)
                for other in written.types
            ]
        return self.change(Change(tuple(edits), "types")) if edits else self

    def once(self, key: tuple[Hashable, ...], make: Callable[[], Any]) -> Any:
        """What follows from the case and from what the key names, worked out once."""
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]

    def __getstate__(self) -> dict[str, Any]:
        """What another process needs: of what has been worked out, the case with other types."""
        return {**self.__dict__, "_known": {k: v for k, v in self._known.items() if k[0] == "types"}}

    def _check_views(
        self, tree: dict[str, Any], problems: list[Problem], warnings: list[Problem]
    ) -> tuple[list[Problem], list[Problem]]:
        views = tree.get("views")
        known = {(p.line, p.column, p.path, p.found) for p in problems + warnings}
        places = {(p.line, p.column, p.found) for p in problems + warnings if p.line is not None}
        if not isinstance(views, dict) or len(views) > MOST_ENTRIES["views"]:
            return problems, warnings
        for name in views:
            change = view_change(tree, None, name)
            if change is None or len(problems) >= COLLECTED:
                continue
            changed, forbidden, _ = apply(tree, change)
            _, found, warned = read_file(changed, self.source)
            for kind, fresh in ((problems, [*forbidden, *found]), (warnings, warned)):
                kind.extend(
                    replace(p, path=f"views.{name}.{p.path}", file=p.file or self.source)
                    for p in fresh
                    if (p.line, p.column, p.path, p.found) not in known and (p.line, p.column, p.found) not in places
                )
        return problems, warnings

    # --- reading -----------------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """Slug of the case."""
        return self.file.name

    @property
    def title(self) -> str:
        """Title shown to readers."""
        return self.file.title or words(self.file.name)

    @cached_property
    def parties(self) -> tuple[str, ...]:
        """Party ids in file order."""
        return tuple(self.file.parties)

    @cached_property
    def options(self) -> tuple[str, ...]:
        """Option ids in file order."""
        return tuple(self.file.options)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """What conditions can name."""
        return Vocabulary({o: v.levels for o, v in self.file.options.items()})

    def party_name(self, party: str) -> str:
        """A party's name for readers."""
        return self.file.parties[party].name or words(party)

    def option_name(self, option: str) -> str:
        """An option's name for readers."""
        return self.file.options[option].name or words(option)

    def options_of(self, party: str) -> tuple[int, ...]:
        """File-order numbers of a party's options."""
        return tuple(n for n, o in enumerate(self.file.options.values()) if o.party == party)

    @cached_property
    def types(self) -> dict[str, str]:
        """Party -> the type a question uses: the one marked assumed, else the most probable, else the first."""
        return {p: self._type_of(w.types) for p, w in self.file.preferences.items() if w.types}

    def preference(self, party: str) -> Forms | None:
        """The preference a question uses for a party (its type chosen), or None."""
        written = self.file.preferences.get(party)
        if written is None or not written.types:
            return written
        return written.types[self.types[party]]

    def priors(self, party: str) -> dict[str, Fraction]:
        """Point probabilities of a party's types; they sum to 1."""
        types = self.file.preferences[party].types or {}
        values = {t: k.prior for t, k in types.items()}
        given = {t: self.mean(v) for t, v in values.items() if isinstance(v, Amount)}
        total = sum(given.values(), Fraction(0))
        if not given and "rest" not in values.values():
            return {t: Fraction(1, len(types)) for t in types}
        rest = next((t for t, v in values.items() if v == "rest"), None)
        if rest is not None and total <= 1:
            return {t: given.get(t, 1 - total) for t in types}
        return {t: given.get(t, Fraction(0)) / total for t in types}

    def _type_of(self, types: dict[str, PreferenceType]) -> str:
        assumed = next((t for t, k in types.items() if k.assumed), None)
        if assumed:
            return assumed
        party = next(p for p, w in self.file.preferences.items() if w.types is types)
        priors = self.priors(party)
        return max(types, key=lambda t: priors[t])

    @cached_property
    def shared(self) -> dict[str, Quantity]:
        """The shared uncertain numbers by name."""
        return {n: a.quantity for n, a in self.file.numbers.items()}

    def mean(self, amount: Amount) -> Fraction:
        """Point value of a written number."""
        return amount.quantity.resolve(self.shared).mean(amount.domain)

    def meaning(self, written: Clause | str) -> Meaning:
        """What a condition says of the levels.

        Raises:
            UsageError: it names a state, which needs the space, or names nothing that exists.
        """
        node = parse_condition(written) if isinstance(written, str) else written.node
        return meaning(node, self.vocabulary)

    def digest(self, blocks: Sequence[str] | None = None) -> str:
        """``sha256:...`` of the whole case or of some of its blocks, comments and spacing left out."""
        found: str = self.once(("digest", None if blocks is None else tuple(blocks)), lambda: self._digest(blocks))
        return found

    def _digest(self, blocks: Sequence[str] | None) -> str:
        return digest_of(self.tree if blocks is None else {b: self.tree[b] for b in blocks if b in self.tree})

    def __repr__(self) -> str:
        parties = ", ".join(self.party_name(p) for p in self.parties)
        changed = f", {len(self.changes.edits)} edits" if self.changes.edits else ""
        return f"Case {self.name}: {self.title}\n{parties}; {len(self.options)} options{changed}"


def view_change(tree: dict[str, Any], file: CaseFile | None, name: str) -> Change | None:
    """The edits of a view, those of the views it extends first; None where the chain is broken."""
    views = tree["views"]
    if file is not None:
        chain = ancestry(file, name)
    else:
        chain, current = [], name
        while isinstance(views.get(current), dict) and current not in chain:
            chain.append(current)
            current = views[current].get("extends")
            if current is None:
                break
        else:
            return None
    blocks = set(CaseFile.model_fields)
    edits = [
        Edit((key,), value)
        for step in reversed(chain)
        for key, value in (views[step] or {}).items()
        if key not in OWN_KEYS and key in blocks
    ]
    return Change(tuple(edits), f"view {name}")


def digest_of(tree: Any) -> str:
    """``sha256:...`` of what is written, comments and spacing left out."""
    text = json.dumps(_canonical(tree), ensure_ascii=False, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _canonical(node: Any) -> Any:
    if isinstance(node, dict):
        return {str(k): _canonical(v) for k, v in node.items()}
    if isinstance(node, list | tuple):
        return [_canonical(v) for v in node]
    if isinstance(node, bool):
        return "true" if node else "false"
    return None if node is None else str(node)
