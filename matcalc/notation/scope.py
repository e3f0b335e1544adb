"""What the words of a text may mean before any formula is read: declared names, dimensions, functions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from types import MappingProxyType

from matcalc import operators
from matcalc.core.tree import OPS
from matcalc.notation.names import split

# Functions of the language that are written with the operators of the catalogue: see functions.py.
WRITTEN = (
    "ln",
    "sqrt",
    "rowsums",
    "colsums",
    "norm",
    "norm1",
    "norm2",
    "norm_F",
    "norm_1",
    "norm_2",
    "norm_inf",
    "norm_nuc",
    "vector",
    "matrix",
    "eye",
    "unvec",
    "commutation",
    "duplication",
    "elimination",
    "inner",
    "vech",
    "kron",
    "max",
    "min",
    "diag",
)


assert operators  # imported so that the table of operators is full


def _spellings() -> dict[str, str]:
    table = {name: name for name in WRITTEN}
    for op in OPS.values():
        table.update(dict.fromkeys(op.spellings, op.name))
    return table


FUNCTIONS: MappingProxyType[str, str] = MappingProxyType(_spellings())


@dataclass(slots=True)
class Scope:
    """The words of one text.

    `differentials` says whether `dX` is the differential of X; `entrywise` whether a quotient of arrays and
    e^{…} of a vector act entry by entry, as on paper.
    """

    names: set[str] = field(default_factory=set)
    dims: set[str] = field(default_factory=set)  # of declarations
    numbers: set[str] = field(default_factory=set)  # of declarations: the 4 of Sym(4)
    sized: set[str] = field(default_factory=set)  # of formulas: 1_n, I_n, the bounds of sums
    elementwise: set[str] = field(default_factory=set)
    functions: dict[str, str] = field(default_factory=lambda: dict(FUNCTIONS))
    bases: dict[str, list[str]] = field(default_factory=dict)
    differentials: bool = False
    families: dict[str, str] = field(default_factory=dict)  # declared x_i: "entry", "column" or "matrix"
    used: set[str] = field(default_factory=set)  # of these, the ones whose index a sum binds
    longest: int = 1  # letters of the longest name
    entrywise: bool = False

    def add(self, names: Iterable[str]) -> None:
        """Declare names; each hides a function of that name."""
        for name in names:
            if name not in self.names:
                self.names.add(name)
                base, sub = split(name)
                self.longest = max(self.longest, len(base))
                subs = self.bases.setdefault(base, [])
                subs.append(sub)
                subs.sort(key=len, reverse=True)
                if not sub or name in self.functions:
                    self.functions.pop(name, None)
