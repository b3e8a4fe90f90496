"""What each side believes of the other, and what follows."""

from __future__ import annotations

from detente.base.table import Table
from detente.base.wording import listed, sentence, words
from detente.brief.document import Block, Section
from detente.brief.reading import Reading
from detente.case.model import Case
from detente.graph.model import GraphModel
from detente.inquiry.misperception import Correction, Misperception, differences, what
from detente.stability.concepts import CONCEPTS
from detente.stability.hypergame import Hypergame
from detente.stability.picture import Picture
from detente.stability.witness import Step, Verdict, witness

JUDGED = (("nash", "nobody gains by a step of its own"), ("seq", "the others' answers count"))
MOST_TOLD = 3


def section(reading: Reading) -> Section | None:
    """Each party's picture, what holds as believed and by the case, which belief to correct; None without pictures."""
    found = _asked(reading)
    if found is None:
        return None
    game, case = found.game, reading.case
    believed = [_believes(reading, found, game.pictures[p]) for p in found.views]
    blocks = [Block(text=_introduction(reading)), Block(items=tuple(believed)), Block(table=_counts(game))]
    blocks += [Block(text=t) for t in (_only_others(game), _several(reading, found)) if t]
    concept = next((c for c, _ in reversed(JUDGED) if game.held(c) is not None and game.equilibrium(c) is not None), "")
    told: list[str] = []
    if concept:
        rows, told = _outcomes(reading, game, concept)
        if rows:
            heads = ("", "as believed", "by the case", "so it")
            note = "" if concept == "nash" else "Judged with the others' answers counted."
            blocks.append(Block(table=Table(heads, tuple(rows), note=note)))
        blocks.append(Block(items=tuple(told)))
    if found.corrections:
        blocks.append(Block(text=_first(case, found)))
    if len(found.corrections) > 1:
        blocks.append(Block(table=_corrections(found)))
    title = "What each side believes of the other, and what follows"
    return Section(title, tuple(blocks), _summary(case, found))


def _summary(case: Case, found: Misperception) -> tuple[str, ...]:
    """The picture with the belief that decides most."""
    if not found.first:
        return ()
    party = found.first[0].party
    told = listed(differences(found.game.pictures[party]))
    return (f"{case.party_name(party)} {told}; of all such beliefs, correcting this one would change most.",)


def _asked(reading: Reading) -> Misperception | None:
    """The answer, with the first picture of each party; None where there is none, or where beliefs are left out."""
    written = reading.case.written.file.views
    first: dict[str, str] = {}
    for name, view in written.items():
        if view.of is not None:
            first.setdefault(view.of, name)
    narrated = reading.case.view_name
    if not first or reading.shared or (narrated is not None and written[narrated].of is not None):
        return None
    found: Misperception = reading.session.ask("misperception", views=first, **reading.how)
    return found


def _introduction(reading: Reading) -> str:
    whose = "written" if reading.case.view_name is None else f"{reading.name.removeprefix('as ')}"
    return (
        "A party stays or leaves by what it believes, not by what is so. Here each party judges by its own picture, "
        f"and what then seems to hold is set against the case as {whose}, which is itself a reading. What a party "
        "believes is inferred from what it says and does; it is a judgement, not a finding."
    )


def _believes(reading: Reading, found: Misperception, picture: Picture) -> str:
    case = reading.case
    view = case.written.file.views[found.views[picture.party]]
    name = case.party_name(picture.party)
    told = differences(picture)
    facts = (
        f"{name} {listed(told)}." if told else f"{name}'s picture differs from the case in nothing that counts here."
    )
    why = sentence(view.note) if view.note else ""
    liked = _liked(reading, picture)
    return " ".join(t for t in (f"{sentence(view.label).rstrip('.')}:" if view.label else "", facts, liked, why) if t)


def _liked(reading: Reading, picture: Picture) -> str:
    """Which of today and the outcomes shown another party would prefer, as believed and by the case."""
    case, start = reading.case, reading.status_quo.start
    out = []
    for party in picture.orders:
        true, seen = reading.graph.ranks[party], picture.graph.ranks[party]
        if start is None or picture.image[start] < 0 or true is None or seen is None:
            continue
        more: list[str] = []
        less: list[str] = []
        for number, outcome in enumerate(reading.outcomes.selected):
            own = int(picture.image[outcome.state])
            if own < 0:
                continue
            believed, real = seen[own] > seen[picture.image[start]], true[outcome.state] > true[start]
            if believed != real:
                (more if believed else less).append(str(number + 1))
        whose = "itself" if party == picture.party else case.party_name(party)
        if more:
            out.append(
                f"It believes that {whose} would rather have {_numbers(more)} than today; by the case it would not."
            )
        if less:
            out.append(
                f"It does not believe that {whose} would rather have {_numbers(less)} than today; by the case it would."
            )
    return " ".join(out)


