"""Does a witness prove its verdict? Every claim that it makes is checked against the definitions."""

from collections.abc import Sequence
from typing import Protocol

from tests.literal.definitions import Model


class Step(Protocol):
    """One move of a sanction."""

    @property
    def party(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def target(self) -> str: ...


class Answer(Protocol):
    """What the opponents do about one improvement; no sanction = nothing."""

    @property
    def improvement(self) -> str: ...
    @property
    def sanction(self) -> Sequence[Step] | None: ...
    @property
    def best_replies(self) -> bool | None: ...


class Verdict(Protocol):
    """A verdict with what proves it."""

    @property
    def party(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def concept(self) -> str: ...
    @property
    def stable(self) -> bool: ...
    @property
    def answers(self) -> Sequence[Answer]: ...


def complaints(model: Model, verdict: Verdict) -> list[str]:
    """List what is wrong with a witness; an empty list = it proves the verdict."""
    improvements = model.improvements(verdict.party, verdict.state)
    answered = [answer.improvement for answer in verdict.answers]
    found = [] if set(answered) <= improvements else [f"{sorted(set(answered) - improvements)} are no improvements"]
    if found:
        return found
    if not verdict.stable:
        return _unpunished(model, verdict)
    if sorted(answered) != sorted(improvements):
        found.append(f"answers to {sorted(answered)}, improvements are {sorted(improvements)}")
    for answer in verdict.answers:
        found += [f"{answer.improvement}: {line}" for line in _not_a_sanction(model, verdict, answer)]
    return found


def _unpunished(model: Model, verdict: Verdict) -> list[str]:
    """An unstable state is proved by the one improvement that nobody punishes."""
    if len(verdict.answers) != 1:
        return [f"{len(verdict.answers)} answers for an unstable state"]
    answer = verdict.answers[0]
    if answer.sanction is not None:
        return ["unstable, yet a sanction is given"]
    if model.sanctioned(verdict.concept, verdict.party, verdict.state, answer.improvement):
        return [f"{answer.improvement} is punished"]
    return []


def _not_a_sanction(model: Model, verdict: Verdict, answer: Answer) -> list[str]:
    """Say why a sanction is none: not a legal sequence of the opponents from the improvement, or no punishment."""
    credible = verdict.concept in {"seq", "sseq"}
    if not answer.sanction:
        return ["no sanction"]
    found = []
    place, last_mover = answer.improvement, verdict.party
    for step in answer.sanction:
        if step.source != place:
            found.append(f"a step starts at {step.source} instead of {place}")
        if step.party in {last_mover, verdict.party}:
            found.append(f"{step.party} cannot be the next to move")
        if step.target not in model.steps(step.party, step.source, improving=credible):
            found.append(f"{step.party} does not move from {step.source} to {step.target}")
        place, last_mover = step.target, step.party
    if not model.punishes(verdict.concept, verdict.party, verdict.state, place):
        found.append(f"{place} is no punishment")
    return found + _wrong_about_best_replies(model, verdict, answer, answer.sanction)


def _wrong_about_best_replies(model: Model, verdict: Verdict, answer: Answer, sanction: Sequence[Step]) -> list[str]:
    if verdict.concept not in {"seq", "sseq"}:
        return [] if answer.best_replies is None else [f"best_replies is {answer.best_replies} for {verdict.concept}"]
    only_best = all(step.target in best_replies(model, step.party, step.source) for step in sanction)
    if answer.best_replies is None or answer.best_replies != only_best:
        return [f"best_replies is {answer.best_replies}, of this sanction it is {only_best}"]
    if not only_best and punished_by_best_replies(model, verdict, answer.improvement):
        return ["best_replies is False, yet there is a sanction of best replies alone"]
    return []


def best_replies(model: Model, party: str, state: str) -> set[str]:
    """The most preferred of the states that a party can move to, if they improve on where it is."""
    ranks = model.ranks[party]
    best = max((ranks[target] for target in model.moves(party, state)), default=-1)
    return {target for target in model.improvements(party, state) if ranks[target] == best}


def punished_by_best_replies(model: Model, verdict: Verdict, improvement: str) -> bool:
    """Search all legal sequences of the opponents in which every step is a best reply."""
    seen: set[tuple[str, str]] = set()
    waiting = [(improvement, verdict.party)]
    while waiting:
        place, last_mover = waiting.pop()
        for mover in model.opponents(verdict.party):
            for target in best_replies(model, mover, place) if mover != last_mover else ():
                if model.punishes(verdict.concept, verdict.party, verdict.state, target):
                    return True
                if (target, mover) not in seen:
                    seen.add((target, mover))
                    waiting.append((target, mover))
    return False
