"""Jacobians against the derivative of the expression itself along a random direction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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
    task = Task((jacobian_claim(F, {x: J}),), (F, J, x), frozenset((x,)), (), conditions)
    return judge(task, trials=trials, seed=seed)


def jacobian_claim(F: Expr, jacobians: Mapping[Expr, Expr]) -> Claim:
    """What makes these the Jacobians of F, for a task in which just these variables move."""
    def sides(E: Evaluation) -> tuple[Matrix, Matrix]:
        K = E.K
        dF = _vec(Matrix(*E.shape(F), [K.tangent(a) for a in E(F).entries]))
        parts = []
        for x, J in jacobians.items():
            dx = Matrix(*E.shape(x), [K.tangent(a) for a in E(x).entries])
            parts.append(K.product(K.plain(E.still(J)), _vec(dx)).entries)
        return dF, Matrix(dF.m, 1, [K.sum(row) for row in zip(*parts, strict=True)])

    plural, names = "s" if len(jacobians) > 1 else "", ", ".join(str(x.attrs[0]) for x in jacobians)
    what = f"the Jacobian{plural} in {names}"
    return Claim(what, sides, "the derivative", f"the Jacobian{plural} times the direction{plural}")


def _vec(X: Matrix) -> Matrix:
    """The columns under one another."""
    return Matrix(X.m * X.n, 1, X.transposed().entries)
