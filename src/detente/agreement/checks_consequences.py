"""Cross-checks of what follows a breach."""

from __future__ import annotations

from detente.agreement.blocks import CommitmentBlock, ConsequenceBlock
from detente.agreement.checker import Checker
from detente.base.errors import shown
from detente.case.checker import Path

ACTING = ("terminate", "reverse", "suspend", "activate")  # on targets
BELONGS = {
    "resume_when": ("suspend", "reverse"), "option": ("reverse",), "level": ("reverse",), "amount": ("compensate",),
    "unit": ("compensate",), "to": ("compensate",), "body": ("escalate",), "targets": ACTING,
}  # fmt: skip


def check_consequences(checker: Checker, path: Path, name: str, commitment: CommitmentBlock) -> None:
    """Each entry of ``on_breach``, and that what replaces a commitment is there."""
    for n, entry in enumerate(commitment.on_breach):
        _check_entry(checker, (*path, "on_breach", n), name, entry)
    if commitment.after_breach == "replace" and not checker.cut(*path, "on_breach"):
        if not any(e.effect == "activate" for e in commitment.on_breach):
            fix = "Add an entry with effect: activate to on_breach."
            checker.error((*path, "after_breach"), "replace without anything that replaces", "a commitment", fix)
    elif commitment.after_breach == "extinguish" and not commitment.on_breach and not checker.cut(*path, "on_breach"):
        checker.warn((*path, "after_breach"), "extinguish without a consequence", "something that follows the breach")


def _check_entry(checker: Checker, path: Path, name: str, entry: ConsequenceBlock) -> None:
    if checker.cut(*path, "effect"):
        return
    _check_keys(checker, path, entry)
    _check_who(checker, path, entry)
    for n, target in enumerate(entry.targets):
        where: Path = (*path, "targets", n)
        if target == name and entry.effect in ("suspend", "reverse", "activate"):
            checker.error(where, f"{shown(name)} acting on itself", "another commitment")
        else:
            checker.target(where, target, whole=entry.effect == "terminate")
    checker.formula((*path, "resume_when"), entry.resume_when)
    for n, party in enumerate(entry.to):
        checker.party((*path, "to", n), party)
    if entry.body is not None:
        checker.known((*path, "body"), entry.body, "body")
    if entry.effect == "reverse":
        _check_reverse(checker, path, entry)


def _check_keys(checker: Checker, path: Path, entry: ConsequenceBlock) -> None:
    """What each effect needs is there, and nothing that belongs to others."""
    for key, effects in BELONGS.items():
        written = getattr(entry, key) not in (None, (), "")
        if written and entry.effect not in effects:
            found, expected = f"{key} beside {entry.effect}", f"{key} only beside {' or '.join(effects)}"
            checker.error((*path, key), found, expected, key=True)
    needs = {"compensate": "amount", "escalate": "body", "suspend": "resume_when", "reverse": "resume_when"}
    key = needs.get(entry.effect, "targets")
    if getattr(entry, key) in (None, ()) and not checker.cut(*path, key):
        fix = "Add resume_when: and what ends it, never if nothing does." if key == "resume_when" else f"Add {key}:."
        checker.error(path, f"{entry.effect} without {key}", f"the key {key!r}", fix)
    if entry.effect in ACTING and not entry.targets and key != "targets" and not checker.cut(*path, "targets"):
        checker.error(path, f"{entry.effect} without targets", "the key 'targets'", "Add targets:.")


def _check_who(checker: Checker, path: Path, entry: ConsequenceBlock) -> None:
    """By itself or by a party's power, and who can stop it."""
    both = entry.automatic and entry.power_of is not None
    neither = not entry.automatic and entry.power_of is None
    if (both or neither) and not checker.cut(*path, "automatic") and not checker.cut(*path, "power_of"):
        found = "automatic and power_of" if both else "neither automatic nor power_of"
        fix = "Write automatic: true, or power_of: and the party that may invoke it."
        checker.error(path, found, "one of them", fix)
    if entry.power_of is not None:
        checker.party((*path, "power_of"), entry.power_of)
    if entry.objection is None:
        return
    for n, blocker in enumerate(entry.objection.blockers):
        checker.actor((*path, "objection", "blockers", n), blocker)
    if not entry.objection.blockers and not checker.cut(*path, "objection"):
        checker.error((*path, "objection", "blockers"), "nobody who can block", "a party or body")


def _check_reverse(checker: Checker, path: Path, entry: ConsequenceBlock) -> None:
    """The option and the level to which it returns, written or found in the target."""
    if (entry.option is None) != (entry.level is None):
        there, missing = ("level", "option") if entry.option is None else ("option", "level")
        checker.error(path, f"{there} without {missing}", "both, or neither", f"Add {missing}:.")
        return
    if entry.option is not None:
        if checker.option((*path, "option"), entry.option):
            checker.level((*path, "level"), entry.option, entry.level)
        return
    actions = [checker.file.commitments[t].action for t in entry.targets if t in checker.file.commitments]
    if len(entry.targets) > 1 and any(a.option is not None for a in actions):
        fix = "Write an entry for each, or option: and level:."
        checker.error(path, "several targets to reverse", "the option and the level to which it returns", fix)
    elif any(a.option is not None and a.from_ is None for a in actions):
        fix = "Write option: and level:, or from: in the action of the target."
        checker.error(path, "reverse without a level", "the level to which the option returns", fix)
