"""The public derivations: from their LaTeX and from their plain lines, every verdict and the wrong line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import matcalc as mc

FILE = Path(__file__).parent.parent / "problems" / "derivations_public.jsonl"
ROWS = [json.loads(line) for line in FILE.read_text("utf-8").splitlines()]
LEFT = {"value": "f", "d": "df"}


def plain_line(check: dict[str, str]) -> str:
    of = check["of"]
    if of in LEFT:
        return f"{LEFT[of]} = {check['text']}"
    kind, x = of.split()
    left = f"∂f/∂{x}" if kind == "grad" else f"∂vec(f)/∂vec({x})ᵀ"
    return f"{left} = {check['text']}"


def expected(row: dict[str, Any]) -> int | None:
    found = re.search(r"line (\d+)", row["verdict"])
    return int(found[1]) if found else None


@pytest.mark.parametrize("form", ["latex", "plain"])
@pytest.mark.parametrize("where", ["declared", "before", "after"])
@pytest.mark.parametrize("row", ROWS, ids=lambda r: r["id"])
def test_the_wrong_line_is_named(row: dict[str, Any], where: str, form: str) -> None:
    lines = row["latex"] if form == "latex" else [plain_line(c) for c in row["check"]]
    definitions = [f"{name} := {text}" for name, text in row["definitions_text"].items()]
    offset = len(definitions) if where == "before" else 0
    text = "\n".join(
        [*definitions, *lines] if where == "before" else [*lines, *definitions] if where == "after" else lines
    )
    verdict = mc.verify(text, row["objective"], definitions if where == "declared" else ())
    wrong = expected(row)
    assert verdict.first_wrong == (None if wrong is None else wrong + offset), str(verdict)
    assert verdict.ok == (wrong is None)
    after = [line for line in verdict.lines if wrong is not None and line.number > wrong + offset]
    assert all(line.ok for line in after), str(verdict)
