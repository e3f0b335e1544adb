"""The Hessian: the Jacobian of the gradient, rows vec of the first variable, columns vec of the second."""

from __future__ import annotations

from matcalc.core.algebra import UNITY, ZEROS, T, facts_of, mul, sub, var, zeros
from matcalc.core.tree import Expr, make, substitute
from matcalc.derive.gradient import PROJECTIONS, gradient, project
from matcalc.derive.jacobian import jacobian, vectorised
from matcalc.derive.pullback import accumulate
from matcalc.rewrite.cost import rank
from matcalc.rewrite.masks import freed, is_mask, with_free_masks, with_masks
from matcalc.rewrite.shorten import Shortener
from matcalc.rewrite.step import Step
from matcalc.rewrite.typed import read


def hessian(f: Expr, x: Expr, y: Expr | None = None, trace: list[Step] | None = None) -> Expr:
    """∂vec(∂f/∂x)/∂vec(y)ᵀ; y is x where it is not given.

    Within one variable the matrix is symmetric; across two, the shorter of ∂²f/∂x∂yᵀ and (∂²f/∂y∂xᵀ)ᵀ.

    Shapes: x m×n, y p×q, result mn×pq.
    """
    if y is None or y is x:
        return symmetric(jacobian_of_gradient(f, x, x, trace), x)
    H = jacobian_of_gradient(f, x, y, trace)
    if not PROJECTIONS.keys().isdisjoint((*facts_of(x), *facts_of(y))):
        return H
    other = T(jacobian_of_gradient(f, y, x))
    return min(H, other, key=rank)


def symmetric(H: Expr, x: Expr) -> Expr:
    """The Hessian in a structured variable as a symmetric matrix: HP, where its columns do not lie in the space of x.

    Its rows do, as the gradient does; P projects on that space.
    """
    free = var(str(x.attrs[0]), x.shape)
    move = make("d", free)
    projected = project(move, x)
    if projected is move or T(H) is H:
        return H
    shorten = Shortener()
    if shorten(sub(H, T(H))).op is ZEROS:
        return H
    return shorten(mul(H, vectorised(projected, free)))


def jacobian_of_gradient(f: Expr, x: Expr, y: Expr, trace: list[Step] | None = None) -> Expr:
    """∂vec(G)/∂vec(y)ᵀ of the gradient G in x, which lies in the space of x."""
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
