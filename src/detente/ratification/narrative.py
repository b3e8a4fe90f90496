"""The answer in sentences, for the terminal and the brief."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from fractions import Fraction

from detente.base.wording import counted, listed, words
from detente.ratification.counts import BodyCount, Obstacle
from detente.ratification.result import Ratification, percent
from detente.ratification.wording import bloc_name, body_name, deal_in_words, member_name

MOST_OBSTACLES = 4
RULE_WORDS = {"nash": "the rule of the largest product of gains (Nash)", "fallback": "fallback bargaining"}
SURE = 1 - 1e-12


def lines(found: Ratification) -> list[str]:
    """Verdict, votes, what stands in the way, how many deals pass, the window and what promises are worth."""
    case = found.assembly.case
    out = [f"{case.title}: {verdict(found)}", f"The deal: {deal(found)}."]
    out += [f"note: {w}" for w in found.provenance.warnings]
    if found.requirements:
        out += ["", *votes(found), *obstacles(found)]
    out += ["", *whole(found)]
    return [*out, *cost(found), *window(found), *promises(found)]


def verdict(found: Ratification) -> str:
    """Whether the deal passes."""
    if not found.requirements:
        return "nobody has to vote on this deal: it needs no ratification"
    how = (
        "more likely than not" if found.passes > 0.5 + 1e-9 else "even odds" if found.passed else "less likely than not"
    )
    return f"the deal would pass with a chance of {percent(found.passes)} ({how})"


def deal(found: Ratification) -> str:
    """The deal in words."""
    if found.levels is not None:
        return deal_in_words(found.assembly.case, found.levels, found.today)
    known = found.assembly.states.levels(found.deal)
    case = found.assembly.case
    return ", ".join(f"{case.option_name(o)}: {words(v) if v else 'any level'}" for o, v in known.items())


def votes(found: Ratification, spoken: Callable[[str], str] = "'{}'".format) -> Iterator[str]:
    """What each requirement needs, and how each body would vote; ``spoken`` puts a condition into words."""
    case = found.assembly.case
    for met in found.requirements:
        yield f"A deal with {spoken(met.when)} needs {met.words}: {percent(met.chance)}."
    for name, count in found.bodies.items():
        yield f"  {body_name(case, name)}: {body(found, name, count)}."
    if not found.requirements:
        return
    if len(found.bodies) > 1:
        yield "Different bodies are taken to vote independently of each other; a body named twice votes once."
    if abs(found.passes - found.independent) >= 0.005:
        text = f"Were every member to vote on its own, the chance would come out as {percent(found.independent)}"
        yield f"{text}: parties that vote as one, and moods that all share, are what makes the difference."
    if found.draws is not None:
        spread = f"between {percent(found.draws.low)} and {percent(found.draws.high)} in nine of ten"
        yield (
            f"With the uncertain numbers drawn {found.draws.draws:,} times it passes with at least even odds in"
            f" {percent(found.draws.share)} of draws; the chance is {spread}."
        )


def body(found: Ratification, name: str, count: BodyCount) -> str:
    """The vote of one body."""
    blockers = [
        f"{member_name(found.assembly.case, name, m)} {percent(c)}" for m, c in count.vetoes.items() if c < SURE
    ]
    veto = f"those who can block let it through with {listed(blockers)}" if blockers else ""
    if not count.votes:
        text = f"its votes are not told apart, and its quota of {count.quota:,} is taken as met"
        return f"{text}; {veto or 'nobody blocks it'}; passes with {percent(count.passes)}"
    missing = round(count.short)
    short = f", {counted(missing, 'vote')} short" if missing else ""
    text = f"{count.expected:.0f} yes votes expected of {count.votes:,}, {count.quota:,} needed{short}"
    text += f" (nine times in ten {count.low:,} to {count.high:,})"
    return f"{text}{'; ' + veto if veto else ''}; passes with {percent(count.passes)}"


def obstacles(found: Ratification) -> Iterator[str]:
    """Whose change of mind would carry the deal."""
    if not found.obstacles:
        return
    able = [o for o in found.obstacles if o.enough is not None]
    if not able:
        yield "No bloc and no member with a veto could carry it alone, all others voting as they are expected to."
        nearest = max(found.obstacles, key=lambda o: o.at_most)
        most = percent(nearest.at_most)
        yield f"Most would come from {who(found, nearest)}: wholly in favour, the chance would be {most}."
        return
    yield "What would carry it, all others voting as they are expected to:"
    for obstacle in able[:MOST_OBSTACLES]:
        enough = obstacle.enough or 0.0
        what = "a member's chance of yes" if obstacle.bloc is not None else "the chance of not blocking"
        yield f"  {who(found, obstacle)}: {what} of {percent(enough)} in place of {percent(obstacle.now)}."


def who(found: Ratification, obstacle: Obstacle) -> str:
    """A bloc or a member, and where it votes."""
    case = found.assembly.case
    if obstacle.bloc is not None:
        name = bloc_name(case, obstacle.body, obstacle.bloc)
    else:
        name = member_name(case, obstacle.body, obstacle.member or "")
    return f"{name} ({body_name(case, obstacle.body)})"


def whole(found: Ratification) -> Iterator[str]:
    """How many states pass, and which of the deals that rules pick."""
    size, total = found.win_set_size, len(found.assembly.states)
    yield f"Of all {total:,} states, {size:,} would pass with at least even odds or need no vote."


def cost(found: Ratification) -> Iterator[str]:
    """What ratification costs the negotiators."""
    told = found.cost
    if told is None:
        return
    if told.verdict == "none":
        yield "Ratification costs nothing that the parties could have: no deal is acceptable to all of them anyway."
        return
    kind = "better for all than no deal" if told.verdict == "zone" else "that nobody loses by and somebody gains by"
    yield f"Of {counted(told.size, 'deal')} {kind}, {told.passing:,} would pass with at least even odds."
    case = found.assembly.case
    if told.ratifiable == "none":
        yield "With ratification no deal is left that all could accept."
        return
    rule = RULE_WORDS.get(told.rule, told.rule)
    lost = {p: a - b for p, (a, b) in told.payoffs.items() if b is not None and a != b}
    if not lost:
        yield f"{rule[:1].upper()}{rule[1:]} picks as good a deal with ratification as without."
        return
    parts = [f"{case.party_name(p)} {'loses' if v > 0 else 'gains'} {number(abs(v))}" for p, v in lost.items()]
    yield (
        f"At the deal that {rule} picks, ratification changes what the parties get:"
        f" {listed(parts)} per {case.file.period}, each on its own scale."
    )


def window(found: Ratification) -> Iterator[str]:
    """Until when the deal passes, and what the date means."""
    case = found.assembly.case
    if not found.requirements or not found.passed:
        return
    closes = found.window.closes
    for date, parties, chance in found.window.steps:
        names = listed([case.party_name(p) for p in parties])
        text = f"Put to the vote after {day(date)}, when a term of government ends ({names})"
        text += f", it would pass with {percent(chance)}: the next government has to stand by it as well"
        yield f"{text}." if date != closes else f"{text}. This is where the window closes{ticks(found)}."


def ticks(found: Ratification) -> str:
    """The closing date in whole periods."""
    count, case = found.window.ticks, found.assembly.case
    if count is None or case.file.as_of is None:
        return ""
    return f", {counted(count, 'whole ' + case.file.period)} after {day(case.file.as_of)}"


def promises(found: Ratification) -> Iterator[str]:
    """What the promises of a deal are worth to the others after the term of those who make them."""
    case = found.assembly.case
    for promise in found.promises:
        name = case.party_name(promise.party)
        what = listed([f"{case.option_name(o)} at ‘{words(a)}’" for o, (a, _) in promise.levels.items()])
        text = f"After {day(promise.ends)} others can count on {percent(float(promise.kept))} of what {name}"
        losses = [(q, v) for q, v in promise.losses.items() if v > 0]
        parts = [f"{case.party_name(q)} {number(v)}" for q, v in losses]
        lost = f"; that takes from {listed(parts)} per {case.file.period}, each on its own scale" if parts else ""
        yield f"{text} promises and could take back ({what}){lost}."


def day(date: dt.date) -> str:
    """A date in words."""
    return f"{date.day} {date:%B %Y}"


def number(value: Fraction | float) -> str:
    """A payoff for readers."""
    return f"{float(value):.3g}".replace("-", "−")
