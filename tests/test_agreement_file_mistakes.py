"""Bad agreement files: every mistake and every hostile file is a clear error with its place, quickly."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from detente.agreement.loading import read_agreement
from detente.agreement.model import Agreement
from detente.base.errors import CaseError, UsageError

HEAD = """detente-agreement: 1
name: test
zone: UTC
parties: {a: {name: First}, b: {}}
bodies: {v: {name: Watchers}}
quantities: {oil: {unit: t}}
options: {x: {party: a, levels: [low, mid, high]}, z: {}}
events: {storm: Storm}
sources: {s: A book}
commitments:
  c: {obligors: a, action: {text: does it}, claim_ok: true}
  d: {obligors: b, action: {text: does it too}, claim_ok: true}
"""
LINE = HEAD.count("\n") + 1


def also(written: str, action: str = "{text: t}", who: str = "a") -> str:
    """One more commitment on a line of its own."""
    return f"  e: {{obligors: {who}, action: {action}, claim_ok: true, {written}}}\n"


def breach(written: str) -> str:
    return also(f"on_breach: [{{{written}}}]")


def every(rule: str, start: str = "2000-01-31") -> str:
    return also(f"modality: recurrent, deadline: {{every: '{rule}', from: {start}}}")


SUSPEND = "effect: suspend, targets: d, automatic: true, resume_when: c"
CIRCLE = """  e: {obligors: a, claim_ok: true, action: {quantity: oil, op: '>=', amount: 3, baseline: f}}
  f: {obligors: a, claim_ok: true, action: {quantity: oil, op: '>=', amount: 3, baseline: e}}
"""
REVERSED = "on_breach: [{effect: reverse, targets: e, automatic: true, resume_when: f}]"
NOWHERE = f"""  e: {{obligors: a, claim_ok: true, action: {{option: x, to: high}}}}
  f: {{obligors: b, claim_ok: true, action: {{text: t}}, {REVERSED}}}
