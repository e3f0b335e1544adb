"""Other writings of an answer, on request: multiplied out, with common factors taken out, or in blocks."""

from __future__ import annotations

from collections.abc import Callable

from matcalc.core.algebra import CHAIN, HAD, LIN, SCAL, Number, bag, linear, mul, scaled, split_scalar, terms_of
from matcalc.core.tree import Expr, make, rebuild
from matcalc.derive.blockwise import blockwise
from matcalc.errors import UnsupportedError
from matcalc.rewrite.cost import cost
from matcalc.rewrite.engine import applications
from matcalc.rewrite.shorten import MAX_SIZE, Shortener

MAX_TERMS = 200
Term = tuple[Number, Expr]


def expanded(e: Expr) -> Expr:
    """Products and linear operators distributed over sums: diag(Aᵀ(A Diag(s)Bᵀ − C)B) as (AᵀA∘BᵀB)s − diag(AᵀCB).

    Raises:
        UnsupportedError: more terms than anyone would read.
    """
    memo: dict[Expr, list[Term]] = {}
    return linear(_terms(e, memo), e.shape)


def _terms(e: Expr, memo: dict[Expr, list[Term]]) -> list[Term]:
    if e not in memo:
        memo[e] = _distribute(e, memo)
        if len(memo[e]) > MAX_TERMS:
            raise UnsupportedError(
                "the expanded form has too many terms to be read", hint="ask for the formula as it is"
            )
    return memo[e]


def _distribute(e: Expr, memo: dict[Expr, list[Term]]) -> list[Term]:
    if e.op is LIN:
        return [(c * k, t) for c, x in terms_of(e) for k, t in _terms(x, memo)]
    if e.op is CHAIN or e.op is SCAL:
        build: Callable[..., Expr] = mul if e.op is CHAIN else scaled
        return [_single(c, build(*factors)) for c, factors in _products([_terms(a, memo) for a in e.args])]
    if e.op is HAD:
        inside = [_terms(b, memo) if p == 1 else [(1, b)] for b, p in zip(e.args, e.attrs, strict=True)]
        return [_single(c, bag(list(zip(f, e.attrs, strict=True)))) for c, f in _products(inside)]  # type: ignore[arg-type]
    if e.op.kind == "linear" and len(e.args) == 1:
        extra = dict(zip(e.op.attributes, e.attrs, strict=True))
        return [_single(c, make(e.op.name, t, **extra)) for c, t in _terms(e.args[0], memo)]
    return [(1, rebuild(e, tuple(expanded(a) for a in e.args)))]


def _products(options: list[list[Term]]) -> list[tuple[Number, list[Expr]]]:
    out: list[tuple[Number, list[Expr]]] = [(1, [])]
    for terms in options:
        out = [(c * k, [*factors, t]) for c, factors in out for k, t in terms]
        if len(out) > MAX_TERMS:
            raise UnsupportedError(
                "the expanded form has too many terms to be read", hint="ask for the formula as it is"
            )
    return out


def _single(c: Number, t: Expr) -> Term:
    """A term with its coefficient in front, rewritten where a row makes it shorter."""
    small = t.size <= MAX_SIZE
    better = min((r for _, r in applications(t, "shorten") if r.size <= MAX_SIZE), key=cost, default=t) if small else t
    t = better if better is not t and cost(better) < cost(t) else t
    k, s, a = split_scalar(t)
    return c * k, a if s is None else scaled(s, a)


def factored(e: Expr) -> Expr:
    """Common factors taken out, nothing multiplied out."""
    return Shortener(expand_budget=0)(e)


FORMS: dict[str, Callable[[Expr], Expr]] = {
    "short": lambda e: e,
    "expanded": expanded,
    "factored": factored,
    "blocks": blockwise,
}
