"""How the catalogue operators are printed that are not `name(arguments)`: one rule each.

Contractions that have no symbol of their own are written as indexed sums, which the reader knows.
"""

from __future__ import annotations

from typing import cast

from matcalc.core.algebra import (
    EYE,
    META,
    TRANSPOSE,
    UNIT,
    VAR,
    ZEROS,
    T,
    elimination,
    eye,
    mul,
    unit,
    zeros,
)
from matcalc.core.dims import ONE, Dim
from matcalc.core.tree import OPS, Expr, make, node, walk
from matcalc.notation.printing.engine import Printer, is_fixed, is_square, prints
from matcalc.notation.printing.precedence import ATOM, COLON, INDEXED, KRON, POSTFIX, PRODUCT, Piece
from matcalc.notation.printing.spelling import starts_with_word

INDICES = ("k", "l", "i", "j", "r", "s", "t", "h")


# ── products and norms ────────────────────────────────────────────────────────────────────────────────────
@prints("frob", "colon")
def _frobenius(p: Printer, e: Expr, fixed: bool) -> Piece:
    if is_square(e):
        return p.scalar_power(e, 1)
    a, b = p.layout.order_of(e) or sorted(e.args, key=_has_differential)
    known = is_fixed(a) or is_fixed(b)
    return Piece(p.n.colon.join(p.at(x, PRODUCT, known) for x in (a, b)), COLON)


def _has_differential(e: Expr) -> bool:
    return any(x.op.name == "d" for x in walk(e))


@prints("sum")
def _total(p: Printer, e: Expr, fixed: bool) -> Piece:
    x = e.args[0]
    if x.op.name == "abs":
        return Piece(p.n.norm(p.piece(x.args[0]).text, "1"), ATOM)
    return Piece(p.n.call(e.op, p.piece(x).text), ATOM)


@prints("norm_inf", "norm_spectral", "norm_nuclear")
def _norm(p: Printer, e: Expr, fixed: bool) -> Piece:
    kind = {"norm_inf": p.n.infinity, "norm_spectral": "2", "norm_nuclear": "*"}[e.op.name]
    return Piece(p.n.norm(p.piece(e.args[0]).text, kind), ATOM)


@prints("abs")
def _absolute(p: Printer, e: Expr, fixed: bool) -> Piece:
    inside = p.piece(e.args[0]).text
    return Piece(p.n.bars(inside) if e.is_scalar else p.n.call(e.op, inside), ATOM)


@prints("exp")
def _exponential(p: Printer, e: Expr, fixed: bool) -> Piece:
    parts = p.raised(e)
    return Piece(p.join(x.text for x in parts), PRODUCT) if len(parts) > 1 else parts[0] if parts else p.call(e)


@prints("tr")
def _trace(p: Printer, e: Expr, fixed: bool) -> Piece:
    typed = p.layout.order_of(e)
    inside = p.chain(typed) if typed is not None else p.piece(e.args[0])
    return Piece(p.n.call(e.op, inside.text), ATOM)


@prints("kron")
def _kronecker(p: Printer, e: Expr, fixed: bool) -> Piece:
    a, b = e.args
    if not p.n.kron:
        return Piece(p.n.call(e.op, p.piece(a).text, p.piece(b).text), ATOM)
    return Piece(p.at(a, KRON) + p.n.kron + p.at(b, PRODUCT), KRON)


# ── names with more than arguments ────────────────────────────────────────────────────────────────────────
@prints("d")
def _differential(p: Printer, e: Expr, fixed: bool) -> Piece:
    x = e.args[0]
    text = p.piece(x).text
    one_symbol = (x.op is VAR or x.op is META) and not starts_with_word(text, p.names)
    return Piece(p.n.mark + (text if one_symbol else p.n.bracket(text)), ATOM)


@prints("apply")
def _unknown_function(p: Printer, e: Expr, fixed: bool) -> Piece:
    name, order = cast("tuple[str, int]", e.attrs)
    return Piece(p.n.variable(name) + p.n.prime * order + p.n.bracket(p.piece(e.args[0]).text), ATOM)


