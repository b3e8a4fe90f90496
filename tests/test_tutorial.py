"""The README's tutorial runs as printed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"```(console|python)\n(.*?)```", re.DOTALL)


def test_the_tutorial_prints_what_it_says(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    tutorial = text.split("## Five minutes")[1].split("\n## ")[0]
    commands = 0
    for kind, block in BLOCK.findall(tutorial):
        if kind == "python":
            done = subprocess.run(
                [sys.executable, "-c", as_program(block)], cwd=tmp_path, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
            commands += 1
            continue
        for command, expected in sessions(block):
            words = command.split()
            assert words[0] == "detente", command
            done = subprocess.run(
                [sys.executable, "-m", *words],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                check=False,
                encoding="utf-8",
            )
            printed = [line.rstrip() for line in (done.stdout + done.stderr).splitlines()]
            assert matches(printed, expected), f"$ {command}\n" + "\n".join(printed)
            commands += 1
    assert commands >= 6


def as_program(block: str) -> str:
    """Lines ``>>> x`` with expected values become assertions."""
    lines = block.strip().splitlines()
    program: list[str] = []
    for n, line in enumerate(lines):
        if not line.startswith(">>> "):
            continue
        source = line.removeprefix(">>> ")
        follows = lines[n + 1] if n + 1 < len(lines) and not lines[n + 1].startswith(">>>") else None
        program.append(source if follows is None else f"assert repr({source}) == {follows!r}, repr({source})")
    return "\n".join(program)


def sessions(block: str) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line.removeprefix("$ "), []))
        elif found:
            found[-1][1].append(line.rstrip())
    return found


def matches(printed: list[str], expected: list[str]) -> bool:
    """Whether the lines agree, ``...`` standing for any lines."""
    if not expected:
        return True
    if expected[0] == "...":
        return any(matches(printed[n:], expected[1:]) for n in range(len(printed) + 1)) if expected[1:] else True
    return bool(printed) and printed[0] == expected[0] and matches(printed[1:], expected[1:])
