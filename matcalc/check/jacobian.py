"""Jacobians against the derivative of the expression itself along a random direction."""

from __future__ import annotations

from collections.abc import Iterable

from matcalc.check.arithmetic import Matrix
from matcalc.check.evaluate import Evaluation
from matcalc.check.evidence import Evidence
from matcalc.check.judge import Claim, Task, judge, shape_fault
from matcalc.core.leaves import VAR
from matcalc.core.sample import Condition
from matcalc.core.tree import Expr, substitute, walk
from matcalc.rewrite.masks import loosened


def check_jacobian(F: Expr, x: Expr, J: Expr, *, conditions: Iterable[Condition] = (), trials: int = 2,
                   seed: int = 0) -> Evidence:
    """Whether vec(dF) = J vec(dx) along random directions (vec is column by column).

    The direction keeps the declared structure of `x`, but for XᵀX = I, which holds only where it is. A Hessian is
    checked as the Jacobian of the gradient.

    Shapes: `F` m×n, `x` p×q, `J` mn×pq.

    >>> from matcalc.core.algebra import var
    >>> from matcalc.core.dims import ONE, Dim
    >>> A, x = var("A", (Dim.name("m"), Dim.name("n"))), var("x", (Dim.name("n"), ONE))
    >>> check_jacobian(A @ x, x, A).ok
    True
    """
    conditions = tuple(conditions)
    needed = (F.shape[0] * F.shape[1], x.shape[0] * x.shape[1])
    wrong = shape_fault({"the Jacobian": (J.shape, needed)}, conditions)
    if wrong is not None:
        return wrong
    loose = loosened(tuple(dict.fromkeys(v for e in (F, J, x) for v in walk(e) if v.op is VAR)))
    F, J, x = (substitute(e, loose) for e in (F, J, x))

    def sides(E: Evaluation) -> tuple[Matrix, Matrix]:
        K = E.K
        dx = Matrix(*E.shape(x), [K.tangent(a) for a in E(x).entries])
        dF = Matrix(*E.shape(F), [K.tangent(a) for a in E(F).entries])
        return _vec(dF), K.product(K.plain(E.still(J)), _vec(dx))

    what = f"the Jacobian in {x.attrs[0]}"
    claim = Claim(what, sides, "the derivative", "the Jacobian times the direction")
    return judge(Task((claim,), (F, J, x), frozenset((x,)), (), conditions), trials=trials, seed=seed)


def _vec(X: Matrix) -> Matrix:
    """The columns under one another."""
    return Matrix(X.m * X.n, 1, X.transposed().entries)
