"""Cross-checks of an agreement as a whole: who it is between, its zone, links, groups, powers, amendments, end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from detente.agreement.checker import Checker, sound_zone, zones
from detente.agreement.fields import WHOLE
from detente.agreement.formula_text import formula_text
from detente.base.errors import did_you_mean, shown
from detente.case.checker import Path

NAMESPACES = (("parties", "bodies"), ("commitments", "quantities"))


def check_whole(checker: Checker) -> None:
    """Parties, bodies, ids, zone, the linked case, reviews."""
    file = checker.file
    if len(file.parties) < 2 and not checker.cut("parties"):
        found = "one party" if file.parties else "no party"
        checker.error(("parties",), found, "at least two parties", "Write under parties who signs.", key=True)
    if not file.commitments and not checker.cut("commitments"):
        checker.error(("commitments",), "no commitment", "at least one commitment", key=True)
    for first, second in NAMESPACES:
        for name in getattr(file, second):
            if name in getattr(file, first):
                found = f"{shown(name)} among {first} and {second}"
                checker.error((second, name), found, "each name for one thing", "Choose another name.", key=True)
    if not checker.cut("zone"):
        _check_zone(checker, file.zone)
    _check_case(checker)
    if len(set(file.calendar.weekend)) == 7:
        checker.error(("calendar", "weekend"), "every day off", "at least one working day")
    checker.once(("reviews",), file.reviews, "each date once")


def check_ends(checker: Checker) -> None:
    """Entry into force, sunset, exit, disputes; nothing of them is said and told to be open."""
    file = checker.file
    checker.formula(("entry_into_force",), file.entry_into_force)
    if file.sunset is not None:
        checker.deadline(("sunset",), file.sunset, ("on", "within"))
    if file.exit is not None:
        for n, name in enumerate(file.exit.survivors):
            checker.target(("exit", "survivors", n), name, whole=False)
    if file.dispute is not None and file.dispute.body is not None:
        checker.known(("dispute", "body"), file.dispute.body, "body")
    for slot, key in (("sunset", "sunset"), ("exit", "exit"), ("dispute", "dispute"), ("review", "reviews")):
        if getattr(file.gaps, slot) is not None and getattr(file, key):
            checker.warn(("gaps", slot), f"a gap of the {slot} beside {key}", "one of them")


def _check_zone(checker: Checker, zone: str) -> None:
    if sound_zone(zone):
        return
    near = sorted(z for z in zones() if z[:1].casefold() == zone[:1].casefold())
    fix = did_you_mean(zone, near) or "Use a name of the IANA time zone database."
    checker.error(("zone",), f"the zone {shown(zone)}", "a time zone such as Europe/Vienna or UTC", fix)


def _check_case(checker: Checker) -> None:
    file = checker.file
    if file.case is None or checker.cut("case"):
        return
    parts = re.split(r"[/\\]", file.case)
    if ".." in parts or parts[0] == "" or re.match(r"[A-Za-z]:|~", file.case) or "\\" in file.case:
        fix = "Put the case beside the agreement and write its name."
        checker.error(("case",), f"the path {shown(file.case)}", "a catalog name, or a file below this folder", fix)
        checker.cuts |= {("case",)}
        checker.stems |= {("case",)}
    elif file.options:
        checker.error(("options",), "options beside case", "one of them", "The options are the case's.", key=True)


def check_groups(checker: Checker) -> None:
    """Members exist, differ, wait for the same and for each other."""
    commitments = checker.file.commitments
    for group, members in checker.file.groups.items():
        path: Path = ("groups", group)
        known = [checker.target((*path, n), name, whole=False) for n, name in enumerate(members)]
        checker.once(path, members, "each commitment once")
        if len(set(members)) < 2:
            checker.error(path, f"{len(members)} commitment", "at least two, due together")
        if not all(known) or any(m not in commitments for m in members):
            continue
        triggers = {m: commitments[m].trigger for m in members}
        texts = {formula_text(t.formula) if t else "true" for t in triggers.values()}
        if len(texts) > 1:
            checker.warn(path, "triggers that differ", "commitments of a group that wait for the same")
        for name, trigger in triggers.items():
            if trigger is None or not any(m.kind == "group" and m.name == group for m in trigger.mentions):
                fix = f"Add 'joint({group})' to its trigger."
                checker.warn(path, f"{shown(name)}, which does not wait for the others", f"joint({group})", fix)


def check_powers(checker: Checker) -> None:
    """Holders and targets exist."""
    for name, power in checker.file.powers.items():
        path: Path = ("powers", name)
        checker.actor((*path, "holder"), power.holder)
        for n, target in enumerate(power.targets):
            checker.target((*path, "targets", n), target, whole=True)
        if not power.targets:
            checker.error((*path, "targets"), "no target", f"commitments, or {WHOLE}")
        checker.formula((*path, "when"), power.when)
        if power.expires is not None:
            checker.deadline((*path, "expires"), power.expires, ("on", "within"))
        checker.source((*path, "source"), power.source)


def check_amendments(checker: Checker) -> None:
    """What is replaced and what replaces it exist; a new commitment belongs to one amendment; no circles."""
    owner: dict[str, str] = {}
    for name, amendment in checker.file.amendments.items():
        path: Path = ("amendments", name)
        news: list[tuple[Path, str]] = [(("adds", n), new) for n, new in enumerate(amendment.adds)]
        for old, new in amendment.replaces.items():
            checker.known((*path, "replaces", old), old, "commitment", key=True)
            news.append((("replaces", old), new))
            if old == new:
                checker.error((*path, "replaces", old), f"{shown(old)} replaced by itself", "a new commitment")
        if not news and not checker.cut("amendments", name):
            checker.error(path, "an amendment without effect", "replaces or adds", key=True)
        for step, new in news:
            checker.known((*path, *step), new, "commitment")
            if new in amendment.replaces and amendment.replaces[new] != new:
                found, expected = f"{shown(new)} as old and as new", "a new commitment in place of an old one"
                checker.error((*path, *step), found, expected)
            elif new in owner:
                told = "in this amendment" if owner[new] == name else f"in {owner[new]}"
                checker.error((*path, *step), f"{shown(new)} a second time, after {told}", "each new commitment once")
            owner.setdefault(new, name)
    _check_circles(checker)


def _check_circles(checker: Checker) -> None:
    """Commitments that replace each other in the end; each new one replaces one."""
    steps = [(old, new, a) for a, m in checker.file.amendments.items() for old, new in m.replaces.items()]
    before = {new: old for old, new, _ in steps}
    told: set[str] = set()
    for old, new, amendment in steps:
        chain = list(chain_from(new, before))
        if old != new and chain[-1] == new and len(chain) > 1 and new not in told:
            told.update(chain)
            found = " -> ".join(reversed(chain)) + ", each replaced by the next"
            checker.error(("amendments", amendment, "replaces", old), found, "new commitments in place of old ones")


def chain_from(start: str, following: Mapping[str, str | None]) -> Iterator[str]:
    """Where one comes from a start, up to the first that was met before."""
    seen: set[str] = set()
    at: str | None = start
    while at is not None:
        yield at
        if at in seen:
            return
        seen.add(at)
        at = following.get(at)
