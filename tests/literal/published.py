"""Conflicts of the literature as case dicts."""

from typing import Any

from tests.literal.states import CaseDict

TWO_BY_TWO = {
    # best to worst, s1 = both cooperate, s2 = only row defects, s3 = only col defects, s4 = both defect
    "prisoners-dilemma": {"row": ["s2", "s1", "s4", "s3"], "col": ["s3", "s1", "s4", "s2"]},
    "chicken": {"row": ["s2", "s1", "s3", "s4"], "col": ["s3", "s1", "s2", "s4"]},
    "stag-hunt": {"row": ["s1", "s2", "s4", "s3"], "col": ["s1", "s3", "s4", "s2"]},
}


def ids(*numbers: int) -> list[str]:
    """Return the ids of numbered states."""
    return [f"s{number}" for number in numbers]


def _case(name: str, parties: list[str], options: dict[str, Any], **blocks: Any) -> CaseDict:
    named = {party: {"name": party} for party in parties}
    return {
        "detente": 1,
        "name": name,
        "title": name,
        "as_of": "2024-03-01",
        "parties": named,
        "options": options,
    } | blocks


def _rankings(**rankings: list[int]) -> dict[str, Any]:
    return {party: {"ranking": ids(*numbers)} for party, numbers in rankings.items()}


def _written(options: dict[str, Any], statement: str) -> str:
    """Write a union of patterns ("Y-N | -YN") as one condition."""
    patterns = []
    for pattern in statement.split(" | "):
        parts = {"Y": "{}", "N": "not {}"}
        signs = zip(options, pattern, strict=True)
        patterns.append(" and ".join(parts[sign].format(option) for option, sign in signs if sign != "-"))
    return patterns[0] if len(patterns) == 1 else " or ".join(f"({pattern})" for pattern in patterns)


def _priorities(options: dict[str, Any], **statements: list[str]) -> dict[str, Any]:
    return {party: {"priorities": [_written(options, text) for text in texts]} for party, texts in statements.items()}


def two_by_two(name: str) -> CaseDict:
    """Prisoner's dilemma, chicken, stag hunt; today both defect."""
    levels = ["cooperate", "defect"]
    options = {f"{party}-move": {"party": party, "levels": levels} for party in ("row", "col")}
    preferences = {party: {"ranking": ranking} for party, ranking in TWO_BY_TWO[name].items()}
    today = dict.fromkeys(options, "defect")
    return _case(name, ["row", "col"], options, status_quo=today, preferences=preferences)


def elmira() -> CaseDict:
    """Groundwater contamination at Elmira, Ontario (1991): the canonical nine states."""
    options = {
        "modify": {"party": "moe", "moves": "up"},
        "stance": {"party": "uniroyal", "levels": ["delay", "accept", "abandon"], "moves": "up"},
        "insist": {"party": "lg"},
    }
    preferences = _rankings(
        moe=[7, 3, 4, 8, 5, 1, 2, 6, 9],
        uniroyal=[1, 4, 8, 5, 9, 3, 7, 2, 6],
        lg=[7, 3, 5, 1, 8, 6, 4, 2, 9],
    )
    return _case("elmira", ["moe", "uniroyal", "lg"], options, coalesce=["stance == abandon"], preferences=preferences)


def cuba() -> CaseDict:
    """The Cuban missile crisis with the priorities that give the orders of Fraser and Hipel (1984)."""
    options = {
        "air-strike": {"party": "us", "moves": "up"},
        "blockade": {"party": "us"},
        "withdraw": {"party": "ussr"},
        "escalate": {"party": "ussr"},
    }
    preferences = _priorities(
        options,
        us=["--Y-", "---N", "N-Y-", "-NY-", "Y--Y", "-Y-Y", "Y-N- | -Y-N | Y--N | -YN-", "N-NN", "-NNN"],
        ussr=[
            "---N",
            "Y--Y | N--N | Y--N",
            "-Y-Y | -N-N | -Y-N",
            "N--N",
            "-N-N",
            "-YY- | -NN- | Y-Y-",
            "-YNN",
            "YNYN",
        ],
    )
    return _case("cuba-1962", ["us", "ussr"], options, infeasible=["--YY"], preferences=preferences)


