"""Expressions as text: Unicode, plain ASCII and LaTeX from one engine over one table of precedence.

What is printed reads back as the same expression. This file has leaves, the four algebra nodes and the
postfixes; `rows` has the catalogue operators that are not printed as `name(arguments)`.
"""

from __future__ import annotations

from typing import cast

from matcalc.core.algebra import EYE, HAD, ONES, SCAL, TRANSPOSE, UNITY, Number, number_of
from matcalc.core.dims import ONE, Dim
from matcalc.core.powers import base_and_exponent
from matcalc.core.tree import Expr
from matcalc.notation.layout import EMPTY, Layout
from matcalc.notation.printing import rows
from matcalc.notation.printing.blocks import NO_GRIDS, Grids
from matcalc.notation.printing.engine import Printer, is_fixed, is_square, magnitude, powers_of, prints
from matcalc.notation.printing.precedence import ATOM, INDEXED, POSTFIX, SUM, Piece
from matcalc.notation.printing.spelling import NOTATIONS

__all__ = ["rows", "text"]


def text(e: Expr, layout: Layout | None = None, notation: str = "unicode", grids: Grids = NO_GRIDS) -> str:
    r"""The expression as a person would write it; `grids` names the parts that are to print as blocks C₁₁.

    >>> from matcalc.core.algebra import var
    >>> n = Dim.name("n")
    >>> A, x, b = var("A", (n, n)), var("x", (n, ONE)), var("b", (n, ONE))
    >>> g = 2 * (A.T @ (A @ x - b))
    >>> print(text(g), text(g, notation="plain"), text(g, notation="latex"), sep="\n")
    2Aᵀ(Ax − b)
    2A'(Ax - b)
    2A^\top(Ax - b)

    Raises:
        KeyError: there is no such notation.
    """
    return Printer(e, layout or EMPTY, NOTATIONS[notation], grids).piece(e).text


# ── leaves ────────────────────────────────────────────────────────────────────────────────────────────────
@prints("var", "meta")
def _variable(p: Printer, e: Expr, fixed: bool) -> Piece:
    """A name; the dots of a metavariable that stands for the rest of a product are not part of it."""
    return Piece(p.n.variable(cast(str, e.attrs[0]).rstrip("…")), ATOM)


@prints("const")
def _constant(p: Printer, e: Expr, fixed: bool) -> Piece:
    return Piece(p.n.letters(cast(str, e.attrs[0])), ATOM)


@prints("dimnum")
def _dimension(p: Printer, e: Expr, fixed: bool) -> Piece:
    name = str(e.attrs[0])
    if name in p.n.spelled:
        return Piece(str(p.n.spelled[name]).replace(" - ", p.n.minus), SUM)
    return Piece(p.n.variable(name), ATOM)


@prints("eye")
def _identity(p: Printer, e: Expr, fixed: bool) -> Piece:
    return Piece("I" if fixed else p.n.sized("I", e.shape[0]), ATOM)


@prints("ones", "zeros")
def _constant_array(p: Printer, e: Expr, fixed: bool) -> Piece:
    one = e.op is ONES
    m, n = e.shape
    if e.is_scalar or (fixed and not one):
        return Piece("1" if one else "0", ATOM)
    symbol = p.n.one if one else "0"
    if m is ONE and one:
        return Piece(p.n.sized(symbol, n) + p.n.transpose, POSTFIX)
    return Piece(p.n.sized(symbol, m) if n is ONE else p.n.sized(symbol, m, n), ATOM)


@prints("unit")
def _unit_vector(p: Printer, e: Expr, fixed: bool) -> Piece:
    index = e.attrs[0]
    return Piece(p.n.variable(f"e_{p.n.dim(index) if isinstance(index, Dim) else index}"), ATOM)


@prints("commutation", "duplication", "elimination")
def _matrix_constant(p: Printer, e: Expr, fixed: bool) -> Piece:
    """K_{m,n}; D_n and L_n where the subscripts are dimensions of the problem."""
    symbol = {"commutation": "K", "duplication": "D", "elimination": "L"}[e.op.name]
    dims = [p.n.dim(cast(Dim, d)) for d in e.attrs]
    sized = symbol != "K" and p.fixed_dims and any(not d.names <= p.fixed_dims for d in e.attrs)
    if symbol in p.names or sized:
        return Piece(p.n.call(e.op.name, *dims), ATOM)
    return Piece(f"{symbol}{p.n.group(','.join(dims))}", ATOM)