def _numbers(numbers: list[str]) -> str:
    return f"outcome{'s' if len(numbers) > 1 else ''} {listed(numbers, 'or')}"


def _counts(game: Hypergame) -> Table:
    rows = []
    for concept, meaning in JUDGED:
        sets = (game.held, game.equilibrium, game.steady, game.surprise, game.missed)
        sizes = ["not known" if (s := of(concept)) is None else f"{int(s.sum()):,}" for of in sets]
        rows.append((meaning, *sizes))
    heads = (
        "outcomes that hold if", "as believed", "by the case", "both (steady)", "only as believed (surprise)",
        "only by the case (missed)",
    )  # fmt: skip
    return Table(heads, tuple(rows), note=f"Of {len(game.graph):,} states.")


def _only_others(game: Hypergame) -> str:
    """Why the first row cannot change where the mistakes are about others' wishes alone."""
    pictures = [game.pictures[p] for p in game.mistaken]
    if any(len(p.imagined) or not p.seen.all() or p.options or p.party in p.orders for p in pictures):
        return ""
    if not any(p.orders for p in pictures):
        return ""
    return (
        "The pictures are of what others want. Who looks only at its own next step needs no such picture, so the first "
        "row cannot differ; beliefs count as soon as a party asks how the others would answer."
    )


def _several(reading: Reading, found: Misperception) -> str:
    views = reading.case.written.file.views
    more = [
        f"‘{v.label or words(n)}’ of {reading.case.party_name(p)}"
        for p in found.views for n, v in views.items() if v.of == p and n != found.views[p]
    ]  # fmt: skip
    return f"The case has further pictures, which are not used here: {listed(more)}." if more else ""


def _outcomes(reading: Reading, game: Hypergame, concept: str) -> tuple[list[tuple[str, ...]], list[str]]:
    """A row for today and for each outcome shown, and sentences on those that beliefs decide."""
    start = reading.status_quo.start
    shown = [] if start is None else [("Today", start)]
    shown += [(reading.named(n), o.state) for n, o in enumerate(reading.outcomes.selected)]
    rows: list[tuple[str, ...]] = []
    told: list[str] = []
    for name, state in shown:
        held, true = _holds(game, concept, state)
        rows.append((name, "holds" if held else "does not hold", "holds" if true else "does not hold", _so(held, true)))
        short = name.split(" (", maxsplit=1)[0]
        if held != true:
            told.append(_why(reading, game, (concept, state, short), held=held))
    if told or not rows:
        return rows, told[:MOST_TOLD]
    return [], _elsewhere(reading, game, concept)


def _holds(game: Hypergame, concept: str, state: int) -> tuple[bool, bool]:
    held, true = game.held(concept), game.equilibrium(concept)
    return bool(held is not None and held[state]), bool(true is not None and true[state])


def _so(held: bool, true: bool) -> str:  # noqa: FBT001 - two verdicts
    if held and true:
        return "holds either way"
    if held:
        return "holds only while the beliefs last"
    return "is lost to a belief" if true else "holds neither way"


def _elsewhere(reading: Reading, game: Hypergame, concept: str) -> list[str]:
    """What beliefs decide where they change no verdict on what is shown: the outcomes nearest to today."""
    out = []
    for states, held in ((game.surprise(concept), True), (game.missed(concept), False)):
        state = game.example(states)
        if state is not None:
            name = f"The state with {reading.difference(state)}"
            out.append(_why(reading, game, (concept, state, name), held=held))
    same = "Today and the outcomes shown hold, or do not hold, just as they do by the case."
    return [f"{same} Elsewhere the beliefs count; the nearest examples follow.", *out] if out else [same]


