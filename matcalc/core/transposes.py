"""The transpose, moved to the leaves; symmetric, skew and diagonal matrices know theirs."""

from __future__ import annotations

from matcalc.core import tree
from matcalc.core.bags import bag, scaled
from matcalc.core.leaves import (
    CHAIN,
    COMMUTATION,
    EYE,
    HAD,
    LIN,
    ONES,
    SCAL,
    TRANSPOSE,
    ZEROS,
    commutation,
    facts_of,
    ones,
    zeros,
)
from matcalc.core.products import mul
from matcalc.core.sums import linear, scale, terms_of
from matcalc.core.tree import Expr, node


def T(e: Expr) -> Expr:
    """The transpose, moved to the leaves."""
    if e.is_scalar:
        return e
    if e._transposed is None:
        e._transposed = _transpose(e)
    return e._transposed


def _transpose(e: Expr) -> Expr:
    op = e.op
    shape = (e.shape[1], e.shape[0])
    if op is TRANSPOSE:
        return e.args[0]
    if op is LIN:
        return linear([(c, T(t)) for c, t in terms_of(e)], shape)
    if op is CHAIN:
        return mul(*(T(f) for f in reversed(e.args)))
    if op is HAD:
        return bag([(T(f), p) for f, p in zip(e.args, e.attrs, strict=True)])
    if op is SCAL:
        return scaled(e.args[0], T(e.args[1]))
    if op is ONES:
        return ones(shape)
    if op is ZEROS:
        return zeros(shape)
    if op is EYE:
        return e
    if op is COMMUTATION:
        return commutation(e.attrs[1], e.attrs[0])
    facts = facts_of(e)
    if "sym" in facts or "spd" in facts or "diag" in facts:
        return e
    if "skew" in facts:
        return scale(-1, e)
    if op.transpose == "self":
        return e
    if op.transpose == "inside":
        return tree.rebuild(e, tuple(T(a) for a in e.args))
    if callable(op.transpose):
        return op.transpose(e)
    return node(TRANSPOSE, (e,), (), shape)
