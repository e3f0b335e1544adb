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
HEAVY = {"numpy", "sympy", "mpmath", "scipy", "lark"}


def run(*command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8")


def test_rooms_import_downwards_only() -> None:
    done = run(sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache")
    assert done.returncode == 0, done.stdout + done.stderr


def test_types() -> None:
    done = run(sys.executable, "-m", "mypy")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_plain_derivation_loads_no_heavy_package() -> None:
    program = """
import sys, matcalc
assert not [m for m in sys.modules if m.startswith("matcalc.")], "matcalc/__init__ is not lazy"
print(matcalc.problem("‖Ax − b‖²").gradient("x"))
print(sorted({m.partition(".")[0] for m in sys.modules} & %r))
""" % HEAVY
    done = run(sys.executable, "-c", program)
    assert done.stdout.splitlines() == ["2Aᵀ(Ax − b)", "[]"], done.stdout + done.stderr


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_source_file(path: Path) -> None:
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    assert ast.get_docstring(tree) is not None, "a module opens with why it exists"
    assert text.count("\n") <= 450, "split by topic"
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            inside = {id(n) for f in ast.walk(node) if isinstance(f, ast.FunctionDef) for n in ast.walk(f)}
            imports = [n for n in ast.walk(node) if isinstance(n, (ast.Import, ast.ImportFrom)) and id(n) in inside]
            for statement in imports:
                names = [a.name for a in statement.names] if isinstance(statement, ast.Import) else [statement.module]
                ours = [n for n in names if n and n.partition(".")[0] not in HEAVY | {"importlib"}]
                assert not ours, f"line {statement.lineno}: {ours} is imported inside a function"
    for statement in tree.body:
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef)) and not statement.name.startswith("_"):
            assert ast.get_docstring(statement), f"{statement.name} has no docstring"


def test_every_package_is_shipped() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    listed = set(settings["tool"]["setuptools"]["packages"])
    found = {p.parent.relative_to(ROOT).as_posix().replace("/", ".") for p in SOURCES if p.name == "__init__.py"}
    assert listed == found | {"matcalc.grammar"}


def test_no_todo_without_an_issue() -> None:
    for path in SOURCES:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            assert not re.search(r"\b(TODO|FIXME|XXX)\b(?!\(#\d+\))", line), f"{path}:{number}"
