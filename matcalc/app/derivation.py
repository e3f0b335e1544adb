"""A derivation as people hold it: lines at the blackboard, each step with its rule and what that says."""

from __future__ import annotations

from dataclasses import dataclass

from matcalc.check.evidence import Evidence
from matcalc.derive.derivation import Derivation
from matcalc.explain import derivation as written
from matcalc.explain.reasons import says
from matcalc.notation.layout import Layout

NAMES = {"names/define": "a name for a part", "names/use": "the names put in, or written out"}


@dataclass(frozen=True, slots=True)
class WrittenStep:
    """One step: the line that it leads to, the named identity, and what that identity says."""

    left: str
    expression: str
    rule: str
    explanation: str

    def __str__(self) -> str:
        return f"{self.left} = {self.expression}   [{self.rule}]"


@dataclass(frozen=True, slots=True)
class WrittenDerivation:
    """A derivation with the order in which its problem was typed; `str()` is Unicode."""

    derivation: Derivation
    layout: Layout
    check: Evidence

    def __str__(self) -> str:
        return written.blackboard(self.derivation, self.layout)

    def __repr__(self) -> str:
        return str(self)

    def write(self, notation: str) -> str:
        """The lines in "unicode", "plain", "latex" (one `align*`) or "markdown" (with the identities)."""
        if notation == "latex":
            return written.latex(self.derivation, self.layout)
        if notation == "markdown":
            return written.markdown(self.derivation, self.layout)
        return written.blackboard(self.derivation, self.layout, notation)

    def latex(self) -> str:
        """The lines as one `align*`."""
        return self.write("latex")

    def markdown(self) -> str:
        """The lines as display mathematics, with the list of identities."""
        return self.write("markdown")

    def _repr_markdown_(self) -> str:
        return self.markdown()

    @property
    def steps(self) -> tuple[WrittenStep, ...]:
        """Every step, in order: one for each identity of a line; a line without any uses names."""
        out: list[WrittenStep] = []
        left = ""
        rows = written.rows(self.derivation, self.layout)
        for line, row in zip(self.derivation.lines[1:], rows[1:], strict=True):
            left = row.left or left
            rules = dict.fromkeys(s.identity for s in line.steps) or [
                "names/" + ("define" if line.relation == ":=" else "use")
            ]
            out += [
                WrittenStep(left, row.right, rule, says(rule) or line.note or NAMES.get(rule, "")) for rule in rules
            ]
        return tuple(out)
