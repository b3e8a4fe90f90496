"""Random agreement FILES: valid trees in which every field of the file stands now and then, with texts that bite."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, TypeVar

from detente.agreement.model import Agreement
from detente.base.errors import CaseError

T = TypeVar("T")
NASTY = (
    "", "x", "seals and cameras", "It is due at once.", "“quoted” and ‘quoted’", 'He said "no"', "a\nb", "a\n\nb\n",
    " leading", "trailing ", "two  spaces", "tab\there", "back\\slash \\n \\u{41}", "# no heading", "| a | b |",
    "**bold** _it_ `code` ~x~ $y$ ^z^ !a", "<b>bold</b> &amp; &lt;", "[open: who owes it – “nobody”]",
    "Article 1 (Another) has been fulfilled", "한국과 조선", "שלום", "é é ﬁ 🕊️", "\u200bzero", "\u202eright",
    "nbsp\u00a0here", "ends with backslash\\", "”", "“", "‘", "- item", "1. item", "1.1 sentence", "---", "A.1",
    "shall bring it to", "and", "the", "=> x=1", "{path:TEXT}", "\x07bell", "\ue000A0\ue001", "line\u2028sep",
    "\ufeffbom", "100%", "'", "’", ", to", "a" * 300, "as here", "none", "true", "null", "2020-01-01", "***", "\\|",
    "|", "\\", "<!-- c -->", "&#65;", "x as follows", "Agreement: x",
)  # fmt: skip
TITLES = (
    *NASTY, "Freeze of the reactors", "Oil, and more", "Step 1", "Article 2", "DPRK", "DPRK and US", "Korea",
    "Korea North", "Republic of Korea", "The Agency", "United States", "this agreement", "Yongbyon (north) complex",
    "Korea is a party", "Power 1. X", "Annex: names used in this text", "Commitments", "14 days", "Any one of",
    "x)", "(x", "US", "US. In", "US, DPRK", "eu observers", "Nobody", "Korea, with the note “x”",
)  # fmt: skip
UNITS = (
    "t", "MW", "million dollars", "barrels of oil", "", "US dollars", "kg/year", "to", "%", "and so", "t and",
    "“t”", "of", "DPRK", "km²", "days off", "a.b",
)  # fmt: skip
ZONES = ("UTC", "Europe/Vienna", "Asia/Seoul")
PERIODS = ("0 days", "1 day", "2 weeks", "1 month", "1 year 2 months 3 days 4 hours", "36 hours", "10 years")
DATES = ("1994-10-21", "2001-02-28", "2020-02-29", "1900-01-01", "2150-12-31")
INSTANTS = ("1994-11-21T12:00+01:00", "2001-01-01T00:00:00Z")
NUMBERS = ("0", "1", "0.5", "2.25", "500000", "1234567.125", "0.000001", "12000")
CHANCES = ("0", "1", "0.9", "0.01", "0.333")
RULES = ("FREQ=YEARLY;COUNT=5", "FREQ=MONTHLY;INTERVAL=3;COUNT=4;BYMONTHDAY=1", "FREQ=WEEKLY;COUNT=3;BYDAY=MO")
STATES = ("inert", "waiting", "due", "claimed", "overdue", "breached", "fulfilled", "remedied")
LEVELS = (["running", "frozen"], ["no", "yes"], ["to", "exactly", "at-least", "from"], ["none", "a_b", "shall"])
CASES = {
    "agreed-framework-1994": {
        "freeze": ["running", "frozen", "dismantled"],
        "oil": ["none", "delivered"],
    }
}
COMMITMENT_GAPS = ("act", "threshold", "evidence", "consequence", "decider", "trigger", "access")
AGREEMENT_GAPS = ("entry", "ratification", "order")


class Dice(random.Random):
    """A seeded generator with a few more words."""

    def some(self, choices: Sequence[T], least: int = 0, most: int = 3) -> list[T]:
        return self.sample(list(choices), min(len(choices), self.randint(least, most)))

    def now_and_then(self, p: float = 0.2) -> bool:
        return self.random() < p


class _Maker:
    """Makes one tree."""

    def __init__(self, seed: int) -> None:
        self.dice = Dice(seed)
        d = self.dice
        ids = ["dprk", "us", "rok", "china", "a", "party-of_1", "b2"]
        self.parties = d.sample(ids, d.randint(2, 4))
        self.bodies = d.sample(["iaea", "panel", "un"], d.randint(0, 2))
        self.names = d.sample(
            ["freeze", "oil-begins", "visits", "c1", "c2", "c_3", "step-1", "oil", "is", "to"], d.randint(1, 6)
        )
        self.quantities = d.sample(["fuel-oil", "uranium", "money"], d.randint(0, 2))
        self.events = d.sample(["accident", "consent", "e"], d.randint(0, 2))
        self.case = "agreed-framework-1994" if d.now_and_then(0.15) else None
        self.options: dict[str, list[str]] = {}
        if self.case:
            self.options = CASES[self.case]
        elif d.now_and_then(0.6):
            self.options = {o: d.choice(LEVELS) for o in d.sample(["reactor", "sanctions", "to"], d.randint(1, 3))}
        self.groups = {"swap": d.sample(self.names, 2)} if len(self.names) > 1 and d.now_and_then() else {}
        self.amended: dict[str, dict[str, Any]] = {}
        if len(self.names) > 2 and d.now_and_then():
            self.amended = {"more": {"replaces": {self.names[0]: self.names[-1]}}}
            if len(self.names) > 3 and d.now_and_then(0.5):
                self.amended["again"] = {"adds": [self.names[-2]]}
        self.powers: list[str] = []
        self.base: dict[str, str] = {}
        self.sources = d.some(["text", "A “key”", "judged", "two  words", "x.y"], 0, 3)

    # --------------------------------------------------------------------------------------------------- small things

    def text(self) -> str:
        return self.dice.choice(NASTY)

    def reason(self) -> str:
        return (self.text() if self.dice.now_and_then(0.6) else "").strip() or "the case does not say"

    def put(self, tree: dict[str, Any], key: str, value: Any, p: float = 0.25) -> None:
        if self.dice.now_and_then(p):
            tree[key] = value() if callable(value) else value

    def actor(self) -> str:
        return self.dice.choice(self.parties + self.bodies)

    def actors(self) -> Any:
        found = self.dice.some(self.parties + self.bodies, 1)
        return found[0] if len(found) == 1 and self.dice.now_and_then(0.5) else found

    def others(self, name: str) -> list[str]:
        found = [n for n in self.names if n != name]
        return self.dice.some(found, 1) if found else []

    def period(self) -> str:
        return self.dice.choice(PERIODS)

    def named(self, tree: dict[str, Any], key: str = "name") -> dict[str, Any]:
        self.put(tree, key, self.dice.choice(TITLES), 0.8)
        self.put(tree, "note", self.text)
        return tree

    def formula(self, depth: int = 2) -> str:
        d = self.dice
        if depth and d.now_and_then(0.45):
            kind = d.choice(["and", "or", "after", "not_by"])
            if kind == "after":
                return f"after({self.formula(depth - 1)}, {self.period()})"
            if kind == "not_by":
                return f"not_by({self.formula(depth - 1)}, {d.choice((*DATES, '1994-11-21T12:00:00Z'))})"
            parts = [self.formula(depth - 1) for _ in range(d.randint(2, 3))]
            return f" {kind} ".join(f"({p})" if d.now_and_then(0.6) else p for p in parts)
        c, p = d.choice(self.names), d.choice(self.parties)
        atoms = ["in_force", "true", "never", c, f"fulfilled({c})", f"verified({c})", f"claimed({c})", f"breached({c})",
                 f"signed({p})", f"ratified({p})", f"at({d.choice(DATES)})", "at(1994-11-21T12:00+01:00)",
                 f"state({c}, {{{', '.join(d.some(STATES, 1))}}})",
                 f"progress({c}) >= {d.choice(['0.5', '1', '1/3'])}"]  # fmt: skip
        atoms += [f"event({e})" for e in self.events] + [f"joint({g})" for g in self.groups]
        return d.choice(atoms)

    def end(self, *, none: bool = True) -> Any:
        d = self.dice
        kind = d.choice(["date", "instant", "on", "within", "of", *(["none", "review"] if none else [])])
        if kind in ("date", "on"):
            return d.choice(DATES) if kind == "date" else {"on": d.choice(DATES)}
        if kind == "instant":
            return d.choice(INSTANTS)
        if kind == "within":
            return {"within": self.period()}
        if kind == "of":
            return {"within": self.period(), "of": self.formula()}
        return {"none": self.reason(), **({"review": d.choice(DATES)} if kind == "review" else {})}

    # ---------------------------------------------------------------------------------------------------- commitments

    def action(self) -> dict[str, Any]:
        d = self.dice
        kind = d.choice(["text", "option", "quantity"])
        if kind == "option" and self.options:
            option = d.choice(list(self.options))
            to, origin = d.sample(self.options[option], 2)
            return {"option": option, "to": to, **({"from": origin} if d.now_and_then(0.6) else {})}
        if kind == "quantity" and self.quantities:
            tree: dict[str, Any] = {"quantity": d.choice(self.quantities), "op": d.choice(["==", "<=", ">=", "<", ">"])}
            tree["amount"] = d.choice(NUMBERS)
            self.put(tree, "unit", d.choice(UNITS), 0.5)
            self.put(tree, "baseline", d.choice(self.names + self.quantities))
            return tree
        return {"text": self.reason()}

    def way(self, name: str) -> dict[str, Any]:
        d = self.dice
        tree: dict[str, Any] = {"by": self.actor()}
        self.put(tree, "method", self.text, 0.5)
        if found := self.others(name):
            self.put(tree, "access", found[0])
        self.put(tree, "detects", d.choice(CHANCES))
        self.put(tree, "false_alarm", d.choice(CHANCES))
        self.put(
            tree,
            "lag",
            d.choice(["14 days", {"median": "14 days", "q90": "30 days"}, {"median": "1 day", "q90": "1 day"}]),
        )
        self.put(tree, "window", self.period)
        self.put(tree, "every", "3 months")
        self.put(tree, "evidence", [self.text() for _ in range(d.randint(1, 3))])
        return tree

    def consequence(self, name: str) -> dict[str, Any]:
        d = self.dice
        effect = d.choice(["suspend", "terminate", "reverse", "activate", "compensate", "escalate"])
        tree: dict[str, Any] = {"effect": effect}
        if effect in ("suspend", "terminate", "reverse", "activate"):
            tree["targets"] = self.others(name) or (["agreement"] if effect == "terminate" else [name])
        if effect == "terminate" and d.now_and_then():
            tree["targets"] = "agreement"
        if effect in ("suspend", "reverse"):
            tree["resume_when"] = self.formula()
        if effect == "reverse":
            if not self.options:
                return self.consequence(name)
            option = d.choice(list(self.options))
            tree |= {"option": option, "level": d.choice(self.options[option])}
        if effect == "compensate":
            tree["amount"] = d.choice(NUMBERS)
            self.put(tree, "unit", d.choice(UNITS), 0.6)
            self.put(tree, "to", lambda: d.some(self.parties, 1), 0.6)
        if effect == "escalate":
            if not self.bodies:
                return self.consequence(name)
            tree["body"] = d.choice(self.bodies)
        tree |= {"automatic": True} if d.now_and_then(0.5) else {"power_of": d.choice(self.parties)}
        self.put(tree, "notice", self.period)
        if d.now_and_then():
            tree["objection"] = {"window": self.period(), "blockers": self.actors()}
            self.put(tree["objection"], "rule", d.choice(["any", "all"]))
            self.put(tree["objection"], "if_silent", d.choice(["apply", "drop"]))
        self.put(tree, "note", self.text)
        return tree

    def commitment(self, name: str) -> dict[str, Any]:
        d = self.dice
        tree: dict[str, Any] = {"modality": d.choice(["achieve", "achieve", "maintain", "refrain", "recurrent"])}
        who = d.some(self.parties, 1, len(self.parties) - 1)
        tree["obligors"] = d.choice([who, who[0], {"who": who, "mode": d.choice(["all", "any", "each"])}])
        taken = [who[0]] if tree["obligors"] == who[0] else who
        self.put(tree, "obligees", lambda: d.some([p for p in self.parties if p not in taken], 1), 0.3)
        tree["action"] = self.action()
        self.put(tree, "title", d.choice(TITLES), 0.7)
        self.put(tree, "trigger", self.formula, 0.6)
        if tree["modality"] == "recurrent":
            tree["deadline"] = {"every": d.choice(RULES), "from": d.choice(DATES[:3])}
        else:
            self.put(tree, "deadline", self.end, 0.6)
        self.put(tree, "lapse", lambda: self.end(none=False), 0.15)
        for key in ("cure", "min_duration"):
            self.put(tree, key, self.period)
        self.put(tree, "verification", lambda: [self.way(name) for _ in range(d.randint(1, 3))], 0.4)
        ways = len({w["by"] for w in tree.get("verification", [])})
        self.put(tree, "verified_by", d.choice(["any", "all", max(ways, 1)]))
        self.put(tree, "on_breach", lambda: [self.consequence(name) for _ in range(d.randint(1, 3))], 0.4)
        self.put(tree, "after_breach", d.choice(["keep", "extinguish"]), 0.2)
        if any(e["effect"] == "activate" for e in tree.get("on_breach", [])):
            self.put(tree, "after_breach", "replace", 0.4)
        self.put(tree, "reversible", d.choice(["no", {"cost": d.choice(NUMBERS), "time": self.period()}]))
        for key in ("claim_ok", "survives", "provisional"):
            self.put(tree, key, d.choice([True, True, False]))
        self.put(tree, "clock_when_held", d.choice(["run", "stop"]))
        self.put(
            tree, "ambiguity", {"deliberate": self.reason(), **({"review": DATES[1]} if d.now_and_then(0.5) else {})}
        )
        self.put(tree, "gaps", {slot: self.reason() for slot in d.some(COMMITMENT_GAPS, 1)})
        if d.now_and_then(0.08):
            del tree["obligors"]
            tree.setdefault("gaps", {})["actor"] = self.reason()
        for slot, key in (("date", "deadline"), ("verifier", "verification")):
            if key not in tree and d.now_and_then():
                tree.setdefault("gaps", {})[slot] = self.reason()
        for key in ("object", "place", "span", "note"):
            self.put(tree, key, self.text, 0.15)
        if self.sources:
            self.put(tree, "source", d.choice(self.sources))
        return tree

    # ---------------------------------------------------------------------------------------------------------- whole

    def power(self) -> dict[str, Any]:
        d = self.dice
        tree: dict[str, Any] = {"holder": self.actor(), "may": d.choice(["suspend", "terminate", "extend", "waive"])}
        tree["targets"] = d.choice([d.some(self.names, 1), d.choice(self.names), "agreement"])
        self.put(tree, "when", self.formula, 0.5)
        self.put(tree, "expires", lambda: self.end(none=False))
        self.put(tree, "once", d.choice([True, False]))
        self.put(tree, "title", d.choice(TITLES), 0.5)
        for key in ("span", "note"):
            self.put(tree, key, self.text)
        if self.sources:
            self.put(tree, "source", d.choice(self.sources))
        return tree

    def dispute(self) -> dict[str, Any]:
        tree: dict[str, Any] = {"window": self.period()}
        if self.bodies:
            self.put(tree, "body", self.dice.choice(self.bodies), 0.6)
        self.put(tree, "default", self.dice.choice(["previous", "breached", "fulfilled"]), 0.6)
        self.put(tree, "stay", self.dice.choice([True, False]), 0.6)
        self.put(tree, "note", self.text)
        return tree

    def exit(self) -> dict[str, Any]:
        tree: dict[str, Any] = {"notice": self.period()}
        self.put(tree, "survivors", lambda: self.dice.some(self.names, 1), 0.5)
        self.put(tree, "note", self.text)
        return tree

    def power_read(self) -> dict[str, Any]:
        power = self.power()
        fields = {key: power[key] for key in self.dice.some(list(power), 1)}
        self.put(fields, "once", False)
        self.put(fields, "when", "true")
        return fields

    def reading(self) -> dict[str, Any]:
        d = self.dice
        tree: dict[str, Any] = {}
        for name in d.some(self.names, 0, 2):
            own = self.commitment(name)
            keys = [
                k
                for k in own
                if k not in ("modality", "deadline", "obligors", "obligees", "gaps", "on_breach", "after_breach")
            ]
            fields = {k: own[k] for k in d.some(keys, 1)}
            for key, value in (("trigger", None), ("deadline", None), ("note", None), ("claim_ok", False),
                               ("survives", False),
                               ("verification", []), ("on_breach", []), ("obligees", []), ("gaps", {}), ("title", ""),
                               ("provisional", False), ("clock_when_held", "stop"), ("after_breach", "keep"),
                               ("verified_by", "any"), ("modality", "achieve"), ("modality", "maintain"),
                               ("cure", "0 days"),
                               ("reversible", None), ("trigger", "true"), ("lapse", None)):  # fmt: skip
                self.put(fields, key, value, 0.06)
            self.put(fields, "obligors", own.get("obligors", self.parties[0]), 0.2)
            self.put(fields, "modality", d.choice(["refrain", self.base[name], self.base[name]]), 0.3)
            tree.setdefault("commitments", {})[name] = fields
        if self.powers and d.now_and_then(0.4):
            tree["powers"] = {d.choice(self.powers): self.power_read()}
        self.put(tree, "dispute", lambda: d.choice([None, {"stay": False}, self.dispute()]), 0.2)
        self.put(tree, "exit", lambda: d.choice([None, self.exit(), {"survivors": []}]), 0.2)
        self.put(tree, "entry_into_force", lambda: d.choice([None, self.formula()]), 0.2)
        self.put(tree, "sunset", lambda: d.choice([None, self.end(none=False)]), 0.2)
        self.put(tree, "notice", lambda: d.choice([None, self.period()]), 0.2)
        self.put(tree, "reviews", lambda: d.choice([None, [], [DATES[0]]]), 0.2)
        if self.groups:
            self.put(tree, "groups", {"swap": d.sample(self.names, 2)}, 0.2)
        return tree

    def tree(self) -> dict[str, Any]:  # noqa: C901 - one line for each field of the file
        d = self.dice
        tree: dict[str, Any] = {"detente-agreement": 1, "name": "drawn", "zone": d.choice(ZONES)}
        self.put(tree, "title", d.choice(TITLES), 0.8)
        for key in ("version", "marking", "note"):
            self.put(tree, key, self.text)
        self.put(tree, "as_of", d.choice(DATES))
        if self.case:
            tree["case"] = self.case
        calendar: dict[str, Any] = {}
        self.put(calendar, "overflow", d.choice(["down", "up", "error"]))
        self.put(calendar, "roll", d.choice(["none", "following", "preceding"]))
        self.put(calendar, "weekend", d.choice([[], ["friday"], ["friday", "saturday"], ["sunday", "saturday"]]))
        self.put(calendar, "holidays", d.sample(DATES, 2))
        if calendar:
            tree["calendar"] = calendar
        if self.sources:
            tree["sources"] = {s: self.text() for s in self.sources}
        tree["parties"] = {p: self.named({}) for p in self.parties}
        if self.bodies:
            tree["bodies"] = {
                b: self.named({"role": d.choice(["verifier", "arbiter", "guarantor", "depositary"])})
                for b in self.bodies
            }
        if self.options and not self.case:
            tree["options"] = {o: self.named({"levels": levels}) for o, levels in self.options.items()}
            for option in tree["options"].values():
                self.put(option, "party", d.choice(self.parties))
        if self.quantities:
            tree["quantities"] = {q: self.named({}) for q in self.quantities}
        for quantity in tree.get("quantities", {}).values():
            self.put(quantity, "unit", d.choice(UNITS), 0.4)
        if self.events:
            tree["events"] = {e: d.choice(TITLES) for e in self.events}
        self.put(tree, "entry_into_force", self.formula)
        if self.groups:
            tree["groups"] = self.groups
        tree["commitments"] = {name: self.commitment(name) for name in self.names}
        self.base = {name: block["modality"] for name, block in tree["commitments"].items()}
        self.put(tree, "powers", lambda: {p: self.power() for p in ("stop", "wait")[: d.randint(1, 2)]}, 0.3)
        self.powers = list(tree.get("powers", {}))
        if self.amended:
            tree["amendments"] = {name: self.named(dict(a), "title") for name, a in self.amended.items()}
        self.put(tree, "reviews", d.sample(DATES, 2))
        self.put(tree, "sunset", lambda: self.end(none=False))
        self.put(tree, "exit", self.exit)
        self.put(tree, "dispute", self.dispute, 0.4)
        self.put(tree, "notice", self.period)
        self.put(tree, "detection", d.choice(CHANCES))
        gaps = {slot: self.reason() for slot in d.some(AGREEMENT_GAPS, 0)}
        for slot, key in (("sunset", "sunset"), ("exit", "exit"), ("dispute", "dispute"), ("review", "reviews")):
            if key not in tree and d.now_and_then(0.1):
                gaps[slot] = self.reason()
        if gaps:
            tree["gaps"] = gaps
        self.put(tree, "readings", lambda: {p: self.reading() for p in d.some(self.parties, 1, 2)}, 0.3)
        return tree


def drawn_file(seed: int) -> dict[str, Any]:
    """A valid tree of an agreement file; the same for the same seed."""
    for again in range(1_000):
        tree = _Maker(1_000 * seed + again).tree()
        try:
            Agreement.from_dict(tree)
        except CaseError:
            continue
        return tree
    raise AssertionError(seed)