@prints("polygamma")
def _polygamma(p: Printer, e: Expr, fixed: bool) -> Piece:
    return Piece(p.n.call(e.op, str(e.attrs[0]), p.piece(e.args[0]).text), ATOM)


@prints("unvec")
def _unvec(p: Printer, e: Expr, fixed: bool) -> Piece:
    return Piece(p.n.call(e.op, p.piece(e.args[0]).text, *(p.n.dim(cast(Dim, d)) for d in e.attrs)), ATOM)


@prints("unvech")
def _unvech(p: Printer, e: Expr, fixed: bool) -> Piece:
    """The lower triangle from its vech is unvec(L_nᵀ v, n, n)."""
    (n,), v = cast("tuple[Dim]", e.attrs), e.args[0]
    return p.piece(make("unvec", mul(T(elimination(n, v.shape[0])), v), m=n, n=n))


# ── blocks and parts ──────────────────────────────────────────────────────────────────────────────────────
@prints("block")
def _block(p: Printer, e: Expr, fixed: bool) -> Piece:
    rows, cols = cast("tuple[int, int]", e.attrs)
    grid = [e.args[i * cols:(i + 1) * cols] for i in range(rows)]
    col_known = [any(is_fixed(row[j]) for row in grid) for j in range(cols)]
    row_known = [any(is_fixed(b) or (b.op is EYE and known) for b, known in zip(row, col_known, strict=True))
                 for row in grid]
    col_known = [known or any(row[j].op is EYE and r for row, r in zip(grid, row_known, strict=True))
                 for j, known in enumerate(col_known)]

    def cell(b: Expr, i: int, j: int) -> str:
        known = row_known[i] and col_known[j] if b.op is ZEROS else row_known[i] or col_known[j]
        return p.piece(b, known).text

    return Piece(p.n.grid([[cell(b, i, j) for j, b in enumerate(row)] for i, row in enumerate(grid)]), ATOM)


@prints("part")
def _part(p: Printer, e: Expr, fixed: bool) -> Piece:
    if e in p.grids.names:
        return Piece(p.n.variable(p.grids.names[e]), ATOM)
    x = e.args[0]
    if x.op is TRANSPOSE and x.args[0].op is VAR and not e.is_scalar:  # P[1:m, :]ᵀ, x[1:m]ᵀ
        return Piece(p.piece(T(e), fixed).text + p.n.transpose, POSTFIX)
    top, height, left, width = cast("tuple[Dim, Dim, Dim, Dim]", e.attrs)
    items = [_range(p, top, height, x.shape[0])]
    if x.shape[1] is not ONE:
        items.append(_range(p, left, width, x.shape[1]))
    return Piece(p.n.part(p.at(x, ATOM), items), POSTFIX)


@prints("expm_derivative", "logm_derivative", "sqrtm_derivative")
def _derivative_of_function(p: Printer, e: Expr, fixed: bool) -> Piece:
    """The derivative at X in the direction E is a block of f([X, E; 0, X])."""
    X, E = e.args
    n, big = X.shape[0], make("block", X, E, zeros(X.shape), X, rows=2, cols=2)
    function = node(OPS[e.op.name.removesuffix("_derivative")], (big,), (), big.shape)
    return p.piece(node(OPS["part"], (function,), (Dim.of(0), n, n, n), e.shape))


def _range(p: Printer, start: Dim, length: Dim, total: Dim) -> str:
    if length is total:
        return ":"
    first, last = p.n.dim(start + ONE), p.n.dim(start + length)
    return first if first == last else f"{first}:{last}"


