"""What stands on the left of a derivative, and what is said beside it."""

from __future__ import annotations

from matcalc.core.tree import Expr
from matcalc.notation.printing.printer import text

SYMMETRIC = (
    "the gradient among symmetric matrices, df = G:dX for every symmetric dX; 2G − G∘I, printed in some books, is the "
    "list of derivatives in the entries on and below the diagonal, no gradient for A:B"
)
LAYOUTS = {
    "numerator": "rows are outputs, columns inputs, both column by column",
    "denominator": "rows are inputs, columns outputs, both column by column",
}


def gradient_left(x: Expr) -> tuple[str, str]:
    """∂f/∂X in Unicode and in LaTeX."""
    return f"∂f/∂{text(x)}", rf"\frac{{\partial f}}{{\partial {text(x, notation='latex')}}}"


def jacobian_left(x: Expr) -> tuple[str, str]:
    """∂vec(F)/∂vec(X)ᵀ in Unicode and in LaTeX."""
    latex = text(x, notation="latex")
    return (
        f"∂vec(F)/∂vec({text(x)})ᵀ",
        rf"\frac{{\partial \operatorname{{vec}}F}}{{\partial \operatorname{{vec}}({latex})^\top}}",
    )


def hessian_left(x: Expr, y: Expr) -> tuple[str, str]:
    """∂²f/∂vec(X)∂vec(Y)ᵀ in Unicode and in LaTeX."""
    a, b = (rf"\partial \operatorname{{vec}}({text(z, notation='latex')})" for z in (x, y))
    return f"∂²f/∂vec({text(x)})∂vec({text(y)})ᵀ", rf"\frac{{\partial^2 f}}{{{a}\,{b}^\top}}"
