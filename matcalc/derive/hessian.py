"""The Hessian: the Jacobian of the gradient, rows vec of the first variable, columns vec of the second."""

from __future__ import annotations

from matcalc.core.algebra import UNITY, zeros
from matcalc.core.tree import Expr, substitute
from matcalc.derive.gradient import gradient, project
from matcalc.derive.jacobian import jacobian
from matcalc.derive.pullback import accumulate
from matcalc.rewrite.masks import freed, is_mask, with_free_masks, with_masks
from matcalc.rewrite.shorten import Shortener
from matcalc.rewrite.step import Step
from matcalc.rewrite.typed import read


def hessian(f: Expr, x: Expr, y: Expr | None = None, trace: list[Step] | None = None) -> Expr:
    """∂vec(∂f/∂x)/∂vec(y)ᵀ; y is x where it is not given.

    Shapes: x m×n, y p×q, result mn×pq.
    """
    y = x if y is None else y
    pair = (x, y)
    free = freed(pair)
    found = accumulate(UNITY, read(with_free_masks(f, pair), trace), [free.get(x, x)])
    G = project(found.get(free.get(x, x), zeros(x.shape)), x)
    H = jacobian(G, free.get(y, y), trace)
    return Shortener().noted(read(with_masks(H, pair), trace), trace) if free else H


def moving_gradient(f: Expr, x: Expr, y: Expr) -> Expr:
    """∂f/∂x before M∘M = M is used for a mask that is x or y: what a check of the Hessian differentiates.

    A variable with XᵀX = I stays the copy that may move.
    """
    free = freed((x, y))
    G = gradient(substitute(f, free), free.get(x, x)) if free else gradient(f, x)
    return substitute(G, {moving: fixed for fixed, moving in free.items() if is_mask(fixed)})
