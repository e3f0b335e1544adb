"""Problems that were not typed: SymPy's expressions, and Python functions written with NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from matcalc.app.guard import guarded
from matcalc.app.problem import Problem, problem
from matcalc.app.variables import Variable
from matcalc.core.tree import Expr, walk
from matcalc.errors import UnsupportedError
from matcalc.interop.sympy import from_sympy as expression_of
from matcalc.interop.tracing import traced
from matcalc.notation.names import canonical
from matcalc.notation.printing.printer import text


@guarded
def from_sympy(expression: object) -> Problem:
    """A problem from a SymPy scalar or matrix expression.

    >>> import sympy
    >>> n = sympy.Symbol("n")
    >>> A, x = sympy.MatrixSymbol("A", n, n), sympy.MatrixSymbol("x", n, 1)
    >>> print(from_sympy(x.T * A * x).gradient("x"))
    (A + Aᵀ)x

    Raises:
        UnsupportedError: a class of SymPy is not read.
    """
    if isinstance(expression, str):
        raise UnsupportedError("a text is no SymPy expression", hint="problem(text) reads a text")
    return _problem_of(expression_of(expression, canonical))


@guarded
def trace(function: Callable[..., Any], **shapes: object) -> Problem:
    """A problem from a Python function written with NumPy, called once with stand-ins of these shapes.

    >>> def loss(A, x, b, lam):
    ...     r = A @ x - b
    ...     return r @ r + lam * (x**2).sum()
    >>> trace(loss, A="m, n", x="n", b="m", lam=()).gradient("x")
    ∂f/∂x = 2(lam x + Aᵀ(Ax − b))

    Raises:
        UnsupportedError: the function uses something of NumPy that is not traced.
        ShapeError: two shapes do not go together, or one is missing.
    """
    return _problem_of(traced(function, shapes, canonical))


def _problem_of(e: Expr) -> Problem:
    leaves = [Variable.of(x) for x in walk(e) if x.op.name in ("var", "dimnum")]
    return problem(text(e, notation="plain"), *(v.declaration for v in leaves))
