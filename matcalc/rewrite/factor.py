"""Sums written as products: the common factors of groups of terms, one grouping at a time, cheapest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from matcalc.core.algebra import (
    CHAIN,
    COMMUTATION,
    HAD,
    TRANSPOSE,
    UNITY,
    Number,
    T,
    bag,
    content,
    eye,
    linear,
    mul,
    number_of,
    ones,
    scale,
    scaled,
    split_scalar,
    terms_of,
    tidy,
)
from matcalc.core.dims import ONE, SCALAR
from matcalc.core.tree import Expr, make, node
from matcalc.identities import named
from matcalc.rewrite.match import rewrites

GATHERED = ("Diag", "diag", "tr", "sum", "vec", "sym", "skew", "kron_left", "kron_right", "part", "unvec")
MAX_TERMS = 24
Term = tuple[Number, Expr]


def groupings(e: Expr) -> Iterator[Expr]:
    """The sum `e` with one group of its terms written as a product, in every way that is known."""
    if len(e.args) < 2 or len(e.args) > MAX_TERMS:
        return
    terms = tuple(terms_of(e))
    yield from _groupings(e, terms)
    for turn in (_turned, _commuted_left, _commuted_right):
        turned = tuple((c, turn(t)) for c, t in terms)
        if turned != terms:
            yield from _groupings(e, turned)
    yield from _as_scaled_vectors(e, terms) if e.shape[1] is ONE else _as_weighted(e, terms)
    q, inner = content(e)
    if q != 1:
        yield scale(q, inner)


def _turned(t: Expr) -> Expr:
    """Transposes that were pulled out of products, put back into their factors."""
    c, s, a = split_scalar(t)
    factors = a.args if a.op is CHAIN else (a,)
    if all(f.op is not TRANSPOSE or not f.args[0].args for f in factors):
        return t
    inside = mul(*(T(f.args[0]) if f.op is TRANSPOSE else f for f in factors))
    return scale(c, scaled(s, inside) if s is not None else inside)


def _commuted_left(t: Expr) -> Expr:
    return _commuted(t, "commutation/to-the-left")


def _commuted_right(t: Expr) -> Expr:
    return _commuted(t, "commutation/to-the-right")


def _commuted(t: Expr, name: str) -> Expr:
    """(A⊗B)K as K(B⊗A), or the other way round."""
    c, s, a = split_scalar(t)
    if a.op is not CHAIN or all(f.op is not COMMUTATION for f in a.args):
        return t
    row = named(name)
    moved = next(rewrites(row.left, row.right, a), a)
    return scale(c, scaled(s, moved) if s is not None else moved)


def _as_scaled_vectors(e: Expr, terms: tuple[Term, ...]) -> Iterator[Expr]:
    """u∘v + Wv as (Diag(u) + W)v: entrywise products with a vector that other terms end in."""
    ends = dict.fromkeys(f[-1] for _, t in terms if (f := _factors(t)) and len(f) > 1 and f[0].op.name != "Diag")
    for v in ends:
        turned = tuple((c, _scaling_of(v, t)) for c, t in terms)
        if turned != terms:
            yield from _groupings(e, turned)


def _as_weighted(e: Expr, terms: tuple[Term, ...]) -> Iterator[Expr]:
    """A∘B − Diag(u)B as (A − u1ᵀ)∘B: scaled rows or columns beside a product with the same matrix."""
    found = [split_scalar(t)[2] for _, t in terms]
    for b in dict.fromkeys(b for t in found if t.op is HAD for b in t.args):
        turned = tuple((c, _weights_of(b, t)) for c, t in terms)
        if turned != terms:
            yield from _groupings(e, turned)


def _weights_of(b: Expr, t: Expr) -> Expr:
    """Diag(u)B as (u1ᵀ)∘B, B Diag(u) as (1uᵀ)∘B."""
    c, s, a = split_scalar(t)
    if a.op is not CHAIN or len(a.args) != 2 or b not in a.args:
        return t
    scale_rows = a.args[1] is b
    diagonal = a.args[0] if scale_rows else a.args[1]
    if diagonal.op.name != "Diag":
        return t
    u = diagonal.args[0]
    weights = mul(u, ones((ONE, b.shape[1]))) if scale_rows else mul(ones((b.shape[0], ONE)), T(u))
    moved = bag([(weights, 1), (b, 1)])
    return scale(c, scaled(s, moved) if s is not None else moved)


def _factors(t: Expr) -> tuple[Expr, ...]:
    a = split_scalar(t)[2]
    return a.args if a.op is CHAIN else ()


def _scaling_of(v: Expr, t: Expr) -> Expr:
    """v∘u and Diag(v)u as Diag(u)v."""
    c, s, a = split_scalar(t)
    if a.op is CHAIN and a.args[0].op.name == "Diag" and a.args[0].args[0] is v:
        weights = mul(*a.args[1:])
    elif a.op is HAD and v in a.args and a.attrs[a.args.index(v)] == 1:
        weights = bag([(b, p) for b, p in zip(a.args, a.attrs, strict=True) if b is not v])
    else:
        return t
    moved = node(CHAIN, (make("Diag", weights), v), (), t.shape)
    return scale(c, scaled(s, moved) if s is not None else moved)


def _groupings(e: Expr, terms: tuple[Term, ...]) -> Iterator[Expr]:
    groups: dict[tuple[str, object], list[int]] = {}
    for i, (c, t) in enumerate(terms):
        for key in (*_keys(t), ("coefficient", _magnitude(c))):
            groups.setdefault(key, []).append(i)
    for (kind, factor), members in groups.items():
        if len(members) < 2:
            continue
        taken = [terms[i] for i in members]
        rest = [terms[i] for i in range(len(terms)) if i not in members]
        product = _EXTRACT[kind](factor, taken, e)
        if product is not None:
            yield linear([*rest, (1, product)], e.shape)


def _keys(t: Expr) -> Iterator[tuple[str, object]]:
    _, s, a = split_scalar(t)
    if s is not None:
        yield from _scalar_keys(s)
    elif t.is_scalar:
        yield from _scalar_keys(t)
    if t.op.name == "frob" and t.args[0] is not t.args[1]:
        yield from (("frobenius", x) for x in t.args)
    if not a.is_scalar:
        yield "array", a
        factors = a.args if a.op is CHAIN else (a,)
        yield "left", factors[0]
        yield "right", factors[-1]
        if len(factors) > 3:
            yield "left2", factors[:2]
            yield "right2", factors[-2:]
    if a.op is HAD and not a.is_scalar:
        for b, p in zip(a.args, a.attrs, strict=True):
            yield "hadamard", (b, 1 if p > 0 else -1)
    elif not a.is_scalar and a.op is not CHAIN:
        yield "hadamard", (a, 1)
    if a.op.name == "kron":
        yield from (("kronecker", (i, x)) for i, x in enumerate(a.args))
    if a.op.name in GATHERED:
        yield ("operator", (a.op.name, a.attrs, a.args[:-1] if a.op.name.startswith("kron") else (), a.args[-1].shape))


def _scalar_keys(s: Expr) -> Iterator[tuple[str, object]]:
    if s.op is HAD:
        for b, p in zip(s.args, s.attrs, strict=True):
            yield "scalar", (b, 1 if p > 0 else -1)
    elif number_of(s) is None:
        yield "scalar", (s, 1)


def _take_left(factor: object, taken: list[Term], e: Expr) -> Expr | None:
    return _take_segment((factor,), taken, e, left=True)


def _take_right(factor: object, taken: list[Term], e: Expr) -> Expr | None:
    return _take_segment((factor,), taken, e, left=False)


def _take_segment(segment: tuple[object, ...], taken: list[Term], e: Expr, left: bool) -> Expr | None:
    """A X + s A Y = A (X + s Y), the common factor on the left or on the right."""
    k = len(segment)
    inner: list[Term] = []
    shape = None
    for c, t in taken:
        q, s, a = split_scalar(t)
        factors = a.args if a.op is CHAIN else (a,)
        rest = factors[k:] if left else factors[:-k]
        body = mul(*rest) if rest else _unit_factor(segment, left)
        if body is None:
            return None
        shape = body.shape
        inner.append((c * q, scaled(s, body) if s is not None else body))
    assert shape is not None
    total = linear(inner, shape)
    return mul(*segment, total) if left else mul(total, *segment)  # type: ignore[arg-type]


def _unit_factor(segment: tuple[object, ...], left: bool) -> Expr | None:
    edge = segment[-1] if left else segment[0]
    n = edge.shape[1] if left else edge.shape[0]  # type: ignore[attr-defined]
    return eye(n)


def _take_scalar(key: Any, taken: list[Term], e: Expr) -> Expr | None:
    """s X + s Y = s (X + Y)."""
    base, sign = key
    p = min((_exponent(t, base, scalar=True) for _, t in taken), key=_magnitude)
    inner = [(c, mul(bag([(base, -p)]), t)) for c, t in taken]
    return mul(bag([(base, p)]), linear(inner, e.shape))


def _take_hadamard(key: Any, taken: list[Term], e: Expr) -> Expr | None:
    """B∘X + B∘Y = B∘(X + Y)."""
    base, sign = key
    p = min((_exponent(t, base, scalar=False) for _, t in taken), key=_magnitude)
    inner = []
    for c, t in taken:
        q, s, a = split_scalar(t)
        rest = bag([(a, 1), (base, -p)])
        inner.append((c * q, scaled(s, rest) if s is not None else rest))
    return bag([(base, p), (linear(inner, e.shape), 1)])


def _magnitude(q: Number) -> Number:
    return q if q >= 0 else -q


def _exponent(t: Expr, base: Expr, scalar: bool) -> Number:
    _, s, a = split_scalar(t)
    where = (s if s is not None else t) if scalar else a
    if where.op is HAD:
        for b, p in zip(where.args, where.attrs, strict=True):
            if b is base:
                found: Number = p
                return found
    return 1


def _take_array(array: Any, taken: list[Term], e: Expr) -> Expr | None:
    """s X + t X = (s + t) X."""
    inner = []
    for c, t in taken:
        q, s, _ = split_scalar(t)
        inner.append((c * q, s if s is not None else UNITY))
    return mul(linear(inner, SCALAR), array)


def _take_frobenius(factor: Any, taken: list[Term], e: Expr) -> Expr | None:
    """A:X + B:X = (A + B):X."""
    inner = [(c, t.args[1] if t.args[0] is factor else t.args[0]) for c, t in taken]
    return make("frob", factor, linear(inner, factor.shape))


def _take_coefficient(q: Any, taken: list[Term], e: Expr) -> Expr | None:
    """2X − 2Y = 2(X − Y), where there are other terms beside them."""
    if q == 1 or len(taken) == len(e.args):
        return None
    return scale(q, linear([(tidy(Fraction(c) / q), t) for c, t in taken], e.shape))


def _take_operator(key: Any, taken: list[Term], e: Expr) -> Expr | None:
    """L(X) + L(Y) = L(X + Y) for a linear operator L."""
    name, _, fixed, shape = key
    inner: list[Term] = []
    first = None
    for c, t in taken:
        q, s, a = split_scalar(t)
        first = first or a
        inner.append((c * q, scaled(s, a.args[-1]) if s is not None else a.args[-1]))
    assert first is not None
    total = linear(inner, shape)
    return make(name, *fixed, total, **dict(zip(first.op.attributes, first.attrs, strict=True)))


def _take_kronecker(key: Any, taken: list[Term], e: Expr) -> Expr | None:
    """A⊗C + B⊗C = (A + B)⊗C, and so on the left."""
    place, factor = key
    inner: list[Term] = []
    for c, t in taken:
        q, s, a = split_scalar(t)
        other = a.args[1 - place]
        inner.append((c * q, scaled(s, other) if s is not None else other))
    total = linear(inner, other.shape)
    return make("kron", factor, total) if place == 0 else make("kron", total, factor)


_EXTRACT: dict[str, Callable[..., Expr | None]] = {
    "left": _take_left,
    "right": _take_right,
    "left2": lambda factor, taken, e: _take_segment(factor, taken, e, left=True),
    "right2": lambda factor, taken, e: _take_segment(factor, taken, e, left=False),
    "array": _take_array,
    "frobenius": _take_frobenius,
    "coefficient": _take_coefficient,
    "scalar": _take_scalar,
    "hadamard": _take_hadamard,
    "kronecker": _take_kronecker,
    "operator": _take_operator,
}
