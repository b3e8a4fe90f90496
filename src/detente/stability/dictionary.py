"""The words of the graph model's literature and detente's words for the same things, with definitions and sources.

Numbers of definitions are given only where they could be checked; else the chapter, or the work alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from detente.base.table import Table
from detente.stability.concepts import CONCEPTS

FHK, XHKF = "Fang, Hipel, Kilgour 1993", "Xu, Hipel, Kilgour, Fang 2018"
MOVES = f"{FHK}; Water 15(18):3269, 2023"
UNKNOWN = f"Li, Hipel, Kilgour, Fang 2004; {XHKF}, ch. 5"
COALITION = f"Inohara, Hipel 2008; {XHKF}, ch. 8"
NOWHERE = "not in detente"


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the literature.

    Attributes:
        theirs: the word, with its abbreviation.
        ours: what detente calls it, with the id where it has one.
        meaning: what it is.
        source: where it is defined.
    """

    theirs: str
    ours: str
    meaning: str
    source: str


def _concept(theirs: str, concept: str) -> Word:
    found = CONCEPTS[concept]
    meaning = found.meaning if found.meaning.startswith("as ") else f"stable for a party if {found.meaning}"
    return Word(theirs, f"{found.name}, `{concept}`", meaning, found.source)


PARTS: dict[str, tuple[Word, ...]] = {
    "The model": (
        Word("decision maker (DM), player", "party",
            "somebody who owns options and has preferences",
            FHK),
        Word("option", "option, with ordered levels",
            "a course of action of one DM, taken or not; two levels `no` and `yes` are an option of the literature,"
            " several levels stand for options that exclude each other",
            FHK),
        Word("strategy", "the levels of a party's options",
            "a choice for every option of one DM",
            FHK),
        Word("state, outcome, scenario", "state, `s1`, `s2`, ...",
            "a choice for every option of every DM",
            FHK),
        Word("feasible state", "state",
            "one that no infeasible pattern rules out; numbers count these alone, first option fastest, as GMCR+ does",
            "GMCR+ manual"),
        Word("infeasible pattern", "`infeasible`",
            "levels that cannot occur together",
            "GMCR II: Fang, Hipel, Kilgour, Peng 2003"),
        Word("coalescing, indistinguishable states", "`coalesce`",
            "states that count as one; written - where they differ",
            "GMCR II: Fang, Hipel, Kilgour, Peng 2003"),
        Word("status quo (SQ)", "status quo, today's state",
            "where the conflict stands",
            FHK),
        Word("unilateral move (UM)", "move",
            "a change of state by one DM alone",
            f"{MOVES}, def. 1"),
        Word("unilateral improvement (UI)", "improvement",
            "a move to a state that its mover prefers",
            f"{MOVES}, def. 2"),
        Word("unilateral disimprovement", "a move its mover does not prefer",
            "a move to a state that its mover likes less, or equally well",
            FHK),
        Word("reachable list R_i(s)", "moves from a state",
            "all states that a DM can move to from s",
            f"{MOVES}, def. 1"),
        Word("reachable list of a coalition R_H(s)", "what a group can reach",
            "states at the end of legal sequences: moves of members, none twice in a row",
            f"{MOVES}, def. 3; for improvements def. 4"),
        Word("irreversible move", "`moves: up`, `irreversible`",
            "a move that its mover cannot take back",
            FHK),
    ),
    "Preferences": (
        Word("preference ranking, ordinal payoff", "`ranking`, rank",
            "states in order, ties allowed; ranks count from 0, the worst",
            FHK),
        Word("option prioritising, preference statement", "`priorities`",
            "statements about options, the most important first, decide between states",
            "Hipel, Kilgour, Fang, Peng 1997; Fang, Hipel, Kilgour, Peng 2003"),
        Word("option weighting", "`utility` with a number per option",
            "the weights of the options taken are added up",
            "GMCR II: Fang, Hipel, Kilgour, Peng 2003"),
        Word("direct ranking, fine tuning", "`adjust`",
            "corrections by hand after the statements",
            "GMCR+ manual"),
        Word("unknown preference (U)", "`partial`, `unknown`",
            "a comparison that is not known",
            UNKNOWN),
        Word("strength of preference (>>)", "`strength`",
            "greatly preferred, as against preferred",
            f"Hamouda, Kilgour, Hipel 2004, 2006; {XHKF}, ch. 6"),
    ),
    "Stability of a state for one DM": (
        _concept("Nash stability (R), rationality", "nash"),
        _concept("general metarationality (GMR)", "gmr"),
        _concept("symmetric metarationality (SMR)", "smr"),
        _concept("sequential stability (SEQ)", "seq"),
        _concept("symmetric sequential stability (SSEQ)", "sseq"),
        Word("strongly sequential stability, also SSEQ", "the strong form of `seq`",
            "as SEQ where the answer leaves the DM greatly worse off; another thing under the same abbreviation, "
            "which here always means symmetric",
            "Hamouda, Kilgour, Hipel 2004"),
        Word("sanction", "answer that punishes",
            "a countermove after which the DM is no better off than at the start; being indifferent is enough",
            FHK),
        Word("limited-move stability (L_h)", "foresight, horizon h",
            "nobody gains by leaving if all look h moves ahead; for more than two DMs there is no agreed "
            "definition, and the one used is named",
            f"Kilgour 1985; {FHK}"),
        Word("non-myopic stability (NM)", "non-myopic",
            "limited-move stability for every horizon from some on",
            f"Kilgour 1984; {FHK}"),
        Word("Stackelberg equilibrium", "Stackelberg",
            "two DMs: L_2 for the leader, Nash for the follower",
            f"Fang, Hipel, Kilgour 1989; {FHK}"),
        Word("equilibrium, resolution", "equilibrium: a state that holds",
            "stable for every DM under one concept",
            FHK),
        Word("mixed equilibrium", "`mixed`, `--concept PARTY=CONCEPT`",
            "each DM judges by a concept of its own",
            FHK),
    ),
    "Coalitions": (
        Word("coalition improvement", "what all members prefer",
            "a state that a coalition can reach and every member strictly prefers",
            f"Kilgour, Hipel, Fang, Peng 2001; {COALITION}"),
        Word("coalition stability: CNash, CGMR, CSMR, CSEQ", "`cnash`, `cgmr`, `csmr`, `cseq`",
            "as for one DM, with coalition improvements; one member who is no better off is sanction enough",
            COALITION),
        Word("universally coalitionally stable", "stable for every group",
            "stable for every coalition",
            COALITION),
        Word("equilibrium jump", "jump",
            "a coalition goes from one equilibrium to another that all its members prefer and none can reach alone",
            "Kilgour, Hipel, Fang, Peng 2001"),
    ),
    "Beyond the basic analysis": (
        Word("status quo analysis, evolution", "what leads away from today",
            "shortest legal sequences from the status quo, by UIs or by UMs",
            f"Li, Kilgour, Hipel 2005; {XHKF}, ch. 9"),
        Word("unknown preference, type a", "attitude `a`, hopes",
            "leaves for what may be better; deterred only by what surely is not better",
            UNKNOWN),
        Word("unknown preference, type b", "attitude `b`, ignores",
            "leaves only for what surely is better; deterred only by what surely is not better",
            UNKNOWN),
        Word("unknown preference, type c", "attitude `c`, hopes and fears",
            "leaves for what may be better; deterred by what may not be better",
            UNKNOWN),
        Word("unknown preference, type d", "attitude `d`, careful",
            "leaves only for what surely is better; deterred by what may not be better",
            UNKNOWN),
        Word("strong and weak stability", "strong, weak",
            "sanctions that leave the DM greatly worse off; stable without that",
            f"Hamouda, Kilgour, Hipel 2004; {XHKF}, ch. 6"),
        Word("hypergame, misperception", "misperception, views `of` a party",
            "each DM judges in its own picture of the conflict",
            "Wang, Hipel, Fraser 1988; Aljefri, Bashar, Fang, Hipel 2018"),
        Word("steady hyper-equilibrium", "steady",
            "a state that holds as the DMs see things and by the case as well",
            "Aljefri, Bashar, Fang, Hipel 2018"),
        Word("unsteady hyper-equilibrium, surprise", "surprise",
            "a state that holds only as the DMs see things: whoever comes to see what is so leaves it",
            "Aljefri, Bashar, Fang, Hipel 2018"),
        Word("equilibrium not seen", "missed",
            "a state that would hold by the case and does not as the DMs see things",
            "our word; see hypergame"),
        Word("sensitivity analysis", "views, types, `--set`",
            "what changes when the model does",
            FHK),
        Word("inverse GMCR", "not answered yet",
            "which preferences would make a given state an equilibrium",
            "Kinsara, Kilgour, Hipel 2015"),
    ),
    "Out of scope": (
        Word("fuzzy preference", NOWHERE,
            "degrees of preference between 0 and 1",
            "Bashar, Kilgour, Hipel 2012"),
        Word("probabilistic preference", NOWHERE,
            "a chance for every comparison; uncertain numbers and types of a party serve instead",
            "Rêgo, dos Santos 2015"),
        Word("attitudes (devoting, aggressive)", NOWHERE,
            "weighing what others get",
            "Inohara, Hipel, Walker 2007"),
        Word("policy equilibrium", NOWHERE,
            "plans of moves for every state",
            "Zeng, Fang, Hipel, Kilgour 2007"),
    ),
}  # fmt: skip


