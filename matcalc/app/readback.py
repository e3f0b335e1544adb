"""What was understood of a text: the objective, every variable with its shape, every assumption."""

from __future__ import annotations

from dataclasses import dataclass

from matcalc.app.variables import Variables
from matcalc.core.tree import dims_of, walk
from matcalc.notation.characters import GREEK_NAMES
from matcalc.notation.layout import Layout
from matcalc.notation.printing.printer import text
from matcalc.notation.printing.spelling import NOTATIONS
from matcalc.notation.read import Reading

ASCII = {
    "∈": "in",
    "×": " x ",
    "−": "-",
    "‖": "||",
    "ᵀ": "'",
    "∘": ".*",
    "⊗": "(x)",
    "≠": "!=",
    "·": "*",
    "∂": "d",
    **{raised: f"^{k}" for k, raised in enumerate("²³⁴", 2)},
    **GREEK_NAMES,
}


@dataclass(frozen=True, slots=True)
class ReadBack:
    """A reading in words; its first two lines read back as the same problem."""

    reading: Reading
    variables: Variables
    layout: Layout

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What the reading assumed beyond the text."""
        return self.reading.assumptions

    def lines(self, notation: str = "unicode") -> list[tuple[str, str]]:
        """The equations, left and right: the definitions, then the objective with them written out."""
        rows = [*self.reading.definitions, (self.reading.name, self.reading.objective)]
        return [(NOTATIONS[notation].variable(name), text(e, self.layout, notation)) for name, e in rows]

    def declarations(self) -> str:
        """Every variable, dimension that stands as a number and named elementwise function, as declarations."""
        numbers = {name for x in walk(self.reading.objective) if x.op.name == "dimnum" for name in dims_of(x)}
        counts = [f"{name} ∈ N" for name in sorted(numbers - self.variables.keys())]
        functions = [f"{name} elementwise" for name in sorted(self.reading.elementwise)]
        return "; ".join([*(v.declaration for v in self.variables.values()), *counts, *functions])

    def write(self, notation: str) -> str:
        """The reading in "unicode", "plain", "latex" or "markdown"."""
        tex = notation in ("latex", "markdown")
        rows = self.lines("latex" if tex else notation)
        last = len(rows) - 1
        signs = ["=" if i == last else ":=" for i in range(len(rows))]
        equations = [f"{name} {sign} {right}" for sign, (name, right) in zip(signs, rows, strict=True)]
        words = [f"where {self.declarations()}"] if self.variables else []
        words += [f"assuming {a}" for a in self.assumptions]
        if notation == "plain":
            words = list(map(in_ascii, words))
        if notation == "markdown":
            return "\n\n".join([*(f"${e}$" for e in equations), *words])
        if notation == "latex":
            return "\n".join([*equations, *(f"% {in_ascii(w)}" for w in words)])
        return "\n".join([*equations, *(f"  {w}" for w in words)])

    def __str__(self) -> str:
        return self.write("unicode")

    def __repr__(self) -> str:
        return str(self)

    def _repr_markdown_(self) -> str:
        return self.write("markdown")


def in_ascii(sentence: str) -> str:
    """A sentence with the mathematics in it spelled in ASCII.

    >>> in_ascii("M ∈ {0,1}^{m×n}; λ_u ∈ R")
    'M in {0,1}^{m x n}; lambda_u in R'
    """
    return "".join(ASCII.get(c, c) for c in sentence)
