"""Makers of the `lower` column: the array of an expression, given the arrays of its arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from matcalc.core.dims import ONE, Dim
from matcalc.core.tree import Expr
from matcalc.ir.array import Array, build, number

Lower = Callable[..., Array]


def plain(name: str, *attrs: Any) -> Lower:
    """The array operation of this name on the same arguments; `attrs` are its fixed attributes."""
    return lambda e, *xs: build(name, *xs, attrs=attrs)


def with_attrs(name: str) -> Lower:
    """The array operation of this name, with the attributes of the expression."""
    return lambda e, *xs: build(name, *xs, attrs=e.attrs)


def entrywise(name: str) -> Lower:
    """A function of every entry."""
    return lambda e, x: build("map", x, attrs=(name, *e.attrs))


def as_matrix(e: Expr, x: Array) -> Array:
    """The array with two axes, whatever its expression's shape."""
    if x.rank == 2:
        return x
    if x.rank == 0:
        return build("spread", x, attrs=(ONE, ONE))
    return build("column" if e.shape[1] is ONE else "row", x)


def as_array(e: Expr, x: Array) -> Array:
    """Back from two axes to those that the expression's shape has."""
    rows, cols = e.shape
    if rows is not ONE and cols is not ONE:
        return x
    return build("reshape", x, attrs=tuple(d for d in e.shape if d is not ONE))


def on_matrices(name: str, *attrs: Callable[[Expr], Any]) -> Lower:
    """An array operation on matrices; each of `attrs` reads one attribute off the expression."""
    return lambda e, *xs: as_array(e, build(name, *(as_matrix(a, x) for a, x in zip(e.args, xs, strict=True)),
                                            attrs=tuple(read(e) for read in attrs)))


def rows_of(e: Expr) -> Any:
    """The number of rows, as an attribute."""
    return e.shape[0]


def columns_of(e: Expr) -> Any:
    """The number of columns, as an attribute."""
    return e.shape[1]


def vec(e: Expr, x: Array) -> Array:
    """The columns one after another: the rows of the transpose."""
    return build("reshape", build("transpose", as_matrix(e.args[0], x)), attrs=(e.shape[0],))


def unvec(e: Expr, x: Array) -> Array:
    """The inverse of vec."""
    rows, cols = e.shape
    return build("transpose", build("reshape", x, attrs=(cols, rows)))


def kron(e: Expr, a: Array, b: Array) -> Array:
    """The Kronecker product; of two columns the entries of their outer product, row by row."""
    if a.rank == b.rank == 1 and ONE in (e.shape[0], e.shape[1]):
        return build("reshape", build("outer", a, b), attrs=(a.shape[0] * b.shape[0],))
    return on_matrices("kron")(e, a, b)


def half_sum(operation: str) -> Lower:
    """(X + Xᵀ)/2, or with a minus."""
    return lambda e, x: build("divide", build(operation, x, build("transpose", x)), number(2))


def block(e: Expr, *xs: Array) -> Array:
    """A matrix of blocks; of a vector the parts one after another."""
    if ONE in e.shape:
        return build("concatenate", *xs)
    return build("block", *(as_matrix(a, x) for a, x in zip(e.args, xs, strict=True)), attrs=e.attrs)


def part(e: Expr, x: Array) -> Array:
    """A block, a row, a column, an entry."""
    top, height, left, width = e.attrs
    rows, cols = e.args[0].shape
    if x.rank == 2 and height is ONE:
        x, rows = build("take_row", x, attrs=(top,)), ONE
    elif x.rank == 2 and width is ONE:
        x, cols = build("take_column", x, attrs=(left,)), ONE
    if x.rank == 2:
        return build("part", x, attrs=e.attrs)
    if x.rank == 0:
        return x
    start, length, whole = (left, width, cols) if rows is ONE else (top, height, rows)
    if length is ONE:
        return build("item", x, attrs=(start,))
    return x if length is whole else build("slice", x, attrs=(start, length))


def embed(e: Expr, x: Array) -> Array:
    """Zeros with an array put in."""
    top, left, m, n = e.attrs
    height, width = e.args[0].shape
    if ONE in (m, n):
        return build("pad", x, attrs=(left, width, n) if m is ONE else (top, height, m))
    return build("embed", as_matrix(e.args[0], x), attrs=(top, height, left, width, m, n))


def face_split(e: Expr, a: Array, b: Array) -> Array:
    """Row by row a⊗b, the transpose of the Khatri–Rao product of the transposes."""
    left, right = (build("transpose", as_matrix(arg, x)) for arg, x in zip(e.args, (a, b), strict=True))
    return as_array(e, build("transpose", build("khatri_rao", left, right)))


def adjugate(e: Expr, x: Array) -> Array:
    """det(X) X⁻¹."""
    return build("multiply", build("det", x), build("inv", x))


# ── spectra: one decomposition for all that is read off it ────────────────────────────────────────────────
def eigproj(place: int) -> Lower:
    """vvᵀ of one eigenvector."""
    def how(e: Expr, x: Array) -> Array:
        v = build("eigenvector", build("eigh", x), attrs=(place,))
        return build("outer", v, v)
    return how


def dyad_max(e: Expr, x: Array) -> Array:
    """uvᵀ of the first singular vectors."""
    factors = build("svd", x)
    return build("outer", build("left_singular_vector", factors), build("right_singular_vector", factors))


def polar(e: Expr, x: Array) -> Array:
    """UVᵀ of the singular value decomposition."""
    return build("polar", build("svd", x))


def exponential_derivative(e: Expr, x: Array, move: Array) -> Array:
    """The derivative of the matrix exponential in a direction."""
    return build("expm_derivative", x, move)


def root_derivative(e: Expr, x: Array, move: Array) -> Array:
    """The derivative L of R = √X solves RL + LR = dX."""
    return build("sylvester", build("matrix_function", x, attrs=("sqrtm",)), move)


def block_derivative(name: str) -> Lower:
    """The derivative of a matrix function: the upper right block of f([X, dX; 0, X])."""
    def how(e: Expr, x: Array, move: Array) -> Array:
        n = e.shape[0]
        nothing = build("full", attrs=(0, n, n), shape=(n, n))
        big = build("matrix_function", build("block", x, move, nothing, x, attrs=(2, 2)), attrs=(name,))
        return build("part", big, attrs=(Dim.of(0), n, n, n))
    return how
