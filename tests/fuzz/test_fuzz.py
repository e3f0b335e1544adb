"""Random expressions with fixed seeds, the formulas that once failed, and the same bytes in every process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from matcalc.core.tree import OPS, walk
from matcalc.notation.read import read
from tests.fuzz.__main__ import examine, expression
from tests.fuzz.expressions import MARKS
from tests.fuzz.properties import PROPERTIES, failures

ROOT = Path(__file__).parent.parent.parent
SEEDS, DEPTH = 40, 5
NORMAL = {"logsumexp_cols"}  # always written with another operator
FOUND = (Path(__file__).parent / "found.txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize("start", range(0, SEEDS, 10))
def test_random_expressions(start: int) -> None:
    lines = [line for seed in range(start, start + 10) for line in examine(seed, DEPTH, [], small=False, patience=None)]
    wrong = [line for line in lines if not line.startswith("unsupported")]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("line", [line for line in FOUND if not line.startswith("#")])
def test_what_was_found_once(line: str) -> None:
    e = read(*line.split(" ; ")).objective
    wrong = [f for name in PROPERTIES for f in failures(e, name, patience=None) if f.property]
    assert not wrong, wrong


def test_every_operator_is_drawn() -> None:
    drawn = {x.op.name for seed in range(1000) for x in walk(expression(seed, 6))}
    assert drawn == set(OPS) - MARKS - NORMAL


def test_same_bytes_in_every_process() -> None:
    def answers(seed: str) -> bytes:
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"}
        command = (sys.executable, "-m", "tests.fuzz", "--count", "40", "--answers")
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True).stdout

    first, second = answers("1"), answers("2")
    assert first == second
    assert first.count(b"; ") > 40
