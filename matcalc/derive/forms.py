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
    return Spread(_shortest)(e)


class Spread:
    """Distributes products and linear operators over sums; with `multilinear` those of several arguments, too.

    `finish` may rewrite each term; what is left in front of it then is its coefficient.
    """

    def __init__(self, finish: Callable[[Expr], Expr], multilinear: bool = False) -> None:
        self.finish, self.multilinear = finish, multilinear
        self.memo: dict[Expr, list[Term]] = {}
        self.did = False  # whether anything was distributed over a sum

    def __call__(self, e: Expr) -> Expr:
        """The sum of the terms."""
        return linear(self.terms(e), e.shape)

    def terms(self, e: Expr) -> list[Term]:
        """The terms of `e`; equal nodes are treated once."""
        if e not in self.memo:
            self.memo[e] = self.distribute(e)
            inside = e.args if e.op is LIN else (e,)
            self.did = self.did or any(len(self.memo[x]) > 1 for x in inside)
            if len(self.memo[e]) > MAX_TERMS:
                raise UnsupportedError(
                    "the expanded form has too many terms to be read", hint="ask for the formula as it is"
                )
        return self.memo[e]

    def distribute(self, e: Expr) -> list[Term]:
        """The terms of one node."""
        if e.op is LIN:
            return [(c * k, t) for c, x in terms_of(e) for k, t in self.terms(x)]
        if e.op is CHAIN or e.op is SCAL:
            build: Callable[..., Expr] = mul if e.op is CHAIN else scaled
            return [self.single(c, build(*factors)) for c, factors in _products([self.terms(a) for a in e.args])]
        if e.op is HAD:
            inside = [self.terms(b) if p == 1 else [(1, b)] for b, p in zip(e.args, e.attrs, strict=True)]
            return [self.single(c, bag(list(zip(f, e.attrs, strict=True)))) for c, f in _products(inside)]  # type: ignore[arg-type]
        if e.op.kind == "linear" and len(e.args) == 1 or e.op.kind == "multilinear" and self.multilinear:
            extra = dict(zip(e.op.attributes, e.attrs, strict=True))
            every = _products([self.terms(a) for a in e.args])
            return [self.single(c, make(e.op.name, *factors, **extra)) for c, factors in every]
        return [(1, rebuild(e, tuple(self(a) for a in e.args)))]

    def single(self, c: Number, t: Expr) -> Term:
        """A term with its coefficient in front."""
        k, s, a = split_scalar(self.finish(t))
        return c * k, a if s is None else scaled(s, a)


def _products(options: list[list[Term]]) -> list[tuple[Number, list[Expr]]]:
    out: list[tuple[Number, list[Expr]]] = [(1, [])]
    for terms in options:
        out = [(c * k, [*factors, t]) for c, factors in out for k, t in terms]
        if len(out) > MAX_TERMS:
            raise UnsupportedError(
                "the expanded form has too many terms to be read", hint="ask for the formula as it is"
            )
    return out


def _shortest(t: Expr) -> Expr:
    """A term rewritten where a row makes it shorter."""
    small = t.size <= MAX_SIZE
    better = min((r for _, r in applications(t, "shorten") if r.size <= MAX_SIZE), key=cost, default=t) if small else t
    return better if better is not t and cost(better) < cost(t) else t


def factored(e: Expr) -> Expr:
    """Common factors taken out, nothing multiplied out."""
    return Shortener(expand_budget=0)(e)


FORMS: dict[str, Callable[[Expr], Expr]] = {
    "short": lambda e: e,
    "expanded": expanded,
    "factored": factored,
    "blocks": blockwise,
}