def _why(reading: Reading, game: Hypergame, what_holds: tuple[str, int, str], *, held: bool) -> str:
    concept, state, name = what_holds
    if held:
        verdict = game.leavers(concept, state)[0]
        party = reading.case.party_name(verdict.party)
        move = reading.move(_step(verdict))
        text = (
            f"{name} seems safe and is not: if {party} saw what the case has, it would leave. {move}, which it prefers"
        )
        return f"{text}. {_feared(reading, game, concept, verdict)}"
    doubt = game.doubts(concept, state)[0]
    party = reading.case.party_name(doubt.party)
    if doubt.verdict is None:
        return f"{name} could hold, but {party} does not believe it possible."
    move = reading.move(_step(doubt.verdict), game.judging[doubt.party])
    text = f"{name} could hold, but {party} believes that it gains by leaving. {move}, and expects to get away with it"
    return f"{text}. {_overlooked(reading, game, (concept, state), doubt.verdict)}"


def _step(verdict: Verdict) -> Step:
    return Step(verdict.party, verdict.state, verdict.answers[0].improvement)


def _feared(reading: Reading, game: Hypergame, concept: str, true: Verdict) -> str:
    """The answer that keeps a party from a move, and that nobody would give."""
    picture, graph = game.pictures[true.party], game.judging[true.party]
    state, target = (int(picture.image[game.graph.states.find(s)]) for s in (true.state, true.answers[0].improvement))
    found = witness(graph, true.party, CONCEPTS[concept], state) if min(state, target) >= 0 else None
    replies = _replies(reading, found, graph.states.id(target), graph)
    if not replies:
        return "As it sees things, that move does not tempt it."
    return f"It believes that then {replies}, which would leave it no better off; by the case nobody would punish it."


def _overlooked(reading: Reading, game: Hypergame, where: tuple[str, int], believed: Verdict) -> str:
    """The answer that a party does not expect, and that the case has."""
    concept, state = where
    picture, graph = game.pictures[believed.party], game.judging[believed.party]
    own = graph.states.find(believed.answers[0].improvement)
    targets = [t for t in game.graph.reachable(believed.party, state) if picture.image[t] == own]
    found = witness(game.graph, believed.party, CONCEPTS[concept], state)
    replies = _replies(reading, found, game.graph.states.id(int(targets[0])), game.graph) if targets else ""
    if not replies:
        return "By the case that is no way to gain."
    return f"But then {replies}, which would leave it no better off."


def _replies(reading: Reading, verdict: Verdict | None, improvement: str, graph: GraphModel) -> str:
    answers = verdict.answers if verdict is not None else ()
    steps = next((a.sanction for a in answers if a.improvement == improvement), None)
    return ", then ".join(reading.move(s, graph) for s in steps or ())


def _first(case: Case, found: Misperception) -> str:
    first = found.first
    if not first:
        alone = "this belief" if len(found.corrections) == 1 else "any one belief alone"
        return f"Correcting {alone} would change nothing in what holds."
    which = listed(list(dict.fromkeys(what(case, c) for c in first)), "or")
    tie = "no other decides about as many outcomes" if len(first) == 1 else "each of them alone counts as much"
    return f"The belief to correct first is {which}: {tie}."


def _corrections(found: Misperception) -> Table:
    ordered = sorted(found.corrections, key=lambda c: -(c.total or 0))
    rows = [(what(found.game.graph.case, c), _says(found, c), _size(c, "seq"), _total(c)) for c in ordered]
    heads = ("belief that differs from the case", "what stands behind it",
             "outcomes it decides, others' answers counted", "summed over all solution concepts")  # fmt: skip
    return Table(
        heads,
        tuple(rows),
        note="Counted: outcomes that would become or cease to hold if this belief alone were corrected.",
    )


def _size(correction: Correction, concept: str) -> str:
    number = correction.changes.get(concept)
    return "not known" if number is None else f"{number:,}"


def _total(correction: Correction) -> str:
    if correction.error:
        return "cannot be corrected alone"
    return "not known" if correction.total is None else f"{correction.total:,}"


def _says(found: Misperception, correction: Correction) -> str:
    """The note behind a belief."""
    file = found.game.judging[correction.party].case.file
    block, _, key = correction.path.partition(".")
    if block == "numbers" and key in file.numbers:
        evidence = file.numbers[key].evidence
        return evidence.note if evidence else ""
    if block == "preferences" and key in file.preferences:
        return file.preferences[key].note
    return ""
