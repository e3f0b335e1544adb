"""What a law is, and what all laws share."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from matcalc.core.dims import Dim
from matcalc.ir.array import Array, Law, build, number

Found = Array | None


@dataclass(frozen=True, slots=True)
class Row:
    """A law: at `head`, `better` gives the better form or None."""

    head: str
    name: str
    better: Law


def entry_of(x: Array) -> Array:
    """The entry of a constant array."""
    return number(x.attrs[0])  # type: ignore[arg-type]


def loose(x: Array) -> Found:
    """What NumPy would stretch to the same array."""
    if x.name == "full":
        return entry_of(x)
    return x.args[0] if x.name == "spread" else None


def diagonal_matrix(v: Array, n: Dim) -> Array:
    """The diagonal matrix of a vector, or of one number n times."""
    return build("diag_matrix", v if v.rank else build("spread", v, attrs=(n,)))


def reversed_chain(x: Array) -> Array:
    """The transpose of a product of matrices, factor by factor."""
    return build("chain", *(build("transpose", f) for f in reversed(x.args)))


def signs_out(name: str) -> Law:
    """A sign leaves products and quotients."""
    def law(x: Array, y: Array) -> Found:
        if x.name == "negate":
            return build("negate", build(name, x.args[0], y))
        return build("negate", build(name, x, y.args[0])) if y.name == "negate" else None
    return law


def sign_through(name: str) -> Law:
    """A sign leaves a linear operation."""
    def law(x: Array, *attrs: Hashable) -> Found:
        return build("negate", build(name, x.args[0], attrs=attrs)) if x.name == "negate" else None
    return law
