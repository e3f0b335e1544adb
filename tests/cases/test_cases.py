"""Hand-written cases: pairs of input and expected output in the .txt files here, one walker for all.

The file's name says what is done with an input: a row of `RUNS` (other files have walkers of their own). A
case is one line `objective ; declaration ; … | name, name`, then its expected output, indented. Lines that
start with `#` say what the next case is about, and cite the row that it exercises. `pytest --update` rewrites
the outputs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import matcalc as mc

INDENT = "    "


@dataclass(frozen=True, slots=True)
class Case:
    """One input line, where it stands, and what is expected."""

    line: int
    given: str
    expected: str

    @property
    def names(self) -> tuple[str, ...]:
        """The names after the last bar that stands between spaces."""
        return (
            tuple(n.strip() for n in self.given.rpartition(" | ")[2].split(","))
            if " | " in self.given
            else ()
        )

    def problem(self) -> mc.Problem:
        """The problem of the input line."""
        text = self.given.rpartition(" | ")[0] if " | " in self.given else self.given
        objective, *declarations = (part.strip() for part in text.split(" ; "))
        return mc.problem(objective.replace("\\n", "\n"), *declarations)


def error(case: Case) -> str:
    """The message of the error that the input is."""
    with pytest.raises(mc.MatcalcError) as caught:
        p = case.problem()
        p.derivative(*case.names)
    return f"{type(caught.value).__name__}: {caught.value}"


RUNS: dict[str, Callable[[Case], str]] = {
    "error": error,
    "gradient": lambda c: "\n".join(str(c.problem().gradient(n)) for n in c.names),
    "blocks": lambda c: "\n".join(str(c.problem().gradient(n, form="blocks")) for n in c.names),
    "conditions": lambda c: "; ".join(c.problem().derivative(*c.names).conditions) or "(none)",
    "jacobian": lambda c: str(c.problem().jacobian(*c.names)),
    "hessian": lambda c: str(c.problem().hessian(*c.names)),
    "derivation_jacobian": lambda c: str(c.problem().derivation(*c.names)),
    "derivation_hessian": lambda c: str(c.problem().derivation(*c.names, order=2)),
    "derivation_hvp": lambda c: str(c.problem().derivation(*c.names, order="hvp")),
    "read_back": lambda c: str(c.problem().reading),
}


def parse(text: str) -> list[Case]:
    """The cases of a file."""
    cases: list[Case] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(INDENT):
            last = cases[-1]
            cases[-1] = Case(last.line, last.given, last.expected + line[len(INDENT) :] + "\n")
        elif line.strip() and not line.startswith("#"):
            cases.append(Case(number, line, ""))
    return cases


PATHS = [path for path in sorted(Path(__file__).parent.glob("*.txt")) if path.stem in RUNS]
CASES = [(path, case) for path in PATHS for case in parse(path.read_text("utf-8"))]


@pytest.mark.parametrize(("path", "case"), CASES, ids=[f"{path.stem}:{case.line}" for path, case in CASES])
def test_case(path: Path, case: Case, update: bool) -> None:
    found = RUNS[path.stem](case).rstrip() + "\n"
    if update and found != case.expected:
        rewrite(path, case, found)
    else:
        assert found == case.expected


def rewrite(path: Path, case: Case, found: str) -> None:
    """Put a new output under an input line, found again by its text: lines before it may have moved."""
    lines = path.read_text("utf-8").splitlines()
    start = lines.index(case.given) + 1
    end = start
    while end < len(lines) and lines[end].startswith(INDENT):
        end += 1
    lines[start:end] = [INDENT + line for line in found.rstrip("\n").split("\n")]
    path.write_text("\n".join(lines) + "\n", "utf-8")
