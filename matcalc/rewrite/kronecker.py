"""Sums of Kronecker products beside a vector: (A⊗I + I⊗B)vec(X) is read term by term, as vec(XAᵀ + BX).

So is (A⊗B)(vec(X)aᵀ + vec(Y)bᵀ), as vec(BXAᵀ)aᵀ + vec(BYAᵀ)bᵀ.
"""

from __future__ import annotations

from matcalc.core.algebra import CHAIN, COMMUTATION, EYE, LIN, TRANSPOSE, linear, mul, split_scalar, terms_of
from matcalc.core.dims import ONE
from matcalc.core.tree import Expr


def distributed(e: Expr) -> Expr | None:
    """A sum of Kronecker products beside a vector, or a sum of vecs times rows behind one, term by term."""
    for i, f in enumerate(e.args):
        if f.op is LIN and len(f.args) > 1 and _kronecker_sum(f):
            right = i + 1 < len(e.args) and e.args[i + 1].shape[1] is ONE
            left = i > 0 and e.args[i - 1].op is TRANSPOSE and e.args[i - 1].args[0].op.name == "vec"
            if right or left:
                return _term_by_term(e, i)
        if f.op is LIN and i > 0 and e.args[i - 1].op.name == "kron" and any(map(_begins_with_vec, f.args)):
            return _term_by_term(e, i)
    return None


def _term_by_term(e: Expr, i: int) -> Expr:
    """A product with its i-th factor, a sum, multiplied out."""
    before, after = e.args[:i], e.args[i + 1 :]
    return linear([(c, mul(*before, t, *after)) for c, t in terms_of(e.args[i])], e.shape)


def _begins_with_vec(t: Expr) -> bool:
    """Whether t is vec(A)xᵀ."""
    inside = split_scalar(t)[2]
    return inside.op is CHAIN and inside.args[0].op.name == "vec"


def _kronecker_sum(f: Expr) -> bool:
    inside = [split_scalar(t)[2] for t in f.args]
    return any(t.op is not EYE for t in inside) and all(_lifted(t) for t in inside)


def _lifted(t: Expr) -> bool:
    """Whether a vector beside `t` becomes the vec of a product."""
    if t.op is CHAIN:
        return all(map(_lifted, t.args))
    return t.op is EYE or t.op is COMMUTATION or t.op.name == "kron"


READ = {"chain": (("kronecker/sum-times-vec", distributed),)}
