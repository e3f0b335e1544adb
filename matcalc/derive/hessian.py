"""The Hessian: the Jacobian of the gradient, rows vec of the first variable, columns vec of the second."""

from __future__ import annotations

from matcalc.core.algebra import UNITY, zeros
from matcalc.core.tree import Expr
from matcalc.derive.gradient import project
from matcalc.derive.jacobian import jacobian
from matcalc.derive.pullback import accumulate
from matcalc.rewrite.masks import freed, with_free_masks, with_masks
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
    return with_masks(jacobian(G, free.get(y, y), trace), pair)
