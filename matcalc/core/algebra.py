"""The four nodes that carry the algebra: sum, product, Hadamard bag, scaling; and the transpose.

Constructors normalise silently, by a short closed list: flatten, units and zeros, coefficients and scalars
out, equal factors to powers, like terms together, transposes to the leaves, X⁻¹X away. Everything else is a
named identity and a step.

    lin    Σ cᵢ tᵢ          rational coefficients live only here; k·(sum) stays one term
    chain  A B C            ordered, no scalar factor, no coefficient
    had    ∏ Aᵢ^pᵢ          entrywise, rational exponents; between scalars it is the product
    scal   s A              one scalar, one array
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from matcalc.core import tree
from matcalc.core.bags import bag, hadamard, power, reciprocal, scaled, split_scalar
from matcalc.core.dims import SCALAR, Dim
from matcalc.core.leaves import (
    CHAIN,
    COMMUTATION,
    CONST,
    DIMNUM,
    DUPLICATION,
    ELIMINATION,
    EYE,
    HAD,
    LIN,
    META,
    ONES,
    SCAL,
    TRANSPOSE,
    UNIT,
    UNITY,
    VAR,
    ZEROS,
    commutation,
    const,
    duplication,
    elimination,
    eye,
    facts_of,
    ones,
    unit,
    var,
    zeros,
)
from matcalc.core.products import inverse_of, mul
from matcalc.core.sums import (
    Number,
    add,
    content,
    direction,
    linear,
    neg,
    num,
    number_of,
    scale,
    split_coefficient,
    sub,
    terms_of,
    tidy,
)
from matcalc.core.transposes import T
from matcalc.core.tree import OPS, REBUILD, Args, Expr, bind_symbol, node

__all__ = [
    "CHAIN",
    "COMMUTATION",
    "CONST",
    "DIMNUM",
    "DUPLICATION",
    "ELIMINATION",
    "EYE",
    "HAD",
    "LIN",
    "META",
    "ONES",
    "SCAL",
    "TRANSPOSE",
    "UNIT",
    "UNITY",
    "VAR",
    "ZEROS",
    "Number",
    "T",
    "add",
    "bag",
    "commutation",
    "const",
    "content",
    "dimnum",
    "direction",
    "duplication",
    "elimination",
    "eye",
    "facts_of",
    "hadamard",
    "inverse_of",
    "lift",
    "linear",
    "make",
    "mul",
    "neg",
    "num",
    "number_of",
    "ones",
    "power",
    "reciprocal",
    "scale",
    "scaled",
    "split_coefficient",
    "split_scalar",
    "sub",
    "terms_of",
    "tidy",
    "unit",
    "var",
    "zeros",
]


def dimnum(d: Dim) -> Expr:
    """A dimension used as a number: a polynomial in the names of dimensions."""
    named = [(c, [node(DIMNUM, (), (Dim.name(x),), SCALAR) for x in monomial]) for monomial, c in d.terms]
    return linear([(c, hadamard(*names)) for c, names in named], SCALAR)


# ── rebuilding and Python's operators ─────────────────────────────────────────────────────────────────────
REBUILD.update(
    lin=lambda e, args: linear(list(zip(e.attrs, args, strict=True)), args[0].shape),
    chain=lambda e, args: mul(*args),
    had=lambda e, args: bag(list(zip(args, e.attrs, strict=True))),
    scal=lambda e, args: scaled(*args),
    T=lambda e, args: T(args[0]),
)


def lift(value: object, like: Expr) -> Expr:
    """A Python number beside an expression as an expression (of its shape)."""
    if isinstance(value, Expr):
        return value
    if isinstance(value, (int, Fraction)):
        return scale(value, ones(like.shape))
    raise TypeError(f"{value!r} is not an expression")


def _plus(a: object, b: object) -> Expr:
    x = lift(a, b) if isinstance(b, Expr) else a
    return add(x, lift(b, x))  # type: ignore[arg-type]


def _minus(a: object, b: object) -> Expr:
    x = lift(a, b) if isinstance(b, Expr) else a
    return sub(x, lift(b, x))  # type: ignore[arg-type]


def _times(a: object, b: object) -> Expr:
    if not isinstance(a, Expr):
        return scale(a, b)  # type: ignore[arg-type]
    return scale(b, a) if not isinstance(b, Expr) else hadamard(a, b)  # type: ignore[arg-type]


def _over(a: object, b: object) -> Expr:
    if not isinstance(b, Expr):
        return scale(Fraction(1) / b, a)  # type: ignore[operator,arg-type]
    return bag([(lift(a, b), 1), (b, -1)])


bind_symbol("+", _plus)
bind_symbol("-", _minus)
bind_symbol("*", _times)
bind_symbol("/", _over)
bind_symbol("@", mul)
bind_symbol("**", lambda e, q: power(e, q))
bind_symbol("T", T)


def _outward(args: Args, index: object = None) -> tuple[Number, list[Expr], Args] | None:
    """Coefficients and scalar factors of a (multi)linear operator's arguments, None where there are none.

    A factor that moves with the index of a sum stays inside.
    """
    if all(a.op is not LIN and a.op is not SCAL and a.op is not ZEROS for a in args):
        return None
    coefficient: Number = 1
    scalars: list[Expr] = []
    rest: list[Expr] = []
    for a in args:
        c, s, r = split_scalar(a)
        coefficient = 0 if a.op is ZEROS else coefficient * c
        if s is not None and index is not None and _moves(s, index):
            r = scaled(s, r)
        elif s is not None:
            scalars.append(s)
        rest.append(r)
    if coefficient == 1 and not scalars:
        return None
    return coefficient, scalars, tuple(rest)


def _moves(e: Expr, index: object) -> bool:
    """Whether the unit vector of a bound index stands in e."""
    return any(x.op is UNIT and x.attrs[0] == index for x in tree.walk(e))


def make(name: str, /, *args: Expr, **attrs: Any) -> Expr:
    """The node of a catalogue operator, after its silent normalisation.

    Scalars leave the arguments of linear operators; then the operator's own `normal` column is asked.

    Shapes: by the operator's signature; the caller has checked them.
    """
    op = OPS[name]
    if op.kind in ("linear", "multilinear") and (found := _outward(args, attrs.get("index"))) is not None:
        coefficient, scalars, rest = found
        if coefficient == 0:
            return zeros(tree.shape_of(op, args, attrs))
        return scale(coefficient, mul(*scalars, make(name, *rest, **attrs)))
    if op.normal is not None:
        done: Expr | None = op.normal(*args, **attrs)
        if done is not None:
            return done
    return node(op, args, tuple(attrs.values()), tree.shape_of(op, args, attrs))


tree.bind_make(make)
