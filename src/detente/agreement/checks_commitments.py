"""Cross-checks of each commitment: who, what, when, checked by whom."""

from __future__ import annotations

from detente.agreement.blocks import Action, CommitmentBlock, VerificationBlock
from detente.agreement.checker import Checker
from detente.agreement.checks import chain_from
from detente.agreement.checks_consequences import check_consequences
from detente.agreement.formulas import At
from detente.agreement.recurring import MOST_OCCURRENCES, NEVER, rule_fault
from detente.agreement.time_text import period_text
from detente.base.errors import shown
from detente.case.checker import Path

MOST_TOGETHER = 20_000  # dates of all rules of an agreement


def check_commitments(checker: Checker) -> None:
    """Everything that one commitment says, and the circles of their baselines."""
    for name, commitment in checker.file.commitments.items():
        path: Path = ("commitments", name)
        _check_parties(checker, path, commitment)
        _check_action(checker, (*path, "action"), commitment)
        checker.formula((*path, "trigger"), commitment.trigger)
        _check_times(checker, path, commitment)
        for n, way in enumerate(commitment.verification):
            _check_verification(checker, (*path, "verification", n), way, name)
        _check_verdict(checker, path, commitment)
        _check_gaps(checker, path, commitment)
        check_consequences(checker, path, name, commitment)
        checker.source((*path, "source"), commitment.source)
    _check_rules(checker)
    _check_baselines(checker)


def _check_parties(checker: Checker, path: Path, commitment: CommitmentBlock) -> None:
    who = commitment.obligors.who
    for n, party in enumerate(who):
        where: Path = (*path, "obligors", "who", n)
        checker.party(where, party)
    checker.once((*path, "obligors", "who"), who, "each obligor once")
    checker.once((*path, "obligees"), commitment.obligees, "each obligee once")
    if not who and not checker.cut(*path, "obligors") and commitment.gaps.actor is None:
        if "obligors" in commitment.model_fields_set:
            checker.error((*path, "obligors"), "no obligor", "who owes it")
        else:
            fix = "Add obligors: and who owes it, or gaps: {actor: why it is open}."
            checker.error(path, "no obligors", "the key 'obligors'", fix)
    if commitment.obligors.mode == "each" and len(who) == 1:
        checker.warn((*path, "obligors"), "mode each with one obligor", "several obligors, each with its own part")
    for n, party in enumerate(commitment.obligees):
        where = (*path, "obligees", n)
        checker.party(where, party)
        if party in who and commitment.obligors.mode != "each":
            fix = "With mode: each every obligor owes its own part to the others."
            checker.error(where, f"{shown(party)} owing it to itself", "an obligee that is no obligor", fix)
    if commitment.obligors.mode == "each" and len(set(commitment.obligees)) == 1 and commitment.obligees[0] in who:
        found = f"{shown(commitment.obligees[0])} alone, owing its own part to nobody"
        checker.error((*path, "obligees"), found, "a second obligee")
    everybody = set(checker.file.parties) <= set(who)
    if not commitment.obligees and everybody and who and commitment.obligors.mode != "each":
        fix = "Write {who: [...], mode: each}, so that each owes its part to the others."
        checker.error((*path, "obligors"), "all parties, with nobody left to owe it to", "an obligee", fix)


def _check_action(checker: Checker, path: Path, commitment: CommitmentBlock) -> None:
    action = commitment.action
    if checker.cut(*path):
        return
    forms = {"option": action.option, "quantity": action.quantity, "text": action.text}
    found = [f for f, value in forms.items() if value is not None]
    if len(found) != 1:
        expected = "one of {option: ..., to: ...}, {quantity: ..., op: '>=', amount: ...} and {text: ...}"
        checker.error(path, " and ".join(found) or "nothing", expected)
        return
    belongs = {"option": ("to", "from_"), "quantity": ("op", "amount", "unit", "baseline"), "text": ()}
    for form, keys in belongs.items():
        for key in keys:
            if form != found[0] and getattr(action, key) is not None:
                told = key.rstrip("_")
                checker.error((*path, told), f"{told} beside {found[0]}", f"{told} only beside {form}", key=True)
    if found == ["option"]:
        _check_option(checker, path, action, commitment)
    elif found == ["quantity"]:
        _check_quantity(checker, path, action)


