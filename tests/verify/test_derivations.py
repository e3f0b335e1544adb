"""Derivations as people paste them: right ones hold in every form of giving them, a planted slip is named at its line.

A case of `derivations.txt` is its name, the objective, definitions, sizes and declarations, one line with a slip,
and after `---` the text: lines of a derivation, or (without sizes) a whole page with prose.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

import matcalc as mc
from matcalc.app.verify import Judgement

FILE = Path(__file__).parent.parent / "problems" / "derivations.txt"
FORMS = ("declared", "before", "page")
SETS = {"sym": "Sym", "spd": "SPD"}


@dataclass(frozen=True)
class Case:
    name: str
    facts: dict[str, list[str]]
    lines: list[str]

    @property
    def definitions(self) -> list[str]:
        return [d.strip() for text in self.facts.get("define", []) for d in text.split(";")]

    def declarations(self) -> list[str]:
        out = list(self.facts.get("declare", []))
        for size in (s.split() for text in self.facts.get("sizes", []) for s in text.split(";") if s.strip()):
            name, dims = size[0], [d for d in size[1:] if d not in (*SETS, "pos")]
            kind = next((SETS[s] for s in size if s in SETS), None)
            space = f"{kind}({dims[0]})" if kind else "R" if not dims else f"R^{{{'×'.join(dims)}}}"
            out += [f"{name} ∈ {space}", *([f"{name} > 0"] if "pos" in size else [])]
        return out

    def judged(self, lines: list[str], form: str) -> tuple[Judgement, int]:
        """The verdict, and how many lines of text stand before the derivation."""
        objective = self.facts["objective"][0]
        if "sizes" not in self.facts:
            return mc.verify("\n".join(lines), objective, self.declarations()), 0
        if form == "declared":
            return mc.verify("\n".join(lines), objective, [*self.definitions, *self.declarations()]), 0
        head = self.definitions
        if form == "page":
            named = [d.replace(":=", "&=") + r" \cr" for d in head]
            head = ["Define a few names", r"$$\eqalign{", *named, "}$$"] if named else []
            head = [*head, "The function and its differential are", r"$$\eqalign{"]
            lines = [*(x if x.startswith("=") else re.sub("=", "&=", x, count=1) for x in lines)]
            lines = [*(x + r" \cr" for x in lines), "}$$ as claimed."]
        return mc.verify("\n".join([*head, *lines]), objective, self.declarations()), len(head)


def read(block: str) -> Case:
    head, _, text = block.partition("---\n")
    name, *rest = head.strip().split("\n")
    facts: dict[str, list[str]] = {}
    for line in rest:
        key, _, value = line.partition(": ")
        facts.setdefault(key, []).append(value)
    return Case(name, facts, text.rstrip("\n").split("\n"))


CASES = [read(block) for block in re.split(r"^=== ", FILE.read_text("utf-8"), flags=re.M)[1:]]


@pytest.mark.parametrize(("number", "case"), list(enumerate(CASES)), ids=[c.name for c in CASES])
def test_a_right_derivation_holds(number: int, case: Case) -> None:
    verdict, _ = case.judged(case.lines, FORMS[number % len(FORMS)])
    assert verdict.ok and any(line.verdict == "holds" for line in verdict.lines), str(verdict)


@pytest.mark.parametrize(("number", "case"), list(enumerate(CASES)), ids=[c.name for c in CASES])
def test_a_slip_is_named_at_its_line(number: int, case: Case) -> None:
    at, _, slip = case.facts["slip"][0].partition(" ")
    lines = [*case.lines[: int(at) - 1], slip, *case.lines[int(at) :]]
    verdict, before = case.judged(lines, FORMS[(number + 1) % len(FORMS)])
    assert verdict.first_wrong == before + int(at), str(verdict)
    wrong = verdict.first
    assert wrong is not None and (wrong.verdict != "wrong" or wrong.counterexample or wrong.suggestion), str(verdict)
