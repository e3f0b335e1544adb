"""Numbers and linear combinations: like terms together, rational coefficients, k·(sum) kept as one term."""

from __future__ import annotations

from fractions import Fraction
from math import gcd

from matcalc.core.dims import Shape
from matcalc.core.leaves import LIN, UNITY, ZEROS, zeros
from matcalc.core.tree import Expr, node

Number = int | Fraction


def tidy(q: Number) -> Number:
    """An integer where the fraction is one."""
    return q.numerator if isinstance(q, Fraction) and q.denominator == 1 else q


def num(q: Number) -> Expr:
    """A rational number as a 1×1 expression."""
    return scale(q, UNITY)


def number_of(e: Expr) -> Number | None:
    """The value of a rational number, None for anything else."""
    if e.is_scalar:
        if e is UNITY:
            return 1
        if e.op is ZEROS:
            return 0
        if e.op is LIN and len(e.args) == 1 and e.args[0] is UNITY:
            value: Number = e.attrs[0]
            return value
    return None


def split_coefficient(e: Expr) -> tuple[Number, Expr]:
    """`e` as coefficient and rest: −3X is (−3, X)."""
    if e.op is LIN and len(e.args) == 1:
        return e.attrs[0], e.args[0]
    return 1, e


def terms_of(e: Expr) -> tuple[tuple[Number, Expr], ...]:
    """The terms of a sum with their coefficients (a single term for anything else)."""
    if e.op is LIN:
        return tuple(zip(e.attrs, e.args, strict=True))
    return () if e.op is ZEROS else ((1, e),)


def direction(e: Expr) -> tuple[int, Expr]:
    """A sum up to sign: R and −R have the same direction; (sign, representative)."""
    if e.op is LIN and len(e.args) > 1:
        if e.attrs[0] < 0:
            return -1, node(LIN, e.args, tuple(-c for c in e.attrs), e.shape)
    return 1, e


def linear(pairs: list[tuple[Number, Expr]], shape: Shape) -> Expr:
    """Σ c·t with like terms collected."""
    flat: dict[Expr, Number] = {}
    first: dict[Expr, tuple[int, Expr]] = {}
    stack = pairs[::-1]
    while stack:
        c, t = stack.pop()
        if c == 0 or t.op is ZEROS:
            continue
        if t.op is LIN and (c in (1, -1) or len(t.args) == 1):
            stack.extend((c * k, x) for k, x in reversed(terms_of(t)))
            continue
        sign, canonical = direction(t)
        first.setdefault(canonical, (sign, t))
        flat[canonical] = flat.get(canonical, 0) + sign * c
    out: list[tuple[Number, Expr]] = []
    for t, c in flat.items():
        if c:
            sign, shown = first[t]
            out.append(_signed(tidy(sign * c), shown))
    if len(out) > 1 and any(t.op is LIN and c in (1, -1) for c, t in out):
        return linear(out, shape)
    if not out:
        return zeros(shape)
    if len(out) == 1:
        c, t = out[0]
        return scale(c, t)
    out.sort(key=lambda p: p[1].key)
    return node(LIN, tuple(t for _, t in out), tuple(c for c, _ in out), shape)


def add(*terms: Expr) -> Expr:
    """The sum of arrays of one shape."""
    return linear([(1, t) for t in terms], terms[0].shape)


def sub(a: Expr, b: Expr) -> Expr:
    """a − b."""
    return linear([(1, a), (-1, b)], a.shape)


def scale(q: Number, e: Expr) -> Expr:
    """A rational multiple; k·(sum) stays one term, −(sum) changes the signs inside."""
    if q == 1:
        return e
    if q == 0 or e.op is ZEROS:
        return zeros(e.shape)
    if e.op is LIN:
        if len(e.args) == 1:
            return scale(tidy(q * e.attrs[0]), e.args[0])
        if q == -1:
            return node(LIN, e.args, tuple(-c for c in e.attrs), e.shape)
        turned, e = _signed(q, e)
        if turned != q:
            return scale(turned, e)
    return node(LIN, (e,), (tidy(q),), e.shape)


def _signed(q: Number, e: Expr) -> tuple[Number, Expr]:
    """q·e with the sign of a sum where it is shortest: −2(−A + B) is 2(A − B), 2(−A − B) is −2(A + B)."""
    if e.op is LIN and len(e.args) > 1 and abs(q) != 1:
        signs = [c < 0 for c in e.attrs]
        if all(signs) or (q < 0 and signs[0]):
            return -q, neg(e)
    return q, e


def neg(e: Expr) -> Expr:
    """−e."""
    return scale(-1, e)


def content(e: Expr) -> tuple[Number, Expr]:
    """The positive rational content: 2A + 4B is (2, A + 2B); a fraction only if all terms share it."""
    q, rest = split_coefficient(e)
    if rest.op is not LIN or len(rest.args) < 2:
        return q, rest
    coefficients = [Fraction(c) for c in rest.attrs]
    top = gcd(*(c.numerator for c in coefficients))
    bottom = coefficients[0].denominator
    if any(c.denominator != bottom for c in coefficients):
        bottom = 1
        if any(c.denominator != 1 for c in coefficients):
            return q, rest
    g = tidy(Fraction(top, bottom))
    if g == 1:
        return q, rest
    divided = [tidy(c / g) for c in coefficients]
    return tidy(q * g), linear(list(zip(divided, rest.args, strict=True)), rest.shape)