def _check_option(checker: Checker, path: Path, action: Action, commitment: CommitmentBlock) -> None:
    option = str(action.option)
    if action.to is None:
        checker.error(path, "option without to", "the level that it is brought to", "Add to: and a level.")
    if checker.option((*path, "option"), option):
        checker.level((*path, "to"), option, action.to)
        checker.level((*path, "from"), option, action.from_)
    if action.to is not None and action.to == action.from_:
        checker.error((*path, "from"), f"from {action.to} to {action.to}", "two levels that differ")
    known = (checker.options or {}).get(option)
    owner = known.party if known else None
    if owner in checker.file.parties and owner not in commitment.obligors.who:
        found = f"{shown(option)}, an option of {owner}"
        checker.warn((*path, "option"), found, "an option of an obligor", "Only its owner can bring it to a level.")


def _check_quantity(checker: Checker, path: Path, action: Action) -> None:
    for key in ("op", "amount"):
        if getattr(action, key) is None and not checker.cut(*path, key):
            checker.error(path, f"quantity without {key}", f"the key {key!r}", f"Add {key}: and a value.")
    name = str(action.quantity)
    written = checker.file.quantities.get(name)
    if checker.among((*path, "quantity"), name, ("quantities",), "quantity") and written is not None:
        if action.unit is not None and written.unit and action.unit != written.unit:
            found = f"the unit {shown(action.unit)} for {name}"
            checker.error((*path, "unit"), found, f"{shown(written.unit)}, as under quantities")
        if action.unit is None and not written.unit:
            checker.warn(path, f"an amount of {name} without a unit", "a unit", f"Add unit: to quantities.{name}.")
    if action.baseline is not None:
        checker.among((*path, "baseline"), action.baseline, ("commitments", "quantities"), "commitment or quantity")


def _check_times(checker: Checker, path: Path, commitment: CommitmentBlock) -> None:
    deadline, recurrent = commitment.deadline, commitment.modality == "recurrent"
    where: Path = (*path, "deadline")
    if deadline is not None:
        checker.deadline(where, deadline, ("on", "within", "every", "none"))
        if (deadline.every is not None) != recurrent and not checker.cut(*where) and not checker.cut(*path, "modality"):
            if recurrent:
                checker.error(where, "a recurrent commitment without every", "{every: a rule, from: a date}")
            else:
                fix = "Write modality: recurrent, or a single deadline."
                found = f"every for a commitment to {commitment.modality}"
                checker.error((*where, "every"), found, "a recurrent commitment", fix, key=True)
        anchored = deadline.of.formula if deadline.of else None
        if deadline.within is not None and isinstance(anchored, At):
            checker.reaches(where, anchored.moment, deadline.within)
        trigger = commitment.trigger.formula if commitment.trigger else None
        if deadline.within is not None and deadline.of is None and isinstance(trigger, At):
            fault = checker.unreachable(trigger.moment, deadline.within)
            if fault:
                checker.warn(where, *fault)
    elif recurrent and not checker.cut(*where):
        checker.error(path, "a recurrent commitment without deadline", "deadline: {every: a rule, from: a date}")
    if commitment.lapse is not None:
        checker.deadline((*path, "lapse"), commitment.lapse, ("on", "within"))


def _check_verification(checker: Checker, path: Path, way: VerificationBlock, name: str) -> None:
    checker.actor((*path, "by"), way.by)
    if way.access is not None:
        if way.access == name:
            checker.error(
                (*path, "access"), f"{shown(name)} as its own access", "the commitment that lets the verifier in"
            )
        else:
            checker.target((*path, "access"), way.access, whole=False)
    if way.lag is not None and not checker.cut(*path, "lag"):
        low, high = (_hours(p) for p in (way.lag.median, way.lag.q90))
        if high < low:
            found = f"a 0.9 quantile of {period_text(way.lag.q90)} below the median of {period_text(way.lag.median)}"
            checker.error((*path, "lag", "q90"), found, "a period of at least the median")
    if way.every is not None and not way.every:
        checker.error((*path, "every"), "an inspection every 0 days", "a period longer than nothing")