"""
# name: (text after HEAD, a piece that starts where the place is told (None: only the line), pieces of the message)
MISTAKES: dict[str, tuple[str, str | None, tuple[str, ...]]] = {
    "tab": ("\tx: 1\n", None, ("spaces, not tabs",)),
    "unknown block": ("comitments: {}\n", "comit", ("'comitments'", "Did you mean 'commitments'")),
    "unknown key": (also("triger: c"), "triger", ("'triger'", "Did you mean 'trigger'")),
    "unknown key of a consequence": (breach(f"{SUSPEND}, notise: 1 day"), "notise", ("Did you mean 'notice'",)),
    "unknown key of a deadline": (also("deadline: {withn: 1 day}"), "withn", ("Did you mean 'within'",)),
    "no obligor": ("  e: {action: {text: t}}\n", None, ("no obligors", "Add obligors")),
    "no obligor, another gap": (
        "  e: {action: {text: t}, gaps: {date: not said}}\n",
        None,
        ("no obligors", "gaps: {actor:"),
    ),
    "gap of the actor": (also("gaps: {actor: not said}"), "actor", ("a gap of the actor beside 'a'",)),
    "unknown gap": (also("gaps: {verifyer: not said}"), "verifyer", ("'verifyer'", "Did you mean 'verifier'")),
    "gap without a reason": (also("gaps: {date: ' '}"), None, ("an empty text",)),
    "gap of a title": ("gaps: {title: not said}\n", "title", ("the unknown key 'title'", "ratification")),
    "gaps of a list": (also("gaps: [date]"), "[date", ("a mapping",)),
    "reading that fills a gap": (
        (
            "  e: {action: {text: t}, claim_ok: true, gaps: {actor: x}}\n"
            "readings: {a: {commitments: {e: {obligors: a}}}}\n"
        ),
        None,
        ("a gap of the actor beside 'a'", "readings.a.commitments.e"),
    ),
    "no action": ("  e: {obligors: a}\n", None, ("no action",)),
    "unknown obligor": (also("", who="c1"), "c1", ("unknown party 'c1'", "one of a, b")),
    "obligor by name": (also("", who="First"), "First", ("'First' is written a",)),
    "unknown of several": (also("", who="[a, bb]"), "bb", ("unknown party 'bb'", "commitments.e.obligors[1]")),
    "body as obligor": (also("", who="v"), "v,", ("the body 'v'", "a party")),
    "obligor twice": (also("", who="[a, a]"), None, ("'a' a second time",)),
    "nobody owes": (also("", who="[]"), None, ("no obligor",)),
    "owes itself": (also("obligees: [b, a]"), None, ("'a' owing it to itself", "mode: each")),
    "all owe": (also("", who="[a, b]"), "[a, b]", ("nobody left to owe it to", "mode: each")),
    "unknown mode": (also("", who="{who: a, mode: eech}"), "eech", ("'eech'", "Did you mean 'each'")),
    "body as obligee": (also("obligees: v"), "v}", ("the body 'v'",)),
    "modality": (also("modality: maintian"), "maintian", ("Did you mean 'maintain'",)),
    "two actions": (also("", "{text: t, option: x, to: low}"), "{text", ("option and text", "one of")),
    "no form of action": (also("", "{to: low}"), "{to", ("nothing", "one of")),
    "unknown option": (also("", "{option: y, to: low}"), "y, to", ("unknown option 'y'", "one of x, z")),
    "unknown level": (also("", "{option: x, to: hihg}"), "hihg", ("unknown level 'hihg' of x", "'high'")),
    "unknown first level": (also("", "{option: x, to: high, from: lo}"), "lo}", ("'lo' of x", "'low'")),
    "no move": (also("", "{option: x, to: high, from: high}"), "high}", ("from high to high",)),
    "option without level": (also("", "{option: x}"), "{option", ("option without to",)),
    "level beside text": (also("", "{text: t, to: low}"), "to: low", ("to beside text", "only beside option")),
    "unknown quantity": (also("", "{quantity: oill, op: '>=', amount: 3}"), "oill", ("'oill'", "Did you mean 'oil'")),
    "no amount": (also("", "{quantity: oil, op: '>='}"), "{quantity", ("quantity without amount",)),
    "uncertain amount": (also("", "{quantity: oil, op: '>=', amount: 3..4}"), "3..4", ("one exact number",)),
    "no number": (also("", "{quantity: oil, op: '>=', amount: many}"), "many", ("one exact number",)),
    "comparison": (also("", "{quantity: oil, op: '=>', amount: 3}"), "'=>'", ("'=>'", ">=")),
    "other unit": (also("", "{quantity: oil, op: '>=', amount: 3, unit: kg}"), "kg", ("'kg' for oil", "'t'")),
    "unknown baseline": (also("", "{quantity: oil, op: '>=', amount: 3, baseline: f}"), "f}", ("'f'",)),
    "circle of baselines": (
        CIRCLE,
        "f}}",
        ("e -> f -> e",),
    ),
    "unknown in a formula": (also("trigger: c and verified(dd)"), "dd", ("unknown commitment 'dd'", "'d'")),
    "unknown event": (also("trigger: event(strom)"), "strom", ("unknown event 'strom'", "'storm'")),
    "unknown party in a formula": (also("trigger: signed(q)"), "q)", ("unknown party 'q'",)),
    "body signs": (also("trigger: signed(v)"), "v)", ("the body 'v'",)),
    "unknown group": (also("trigger: joint(g)"), "g)", ("unknown group 'g'", "it has none")),
    "part in a formula": (also("trigger: c#1"), "#1", ("Name the commitment itself",)),
    "double ampersand": (also("trigger: c && d"), "&& d", ("'and'",)),
    "not": (also("trigger: not c"), "not c", ("not_by(f, date)",)),
    "unknown function": (also("trigger: verifed(c)"), "verifed", ("unknown function", "'verified'")),
    "function without bracket": (also("trigger: verified"), "verified", ("verified(...)",)),
    "open bracket": (also("trigger: (c or d"), None, ("')'",)),
    "dangling and": (also("trigger: c and"), None, ("the end of the formula",)),
    "unknown state": (also("trigger: 'state(c, {du})'"), "du}", ("unknown state 'du'", "'due'")),
    "progress": (also("trigger: progress(c) >= 1.5"), "1.5", ("up to 1",)),
    "progress compared": (also("trigger: progress(c) < 1"), "< 1", ("progress(c) >= 0.5",)),
    "date in a formula": (also("trigger: at(1.1.2000)"), "1.1", ("found '1.1.2000'",)),
    "no such day in a formula": (also("trigger: at(2001-02-29)"), "2001", ("does not exist",)),
    "period in a formula": (also("trigger: 'after(c, 3 moons)'"), "3 moons", ("unit 'moons'",)),
    "after a day that is none": (
        also("trigger: 'after(at(2001-01-31), 1 month)'"),
        "'after",
        ("2001-02-31, which does not exist", "overflow"),
    ),
    "empty formula": (also("trigger: ''"), None, ("the end of the formula",)),
    "formula in braces": (also("trigger: {c: d}"), "{c", ("a mapping", "a formula")),
    "date of a deadline": (also("deadline: 21.10.1994"), "21.10", ("year-month-day",)),
    "no such day": (also("deadline: 2001-02-30"), "2001", ("does not exist",)),
    "year": (also("deadline: 1850-01-01"), "1850", ("1900 to 2200",)),
    "late year": (also("deadline: 2999-01-01"), "2999", ("1900 to 2200",)),
    "time without offset": (also("deadline: '2000-01-01T12:00'"), None, ("without its offset", "+01:00")),
    "no such time": (also("deadline: '2000-01-01T25:00Z'"), None, ("does not exist",)),
    "period": (also("deadline: {within: 3}"), "3}", ("'3'", "unit")),
    "glued period": (also("deadline: {within: 14days}"), "14days", ("Write 14 days",)),
    "order of units": (also("deadline: {within: 3 days 1 month}"), "3 days", ("largest first",)),
    "part of a month": (also("deadline: {within: 1.5 months}"), "1.5", ("whole number",)),
    "long period": (also("deadline: {within: 9999 years}"), "9999", ("at most 300 years",)),
    "negative period": (also("cure: -3 days"), "-3", ("whole number",)),
    "two deadlines": (also("deadline: {within: 1 month, none: never}"), "{within", ("within and none",)),
    "no deadline at all": (also("deadline: {}"), "{}", ("no deadline",)),
    "anchor beside none": (also("deadline: {none: open, of: c}"), "of: c", ("of beside none",)),
    "reason of none": (also("deadline: {none: ' '}"), None, ("an empty text",)),
    "deadline that is no day": (
        also("deadline: {within: 1 month, of: at(2001-01-31)}"),
        "{within",
        ("2001-02-31, which does not exist",),
    ),
    "anchor": (also("deadline: {within: 1 month, of: q}"), "q}", ("unknown commitment 'q'",)),
    "end beyond 2200": (also("deadline: {within: 300 years, of: at(2001-01-01)}"), "{within", ("2200",)),
    "lapse": (also("lapse: {none: open}"), "{none", ("none", "a date")),
    "recurrent without rule": (also("modality: recurrent, deadline: 2001-01-01"), "2001", ("without every",)),
    "recurrent without deadline": (also("modality: recurrent"), None, ("recurrent commitment without deadline",)),
    "rule without recurrence": (
        also("deadline: {every: FREQ=YEARLY, from: 2000-01-01}"),
        "every",
        ("to achieve", "modality: recurrent"),
    ),
    "rule without first date": (also("modality: recurrent, deadline: {every: FREQ=YEARLY}"), None, ("without from",)),
    "rule": (every("yearly"), "'yearly", ("'yearly' in the rule",)),
    "frequency": (every("FREQ=YEARLI"), "'FREQ", ("FREQ=YEARLI", "'YEARLY'")),
    "part of a rule": (every("FREQ=YEARLY;BYMONT=2"), "'FREQ", ("BYMONT=2", "'BYMONTH'")),
    "value in a rule": (every("FREQ=YEARLY;COUNT=0"), "'FREQ", ("COUNT=0",)),
    "hourly": (every("FREQ=HOURLY;COUNT=3"), "'FREQ", ("FREQ=HOURLY", "end with a day")),
    "every second": (every("FREQ=SECONDLY"), "'FREQ", ("FREQ=SECONDLY",)),
    "daily without end": (every("FREQ=DAILY"), "'FREQ", ("more than 10,000",)),
    "count": (every("FREQ=DAILY;COUNT=10001"), "'FREQ", ("at most 10,000",)),
    "huge count": (every(f"FREQ=DAILY;COUNT={'9' * 400}"), "'FREQ", ("at most 10,000",)),
    "never comes": (every("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), "'FREQ", ("a day that exists",)),
    "never meets": (every("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31", "2000-02-01"), "'FREQ", ("never comes",)),
    "until before from": (every("FREQ=DAILY;UNTIL=19990101"), "'FREQ", ("before from",)),
    "until": (every("FREQ=DAILY;UNTIL=20010231"), "'FREQ", ("a day that exists",)),
    "count and until": (every("FREQ=DAILY;UNTIL=20010201;COUNT=3"), "'FREQ", ("COUNT and UNTIL",)),
    "unknown verifier": (
        also("verification: [{by: iaea}]"),
        "iaea",
        ("unknown party or body 'iaea'", "one of a, b, v"),
    ),
    "verifier missing": (also("verification: [{method: m}]"), "{method", ("no by",)),
    "chance": (also("verification: [{by: v, detects: 1.2}]"), "1.2", ("a probability from 0 to 1",)),
    "percent": (also("verification: [{by: v, detects: 90%}]"), "90%", ("decimal: 0.9",)),
    "unknown access": (also("verification: [{by: v, access: q}]"), "q}", ("unknown commitment 'q'",)),
    "own access": (also("verification: [{by: v, access: e}]"), "e}]", ("as its own access",)),
    "lag": (also("verification: [{by: v, lag: {median: 3 days, q90: 2 days}}]"), "2 days", ("below the median",)),
    "endless inspection": (also("verification: [{by: v, every: 0 days}]"), "0 days", ("every 0 days",)),
    "too many verifiers": (also("verification: [{by: v}], verified_by: 2"), "2}", ("2 of 1 verifiers",)),
    "verified by": (also("verified_by: some"), "some", ("any, all, or how many",)),
    "effect": (breach("effect: suspnd, targets: d, automatic: true"), "suspnd", ("'suspend'",)),
    "suspend for ever": (
        breach("effect: suspend, targets: d, automatic: true"),
        "{effect",
        ("without resume_when", "never"),
    ),
    "reverse for ever": (breach("effect: reverse, targets: d, automatic: true"), "{effect", ("without resume_when",)),
    "resume an end": (
        breach("effect: terminate, targets: d, automatic: true, resume_when: c"),
        "resume_when",
        ("only",),
    ),
    "automatic power": (breach(f"{SUSPEND}, power_of: b"), "{effect", ("automatic and power_of",)),
    "nobody's consequence": (breach("effect: terminate, targets: d"), "{effect", ("neither automatic nor power_of",)),
    "power of a body": (breach("effect: terminate, targets: d, power_of: v"), "v}", ("the body 'v'",)),
    "unknown power": (breach("effect: terminate, targets: d, power_of: q"), "q}", ("unknown party 'q'",)),
    "unknown target": (breach("effect: terminate, targets: [d, dd], automatic: true"), "dd", ("'dd'", "'d'")),
    "no target": (breach("effect: terminate, automatic: true"), "{effect", ("terminate without targets",)),
    "suspends all": (
        breach("effect: suspend, targets: agreement, automatic: true, resume_when: c"),
        "agreement",
        ("terminate",),
    ),
    "acts on itself": (breach("effect: activate, targets: e, automatic: true"), "e, auto", ("acting on itself",)),
    "compensation": (breach("effect: compensate, automatic: true"), "{effect", ("compensate without amount",)),
    "negative amount": (breach("effect: compensate, automatic: true, amount: -3"), "-3", ("at least 0",)),
    "amount of an end": (
        breach("effect: terminate, targets: d, automatic: true, amount: 3"),
        "amount",
        ("only beside",),
    ),
    "escalation": (breach("effect: escalate, automatic: true"), "{effect", ("escalate without body",)),
    "unknown body": (breach("effect: escalate, automatic: true, body: q"), "q}", ("unknown body 'q'",)),
    "blockers": (
        breach(f"{SUSPEND}, objection: {{window: 3 days, blockers: q}}"),
        "q}",
        ("unknown party or body 'q'",),
    ),
    "no blocker": (breach(f"{SUSPEND}, objection: {{window: 3 days, blockers: []}}"), "[]}", ("nobody who can block",)),
    "objection without window": (breach(f"{SUSPEND}, objection: {{blockers: b}}"), "{blockers", ("no window",)),
    "level without option": (
        breach(f"{SUSPEND}, level: low".replace("suspend", "reverse")),
        "{effect",
        ("level without option",),
    ),
    "level of a reversal": (
        breach(f"{SUSPEND}, option: x, level: lo".replace("suspend", "reverse")),
        "lo}",
        ("unknown level 'lo' of x",),
    ),
    "reversal to nowhere": (
        NOWHERE,
        "{effect",
        ("reverse without a level",),
    ),
    "replaced by nothing": (also("after_breach: replace"), "replace", ("without anything that replaces",)),
    "after breach": (also("after_breach: kep"), "kep", ("'keep'",)),
    "truth": (also("survives: maybe"), "maybe", ("true or false",)),
    "undoing": (also("reversible: yes"), "yes", ("no, or {time: 2 months}",)),
    "unknown source": (also("source: t"), "t}", ("unknown source 't'", "one of s")),
    "ambiguity": (also("ambiguity: {review: 2000-01-01}"), "{review", ("no deliberate",)),
    "long text": (also(f"note: {'a' * 5000}"), "aaa", ("4,000",)),
    "long formula": (also(f"trigger: {'c or ' * 2000}c"), "c or", ("characters",)),
    "deep formula": (also(f"trigger: {'(' * 400}c{')' * 400}"), "(", ("levels of brackets",)),
    "deep functions": (also(f"trigger: '{'after(' * 90}c{', 1 day)' * 90}'"), None, ("levels of brackets",)),
    "name with a part": ("  c@a: {obligors: a, action: {text: t}}\n", "c@a", ("'#', '@' and ':'",)),
    "name of an instance": ("  'c#1': {obligors: a, action: {text: t}}\n", "'c#1", ("'#', '@' and ':'",)),
    "name of a restoration": ("  'restore:c': {obligors: a, action: {text: t}}\n", "'restore", ("'#', '@' and ':'",)),
    "word as name": ("  verified: {obligors: a, action: {text: t}}\n", "verified", ("no word of the agreement",)),
    "agreement as name": (
        "  agreement: {obligors: a, action: {text: t}}\n",
        "agreement",
        ("no word of the agreement",),
    ),
    "capital": ("  Pay: {obligors: a, action: {text: t}}\n", "Pay", ("small letters", "'pay'")),
    "commitment twice": ("  c: {obligors: a, action: {text: t}}\n", "c:", ("'c' a second time",)),
    "entry": ("entry_into_force: signed(a) and ratified(q)\n", "q)", ("unknown party 'q'",)),
    "group of one": ("groups: {g: [c]}\n", "[c]", ("at least two",)),
    "unknown member": ("groups: {g: [c, q]}\n", "q]", ("unknown commitment 'q'",)),
    "member twice": ("groups: {g: [c, d, c]}\n", None, ("'c' a second time",)),
    "holder": ("powers: {p: {holder: q, may: waive, targets: c}}\n", "q,", ("unknown party or body 'q'",)),
    "unknown power's act": ("powers: {p: {holder: a, may: cancel, targets: c}}\n", "cancel", ("'cancel'", "terminate")),
    "part owed to nobody": (
        also("obligees: b", who="{who: [a, b], mode: each}"),
        "b}",
        ("owing its own part to nobody",),
    ),
    "target of a power": ("powers: {p: {holder: a, may: waive, targets: [c, q]}}\n", "q]", ("unknown commitment 'q'",)),
    "power's time": ("powers: {p: {holder: a, may: waive, targets: c, when: q}}\n", "q}", ("unknown commitment 'q'",)),
    "power's end": ("powers: {p: {holder: a, may: waive, targets: c, expires: {none: x}}}\n", "{none", ("a date",)),
    "amendment of nothing": ("amendments: {m: {replaces: {q: c}}}\n", "q:", ("unknown commitment 'q'",)),
    "amendment by nothing": ("amendments: {m: {replaces: {c: q}}}\n", "q}", ("unknown commitment 'q'",)),
    "amendment by itself": ("amendments: {m: {replaces: {c: c}}}\n", "c}", ("replaced by itself",)),
    "empty amendment": ("amendments: {m: {}}\n", "m:", ("without effect",)),
    "new twice": ("amendments: {m: {adds: d}, n: {replaces: {c: d}}}\n", "d}}}", ("'d' a second time", "in m")),
    "circle of amendments": (
        "amendments: {m: {replaces: {c: d}}, n: {replaces: {d: c}}}\n",
        "d}}, n",
        ("each replaced by the next",),
    ),
    "longer circle of amendments": (
        also("").replace("e:", "f:")
        + "amendments: {m: {replaces: {c: d}}, n: {replaces: {d: f}}, o: {replaces: {f: c}}}\n",
        "d}}, n",
        ("each replaced by the next",),
    ),
    "review": ("reviews: [2001-01-01, 2001-13-01]\n", "2001-13", ("does not exist",)),
    "review twice": ("reviews: [2001-01-01, 2001-01-01]\n", None, ("a second time",)),
    "sunset": ("sunset: never\n", "never", ("year-month-day",)),
    "exit without notice": ("exit: {survivors: c}\n", "{surv", ("no notice",)),
    "survivors": ("exit: {notice: 3 months, survivors: q}\n", "q}", ("unknown commitment 'q'",)),
    "dispute body": ("dispute: {window: 30 days, body: a}\n", "a}", ("unknown body 'a'", "one of v")),
    "dispute default": ("dispute: {window: 30 days, default: breach}\n", "breach", ("'breached'",)),
    "notice": ("notice: soon\n", "soon", ("a period such as",)),
    "overflow": ("calendar: {overflow: clamp}\n", "clamp", ("error, 'down' or 'up'".replace("'", ""),)),
    "weekend": ("calendar: {weekend: [sunny]}\n", "sunny", ("'sunday'",)),
    "no working day": (
        "calendar: {weekend: [monday, tuesday, wednesday, thursday, friday, saturday, sunday]}\n",
        "[monday",
        ("every day off",),
    ),
    "holiday": ("calendar: {holidays: [25 December]}\n", "25", ("year-month-day",)),
    "case beside options": ("case: elmira\n", None, ("options beside case",)),
    "reading of nobody": ("readings: {q: {notice: 3 days}}\n", "q:", ("unknown party 'q'",)),
    "reading of the parties": ("readings: {a: {parties: {}}}\n", "parties", ("'parties' in a reading",)),
    "reading of nothing": ("readings: {a: {commitments: {q: {cure: 1 day}}}}\n", "q:", ("not among commitments",)),
    "reading without": ("readings: {a: {commitments: {c: }}}\n", None, ("a mapping of what",)),
    "reading that breaks": (
        "readings: {a: {commitments: {c: {trigger: q}}}}\n",
        "q}",
        ("readings.a.commitments.c", "'q'"),
    ),
    "reading misspelt": ("readings: {a: {commitments: {c: {triger: d}}}}\n", "triger", ("'trigger'",)),
    "reading that is a list": ("readings: {a: [c]}\n", "[c]", ("a list", "a mapping")),
    "two documents": ("---\na: 1\n", None, ("second document",)),
    "tag": ("title: !!python/object:os.system x\n", None, ("tag",)),
    "yaml anchor": ("title: &t x\n", None, ("anchor",)),
    "null byte": ("title: a\0b\n", None, ("U+0000",)),
    "direction": ("title: a\u202eb\n", None, ("U+202E",)),
}
HEAD_MISTAKES: dict[str, tuple[str, str, int, tuple[str, ...]]] = {  # name: (line of HEAD, other line, line, pieces)
    "zone": ("zone: UTC", "zone: Europe/Viena", 3, ("'Europe/Viena'", "'Europe/Vienna'")),
    "zone as a path": ("zone: UTC", "zone: ../../etc/passwd", 3, ("IANA",)),
    "absolute zone": ("zone: UTC", "zone: /usr/share/zoneinfo/UTC", 3, ("IANA",)),
    "no zone": ("zone: UTC", "note: none", 1, ("no zone", "Add zone")),
    "format": ("detente-agreement: 1", "detente-agreement: 2", 1, ("format '2'",)),
    "no format": ("detente-agreement: 1", "note: none", 1, ("no detente-agreement",)),
    "path as name": ("name: test", "name: ../x", 2, ("the name '../x'",)),
    "one party": ("parties: {a: {name: First}, b: {}}", "parties: {a: {}}", 4, ("one party", "at least two")),
    "body of a party's name": ("bodies: {v: {name: Watchers}}", "bodies: {a: }", 5, ("among parties and bodies",)),
    "role": ("bodies: {v: {name: Watchers}}", "bodies: {v: {role: judge}}", 5, ("'judge'", "arbiter")),
    "quantity of a commitment's name": ("quantities: {oil: {unit: t}}", "quantities: {c: }", 6, ("among commitments",)),
}
MANY_DAYS = [f"{1900 + n % 300}-{1 + n // 300 % 12:02}-{1 + n // 3600 % 28:02}" for n in range(150_000)]
WHOLE: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "empty": (b"", ("an agreement",)),
    "list": (b"- a\n", ("a list",)),
    "text": (b"hello\n", ("'hello'",)),
    "empty mapping": (b"{}", ("no detente-agreement", "no name", "no zone", "no parties", "no commitments")),
    "a case": (b"detente: 1\nname: x\nparties: {a: }\noptions: {x: {party: a}}\n", ("'detente'", "no zone")),
    "no commitments": (HEAD.split("commitments", maxsplit=1)[0].encode() + b"commitments: {}\n", ("no commitment",)),
    "png": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", ("UTF-8",)),
    "utf-16": ("detente-agreement: 1".encode("utf-16"), ("UTF-8",)),
    "depth": (b"a: " + b"[" * 10**6, ("64 levels of nesting",)),
    "two million values": (b"a: [" + b"0," * 2_000_000 + b"]", ("1,000,000",)),
    "many commitments": (
        HEAD.encode() + b"".join(b"  c%d: {}\n" % n for n in range(20_000)),
        ("20,002 commitments", "at most 5,000"),
    ),
    "many reviews": (f"{HEAD}reviews: [{', '.join(MANY_DAYS)}]\n".encode(), ("a second time",)),
    "many unknown names": (
        (HEAD + "".join(also(f"trigger: x{n} and y{n}").replace("  e:", f"  e{n}:") for n in range(4000))).encode(),
        ("unknown commitment 'x0'", "at least 150 more problems"),
    ),
    "many readings": (
        (HEAD.replace("b: {}}", ", ".join(["b: {}", *(f"p{n}: " for n in range(40))]) + "}")
         + "".join(also("").replace("  e:", f"  e{n}:") for n in range(600))
         + "readings: {" + ", ".join(f"p{n}: {{notice: 3 days}}" for n in range(40)) + "}\n").encode(),
        ("40 readings of 602 commitments", "20,000"),
    ),
    "many absurd rules": (
        (HEAD + "".join(every("FREQ=DAILY;COUNT=9999").replace("  e:", f"  e{n}:") for n in range(900))).encode(),
        ("more than 20,000 dates of all rules",),
    ),
    "many rules that never come": (
        (
            HEAD
            + "".join(
                every("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31", f"{1901 + n % 200}-02-{1 + n // 200:02}").replace(
                    "  e:", f"  e{n}:"
                )
                for n in range(1000)
            )
        ).encode(),
        ("never comes",),
    ),
}  # fmt: skip


def message(data: bytes) -> str:
    started = time.process_time()
    with pytest.raises((CaseError, UsageError)) as caught:
        Agreement.from_text(data, "f.agreement.yaml")
    assert time.process_time() - started < 2  # one second, doubled for a slow machine
    return str(caught.value)


def test_there_are_at_least_sixty() -> None:
    assert len(MISTAKES) + len(HEAD_MISTAKES) + len(WHOLE) >= 60


def test_without_a_mistake_it_is_read() -> None:
    assert not Agreement.from_text(HEAD).warnings


@pytest.mark.parametrize("name", list(MISTAKES))
def test_mistakes_are_told_with_place_and_mend(name: str) -> None:
    text, piece, pieces = MISTAKES[name]
    told = message((HEAD + text).encode())
    for part in pieces:
        assert part in told
    if piece is not None:
        columns = {
            f"f.agreement.yaml:{LINE + n}:{at + 1}:"
            for n, line in enumerate(text.splitlines())
            for at in range(len(line))
            if line.startswith(piece, at)
        }
        assert any(c in told for c in columns), told
    assert len(told.splitlines()) == 1, told  # one mistake, one message


@pytest.mark.parametrize("name", list(HEAD_MISTAKES))
def test_mistakes_at_the_head_are_told(name: str) -> None:
    line, other, number, pieces = HEAD_MISTAKES[name]
    told = message(HEAD.replace(line, other).encode())
    for part in pieces:
        assert part in told
    assert f"f.agreement.yaml:{number}:" in told


@pytest.mark.parametrize("name", list(WHOLE))
def test_whole_files_that_are_no_agreement(name: str) -> None:
    data, pieces = WHOLE[name]
    told = message(data)
    for part in pieces:
        assert part in told


def test_all_mistakes_at_once() -> None:
    text = HEAD + also("triger: c") + "groups: {g: [c, q]}\nnotice: soon\nreviews: [x]\n"
    told = message(text.encode())
    assert len(told.splitlines()) == 4


def test_what_is_said_of_a_broken_part_is_said_once() -> None:
    text = HEAD + also("cure: soon") + "  f: {obligors: b, action: {text: t}, trigger: e}\n"
    told = message(text.encode())
    assert len(told.splitlines()) == 1  # nothing of the trigger that names the broken one


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", "..\\x", "C:\\x", "~/x", "x/..", "//host/x"])
def test_a_linked_case_cannot_leave_the_folder(path: str, tmp_path: Path) -> None:
    file = tmp_path / "a.agreement.yaml"
    file.write_text(HEAD.replace("options: {x: {party: a, levels: [low, mid, high]}, z: {}}", f"case: '{path}'"))
    with pytest.raises(CaseError, match="a file below this folder"):
        read_agreement(file)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out.case.yaml").write_text("detente: 1\nname: x\nparties: {a: }\noptions: {x: {party: a}}\n")
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "in.case.yaml").symlink_to(tmp_path / "out.case.yaml")
    file = inner / "a.agreement.yaml"
    link = "case: in.case.yaml"
    text = HEAD.replace("options: {x: {party: a, levels: [low, mid, high]}, z: {}}", link)
    file.write_text(text + also("", "{option: x, to: yes}"))
    with pytest.raises(CaseError, match="leads out of its folder"):
        read_agreement(file)
    file.write_text(text)
    with pytest.raises(UsageError, match="leads out of its folder"):
        _ = read_agreement(file).case


def test_a_case_that_cannot_be_read_is_told_at_its_name(tmp_path: Path) -> None:
    (tmp_path / "in.case.yaml").write_text("detente: 1\nname: x\n")
    file = tmp_path / "a.agreement.yaml"
    text = HEAD.replace("options: {x: {party: a, levels: [low, mid, high]}, z: {}}", "case: in")
    file.write_text(text + also("", "{option: x, to: yes}"))
    with pytest.raises(CaseError, match=r"a.agreement.yaml:7:7: case: found the case 'in' with no options"):
        read_agreement(file)
    file.write_text(text.replace("case: in", "case: nowhere") + also("", "{option: x, to: yes}"))
    with pytest.raises(CaseError, match="no case 'nowhere' in the catalog"):
        read_agreement(file)


@pytest.mark.parametrize("name", ["nothing", "a\0b", "x" * 5000, "."])
def test_what_is_no_agreement_is_refused(name: str) -> None:
    with pytest.raises(UsageError):
        read_agreement(name)
