"""The leaves of the tree (variables, units, named constants) and the operators of the four algebra nodes."""

from __future__ import annotations

from typing import Any

from matcalc.core.dims import ONE, SCALAR, Dim, Shape
from matcalc.core.tree import Expr, define, node

_LEAF: dict[str, Any] = {"kind": "leaf", "spellings": ()}
VAR = define("var", **_LEAF)
ONES = define("ones", **_LEAF)
ZEROS = define("zeros", **_LEAF)
EYE = define("eye", **_LEAF)
UNIT = define("unit", **_LEAF)
CONST = define("const", **_LEAF)
DIMNUM = define("dimnum", **_LEAF)
META = define("meta", **_LEAF)
COMMUTATION = define("commutation", legend="K_{m,n} vec(X) = vec(Xᵀ) for X of size m×n", **_LEAF)
DUPLICATION = define("duplication", legend="duplication(n) vech(X) = vec(X) for symmetric X", **_LEAF)
ELIMINATION = define("elimination", legend="elimination(n) vec(X) = vech(X)", **_LEAF)
_NODE: dict[str, Any] = {"kind": "algebra", "spellings": ()}
LIN = define("lin", **_NODE)
CHAIN = define("chain", **_NODE)
HAD = define("had", **_NODE)
SCAL = define("scal", **_NODE)
TRANSPOSE = define("T", **_NODE)


def var(name: str, shape: Shape, facts: frozenset[str] = frozenset()) -> Expr:
    """A variable; `facts` are its declared properties."""
    return node(VAR, (), (name, tuple(sorted(facts))), shape)


def facts_of(e: Expr) -> tuple[str, ...]:
    """The declared facts of a variable, none for other nodes."""
    return e.attrs[1] if e.op is VAR else ()


def ones(shape: Shape) -> Expr:
    """The all-ones array; the unit of the Hadamard product."""
    return node(ONES, (), (), shape)


def zeros(shape: Shape) -> Expr:
    """The zero array."""
    return node(ZEROS, (), (), shape)


def eye(n: Dim) -> Expr:
    """The identity matrix."""
    return UNITY if n is ONE else node(EYE, (), (), (n, n))


def unit(index: int | str | Dim, n: Dim) -> Expr:
    """The unit vector e_index of length n; the index is a number, a bound one (a name) or a declared dimension."""
    return node(UNIT, (), (index,), (n, ONE))


def const(symbol: str) -> Expr:
    """A mathematical constant such as π."""
    return node(CONST, (), (symbol,), SCALAR)


def commutation(m: Dim, n: Dim) -> Expr:
    """K with K vec(X) = vec(Xᵀ) for X of shape m×n."""
    return eye(m * n) if m is ONE or n is ONE else node(COMMUTATION, (), (m, n), (m * n, m * n))


def duplication(n: Dim, half: Dim) -> Expr:
    """D with D vech(X) = vec(X) for symmetric X; `half` is the name of n(n+1)/2."""
    return node(DUPLICATION, (), (n,), (n * n, half))


def elimination(n: Dim, half: Dim) -> Expr:
    """L with L vec(X) = vech(X)."""
    return node(ELIMINATION, (), (n,), (half, n * n))


UNITY = ones(SCALAR)
