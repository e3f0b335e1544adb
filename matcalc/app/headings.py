"""What stands on the left of a derivative, and what is said beside it."""

from __future__ import annotations

from matcalc.core.tree import Expr
from matcalc.derive import second_derivation as derive
from matcalc.explain.headings import left_side

SYMMETRIC = (
    "the gradient among symmetric matrices, df = G:dX for every symmetric dX; 2G − G∘I, printed in some books, is the "
    "list of derivatives in the entries on and below the diagonal, no gradient for A:B"
)
LAYOUTS = {
    "numerator": "rows are outputs, columns inputs, both column by column",
    "denominator": "rows are inputs, columns outputs, both column by column",
}


def both(left: str) -> tuple[str, str]:
    """A left side in Unicode and in LaTeX."""
    return left_side(left, frozenset(), "unicode"), left_side(left, frozenset(), "latex")


def gradient_left(x: Expr) -> tuple[str, str]:
    """∂f/∂X."""
    return both(f"∂f/∂{x.attrs[0]}")


def jacobian_left(x: Expr) -> tuple[str, str]:
    """∂vec(F)/∂vec(X)ᵀ."""
    return both(f"∂vec(F)/∂vec({x.attrs[0]})ᵀ")


def hessian_left(x: Expr, y: Expr) -> tuple[str, str]:
    """∂²f/∂vec(X)∂vec(Y)ᵀ."""
    return both(derive.hessian_left(x, y))
