"""The Riemannian gradient on XᵀX = I: the projection of the ambient one onto the tangent space.

Source: Absil, Mahony & Sepulchre, Optimization Algorithms on Matrix Manifolds (2008), section 3.6.1.
"""

from __future__ import annotations

from matcalc.check.equal import check_equal
from matcalc.check.evidence import Evidence
from matcalc.check.gradient import check_gradient
from matcalc.core.algebra import T, mul, sub, zeros
from matcalc.core.sample import Condition
from matcalc.core.tree import Expr, make
from matcalc.rewrite.shorten import Shortener

NOTE = "Riemannian: df = G:dX for every dX tangent to XᵀX = I, and G itself is tangent"


def on_tangent_space(G: Expr, x: Expr) -> Expr:
    """G − X sym(XᵀG)."""
    return Shortener()(sub(G, mul(x, make("sym", mul(T(x), G)))))


def check_riemannian(f: Expr, G: Expr, x: Expr, conditions: tuple[Condition, ...]) -> Evidence:
    """Whether df = G:dx along random tangent directions, and XᵀG is skew-symmetric."""
    slope = check_gradient(f, {x: G}, conditions=conditions, tangent=True)
    normal = make("sym", mul(T(x), G))
    tangent = check_equal(normal, zeros(normal.shape), conditions=conditions)
    return tangent if slope.ok and not tangent.ok else slope
