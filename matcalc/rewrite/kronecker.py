"""Sums of Kronecker products beside a vector: (A⊗I + I⊗B)vec(X) is read term by term, as vec(XAᵀ + BX)."""

from __future__ import annotations

from matcalc.core.algebra import CHAIN, COMMUTATION, EYE, LIN, TRANSPOSE, linear, mul, split_scalar, terms_of
from matcalc.core.dims import ONE
from matcalc.core.tree import Expr


def distributed(e: Expr) -> Expr | None:
    """The product of a sum of Kronecker products and a vector on its right, or a vec on its left, term by term."""
    for i, f in enumerate(e.args):
        if f.op is LIN and len(f.args) > 1 and _kronecker_sum(f):
            right = i + 1 < len(e.args) and e.args[i + 1].shape[1] is ONE
            left = i > 0 and e.args[i - 1].op is TRANSPOSE and e.args[i - 1].args[0].op.name == "vec"
            if right or left:
                before, after = e.args[:i], e.args[i + 1 :]
                return linear([(c, mul(*before, t, *after)) for c, t in terms_of(f)], e.shape)
    return None


def _kronecker_sum(f: Expr) -> bool:
    inside = [split_scalar(t)[2] for t in f.args]
    return any(t.op is not EYE for t in inside) and all(_lifted(t) for t in inside)


def _lifted(t: Expr) -> bool:
    """Whether a vector beside `t` becomes the vec of a product."""
    if t.op is CHAIN:
        return all(map(_lifted, t.args))
    return t.op is EYE or t.op is COMMUTATION or t.op.name == "kron"


READ = {"chain": (("kronecker/sum-times-vec", distributed),)}