def dictionary() -> Table:
    """The dictionary as one table, parts divided by rules."""
    rows: list[tuple[str, ...]] = []
    rulers: list[int] = []
    for words in PARTS.values():
        rulers.append(len(rows))
        rows += [(w.theirs, w.ours, w.meaning, w.source) for w in words]
    plain = tuple(tuple(text.replace("`", "") for text in row) for row in rows)
    title = "Words of the graph model for conflict resolution"
    return Table(("In the literature", "In detente", "What it is", "Source"), plain, title, rulers=tuple(rulers[1:]))


def markdown() -> str:
    """The dictionary as a page of Markdown."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield "# The graph model's words and ours"
    yield ""
    yield (
        "For readers who come from the literature of the graph model for conflict resolution (GMCR). Definitions "
        "follow the sources; numbers of definitions and chapters are given where they could be checked."
    )
    for part, words in PARTS.items():
        yield from ("", f"## {part}", "")
        if part == "Out of scope":
            yield from ("detente does not answer these; it says so rather than approximate them.", "")
        yield "| in the literature | in detente | what it is | source |"
        yield "|---|---|---|---|"
        for w in words:
            yield f"| {' | '.join(t.replace('|', chr(92) + '|') for t in (w.theirs, w.ours, w.meaning, w.source))} |"