@prints("embed")
def _embed(p: Printer, e: Expr, fixed: bool) -> Piece:
    """A block matrix with zeros; where the sizes of the zeros cannot be named, I[:, rows] X I[columns, :]."""
    x = e.args[0]
    top, left, m, n = cast("tuple[Dim, Dim, Dim, Dim]", e.attrs)
    heights, widths = _split(p, top, x.shape[0], m), _split(p, left, x.shape[1], n)
    if heights is None or widths is None:
        rows = make("part", eye(m), top=Dim.of(0), height=m, left=top, width=x.shape[0])
        columns = make("part", eye(n), top=left, height=x.shape[1], left=Dim.of(0), width=n)
        return p.piece(mul(rows, x, columns))
    blocks = [x if r and c else zeros((h, w)) for h, r in heights for w, c in widths]
    return p.piece(make("block", *blocks, rows=len(heights), cols=len(widths)))


def _split(p: Printer, before: Dim, here: Dim, total: Dim) -> list[tuple[Dim, bool]] | None:
    """The lengths before, at and after a part, zero ones dropped; None where one is no polynomial."""
    after = total.subs(p.n.spelled).less((before + here).subs(p.n.spelled))
    if any(c < 0 for _, c in after.terms):
        return None
    lengths = ((before, False), (here, True), (after, False))
    return [(d, inside) for d, inside in lengths if d is not Dim.of(0)]


# ── indexed sums ──────────────────────────────────────────────────────────────────────────────────────────
@prints("isum")
def _indexed_sum(p: Printer, e: Expr, fixed: bool) -> Piece:
    index, low, high = cast("tuple[str, Dim, Dim]", e.attrs)
    outer, p.bound = p.bound, (*p.bound, index)
    body = p.at(e.args[0], INDEXED)
    p.bound = outer
    return Piece(p.n.indexed_sum(index, p.n.dim(low), p.n.dim(high), body), INDEXED)


def entry(p: Printer, e: Expr) -> Piece | None:
    """X[i, j] for eᵢᵀXeⱼ and x[i] for eᵢᵀx, None for other chains; X_{ij} under the sums that bind the indices."""
    found = _selected(e)
    if found is None:
        return None
    x, *units = found
    indices = [u.attrs[0] for u in units]
    if all(i in p.bound for i in indices):
        text = p.at(x, ATOM) if x.args or x.op is VAR else p.n.bracket(p.piece(x).text)  # e₁ has a subscript
        return Piece(text + p.n.group("".join(map(str, indices))), ATOM)
    items = [p.n.dim(i) if isinstance(i, Dim) else str(i) for i in indices]
    return Piece(p.n.part(p.at(x, ATOM), items), ATOM)


def _selected(e: Expr) -> tuple[Expr, ...] | None:
    """The array and the unit vectors of an entry."""
    if not e.is_scalar:
        return None
    first, *middle, last = e.args
    row = first.args[0] if first.op is TRANSPOSE else first
    if row.op is UNIT and last.op is UNIT and middle:
        return mul(*middle), row, last
    if row.op is UNIT and last.op is not UNIT:
        return mul(*middle, last), row
    return (T(first), last) if last.op is UNIT and not middle else None


@prints("kron_right", "khatri_right", "kron_left", "khatri_left")
def _contraction(p: Printer, e: Expr, fixed: bool) -> Piece:
    """The adjoints of X ↦ A⊗X and X ↦ X⊗A: Σₖ (eₖᵀ⊗I) C (Aᵀeₖ⊗I) and Σₖ (I⊗eₖᵀ) C (I⊗Aᵀeₖ).

    For the Khatri–Rao product the last factor is Diag(Aᵀeₖ) in both.
    """
    A, C = e.args
    outer = e.op.name.endswith("right")
    taken = {*p.names, *p.bound, *p.dims}
    index = next(i for i in INDICES if i not in taken)
    e_k = unit(index, A.shape[0])
    weights = mul(T(A), e_k)
    m, n = eye(e.shape[0]), eye(e.shape[1])
    first = make("kron", T(e_k), m) if outer else make("kron", m, T(e_k))
    if e.op.name.startswith("khatri"):
        last = make("Diag", weights)
    else:
        last = make("kron", weights, n) if outer else make("kron", n, weights)
    return p.piece(make("isum", mul(first, C, last), index=index, low=ONE, high=A.shape[0]))
