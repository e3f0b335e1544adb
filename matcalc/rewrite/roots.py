"""Square roots of matrices that meet: √S √S = S in a product, around a trace, on both sides of the colon.

Read before anything is differentiated: ‖S^{1/2}x‖² = xᵀSx needs no derivative of a root.
"""

from __future__ import annotations

from matcalc.core.algebra import CHAIN, mul
from matcalc.core.powers import merged_powers
from matcalc.core.tree import Expr, make


def in_product(e: Expr) -> Expr | None:
    """√S √S as S, where no third root stands beside them; X⁻¹Xᵇ as Xᵇ⁻¹."""
    factors, i = e.args, 0
    while i < len(factors):
        run = i + 1
        while run < len(factors) and factors[run] is factors[i]:
            run += 1
        if run - i == 2 and (squared := _squared(factors[i])) is not None:
            return mul(*factors[:i], squared, *factors[run:])
        i = run
    return merged_powers(e)


def around_trace(e: Expr) -> Expr | None:
    """tr(√S A √S) as tr(SA)."""
    first, *rest = _factors(e.args[0])
    if len(rest) > 1 and first is rest[-1] and first is not rest[0] and (squared := _squared(first)) is not None:
        return make("tr", mul(squared, *rest[:-1]))
    return None


def across_frobenius(e: Expr) -> Expr | None:
    """√S A : √S B as A : SB, and A√S : B√S as A : BS, for a symmetric S."""
    left, right = map(_factors, e.args)
    if len(left) < 2 or len(right) < 2:
        return None
    if left[0] is right[0] and left[0].T is left[0] and (squared := _squared(left[0])) is not None:
        return make("frob", mul(*left[1:]), mul(squared, *right[1:]))
    if left[-1] is right[-1] and left[-1].T is left[-1] and (squared := _squared(left[-1])) is not None:
        return make("frob", mul(*left[:-1]), mul(*right[:-1], squared))
    return None


def _factors(e: Expr) -> tuple[Expr, ...]:
    return e.args if e.op is CHAIN else (e,)


def _squared(root: Expr) -> Expr | None:
    """S for √S, S⁻¹ for (√S)⁻¹."""
    if root.op.name == "sqrtm":
        return root.args[0]
    inner = _squared(root.args[0]) if root.op.name == "inv" else None
    return make("inv", inner) if inner is not None else None


READ = {
    CHAIN.name: (("sqrtm/squared", in_product),),
    "tr": (("sqrtm/squared", around_trace),),
    "frob": (("sqrtm/squared", across_frobenius),),
}
