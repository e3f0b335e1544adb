"""A program: named results over shared arrays, with its interpreter, its cost and its legality check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from matcalc.core.dims import ZERO, Dim
from matcalc.ir.array import Array, walk
from matcalc.ir.operations import OPERATIONS

UNDECIDED = ("chain",)


@dataclass(frozen=True, slots=True)
class Program:
    """Named arrays to compute; what they share is one node. `parts` are names of arrays on the way."""

    results: tuple[tuple[str, Array], ...]
    parts: tuple[tuple[str, Array], ...] = ()

    def mapped(self, done: Mapping[Array, Array]) -> Program:
        """The program after a pass that replaced arrays."""
        return Program(tuple((name, done[x]) for name, x in self.results),
                       tuple((name, done[x]) for name, x in self.parts if x in done))

    @property
    def roots(self) -> tuple[Array, ...]:
        """The arrays of the results."""
        return tuple(x for _, x in self.results)

    def inputs(self) -> tuple[Array, ...]:
        """The variables that the program reads, in the order of their first use."""
        return tuple(x for x in walk(*self.roots) if x.name == "input")

    def flops(self) -> Dim:
        """Multiplications and additions, every shared array counted once."""
        total = ZERO
        for x in walk(*self.roots):
            total = total + x.operation.flops(tuple(a.shape for a in x.args), x.shape)
        return total

    def run(self, values: Mapping[str, Any], sizes: Mapping[str, int]) -> dict[str, Any]:
        """Interpret the program by the NumPy meaning of every operation.

        Raises:
            LookupError: a variable has no value.
        """
        import numpy as np

        done: dict[Array, Any] = {}
        for x in walk(*self.roots):
            if x.name == "input":
                done[x] = np.asarray(values[str(x.attrs[0])], dtype=float)
                continue
            attrs = [a.at(sizes) if isinstance(a, Dim) else a for a in x.attrs]
            done[x] = x.operation.meaning(np, *(done[a] for a in x.args), *attrs)
        return {name: done[x] for name, x in self.results}


def check(program: Program) -> None:
    """Refuse a program that breaks the rules of its own table.

    Raises:
        ValueError: an unknown operation, a shape that does not follow from the arguments, an attribute of a
        kind
            that no target can write, or a product whose order was never chosen.
    """
    for x in walk(*program.roots):
        if OPERATIONS.get(x.name) is not x.operation:
            raise ValueError(f"{x.name} is not an operation of the table")
        if x.name in UNDECIDED:
            raise ValueError(f"the order of the product {x!r} was not chosen")
        if x.name != "input" and x.operation.shape(*(a.shape for a in x.args), *x.attrs) != x.shape:
            raise ValueError(f"{x.name} has the shape {x.shape}, which does not follow from its arguments")
        for a in x.attrs:
            if not isinstance(a, (int, Fraction, str, Dim, tuple, type(None))):
                raise ValueError(f"{x.name} has the attribute {a!r}")
