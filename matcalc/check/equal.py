"""Equality of expressions by value: identities, and the steps and lines of a derivation."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from matcalc.check.arithmetic import Matrix
from matcalc.check.evaluate import Evaluation
from matcalc.check.evidence import Evidence
from matcalc.check.judge import Claim, Task, judge, shape_fault
from matcalc.core.sample import Condition
from matcalc.core.tree import Expr, walk


def check_equal(a: Expr, b: Expr, *, moving: Iterable[Expr] | None = None,
                conditions: Iterable[Condition] = (), definitions: Iterable[tuple[Expr, Expr]] = (),
                trials: int = 2, seed: int = 0) -> Evidence:
    """Whether two expressions are equal for all values of their variables.

    The value of a differential d(·) is the derivative along a random direction of the variables in `moving`
    (of all, if it is not given); `definitions` are (name, expression) pairs, in order.

    >>> from matcalc.core.algebra import T, mul, var
    >>> from matcalc.core.dims import Dim
    >>> from matcalc.core.tree import make
    >>> n = Dim.name("n")
    >>> A, B = var("A", (n, n)), var("B", (n, n))
    >>> check_equal(make("det", A @ B), make("det", B @ A)).ok
    True
    >>> check_equal(A @ B, B @ A).ok
    False
    """
    definitions, conditions = tuple(definitions), tuple(conditions)
    wrong = shape_fault({"the left side": (a.shape, b.shape)}, conditions)
    if wrong is not None:
        return wrong
    differentials = any(e.op.name == "d" for e in walk(a, b, *(e for _, e in definitions)))
    directions = frozenset() if not differentials else None if moving is None else frozenset(moving)
    claim = Claim("the two sides", equal(a, b))
    task = Task((claim,), (a, b), directions, definitions, conditions, free=False)
    return judge(task, trials=trials, seed=seed)


def equal(a: Expr, b: Expr) -> Callable[[Evaluation], tuple[Matrix, Matrix]]:
    """The claim that two expressions have the same value, at the last term where they stand inside indexed sums."""
    def sides(E: Evaluation) -> tuple[Matrix, Matrix]:
        here = E.inside(a, b)
        return here(a), here(b)
    return sides
