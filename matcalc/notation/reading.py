"""What was understood of a text: the objective, its variables, and every assumption that was made."""

from __future__ import annotations

from dataclasses import dataclass, field

from matcalc.core.dims import Dim, Shape
from matcalc.core.tree import Expr
from matcalc.errors import MatcalcError
from matcalc.notation.layout import Layout
from matcalc.notation.names import canonical
from matcalc.notation.scope import Scope


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of a problem: canonical name, symbolic shape, declared facts, ASCII alias.

    A dimension that is used as a number and that no array fixes is a variable with the fact `dimension`.
    """

    name: str
    shape: Shape
    facts: frozenset[str]
    alias: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood of a text."""

    text: str
    objective: Expr
    name: str
    variables: dict[str, Variable]
    definitions: tuple[tuple[str, Expr], ...]
    over: tuple[str, ...]
    sense: str
    assumptions: tuple[str, ...]
    conditions: tuple[tuple[Dim, Dim], ...]
    elementwise: frozenset[str]
    scope: Scope = field(repr=False, compare=False)
    known: dict[str, Expr] = field(repr=False, compare=False)
    layout: Layout = field(repr=False, compare=False)
    triangles: dict[Dim, Dim] = field(default_factory=dict, repr=False, compare=False)  # n → n(n + 1)/2
    differences: dict[tuple[Dim, Dim], Dim] = field(default_factory=dict, repr=False, compare=False)  # (n, 1) → n − 1

    def names(self, spelling: str) -> str:
        """The canonical name of a variable or a definition, from any of its spellings.

        Raises:
            MatcalcError: the problem has no such name.
        """
        for name in (spelling, canonical(spelling)):
            if name in self.variables or any(name == d for d, _ in self.definitions):
                return str(name)
        for name, variable in self.variables.items():
            if variable.alias == spelling:
                return name
        have = ", ".join(self.variables) or "none"
        raise MatcalcError(f"`{spelling}` is not a variable of this problem; its variables are {have}")
