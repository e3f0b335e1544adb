"""A gradient written in blocks: ([X; Y]Sᵀ)[1:n, :] as XSᵀ, every part taken of the factors and terms.

What a variable's adjoint leaves are parts of the cotangent of the whole block matrix, or the sum over its blocks
that stands for a contraction with a Kronecker product; both are multiplied out block by block here.

Source: Horn & Johnson, Matrix Analysis (2013), section 0.7, for products of partitioned matrices.
"""

from __future__ import annotations

from matcalc.core.algebra import (
    CHAIN,
    EYE,
    HAD,
    LIN,
    SCAL,
    TRANSPOSE,
    T,
    add,
    bag,
    eye,
    linear,
    mul,
    scaled,
    terms_of,
    zeros,
)
from matcalc.core.dims import ZERO, Dim
from matcalc.core.tree import Expr, make, rebuild, walk
from matcalc.errors import UnsupportedError
from matcalc.rewrite.blocks import from_grid, grid
from matcalc.rewrite.shorten import Shortener
from matcalc.rewrite.transposes import merged
from matcalc.rewrite.typed import read

IN_BLOCKS = ("part", "embed", "block", "kron_left", "kron_right", "khatri_left", "khatri_right")
Range = tuple[Dim, Dim]  # rows or columns before it, and how many


def blockwise(e: Expr) -> Expr:
    """The expression with its block matrices multiplied out and parts taken of variables only.

    Raises:
        UnsupportedError: no block of a matrix stands in it.
    """
    if not any(x.op.name in IN_BLOCKS for x in walk(e)):
        raise UnsupportedError(
            "nothing in this gradient is in blocks",
            hint='form="blocks" writes out what is left of block matrices and Kronecker products; '
            'form="expanded" multiplies out',
        )
    done: dict[Expr, Expr] = {}
    for x in walk(e):
        y = T(done[x.args[0]]) if x.op is TRANSPOSE else rebuild(x, tuple(done[a] for a in x.args))
        done[x] = _inside(y) if y.op.name == "part" else _multiplied_out(y) if y.op is CHAIN else y
    return merged(Shortener()(read(done[e])))


def _inside(e: Expr) -> Expr:
    """A part of an expression as an expression in parts."""
    top, height, left, width = e.attrs
    return _part(e.args[0], (top, height), (left, width))


def _part(X: Expr, rows: Range, columns: Range) -> Expr:
    """The entries of X in those rows and columns."""
    shape = (rows[1], columns[1])
    if X.shape == shape:
        return X
    if X.op is LIN:
        return linear([(c, _part(t, rows, columns)) for c, t in terms_of(X)], shape)
    if X.op is SCAL:
        return scaled(X.args[0], _part(X.args[1], rows, columns))
    if X.op is CHAIN:
        return _part_of_product(X, rows, columns)
    if X.op is HAD:
        return bag([(_part(b, rows, columns), p) for b, p in zip(X.args, X.attrs, strict=True)])
    if X.op is TRANSPOSE:
        return T(_part(X.args[0], columns, rows))
    if X.op is EYE and rows[1] is columns[1] and rows[0] is columns[0]:
        return eye(rows[1])
    if X.op.kind == "elementwise":
        extra = dict(zip(X.op.attributes, X.attrs, strict=True))
        return make(X.op.name, _part(X.args[0], rows, columns), **extra)
    if X.op.name == "block" and (inner := _part_of_blocks(X, rows, columns)) is not None:
        return inner
    return make("part", X, top=rows[0], height=rows[1], left=columns[0], width=columns[1])


def _part_of_product(X: Expr, rows: Range, columns: Range) -> Expr:
    """(AB)[rows, columns] is A[rows, :] B[:, columns]."""
    first, last = X.args[0], X.args[-1]
    top = _part(first, rows, (ZERO, first.shape[1]))
    bottom = _part(last, (ZERO, last.shape[0]), columns)
    return _multiplied_out(mul(top, *X.args[1:-1], bottom))


def _part_of_blocks(X: Expr, rows: Range, columns: Range) -> Expr | None:
    """Whole blocks of a block matrix, None where the part cuts through one."""
    blocks = grid(X)
    across = _covered([b.shape[1] for b in blocks[0]], columns)
    down = _covered([row[0].shape[0] for row in blocks], rows)
    if across is None or down is None:
        return None
    return from_grid([[blocks[i][j] for j in across] for i in down])


def _covered(sizes: list[Dim], wanted: Range) -> range | None:
    """Which consecutive blocks of these sizes make up a range."""
    start, before = None, ZERO
    for k, size in enumerate(sizes):
        if before is wanted[0] and start is None:
            start, first = k, before
        before = before + size
        if start is not None and before is first + wanted[1]:
            return range(start, k + 1)
    return None


def _multiplied_out(e: Expr) -> Expr:
    """[A, B]C as A C[1:k, :] + B C[k+1:k+l, :] for every row of blocks that something stands beside."""
    if e.op is not CHAIN:
        return e
    found = _row_of_blocks_first(e)
    return T(_row_of_blocks_first(T(e))) if found is e else found


def _row_of_blocks_first(e: Expr) -> Expr:
    """The first block matrix with a factor on its right multiplied into that, and so on."""
    for i, f in enumerate(e.args[:-1] if e.op is CHAIN else ()):
        if f.op.name == "block" and f.attrs[1] > 1:
            return _through(e, i, grid(f), e.args[i + 1])
    return e


def _through(e: Expr, i: int, blocks: list[list[Expr]], right: Expr) -> Expr:
    """The product with its block matrix at place i multiplied into the factor on its right."""
    everything = (ZERO, right.shape[1])
    pieces, before = [], ZERO
    for b in blocks[0]:
        pieces.append(_part(right, (before, b.shape[1]), everything))
        before = before + b.shape[1]
    column = [add(zeros((row[0].shape[0], right.shape[1])), *map(mul, row, pieces)) for row in blocks]
    whole = column[0] if len(column) == 1 else from_grid([[x] for x in column])
    return _multiplied_out(mul(*e.args[:i], whole, *e.args[i + 2 :]))
