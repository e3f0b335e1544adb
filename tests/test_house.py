"""The house rules that a machine can hold: layers, types, start-up, sizes, docstrings, packaging lists."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "matcalc").rglob("*.py"))
ENGINE = {"core", "operators", "identities", "rewrite", "derive"}
DOORS = {"matcalc/app/cli.py"}  # each command imports what it needs, so that the process starts at once
HEAVY = {"numpy", "sympy", "mpmath", "scipy", "lark"}


def run(*command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8"
    )


def test_rooms_import_downwards_only() -> None:
    done = run(
        sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_types() -> None:
    done = run(sys.executable, "-m", "mypy")
    assert done.returncode == 0, done.stdout + done.stderr


PROGRAM = """
import sys, matcalc
assert not [m for m in sys.modules if m.startswith("matcalc.")], "matcalc/__init__ is not lazy"
print(matcalc.problem("‖Ax − b‖²").gradient("x"))
print(*sorted({m.partition(".")[0] for m in sys.modules}))
"""


def test_a_plain_derivation_loads_no_heavy_package() -> None:
    done = run(sys.executable, "-c", PROGRAM)
    formula, loaded = done.stdout.splitlines()
    assert formula == "2Aᵀ(Ax − b)" and HEAVY.isdisjoint(loaded.split()), done.stdout + done.stderr


def own_imports_inside_functions(tree: ast.Module) -> list[str]:
    """The modules of ours that are imported anywhere but at the top of a file."""
    top = {id(s) for s in tree.body} | {id(s) for b in tree.body if isinstance(b, ast.If) for s in b.body}
    late = [s for s in ast.walk(tree) if isinstance(s, ast.Import | ast.ImportFrom) and id(s) not in top]
    names = [
        n
        for s in late
        for n in ([a.name for a in s.names] if isinstance(s, ast.Import) else [s.module or ""])
    ]
    return [n for n in names if n.partition(".")[0] == "matcalc"]


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_source_file(path: Path) -> None:
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    assert ast.get_docstring(tree) is not None, "a module opens with why it exists"
    assert text.count("\n") <= (400 if path.parent.name in ENGINE else 450), "split by topic"
    if path.relative_to(ROOT).as_posix() not in DOORS:
        assert own_imports_inside_functions(tree) == []
    public = [s for s in tree.body if isinstance(s, ast.FunctionDef | ast.ClassDef) and s.name[0] != "_"]
    assert [s.name for s in public if not ast.get_docstring(s)] == []


def test_every_package_is_shipped() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    listed = set(settings["tool"]["setuptools"]["packages"])
    packages = [p.parent.relative_to(ROOT) for p in SOURCES if p.name == "__init__.py"]
    found = {p.as_posix().replace("/", ".") for p in packages}
    assert listed == found | {"matcalc.grammar"}


def test_no_todo_without_an_issue() -> None:
    for path in SOURCES:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            assert not re.search(r"\b(TODO|FIXME|XXX)\b(?!\(#\d+\))", line), f"{path}:{number}"
