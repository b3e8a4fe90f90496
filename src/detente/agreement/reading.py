"""From a tree to a checked agreement file and its parties' readings: every problem at once, each with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from detente.agreement.checker import Cases, Checker
from detente.agreement.checks import check_amendments, check_ends, check_groups, check_powers, check_whole
from detente.agreement.checks_commitments import check_commitments
from detente.agreement.file import AgreementFile
from detente.base.errors import COLLECTED, Problem, did_you_mean, one_of, shown
from detente.case.checker import Enough, Path, Raw
from detente.case.forms import Form, placed, read_form
from detente.case.yaml_tree import Mapping as Written
from detente.case.yaml_tree import kind_of

CHECKS = (check_whole, check_ends, check_commitments, check_groups, check_powers, check_amendments)
IMPLIED = frozenset({"who", "on", "median", "q90"})
EMPTY: dict[str, Any] = {"detente-agreement": "1", "name": "unnamed", "zone": "UTC", "parties": {}, "commitments": {}}
MOST = {
    "parties": 200, "bodies": 200, "commitments": 5_000, "powers": 1_000, "amendments": 1_000, "groups": 1_000,
    "events": 5_000, "options": 1_000, "quantities": 1_000, "readings": 50, "reviews": 1_000, "sources": 1_000,
}  # fmt: skip
MOST_READ = 20_000
# What a party can read otherwise, and how far down mappings merge; below, and in lists, what is written replaces.
READABLE = {
    "commitments": 2, "powers": 2, "groups": 1, "dispute": 1, "exit": 1, "entry_into_force": 0, "sunset": 0,
    "notice": 0, "reviews": 0,
}  # fmt: skip
NAMED = ("commitments", "powers", "groups")


@dataclass(frozen=True)
class Read:
    """What was read: the file as written, as each party with a reading of its own reads it, what is wrong."""

    file: AgreementFile | None
    readings: Mapping[str, AgreementFile]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def read_agreement_tree(tree: Any, source: str | None, cases: Cases) -> Read:
    """Check a tree against the blocks, their cross-checks, and once more under each party's reading.

    Args:
        tree: mappings, lists and texts, from a file or from code.
        source: name for messages.
        cases: reads a linked case.
    """
    form = _form(cases)
    file, problems, warnings = read_form(tree, source, form)
    readings: dict[str, AgreementFile] = {}
    written = tree.get("readings") if isinstance(tree, dict) else None
    if isinstance(written, dict) and len(written) <= MOST["readings"]:
        faults = _check_readings(tree, written) or _too_many(tree, written)
        problems += [placed(f, tree, source) for f in faults]
        refused = {f[0][:2] for f in faults}
        if ("readings",) in refused:
            written = {}
        for party, override in written.items():
            if ("readings", str(party)) in refused or not isinstance(override, dict) or len(problems) >= COLLECTED:
                continue
            own, found, warned = read_form(merged(tree, override), source, form)
            _add(problems, found, party)
            _add(warnings, warned, party, known=problems)
            if own is not None:
                readings[str(party)] = own
    return Read(None if problems else file, readings, tuple(problems), tuple(dict.fromkeys(warnings)))


def _form(cases: Cases) -> Form[AgreementFile]:
    def check(file: AgreementFile, cuts: frozenset[Path]) -> Checker:
        checker = Checker(file, cuts, cases)
        try:
            for one in CHECKS:
                one(checker)
        except Enough:
            pass
        return checker

    what = "an agreement: a mapping that starts with detente-agreement: 1"
    return Form(AgreementFile, what, "Split the agreement.", check, EMPTY, MOST, frozenset(), IMPLIED)


def _add(told: list[Problem], fresh: list[Problem], party: str, known: list[Problem] | None = None) -> None:
    """What only a reading brings, under its own path."""
    seen = {(p.line, p.column, p.path, p.found) for p in [*told, *(known or ())]}
    places = {(p.line, p.column, p.found) for p in [*told, *(known or ())] if p.line is not None}
    told.extend(
        replace(p, path=f"readings.{party}.{p.path}")
        for p in fresh
        if (p.line, p.column, p.path, p.found) not in seen and (p.line, p.column, p.found) not in places
    )


def _check_readings(tree: dict[str, Any], written: dict[str, Any]) -> list[Raw]:
    """Each is a party's, and overrides only what is there."""
    parties = tree.get("parties")
    parties = parties if isinstance(parties, dict) else {}
    faults: list[Raw] = []
    for party, override in written.items():
        path: Path = ("readings", str(party))
        if party not in parties:
            known = [str(p) for p in parties]
            fix = did_you_mean(str(party), known)
            faults.append((path, 0, f"a reading of the unknown party {shown(party)}", one_of(known), fix, True))
        if not isinstance(override, dict):
            continue  # told by the model
        for block, value in override.items():
            faults += _check_block(tree, (*path, str(block)), str(block), value)
    return faults


def _too_many(tree: dict[str, Any], written: dict[str, Any]) -> list[Raw]:
    """Each reading is a file of its own to be checked."""
    commitments = tree.get("commitments")
    size = len(written) * (len(commitments) if isinstance(commitments, dict) else 0)
    found = f"{len(written)} readings of {len(commitments or ()):,} commitments"
    fault: Raw = (("readings",), 0, found, f"at most {MOST_READ:,} together", "Split the agreement.", True)
    return [fault] if size > MOST_READ else []


def _check_block(tree: dict[str, Any], path: Path, block: str, value: Any) -> list[Raw]:
    if block not in READABLE:
        fix = did_you_mean(block, list(READABLE))
        return [(path, 0, f"{shown(block)} in a reading", one_of(list(READABLE)), fix, True)]
    if block not in NAMED:
        return []
    if not isinstance(value, dict):
        return [(path, 0, kind_of(value), f"a mapping of {block}", "", False)]
    there = tree.get(block)
    known = [str(k) for k in there] if isinstance(there, dict) else []
    faults: list[Raw] = []
    for name, inner in value.items():
        if str(name) not in known:
            found, fix = f"{shown(name)}, which is not among {block}", did_you_mean(str(name), known)
            expected = one_of(known) if known else f"nothing: this agreement has no {block}"
            faults.append(((*path, str(name)), 0, found, expected, fix, True))
        elif READABLE[block] == 2 and not isinstance(inner, dict):
            expected = "a mapping of what this party reads otherwise"
            faults.append(((*path, str(name)), 0, kind_of(inner), expected, "", False))
        elif inner is None:
            faults.append(((*path, str(name)), 0, "nothing", "what this party reads otherwise", "", False))
    return faults


def merged(tree: dict[str, Any], override: Mapping[str, Any]) -> dict[str, Any]:
    """The agreement as a party reads it, without readings; places of what is written are kept."""
    result = _copy(tree)
    result.pop("readings", None)
    for block, value in override.items():
        _merge(result, block, value, READABLE.get(str(block), 0))
    return result


def _merge(into: dict[str, Any], key: str, value: Any, depth: int) -> None:
    """Put a value in; mappings merge down to a depth, nothing deletes."""
    if depth and isinstance(value, dict) and isinstance(into.get(key), dict):
        inner = _copy(into[key])
        for k, v in value.items():
            _merge(inner, k, v, depth - 1)
        into[key] = inner
        return
    into.pop(key, None)
    if value is not None:
        into[key] = value


def _copy(node: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(node, Written):
        return dict(node)
    copy = Written(node)
    copy.at = node.at
    return copy