# ── the algebra ───────────────────────────────────────────────────────────────────────────────────────────
@prints("lin")
def _sum(p: Printer, e: Expr, fixed: bool) -> Piece:
    terms = _terms_in_order(p, e)
    if len(terms) == 1:
        (c, t), = terms
        piece = _term(p, magnitude(c), t, fixed)
        return piece if c > 0 else Piece(p.n.sign + p.wrap(piece, INDEXED), SUM)
    known = fixed or any(map(is_fixed, e.args))
    out = ""
    for c, t in terms:
        entrywise = t.op is ONES and known
        body = p.n.number(magnitude(c)) if entrywise else p.wrap(_term(p, magnitude(c), t, known), INDEXED)
        sign = (p.n.minus if c < 0 else p.n.plus) if out else p.n.sign if c < 0 else ""
        out += sign + body
    return Piece(out, SUM)


def _terms_in_order(p: Printer, e: Expr) -> list[tuple[Number, Expr]]:
    coefficients = powers_of(e)
    typed = p.layout.order_of(e)
    if typed is not None:
        return [(coefficients[t], t) for t in typed]
    terms = [(c, t) for t, c in coefficients.items()]
    return sorted(terms, key=lambda term: (term[0] < 0, _is_shift(term[1]), p.grids.names.get(term[1], "")))


def _is_shift(t: Expr) -> bool:
    """Whether a term is a multiple of I, which people write last: XᵀX + λI."""
    return t.op is EYE or (t.op is SCAL and t.args[1].op is EYE)


def _term(p: Printer, c: Number, t: Expr, fixed: bool) -> Piece:
    """c·t for c > 0."""
    if t is UNITY:
        return p.scaled(c, [], None)
    if t.op is SCAL:
        return p.scaled(c, p.factors_of(t.args[0]), t.args[1], fixed)
    if t.is_scalar and (t.op is HAD or is_square(t)):
        return p.scaled(c, p.factors_of(t), None, fixed)
    return p.piece(t, fixed) if c == 1 else p.scaled(c, [], t, fixed)


@prints("chain")
def _product(p: Printer, e: Expr, fixed: bool) -> Piece:
    return rows.entry(p, e) or p.chain(p.order(e))


@prints("scal")
def _scaling(p: Printer, e: Expr, fixed: bool) -> Piece:
    return _term(p, 1, e, fixed)


@prints("had")
def _hadamard(p: Printer, e: Expr, fixed: bool) -> Piece:
    if e.is_scalar:
        return p.scaled(1, p.factors_of(e), None, fixed)
    return p.entrywise(e, fixed)


# ── postfixes ─────────────────────────────────────────────────────────────────────────────────────────────
@prints("T")
def _transpose(p: Printer, e: Expr, fixed: bool) -> Piece:
    inside = e.args[0]
    if inside.op.name == "inv" and inside.args[0].op is not TRANSPOSE:
        return Piece(p.at(inside.args[0], ATOM, fixed) + p.n.inverse_transpose, POSTFIX)
    return Piece(p.at(inside, ATOM, fixed) + p.n.transpose, POSTFIX)


@prints("pinv")
def _pseudo_inverse(p: Printer, e: Expr, fixed: bool) -> Piece:
    inside = e.args[0]
    if not p.n.pseudo_inverse:
        return Piece(p.n.call(e.op, p.piece(inside).text), ATOM)
    if inside.op is TRANSPOSE:
        inner = p.at(inside.args[0], ATOM, fixed) + p.n.pseudo_inverse
        return Piece(p.n.bracket(inner) + p.n.transpose, POSTFIX)
    return Piece(p.at(inside, ATOM, fixed) + p.n.pseudo_inverse, POSTFIX)


@prints("expm")
def _matrix_power(p: Printer, e: Expr, fixed: bool) -> Piece:
    """expm(b logm X) as Xᵇ."""
    found = base_and_exponent(e)
    if found is None:
        return p.call(e)
    X, b = found
    q = number_of(b)
    if q is not None:
        return Piece(p.n.power(p.at(X, ATOM, fixed), q), POSTFIX)
    return Piece(p.n.raised(p.at(X, ATOM, fixed), p.piece(b).text, entrywise=False), POSTFIX)


@prints("inv")
def _inverse(p: Printer, e: Expr, fixed: bool) -> Piece:
    inside = e.args[0]
    if inside.op is TRANSPOSE:
        return Piece(p.at(inside.args[0], ATOM, fixed) + p.n.inverse_transpose, POSTFIX)
    return Piece(p.at(inside, ATOM, fixed) + p.n.inverse, POSTFIX)
