"""The rules of the house: sizes, clean texts, light imports, exact public names."""

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"
PACKAGE = SOURCE / "detente"
MODULES = sorted(PACKAGE.rglob("*.py"))
PACKAGES = sorted(PACKAGE.rglob("__init__.py"))

MOST_LINES_IN_MODULE = 400
MOST_LINES_IN_FUNCTION = 60
MOST_PARAMETERS = 7

# Put together, so that this file does not find itself.
MARKS = re.compile(r"\b(?:" + "|".join(["TO" + "DO", "FIX" + "ME"]) + r")\b")
MACHINE_PATHS = re.compile(r"(?<![\w.~-])/(?:work|root|home)/")

FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, FUNCTIONS):
            yield node


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    assert node.end_lineno is not None
    return node.end_lineno - node.lineno + 1


def parameters_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    names = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def texts() -> Iterator[tuple[Path, str]]:
    """Give every text file that is, or is about to be, under version control."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listing.stdout.decode().split("\0")):
        path = ROOT / name
        if not path.is_file():
            continue
        try:
            yield path, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def hits(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name_of(path)}:{number}: {line.strip()}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


def test_modules_are_short() -> None:
    sizes = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: size for name, size in sizes.items() if size > MOST_LINES_IN_MODULE} == {}


def test_functions_are_short() -> None:
    sizes = {f"{name_of(p)}:{f.lineno} {f.name}": lines_of(f) for p in MODULES for f in functions(p)}
    assert {name: size for name, size in sizes.items() if size > MOST_LINES_IN_FUNCTION} == {}


def test_functions_have_few_parameters() -> None:
    counts = {f"{name_of(p)}:{f.lineno} {f.name}": parameters_of(f) for p in MODULES for f in functions(p)}
    assert {name: count for name, count in counts.items() if count > MOST_PARAMETERS} == {}


def test_nothing_is_left_to_do() -> None:
    assert hits(MARKS) == []


def test_no_text_names_a_place_on_one_machine() -> None:
    assert hits(MACHINE_PATHS) == []


@pytest.mark.parametrize("text", ["see /{}/x", "'/{}/x'", "/{}/"])
@pytest.mark.parametrize("place", ["work", "root", "home"])
def test_machine_paths_are_recognised(text: str, place: str) -> None:
    assert MACHINE_PATHS.search(text.format(place))
    assert not MACHINE_PATHS.search("https://example.org" + f"/{place}/x")


HELP = """
import sys
import detente.cli
sys.argv = ["detente", "--help"]
try:
    detente.cli.main()
except SystemExit as stop:
    assert not stop.code, stop.code
"""


@pytest.mark.parametrize("program", ["import detente", HELP], ids=["import", "help"])
def test_starting_is_light(program: str) -> None:
    check = "\nimport sys\nprint('heavy:', *sorted({'numpy', 'scipy', 'pandas'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", program + check], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "heavy:"


def order_of(name: str) -> tuple[int, str]:
    """Sort as the linter does: CONSTANTS, then Classes, then functions."""
    if name.isupper() and len(name) > 1:
        return 0, name
    return (1 if name[:1].isupper() else 2), name


@pytest.mark.parametrize("path", PACKAGES, ids=[p.parent.relative_to(SOURCE).as_posix() for p in PACKAGES])
def test_public_names_are_exact(path: Path) -> None:
    module = importlib.import_module(".".join(path.parent.relative_to(SOURCE).parts))
    names = getattr(module, "__all__", None)
    if names is None:
        body = ast.parse(path.read_text(encoding="utf-8")).body
        assert all(isinstance(node, ast.Expr) for node in body), "a package that holds names declares them in __all__"
        return
    assert list(names) == sorted(set(names), key=order_of)
    assert [name for name in names if not hasattr(module, name)] == []
