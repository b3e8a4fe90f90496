"""Bad input: every human mistake and every hostile file is a clear error, quickly, and never a crash."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import detente

HEAD = """detente: 1
name: test
parties: {a: {name: First}, b: {}}
options:
  x: {party: a, levels: [low, mid, high]}
  y: {party: b}
"""
WANTS = "preferences: {a: {utility: {x: {mid: 1}}}, b: {utility: {y: 1}}}\n"
DEEP = 10**6

# name: (text after HEAD, line or None, pieces of the message)
MISTAKES: dict[str, tuple[str, int | None, tuple[str, ...]]] = {
    "tab": ("views:\n\tv: {}\n", 8, ("spaces, not tabs",)),
    "no colon": ("status_quo\n", None, ("colon",)),
    "open quote": ('title: "half\n', None, ("well-formed YAML",)),
    "open bracket": ("infeasible: [x == low\n", None, ("well-formed YAML",)),
    "open brace": ("status_quo: {x: low\n", None, ("well-formed YAML",)),
    "condition in braces": ("preferences: {a: {utility: {x == low: 3, [y]: 2}}}\n", 7, ("needs quotes",)),
    "duplicate block": ("parties: {c: {}}\n", 7, ("'parties' a second time", "line 3")),
    "duplicate key": ("numbers: {n: 1, n: 2}\n", 7, ("'n' a second time",)),
    "indentation": ("status_quo:\n    x: low\n  y: yes\n", None, ("well-formed YAML",)),
    "unknown block": ("infeasable: []\n", 7, ("'infeasable'", "Did you mean 'infeasible'")),
    "unknown party key": ("views: {v: {parties: {a: {nam: X}}}}\n", 7, ("'nam'", "Did you mean 'name'")),
    "unknown option": ("infeasible: [z == low]\n", 7, ("unknown option 'z'",)),
    "unknown level": ("infeasible: [x == hihg]\n", 7, ("unknown level 'hihg'", "Did you mean 'high'")),
    "level as option": ("infeasible: [high and y]\n", 7, ("is a level of 'x'", "x == high")),
    "level number": ("infeasible: [x == 3]\n", 7, ("level number '3'", "0 to 2")),
    "chain": ("infeasible: [low < x == high]\n", 7, ("found",)),
    "chained comparison": ("infeasible: [x < high == mid]\n", 7, ("one comparison at a time",)),
    "single equals": ("infeasible: [x = low]\n", 7, ("'=='",)),
    "double ampersand": ("infeasible: [x && y]\n", 7, ("'and'",)),
    "pipe": ("infeasible: ['x | y']\n", 7, ("'or'",)),
    "exclamation": ("infeasible: ['! y']\n", 7, ("'not'",)),
    "capital": ("infeasible: [X == low]\n", 7, ("small letters", "'x'")),
    "dangling and": ("infeasible: [x == low and]\n", 7, ("end of the condition",)),
    "open paren": ("infeasible: [(x == low]\n", 7, ("')'",)),
    "stray paren": ("infeasible: ['x == low)']\n", 7, ("')'",)),
    "empty in": ("infeasible: ['x in {}']\n", 7, ("level",)),
    "empty condition": ("infeasible: ['']\n", 7, ("end of the condition",)),
    "pattern length": ("infeasible: ['YN-']\n", 7, ("pattern", "2 options")),
    "not a list": ("infeasible: x == low\n", 7, ("a list",)),
    "status quo option": ("status_quo: {z: low}\n", 7, ("unknown option 'z'",)),
    "status quo level": ("status_quo: {x: lo}\n", 7, ("unknown level 'lo'", "Did you mean 'low'")),
    "infeasible today": ("infeasible: [x == mid]\nstatus_quo: {x: mid}\n", 8, ("ruled out by infeasible[0]",)),
    "no form": ("preferences: {a: {}}\n", 7, ("no preference", "utility, ranking")),
    "two forms": ("preferences: {a: {utility: {x: {mid: 1}}, ranking: [y]}}\n", 7, ("utility and ranking",)),
    "types and form": ("preferences: {a: {types: {t: {ranking: [y]}}, ranking: [y]}}\n", 7, ("types beside",)),
    "unknown party": ("preferences: {c: {ranking: [y]}}\n", 7, ("unknown party 'c'",)),
    "mediator wants": ("preferences: {m: {ranking: [y]}}\n", 7, ("unknown party 'm'",)),
    "percent": ("preferences: {a: {utility: {x: {mid: 20%}}}}\n", 7, ("decimal: 0.2",)),
    "decimal comma": ("preferences: {a: {utility: {x: {mid: '1,5'}}}}\n", 7, ("with a point",)),
    "dash range": ("preferences: {a: {utility: {x: {mid: 1-5}}}}\n", 7, ("low..high",)),
    "bare point": ("preferences: {a: {utility: {x: {mid: .5}}}}\n", 7, ("0 before the point",)),
    "negative spread": ("preferences: {a: {utility: {x: {mid: 5 ± -1}}}}\n", 7, ("standard deviation",)),
    "mode outside": ("preferences: {a: {utility: {x: {mid: 1..9..5}}}}\n", 7, ("mode in the middle",)),
    "unknown number": (
        "preferences: {a: {utility: {x: {mid: benfit}}}}\nnumbers: {benefit: 3}\n",
        7,
        ("Did you mean",),
    ),
    "no number": ("preferences: {a: {utility: {x: {mid: }}}}\n", 7, ("nothing",)),
    "list for number": ("preferences: {a: {utility: {x: {mid: [1]}}}}\n", 7, ("a list",)),
    "infinite": ("preferences: {a: {utility: {x: {mid: .inf}}}}\n", 7, ("number",)),
    "huge": ("preferences: {a: {utility: {x: {mid: 1e999999}}}}\n", 7, ("digits",)),
    "too large": ("preferences: {a: {utility: {x: {mid: 1e99}}}}\n", 7, ("between 1e-18 and 1e18",)),
    "long number": (f"numbers: {{n: {'9' * 10**6}}}\n", 7, ("digits",)),
    "evidence key": ("numbers: {n: {value: 3, sorce: a}}\n", 7, ("'sorce'", "Did you mean 'source'")),
    "evidence sure": ("numbers: {n: {value: 3, sure: maybe}}\n", 7, ("sure, fairly or guess",)),
    "unknown source": ("numbers: {n: {value: 3, source: cd}}\nsources: {ce: X}\n", 7, ("unknown source 'cd'",)),
    "named number": ("numbers: {n: m, m: 3}\n", 7, ("another name",)),
    "discount": ("views: {v: {parties: {a: {discount: 1.5}}}}\n", 7, ("discount factor",)),
    "two assumed": (
        "preferences: {a: {types: {s: {ranking: [y], assumed: true}, t: {ranking: [y], assumed: true}}}}\n",
        7,
        ("assumed",),
    ),
    "two rests": (
        "preferences: {a: {types: {s: {ranking: [y], prior: rest}, t: {ranking: [y], prior: rest}}}}\n",
        7,
        ("at most one",),
    ),
    "missing prior": (
        "preferences: {a: {types: {s: {ranking: [y], prior: 0.2}, t: {ranking: [y]}}}}\n",
        7,
        ("no prior",),
    ),
    "prior above one": ("preferences: {a: {types: {s: {ranking: [y], prior: 1.2}}}}\n", 7, ("probability",)),
    "pair": ("preferences: {a: {partial: [[y]]}}\n", 7, ("a pair",)),
    "one pair": ("preferences: {a: {partial: [y, not y]}}\n", 7, ("a list of pairs",)),
    "correlated": ("correlated: [[a.x, b.z, 0.5]]\n" + WANTS, 7, ("unknown input 'b.z'",)),
    "correlation": ("correlated: [[a.x, a.x, 2]]\n" + WANTS, 7, ("correlation from -1 to 1",)),
    "date": ("as_of: 29.1.2019\n", 7, ("year-month-day",)),
    "no such day": ("as_of: 2019-02-30\n", 7, ("a date",)),
    "period": ("period: fortnight\n", 7, ("'fortnight'", "month")),
    "view chain": ("views: {v: {extends: w}, w: {extends: v}}\n", 7, ("extends itself",)),
    "view block": ("views: {v: {preferences: {a: {utility: {z: {mid: 1}}}}}}\n", 7, ("unknown option 'z'", "views.v")),
    "view adds option": ("views: {v: {options: {z: {party: a}}}}\n", None, ("a change that adds 'z'",)),
    "two documents": ("---\na: 1\n", 7, ("second document",)),
    "merge key": ("views: {<<: {v: {}}}\n", 7, ("merge key",)),
    "tag": ("title: !!python/object:os.system x\n", 7, ("tag",)),
    "anchor": ("title: &t x\n", 7, ("anchor",)),
    "alias": ("title: &t x\nmarking: *t\n", 7, ("anchor", "alias")),
    "null byte": ("title: a\0b\n", 7, ("U+0000",)),
    "direction": ("title: a\u202eb\n", 7, ("U+202E",)),
    "zero width": ("infeasible: [x\u200b == low]\n", 7, ("U+200B",)),
    "homoglyph": ("infeasible: ['\u0445 == low']\n", 7, ("options, levels",)),
    "long condition": (f"infeasible: ['{'x or ' * 200_000}x']\n", 7, ("characters",)),
    "deep condition": (f"infeasible: ['{'(' * 9000}x{')' * 9000}']\n", 7, ("brackets",)),
    "many nots": (f"infeasible: ['{'not ' * 4000}x']\n", 7, ("not",)),
    "long title": (f"title: {'a' * 5000}\n", 7, ("4,000",)),
}
WHOLE: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "empty": (b"", ("a case",)),
    "list": (b"- a\n- b\n", ("a list",)),
    "text": (b"hello\n", ("'hello'",)),
    "csv": (b"a,b,c\n1,2,3\n", ("a case",)),
    "no version": (b"name: x\nparties: {a: }\noptions: {x: {party: a}}\n", ("no detente",)),
    "version": (b"detente: 2\nname: x\nparties: {a: }\noptions: {x: {party: a}}\n", ("format '2'",)),
    "no options": (b"detente: 1\nname: x\nparties: {a: }\noptions: {}\n", ("no option",)),
    "path as name": (
        b"detente: 1\nname: ../../etc/passwd\nparties: {a: }\noptions: {x: {party: a}}\n",
        ("etc-passwd",),
    ),
    "html as id": (b"detente: 1\nname: x\nparties: {<b>: }\noptions: {x: {party: a}}\n", ("the name '<b>'",)),
    "reserved": (
        b"detente: 1\nname: x\nparties: {a: }\noptions: {not: {party: a}}\n",
        ("no word of the case",),
    ),
    "state number": (b"detente: 1\nname: x\nparties: {a: }\noptions: {s12: {party: a}}\n", ("no word of the case",)),
    "png": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", ("UTF-8",)),
    "utf-16": ("detente: 1".encode("utf-16"), ("UTF-8",)),
    "latin-1": ("detente: 1\ntitle: é\n".encode("latin-1"), ("UTF-8",)),
    "depth": (b"a: " + b"[" * DEEP, ("64 levels of nesting",)),
    "depth of braces": (b"{a: " * 100_000, ("64 levels of nesting",)),
    "brackets": (b"[]" * 200_000, ("well-formed",)),
    "two million values": (b"a: [" + b"0," * 2_000_000 + b"]", ("1,000,000",)),
    "laughs": (b"a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n", ("anchor", "alias")),
    "many levels": (HEAD.replace("low, mid, high", ",".join(f"l{n}" for n in range(10**5))).encode(), ("36 levels",)),
    "many bad options": (
        b"detente: 1\nname: x\nparties: {a: }\noptions:\n"
        + b"".join(b"  o%d: {party: z%d}\n" % (n, n) for n in range(900)),
        ("unknown party 'z0'", "at least 150 more problems"),
    ),
    "no name": (b"detente: 1\nparties: {us: }\noptions: {a: {party: us}}\n", ("no name", "Add name:")),
    "an empty mapping": (b"{}", ("no detente", "no name", "no parties", "no options")),
    "too many options": (
        b"detente: 1\nname: x\nparties: {a: }\noptions:\n"
        + b"".join(b"  o%d: {party: a}\n" % n for n in range(20_000)),
        ("20,000 options", "at most 1,000"),
    ),
    "hidden characters": (b'detente: 1\nname: x\ntitle: "a\\u202eb"\n', ("U+202E written with a backslash",)),
}


def message(data: bytes) -> str:
    with pytest.raises((detente.CaseError, detente.UsageError)) as caught:
        detente.Case.from_text(data, "f.case.yaml")
    return str(caught.value)


def test_there_are_at_least_sixty() -> None:
    assert len(MISTAKES) + len(WHOLE) >= 60


@pytest.mark.parametrize("name", list(MISTAKES))
def test_mistakes_are_told_with_place_and_mend(name: str) -> None:
    text, line, pieces = MISTAKES[name]
    told = message((HEAD + text).encode())
    for piece in pieces:
        assert piece in told
    if line is not None:
        assert f"f.case.yaml:{line}:" in told


@pytest.mark.parametrize("name", list(WHOLE))
def test_whole_files_that_are_no_case(name: str) -> None:
    data, pieces = WHOLE[name]
    told = message(data)
    for piece in pieces:
        assert piece in told


def test_odd_but_valid_files_are_read() -> None:
    text = HEAD + WANTS + "title: <script>alert(1)</script>\nsources: {s: 'http://example.org'}\n"
    case = detente.Case.from_text(b"\xef\xbb\xbf" + text.encode())
    assert case.title == "<script>alert(1)</script>"


# Started by a small process: the largest memory that the system tells of a program counts in that of its starter.
MEASURED = """
import resource, subprocess, sys
done = subprocess.run([sys.executable, "-m", "detente", "check", sys.argv[1]])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print()
print(done.returncode, used.ru_maxrss, used.ru_utime + used.ru_stime)
"""


def test_the_program_refuses_each_quickly_in_little_memory(tmp_path: Path) -> None:
    files = {n: (HEAD + t).encode() for n, (t, _, _) in MISTAKES.items() if len(t) > 3000 or n in ("tag", "null byte")}
    files |= {n: d for n, (d, _) in WHOLE.items()}
    for name, data in files.items():
        file = tmp_path / "bad.case.yaml"
        file.write_bytes(data)
        done = subprocess.run([sys.executable, "-c", MEASURED, str(file)], capture_output=True, text=True, check=False)
        status, memory, seconds = (float(x) for x in done.stdout.splitlines()[-1].split())
        said = done.stdout + done.stderr
        assert status == 2, (name, said[:300])
        assert "Traceback" not in said, name
        assert memory < 500 * 1024, (name, memory)
        assert seconds < 4, (name, seconds)  # two seconds, doubled for a slow machine
