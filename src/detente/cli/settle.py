"""``detente settle``."""

from __future__ import annotations

import sys
from math import isfinite
from typing import Any

import click

from detente.base.errors import EXIT_LIMIT, EXIT_NO, UsageError, did_you_mean, shown
from detente.cli.output import (
    Asked,
    as_document,
    case_options,
    deliver,
    envelope,
    need_preferences,
    open_case,
    suffix_of,
)

SUFFIXES = (".json", ".csv", ".txt", ".svg")
LARGEST_WEIGHT = 1e6


@click.command("settle")
@case_options
@click.option("--rule", "rules", multiple=True, metavar="R", help="nash, ks, egalitarian, utilitarian, "
              "relative_utilitarian, equal_loss or fallback; several with commas. Default: all.")  # fmt: skip
@click.option("--weights", metavar="P=W,...", help="Bargaining power, such as us=2,dprk=1.")
@click.option("--ratifiable", is_flag=True, help="Also: what is left of it when every deal has to pass at home.")
@click.option("--draws", type=click.IntRange(0, 1_000_000), default=1000, show_default=True, metavar="N",
              help="Draws of uncertain numbers, and of utilities that fit an order; 0 for none.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, metavar="N", help="Seed of the draws.")
@click.option("--method", type=click.Choice(["auto", "enumeration", "merge", "milp"]), default="auto",
              help="How the deals are found. Default: listed where they are not too many.")  # fmt: skip
@click.option("--seconds", type=click.FloatRange(0.1, 86_400), default=60.0, show_default=True, metavar="S",
              help="Most time where the deals are too many to list.")  # fmt: skip
@click.option("--full", is_flag=True, help="List every deal of the frontier.")
def command(
    case: str, as_json: bool, output: str | None, debug: bool, ratifiable: bool, full: bool, **how: Any
) -> None:  # fmt: skip
    """What could all sides accept? The zone of agreement, its best deals, or why there is none and what opens one.

    Exit status 1: there is no zone of agreement.
    """
    del debug
    suffix = suffix_of(output, SUFFIXES)
    parameters = {key: how.pop(key) for key in ("draws", "seed", "method", "seconds")}
    rules, weights = how.pop("rules"), how.pop("weights")
    asked = open_case(case, **how)
    need_preferences(asked)
    if rules:
        parameters["rules"] = _rules(rules)
    if weights is not None:
        parameters["weights"] = _weights(asked, weights)
    found, stopped = _ask(asked, parameters)
    passing = None
    if ratifiable:
        given = {k: v for k, v in parameters.items() if k in ("rules", "weights")}
        passing = asked.session.ask("settle_ratifiable", **given, **asked.how)
    if as_json or suffix == ".json":
        content = found.to_dict(full=full) | {"ratifiable": None if passing is None else _passing(found, passing)}
        content = shareable(content) if asked.shared else content
        limits = {} if stopped is None else {"exact": False, "limits": {"settle": {"open": list(found.unproven)}}}
        deliver(as_document(envelope("settle", asked, found, content) | limits), output)
    elif suffix == ".csv":
        deliver(_table(found, parameters.get("rules"), shared=asked.shared), output)
    elif suffix == ".svg":
        deliver(_picture(found, shared=asked.shared), output)
    else:
        from detente.inquiry.subtitle import subtitle
        from detente.settlement.report import Telling, report

        under = subtitle(asked.case(), asked.changes, found.bargain.weights, shared=asked.shared)
        telling = Telling(shared=asked.shared, under=under, rules=parameters.get("rules"), full=full)
        deliver("\n".join(report(found, passing, telling)), output)
    if stopped is not None:
        sys.stderr.write(f"stopped by a limit: {stopped}\n")
        sys.exit(EXIT_LIMIT)
    if found.verdict == "none":
        sys.exit(EXIT_NO)


def _ask(asked: Asked, parameters: dict[str, Any]) -> tuple[Any, str | None]:
    """The answer; where time ran out the best so far, and what stopped it."""
    from detente.settlement.any_size import Stopped

    try:
        return asked.session.ask("settle", **parameters, **asked.how), None
    except Stopped as stopped:
        return stopped.answer, str(stopped)


def _rules(written: tuple[str, ...]) -> tuple[str, ...]:
    from detente.settlement.named import SHORT_NAMES
    from detente.settlement.solve import check_rules

    printed = {name.casefold(): rule for rule, name in SHORT_NAMES.items() if rule != "regret"}
    given = (r.partition("(")[0].strip() for text in written for r in text.split(",") if r.strip())
    rules = tuple(dict.fromkeys(printed.get(r.casefold(), r) for r in given))
    check_rules(rules)
    if not rules:
        raise UsageError("--rule without a name", "a rule such as nash")
    return rules


def _weights(asked: Asked, written: str) -> dict[str, str]:
    """Party -> weight as written.

    Raises:
        UsageError: with the place that cannot be read.
    """
    case, out = asked.case(), {}
    signatories = [p for p, w in case.file.parties.items() if w.role == "signatory"]
    names = {case.party_name(p).casefold(): p for p in signatories}
    for text in written.split(","):
        party, equals, weight = (t.strip() for t in text.partition("="))
        if not equals or not party or not weight:
            raise UsageError(f"--weights {shown(written)}", "party=weight,...", "For example --weights us=2,dprk=1")
        party = party if party in signatories else names.get(party.casefold(), party)
        if party not in signatories:
            found = f"the weight of {shown(party)}"
            raise UsageError(found, f"a signatory: {', '.join(signatories)}", did_you_mean(party, signatories))
        if party in out:
            raise UsageError(f"two weights of {party}", "one")
        try:
            value = float(weight)
        except ValueError:
            value = float("nan")
        if not isfinite(value) or not 0 <= value <= LARGEST_WEIGHT or (0 < value < 1 / LARGEST_WEIGHT):
            raise UsageError(f"the weight {shown(weight)} of {party}", "a number of at least 0, up to a million")
        out[party] = weight
    return out


def _passing(found: Any, passing: Any) -> dict[str, Any]:
    """What is left when every deal has to pass at home, and what that costs each party."""
    content = passing.to_dict()
    kept = {key: content[key] for key in ("verdict", "zone_size", "points")}
    losses: dict[str, dict[str, float | None]] = {}
    for rule, classes in found.points.items():
        left = passing.points.get(rule, ())
        if classes:
            gains = classes[0].gains
            losses[rule] = {p: float(g - left[0].gains[p]) if left else None for p, g in gains.items()}
    return {**kept, "losses": losses}


def shareable(content: dict[str, Any]) -> dict[str, Any]:
    """The answer without what each side has without a deal and what deals are worth to it: its own secrets."""

    def bare(deals: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**d, "payoffs": {}, "affected": {}} for d in deals]

    out = {**content, "disagreement": {}, "stakes": {}, "weights": {}, "no_zone": None, "ks_spread": None}
    out |= {"nash_weights": [], "lottery": None, "adjusted_winner": None, "draws": None, "uncovered": None}
    out |= {"equal_ratio": bare(content["equal_ratio"]), "frontier": bare(content["frontier"])}
    out["points"] = {rule: bare(deals) for rule, deals in content["points"].items()}
    if isinstance(content["certificate"], dict):
        out["certificate"] = {}
    if content["ratifiable"] is not None:
        points = {rule: bare(deals) for rule, deals in content["ratifiable"]["points"].items()}
        out["ratifiable"] = {**content["ratifiable"], "points": points, "losses": {}}
    return out


def _table(found: Any, rules: tuple[str, ...] | None, *, shared: bool) -> str:
    from detente.settlement.named import exchange_table, named_deals, record_table, usual_rules

    named = named_deals(found, usual_rules(found) if rules is None else rules)
    return str((exchange_table if shared else record_table)(found, named).to_csv())


def _picture(found: Any, *, shared: bool) -> str:
    from detente.pictures.payoff_scatter import payoff_scatter

    if shared:
        fix = "It shows what each side has without a deal, which is its own secret."
        raise UsageError("a picture for all sides", "a text, a table or JSON", fix)
    picture = payoff_scatter(found, standalone=True)
    if picture is None:
        raise UsageError("a picture of this answer", "deals that are listed, and at least two signatories")
    return picture