def _hours(period: object) -> float:
    years, months, days, hours = (getattr(period, k) for k in ("years", "months", "days", "hours"))
    return float(8766 * years + 730.5 * months + 24 * days + hours)


def _check_verdict(checker: Checker, path: Path, commitment: CommitmentBlock) -> None:
    """How many verifiers, and whether anything can ever be fulfilled."""
    ways, needed = len({v.by for v in commitment.verification}), commitment.verified_by
    if isinstance(needed, int) and not 1 <= needed <= max(ways, 1) and not checker.cut(*path, "verification"):
        checker.error((*path, "verified_by"), f"{needed} of {ways} verifiers", f"a number from 1 to {max(ways, 1)}")
    for n, way in enumerate(commitment.verification):
        if way.by in commitment.obligors.who and ways == 1:
            found = f"{shown(way.by)} checking what it owes itself"
            checker.warn((*path, "verification", n, "by"), found, "somebody else's check")
    done_by_claim = commitment.modality in ("achieve", "recurrent")
    open_yet = commitment.gaps.verifier is not None
    if done_by_claim and not ways and not commitment.claim_ok and not open_yet and not checker.cut(*path):
        fix = "Name who checks it under verification, or write claim_ok: true."
        checker.warn(path, "nobody who can say that it is fulfilled", "verification, or claim_ok", fix)


def _check_gaps(checker: Checker, path: Path, commitment: CommitmentBlock) -> None:
    """Nothing is said that is told to be open."""
    dated = commitment.deadline is not None and commitment.deadline.none is None
    if commitment.gaps.actor is not None and commitment.obligors.who:
        told = shown(", ".join(commitment.obligors.who))
        checker.error((*path, "gaps", "actor"), f"a gap of the actor beside {told}", "one of them", key=True)
    for slot, key, said in (("date", "deadline", dated), ("verifier", "verification", bool(commitment.verification))):
        if getattr(commitment.gaps, slot) is not None and said:
            checker.warn((*path, "gaps", slot), f"a gap of the {slot} beside {key}", "one of them")


def _check_rules(checker: Checker) -> None:
    """Rules of recurrence that are malformed, never come or come too often; few of them may be slow to judge."""
    total = slow = 0
    for name, commitment in checker.file.commitments.items():
        deadline = commitment.deadline
        if deadline is None or deadline.every is None or slow > 3 or total > MOST_TOGETHER:
            continue
        path: Path = ("commitments", name, "deadline", "every")
        judged = rule_fault(deadline.every, deadline.from_)
        if isinstance(judged, int):
            total += judged
            if total > MOST_TOGETHER:
                checker.error(path, f"more than {MOST_TOGETHER:,} dates of all rules", f"at most {MOST_TOGETHER:,}")
            day = deadline.from_.day if deadline.from_ else 1
            if day > 28 and "MONTHLY" in deadline.every and "BY" not in deadline.every:
                fix = "BYMONTHDAY=-1 is the last day of every month."
                checker.warn(
                    path, f"day {day} of each month", "a day that every month has; others are passed over", fix
                )
            continue
        slow += judged == NEVER or f"{MOST_OCCURRENCES:,}" in judged[1]
        checker.error(path, *judged)


def _check_baselines(checker: Checker) -> None:
    """A value that is measured from itself in the end."""
    base = {
        name: c.action.baseline
        for name, c in checker.file.commitments.items()
        if c.action.baseline in checker.file.commitments
    }
    told: set[str] = set()
    for name in base:
        chain = list(chain_from(name, base))
        if chain[-1] == name and len(chain) > 1 and name not in told:
            told.update(chain)
            path: Path = ("commitments", name, "action", "baseline")
            checker.error(path, " -> ".join(shown(c)[1:-1] for c in chain), "a baseline that does not come back to it")
