"""Start-up and brief as whole commands."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from bench.measure import best_of


def run() -> None:
    """Start-up and brief times."""
    program = [sys.executable, "-m", "detente"]
    with tempfile.TemporaryDirectory() as folder:
        for label, words, bar in (
            ("detente --help", ["--help"], 0.15),
            ("detente check korea-2019", ["check", "korea-2019"], 10),
            ("detente brief korea-2019", ["brief", "korea-2019", "-o", str(Path(folder) / "b.html")], 10),
        ):
            seconds = best_of(5, lambda w=words: subprocess.run([*program, *w], check=True, capture_output=True))  # type: ignore[misc]
            print(f"{label:<44} {seconds:>8.3f} s (at most {bar:g} s)", flush=True)
