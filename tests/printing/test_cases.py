"""What is typed, how it prints in each notation, and that every print reads back (cases/printing.txt)."""

from __future__ import annotations

from pathlib import Path

import pytest

from matcalc.core.tree import Expr
from matcalc.notation.layout import Layout
from matcalc.notation.printing.printer import text
from matcalc.notation.printing.spelling import NOTATIONS
from matcalc.notation.read import read

CASES = Path(__file__).parent.parent / "cases" / "printing.txt"


def cases() -> list[tuple[str, list[str]]]:
    """Typed text and the expected lines."""
    found: list[tuple[str, list[str]]] = []
    for line in CASES.read_text(encoding="utf-8").splitlines():
        if line.startswith("> "):
            found.append((line[2:], []))
        elif line.startswith("    "):
            found[-1][1].append(line.strip())
    return found


def declarations() -> list[str]:
    """The `let` lines of the file."""
    return [line[4:] for line in CASES.read_text(encoding="utf-8").splitlines() if line.startswith("let ")]


def understood(typed: str) -> tuple[Expr, Layout]:
    """The expression that a text stands for, and the order in which it was typed."""
    reading = read(typed, *declarations())
    return reading.objective, reading.layout


def printed(typed: str) -> list[str]:
    """The text in every notation."""
    e, layout = understood(typed)
    return [text(e, layout, notation) for notation in NOTATIONS]


def test_update(update: bool) -> None:
    """`--update` writes what is printed now into the file."""
    assert cases()
    if update:
        head = CASES.read_text(encoding="utf-8").split("\n> ")[0].rstrip()
        blocks = ["\n    ".join([f"> {typed}", *printed(typed)]) for typed, _ in cases()]
        CASES.write_text("\n\n".join([head, *blocks]) + "\n", encoding="utf-8")


@pytest.mark.parametrize(("typed", "expected"), cases(), ids=[typed for typed, _ in cases()])
def test_prints(typed: str, expected: list[str]) -> None:
    assert printed(typed) == expected


@pytest.mark.parametrize("typed", [typed for typed, _ in cases()])
def test_reads_back(typed: str) -> None:
    e, _ = understood(typed)
    for line in printed(typed):
        assert read(line, *declarations()).objective is e, line