def syria_iraq() -> CaseDict:
    """The Euphrates dispute of 1975: six states, SEQ, SMR and SSEQ all differ."""
    options = {
        "release-water": {"party": "syria"},
        "escalate": {"party": "syria"},
        "attack": {"party": "iraq"},
    }
    preferences = _priorities(options, syria=["NNN", "-Y-", "--N", "N--"], iraq=["YNN", "NNY", "NYY", "NNN", "YNY"])
    return _case("syria-iraq-1975", ["syria", "iraq"], options, infeasible=["YY-"], preferences=preferences)


GISBORNE_COMPLETIONS = {"economic": [3, 7, 4, 8, 1, 2, 5, 6], "environmental": [2, 6, 1, 5, 4, 8, 3, 7]}
"""Two orders that agree with all that is known of the province, best first."""

GISBORNE_UNKNOWN: dict[str, dict[str, tuple[int, ...]]] = {
    "a": {"nash": (), "gmr": (), "smr": (), "seq": ()},
    "b": {"nash": (4, 6), "gmr": (4, 6, 8), "smr": (4, 6, 8), "seq": (4, 6, 8)},
    "c": {"nash": (), "gmr": (4, 6, 8), "smr": (4, 6, 8), "seq": (4, 6)},
    "d": {"nash": (4, 6), "gmr": (4, 6, 8), "smr": (4, 6, 8), "seq": (4, 6, 8)},
}
"""Attitude towards unknown comparisons -> concept -> equilibria of ``gisborne()``."""


def gisborne(completion: str | None = None) -> CaseDict:
    """Bulk water export from Lake Gisborne, with what is known of the provincial order or one of its completions."""
    options = {
        "continue": {"party": "federal"},
        "lift": {"party": "provincial"},
        "appeal": {"party": "support"},
    }
    preferences = _rankings(federal=[2, 6, 4, 8, 1, 5, 3, 7], support=[3, 4, 7, 8, 5, 6, 1, 2])
    if completion is None:
        preferences["provincial"] = {"partial": [ids(*pair) for pair in ((3, 7), (4, 8), (1, 5), (2, 6))]}
    else:
        preferences |= _rankings(provincial=GISBORNE_COMPLETIONS[completion])
    today = {"continue": "yes", "lift": "no", "appeal": "yes"}
    parties = ["federal", "provincial", "support"]
    return _case("gisborne", parties, options, status_quo=today, preferences=preferences)


def sustainable_development() -> CaseDict:
    """Sustainable development (Hipel 2001): s1 proactive and sustainable, s2 proactive, s3 sustainable, s4 neither."""
    options = {
        "use": {"party": "developers", "levels": ["sustainable", "unsustainable"]},
        "response": {"party": "environment", "levels": ["proactive", "reactive"]},
    }
    preferences = _rankings(environment=[1, 3, 2, 4], developers=[3, 1, 4, 2])
    today = {"use": "unsustainable", "response": "reactive"}
    parties = ["environment", "developers"]
    return _case("sustainable-development", parties, options, status_quo=today, preferences=preferences)


def american_revolution() -> CaseDict:
    """The American Revolution: a test of the state space only, 52 feasible states, no preferences."""
    options = {
        "boycott": {"party": "colonies"},
        "riot": {"party": "colonies"},
        "militias": {"party": "colonies"},
        "declare": {"party": "colonies", "moves": "up"},
        "tax": {"party": "crown"},
        "military": {"party": "crown"},
        "suppression": {"party": "crown"},
    }
    infeasible = ["---YY--", "--NY---", "---Y--N", "-----NY"]
    today = {"tax": "yes"}
    return _case("american-revolution", ["colonies", "crown"], options, infeasible=infeasible, status_quo=today)


CATALOG: dict[str, CaseDict] = {
    **{name: two_by_two(name) for name in TWO_BY_TWO},
    "cuba-1962": cuba(),
    "elmira": elmira(),
    "american-revolution": american_revolution(),
    "sustainable-development": sustainable_development(),
    "syria-iraq-1975": syria_iraq(),
}
"""The cases that the product ships under these names; those in which every party has an order."""

PUBLISHED: dict[str, CaseDict] = CATALOG | {f"gisborne-{name}": gisborne(name) for name in GISBORNE_COMPLETIONS}
"""All cases that ``expected`` knows the answers to."""
