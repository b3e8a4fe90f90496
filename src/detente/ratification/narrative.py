"""The answer in sentences, for the terminal and the brief."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction

from detente.base.wording import counted, listed, words
from detente.case.spoken import spoken
from detente.ratification.counts import BodyCount, Obstacle
from detente.ratification.result import Ratification, deal_in_words, percent, votes_in_words
from detente.ratification.wording import bloc_name, body_name, member_name

MOST_OBSTACLES = 4
RULE_WORDS = {"nash": "the rule of the largest product of gains (Nash)", "fallback": "fallback bargaining"}
SURE = 1 - 1e-12
CARRY = "What would carry it"
INDEPENDENT = "Different bodies are taken to vote independently of each other; a body named twice votes once."
TOGETHER = ": parties that vote as one, and moods that all share, are what makes the difference"


def lines(found: Ratification) -> list[str]:
    """Verdict, votes, what stands in the way, how many deals pass, the window and what promises are worth."""
    case = found.assembly.case
    out = [f"{case.title}: {verdict(found)}", f"The deal: {deal_in_words(found)}."]
    out += [f"note: {w}" for w in found.provenance.warnings]
    if found.requirements:
        out += ["", *votes(found), *obstacles(found)]
    out += ["", *whole(found)]
    return [*out, *cost(found), *window(found), *promises(found)]


def verdict(found: Ratification) -> str:
    """Whether the deal passes."""
    if not found.requirements:
        today = found.levels is not None and found.levels == found.today
        return f"{'this is the state of today' if today else 'nobody has to vote on this deal'}: it needs no vote"
    how = (
        "more likely than not" if found.passes > 0.5 + 1e-9 else "even odds" if found.passed else "less likely than not"
    )
    return f"the deal would pass with a chance of {percent(found.passes)} ({how})"


def votes(found: Ratification, said: set[str] | None = None) -> Iterator[str]:
    """What each requirement needs, and how each body would vote; remarks already ``said`` are not said again."""
    case, said = found.assembly.case, set() if said is None else said
    for met in found.requirements:
        yield f"A deal with {spoken(case, met.when)} needs {met.words}: {percent(met.chance)}."
    for name, count in found.bodies.items():
        yield f"  {body_name(case, name)}: {body(found, name, count, said)}."
    if not found.requirements:
        return
    if len(found.bodies) > 1 and INDEPENDENT not in said:
        said.add(INDEPENDENT)
        yield INDEPENDENT
    if found.independent is not None and abs(found.passes - found.independent) >= 0.005:
        text = f"Were every member to vote on its own, the chance would come out as {percent(found.independent)}"
        yield f"{text}{once(said, TOGETHER)}."
    if found.draws is not None:
        spread = f"between {percent(found.draws.low)} and {percent(found.draws.high)} in nine of ten"
        yield (
            f"With the uncertain numbers drawn {found.draws.draws:,} times it passes with at least even odds in"
            f" {percent(found.draws.share)} of draws; the chance is {spread}."
        )


def once(said: set[str], remark: str) -> str:
    """A remark the first time, later nothing."""
    if remark in said:
        return ""
    said.add(remark)
    return remark


def body(found: Ratification, name: str, count: BodyCount, said: set[str] | None = None) -> str:
    """The vote of one body."""
    held = blockers(found, name, count)
    if not count.votes:
        told = f"its votes are not told apart, and its quota of {count.quota:,} is taken as met"
        parts = [once(set() if said is None else said, told), held or "nobody can block it"]
    else:
        missing = votes_in_words(count, count.short)
        short = (
            ""
            if missing == "0"
            else f", {counted(int(missing), 'vote') if missing.isdigit() else missing + ' votes'} short"
        )
        text = f"{votes_in_words(count, count.expected)} yes votes expected of {count.votes:,}, {count.quota:,} needed"
        parts = [f"{text}{short} (nine times in ten {count.low:,} to {count.high:,})", held]
    return "; ".join([*(p for p in parts if p), f"passes with a chance of {percent(count.passes)}"])


def blockers(found: Ratification, name: str, count: BodyCount) -> str:
    """Who can block, and why it does or does not."""
    case, seats = found.assembly.case, found.assembly.bodies[name].vetoes
    kinds: dict[str, list[str]] = {"blocks": [], "content": [], "never": [], "chance": []}
    for member, chance in count.vetoes.items():
        who, decides = member_name(case, name, member), seats[member].party is not None
        if chance < SURE and not (decides and chance <= 0):
            kinds["chance"].append(f"{who}{'' if kinds['chance'] else ' with a chance of'} {percent(chance)}")
        else:
            kinds["blocks" if decides and chance <= 0 else "content" if decides else "never"].append(who)
    parts = []
    for kind, more in (("blocks", ""), ("content", "no ")):
        if names := kinds[kind]:
            one = len(names) == 1
            does = (
                f"block{'s' if one else ''} it"
                if kind == "blocks"
                else f"could block and {'does' if one else 'do'} not"
            )
            gets = f"{'it gets' if one else 'each gets'} {more}less by the deal than without one"
            parts.append(f"{listed(names)} {does}, as {gets}")
    if names := kinds["never"]:
        parts.append(f"{listed(names)} could block and {'is' if len(names) == 1 else 'are'} sure not to")
    if kinds["chance"]:
        parts.append(f"let through by {listed(kinds['chance'])}")
    return "; ".join(parts)


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
    yield f"{CARRY}, all others voting as they are expected to:"
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
    """How many states need no vote, and how many others pass."""
    total, free = len(found.assembly.states), ~found.assembly.matches.any(axis=0)
    passing = int((found.assembly.win_set & ~free).sum())
    need = int(free.sum())
    text = f"{some(need)} {'needs' if need == 1 else 'need'} no vote"
    yield f"Of all {total:,} states, {text} and {some(passing)} would pass one with at least even odds."


def some(number: int) -> str:
    """A number of things out of others."""
    return f"{number:,}" if number else "none"


def cost(found: Ratification) -> Iterator[str]:
    """What ratification costs the negotiators."""
    told = found.cost
    if told is None:
        return
    if told.verdict == "none":
        yield "Ratification costs nothing that the parties could have: no deal is acceptable to all of them anyway."
        return
    kind = "better for all than no deal" if told.verdict == "zone" else "that nobody loses by and somebody gains by"
    passing = f"{some(told.passing)} would pass with at least even odds or need no vote"
    yield f"Of {told.size:,} {'deal' if told.size == 1 else 'deals'} {kind}, {passing}."
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
    for n, (date, parties, chance) in enumerate(found.window.steps):
        names = listed([case.party_name(p) for p in parties])
        text = f"Put to the vote after {day(date)}, when a term of government ends ({names})"
        text += f", it would pass with a chance of {percent(chance)}: the next government has to stand by it as well"
        if date != closes:
            yield f"{text}."
            continue
        share = "" if found.draws is None else f" (in {percent(found.draws.after[n])} of draws)"
        yield (
            f"{text}. On these numbers the chance falls below one half from then on{share}{ticks(found)};"
            " other ways to pass it are not assumed."
        )


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
