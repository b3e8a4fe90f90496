"""The table of checks: what each looks for, how grave it is by default, and how it is found out (docs/lint.md)."""

from __future__ import annotations

from dataclasses import dataclass

from detente.agreement.lint.findings import Severity

GROUPS = {
    "V": "Is it specific?",
    "D": "Can it be carried out: order, time, deadlock?",
    "E": "Can it be checked in time?",
    "A": "Is it balanced?",
    "C": "Does it contradict itself?",
    "S": "Do its consequences and its end work?",
    "R": "Is it ratified in time?",
    "M": "Does one breach end everything?",
    "L": "Can what is deposited get out?",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        id: such as ``V3``.
        severity: by default; docs/lint.md says when it is another.
        title: what is found, in a few words.
        why: why it matters.
        method: how it is found out, in one line.
        case: whether it needs a linked case.
    """

    id: str
    severity: Severity
    title: str
    why: str
    method: str
    case: bool = False


TABLE: tuple[Check, ...] = (
    Check("V1", "error", "no actor", "What nobody owes nobody can break, and nobody can be asked for.",
          "A commitment without obligors."),
    Check("V2", "error", "no measurable act", "Two honest readers cannot agree whether it has been done.",
          "An act in words of effort, attitude or a good without content (error); in words without anything that shows"
          " that it is done (warning)."),
    Check("V3", "error", "no date and no trigger", "It never becomes late, and nothing else can wait its turn.",
          "Neither a deadline nor a trigger beyond entry into force; of what is kept, neither a beginning nor an end."),
    Check("V4", "warning", "no threshold", "How much is enough is settled by whoever is stronger that day.",
          "An act of degree, or one whose progress counts, without an amount and a unit."),
    Check("V5", "error", "no verifier", "Whether it was done rests on the word of its owner, or on nothing.",
          "No verification (error); only its owner's word (info); only its owner verifies (warning)."),
    Check("V6", "warning", "no evidence form", "Verifier and owner will dispute what counts as proof.",
          "A verification without a form of evidence and without a method (warning); without one of the two (info:"
          " method but no form of evidence)."),
    Check("V7", "warning", "no consequence", "A breach costs nothing, so a promise is only as good as the mood.",
          "Nothing follows a breach: no consequence, and no power, trigger or resumption that a breach opens."),
    Check("V8", "warning", "no decider", "When the sides disagree whether it was kept, nobody can settle it.",
          "No dispute clause and no body that a breach is brought to (warning); a clause without a body (info)."),
    Check("V9", "error", "weak or hedged words", "Each side can read into them what it likes.",
          "Word lists by lemma and word boundary: in an act or a time error, in a purpose or preamble info."),
    Check("V10", "warning", "no deadline, and no reason or review", "It becomes due and can never be late.",
          "Triggered but undated: without a reason (warning); with a reason but nowhere a review (info)."),
    Check("V11", "error", "an agreement to agree", "What it says is still to be negotiated, with less leverage.",
          "The act is to agree, discuss or negotiate (error); it refers to modalities or an annex that is not there"
          " (warning)."),
    Check("D1", "error", "deadlock", "Each waits for another, and nothing begins even if all are willing.",
          "Least fixpoint of what can become due under full cooperation; cycles in the rest."),
    Check("D2", "error", "unreachable commitment", "It can never become due.",
          "In the rest but in no cycle: starved by one; or a trigger that cannot hold."),
    Check("D3", "error", "expired before reachable", "It falls away before it can begin.",
          "Earliest possible activation against lapse, sunset or expiry."),
    Check("D4", "error", "deadlines that cannot all be met", "Somebody must breach whatever they do.",
          "Simple temporal network; a negative cycle is the chain of dates."),
    Check("D5", "info", "what one default leaves undone", "Others will have performed in vain.",
          "The fixpoint again with one commitment or party withheld."),
    Check("D6", "error", "consequence loop or suspension trap", "What is suspended can never be resumed.",
          "Graph of suspensions and reversals; resumptions that cannot hold in the suspended world."),
    Check("D7", "warning", "a consequence blinds the inspectors", "A breach takes away the means to see the next one.",
          "A consequence holds or ends a commitment that is the access of a verification."),
    Check("D8", "warning", "deadlock under one reading", "One side waits for what the other thinks is not needed.",
          "D1 to D4 for every party's reading and for their union."),
    Check("E1", "error", "unverifiable", "A breach will probably not be seen in time.",
          "No way of checking whose access can be active (error), or 1 - prod(1 - p) below the agreement's `detection`"
          " (warning; error below one half)."),
    Check("E2", "error", "an irreversible act on a mere claim or date", "What cannot be undone is given for a word.",
          "A trigger that a claim (error) or a date (warning) can open, without a verified act of the other side."),
    Check("E3", "warning", "the finding comes too late", "By the time a breach is established the benefit is out.",
          "Lag + notice + dispute + objection against the next irreversible benefit or the expiry of a power."),
    Check("E4", "error", "no baseline", "All of what? Nobody can tell how much is missing.",
          "All, complete, entire, per cent or a freeze without a verified declaration earlier in the order."),
    Check("A1", "warning", "exposure, front-loading", "One side gives much before it receives.",
          "Worst stop point: a maximum-weight closure, one minimal cut."),
    Check("A2", "warning", "imbalance of what cannot be undone", "One side can take its part back, the other cannot.",
          "The same with weights by irreversibility."),
    Check("A3", "warning", "asymmetric precision", "One side's duties are dated and checked, the other's are not.",
          "Mean slot vector of each obligor."),
    Check("C1", "error", "contradictory obligations", "To keep one is to break the other.",
          "One option at two levels in windows that overlap; joint infeasibility in the case."),
    Check("C2", "error", "an act both owed and forbidden", "To keep one is to break the other.",
          "Pairs; powers that cancel their own condition."),
    Check("S1", "warning", "a power or end that comes too late", "It expires before it can be used.",
          "Last useful day against the last deadline and the time of its verification."),
    Check("S2", "warning", "nothing ends, or nothing survives", "No orderly way out, or the end comes before the work.",
          "No sunset, review or exit; a sunset before what is owed."),
    Check("S3", "warning", "self-judging consequence", "One side is accuser, judge and winner.",
          "Claimant, decider and beneficiary are one, and nobody may object."),
    Check("S4", "warning", "a price, not a duty", "Breach pays, so it is an option with a price.",
          "Cost of the consequence times detection against the gain from breach, from the case.", case=True),
    Check("R1", "warning", "ratification", "It is due before it binds, or cannot pass.",
          "Order of the dates; win-sets of the case.", case=True),
    Check("M1", "warning", "one breach ends the whole deal", "There is nothing between a protest and the end.",
          "No graded consequence before termination."),
    Check("L1", "error", "a deposit without a way out", "The money or material is locked on some path.",
          "Deposits and escrows whose exit cannot be reached on every path."),
)  # fmt: skip
CHECKS_BY_ID = {check.id: check for check in TABLE}

# Which check a declared gap answers: (slots of a commitment, slots of the agreement).
OF_COMMITMENT: dict[str, tuple[str, ...]] = {
    "actor": ("V1",), "act": ("V2", "V11"), "date": ("V3", "V10"), "threshold": ("V4", "E4"),
    "verifier": ("V5", "E1"), "evidence": ("V6",), "consequence": ("V7",), "decider": ("V8",),
    "trigger": ("V3",), "access": ("E1",),
}  # fmt: skip
OF_AGREEMENT: dict[str, tuple[str, ...]] = {
    "entry": ("R1",), "ratification": ("R1",), "sunset": ("S2",), "exit": ("S2",), "dispute": ("V8",),
    "review": ("S2",), "order": ("V3",),
}  # fmt: skip
OF_AMBIGUITY = frozenset({"V2", "V3", "V4", "V9", "V10", "V11"})
