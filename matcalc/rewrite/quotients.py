"""Denominators and inverses of sums: cleared, taken in, and divided by: A(I + A)⁻¹ is I − (I + A)⁻¹."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from matcalc.core.algebra import (
    CHAIN,
    EYE,
    HAD,
    LIN,
    SCAL,
    TRANSPOSE,
    ZEROS,
    Number,
    T,
    bag,
    eye,
    hadamard,
    linear,
    mul,
    num,
    power,
    reciprocal,
    scale,
    scaled,
    split_scalar,
    sub,
    terms_of,
)
from matcalc.core.tree import Expr, make

Term = tuple[Number, Expr]


def clear(e: Expr) -> Expr | None:
    """(1 + r²/σ²)⁻¹/σ² as (σ² + r²)⁻¹, (1 − V⊘S)⊘S as (S − V)⊘S²: a denominator moved out of a sum."""
    s, a = e.args if e.op is SCAL else (None, e)
    bases = list(zip(a.args, a.attrs, strict=True)) if a.op is HAD else [(a, 1)]
    for i, (sum_, p) in enumerate(bases):
        if sum_.op is not LIN or len(sum_.args) < 2 or p not in (1, -1):
            continue
        for base, q in _denominators(sum_):
            terms = [
                (c, mul(t, power(base, q)) if base.is_scalar else hadamard(t, power(base, q)))
                for c, t in terms_of(sum_)
            ]
            cleared = linear(terms, sum_.shape)
            rest = bag([*(b for j, b in enumerate(bases) if j != i), (cleared, p)])
            outside = power(base, -p * q)
            return (
                mul(*((s,) if s is not None else ()), outside, rest)
                if base.is_scalar
                else hadamard(*((s,) if s is not None else ()), outside, rest)
            )
    return None


def clear_inverse(e: Expr) -> Iterator[Expr]:
    """(I + K/σ)⁻¹/σ as (σI + K)⁻¹: a denominator taken into the inverse of a sum."""
    s, a = e.args
    below = [(b, p) for b, p in zip(s.args, s.attrs, strict=True) if p < 0] if s.op is HAD else []
    factors = a.args if a.op is CHAIN else (a,)
    for i, f in enumerate(factors):
        if f.op.name == "inv" and f.args[0].op is LIN:
            inside = f.args[0]
            for b, p in below:
                if any(b is d for d, _ in _denominators(inside)):
                    terms = [(c, mul(power(b, -p), t)) for c, t in terms_of(inside)]
                    inverse = make("inv", linear(terms, inside.shape))
                    yield mul(s, power(b, -p), *factors[:i], inverse, *factors[i + 1 :])


def _denominators(e: Expr) -> Iterator[tuple[Expr, Number]]:
    for t in e.args:
        _, s, a = split_scalar(t)
        for part in (s, a):
            if part is not None and part.op is HAD:
                for b, p in zip(part.args, part.attrs, strict=True):
                    if p < 0:
                        yield b, -p


# ── division by a sum ─────────────────────────────────────────────────────────────────────────────────────
def divided(e: Expr) -> Expr | None:
    """XᵀX(XᵀX + λI)⁻¹ as I − λ(XᵀX + λI)⁻¹ in every term of `e`; None where nothing is divided."""
    terms = [(c * k, x) for c, t in terms_of(e) for k, x in _divided_term(t)]
    found = linear(terms, e.shape)
    return None if found is e or terms == list(terms_of(e)) else found


def _divided_term(t: Expr) -> list[Term]:
    c, s, a = split_scalar(t)
    if a.op is TRANSPOSE and a.args[0].op is CHAIN:
        a = T(a.args[0])
    factors = a.args if a.op is CHAIN else ()
    for i, f in enumerate(factors):
        inside = _inverted_sum(f)
        if inside is None:
            continue
        for left in (True, False):
            beside = factors[:i] if left else factors[i + 1 :]
            found = _quotient(beside, inside, left)
            if found is not None:
                taken, q, rest = found  # taken = q S + rest I
                before = factors[: i - taken] if left else factors[:i]
                after = factors[i + 1 :] if left else factors[i + 1 + taken :]
                whole = mul(q, *before, eye(f.shape[0]), *after)
                remainder = mul(rest, *before, f, *after)
                return [(k * c, x if s is None else scaled(s, x)) for y in (whole, remainder) for k, x in terms_of(y)]
    return [(1, t)]


def _inverted_sum(f: Expr) -> Expr | None:
    """S for S⁻¹ and for (Sᵀ)⁻ᵀ, where S is a sum."""
    turned = f.op is TRANSPOSE and f.args[0].op.name == "inv"
    inverse = f.args[0] if turned else f
    if inverse.op.name != "inv":
        return None
    inside = T(inverse.args[0]) if turned else inverse.args[0]
    return inside if inside.op is LIN and len(inside.args) > 1 else None


def _quotient(beside: tuple[Expr, ...], S: Expr, left: bool) -> tuple[int, Expr, Expr] | None:
    """How many neighbours of S⁻¹ make a product A with A = q S + r I, and the scalars q and r."""
    for c, t in terms_of(S):
        _, s, a = split_scalar(t)
        if a.op is EYE:
            continue
        q = scale(1 / Fraction(c), reciprocal(s) if s is not None else num(1))
        segment = a.args if a.op is CHAIN else (a,)
        n = len(segment)
        if beside and (beside[-n:] if left else beside[:n]) == segment:
            rest = _multiple_of_identity(sub(a, mul(q, S)))
            return None if rest is None else (n, q, rest)
        edge = (beside[-1] if left else beside[0]) if beside else a
        for d, u in terms_of(edge) if edge.op is LIN else ():
            if split_scalar(u)[2] is a:
                _, v, _ = split_scalar(u)
                ratio = mul(q, scale(d, v if v is not None else num(1)))
                rest = _multiple_of_identity(sub(edge, mul(ratio, S)))
                if rest is not None:
                    return 1, ratio, rest
    return None


def _multiple_of_identity(e: Expr) -> Expr | None:
    """r for r I."""
    if e.op is ZEROS:
        return num(0)
    c, s, a = split_scalar(e)
    return scale(c, s if s is not None else num(1)) if a.op is EYE else None
