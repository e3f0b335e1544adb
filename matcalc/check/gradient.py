"""Gradients against the original objective: its derivative along a random direction, never the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from matcalc.check.arithmetic import Entry, Matrix
from matcalc.check.evaluate import Evaluation
from matcalc.check.evidence import Evidence
from matcalc.check.judge import Claim, Task, judge, shape_fault
from matcalc.core.dims import SCALAR
from matcalc.core.sample import DIRECTION, Condition, declared
from matcalc.core.tree import Expr


def check_gradient(f: Expr, gradients: Mapping[Expr, Expr], *, conditions: Iterable[Condition] = (),
                   trials: int = 2, seed: int = 0, tangent: bool = False) -> Evidence:
    """Whether df = Σ Gₓ:dx along random directions, and Gₓ lies in the space of the structure of x.

    With `tangent`, a matrix with orthonormal columns moves along tangent directions only.

    Shapes: `f` scalar, every gradient of its variable's shape.

    >>> from matcalc.core.algebra import scale, var
    >>> from matcalc.core.dims import ONE, Dim
    >>> from matcalc.core.tree import make
    >>> x = var("x", (Dim.name("n"), ONE))
    >>> check_gradient(make("frob", x, x), {x: scale(2, x)}).ok
    True
    """
    conditions = tuple(conditions)
    named = {f"the gradient in {x.attrs[0]}": (G.shape, x.shape) for x, G in gradients.items()}
    wrong = shape_fault({"the objective": (f.shape, SCALAR), **named}, conditions)
    if wrong is not None:
        return wrong
    evidence = judge(_task(f, gradients, conditions, tangent), trials=trials, seed=seed)
    if evidence.ok or not evidence.decided or len(gradients) < 2:
        return evidence
    for x, G in gradients.items():  # which of them is wrong
        alone = judge(_task(f, {x: G}, conditions, tangent), trials=trials, seed=seed)
        if alone.decided and not alone.ok:
            return alone
    return evidence


def _task(f: Expr, gradients: Mapping[Expr, Expr], conditions: tuple[Condition, ...], tangent: bool) -> Task:
    claims, moving = gradient_claims(f, gradients), frozenset(gradients)
    return Task(claims, (f, *gradients.values()), moving, (), conditions, free=not tangent)


def gradient_claims(f: Expr, gradients: Mapping[Expr, Expr]) -> tuple[Claim, ...]:
    """What makes these the gradients of `f`, for a task in which just these variables move."""
    names = ", ".join(str(x.attrs[0]) for x in gradients)

    def derivative(E: Evaluation) -> tuple[Matrix, Matrix]:
        K = E.K
        df = Matrix(1, 1, [K.tangent(E(f).entries[0])])
        return df, Matrix(1, 1, [K.sum(along(E, G, x) for x, G in gradients.items())])

    plural = "s" if len(gradients) > 1 else ""
    along_it = f"the gradient{plural} times the direction{plural}"
    what = f"the gradient{plural} in {names}"
    claims = [Claim(what, derivative, "the derivative of the objective", along_it)]
    for x, G in gradients.items():
        label = f"the gradient in {x.attrs[0]} lies in the space of the structure "
        claims += [Claim(label + fact, _inside(G, fact), "an entry", "the entry there")
                   for fact in declared(x) if fact in DIRECTION]
    return tuple(claims)


def along(E: Evaluation, G: Expr, x: Expr) -> Entry:
    """G:dx for the direction of x."""
    K = E.K
    return K.sum(g * K.tangent(a) for g, a in zip(K.plain(E.still(G)).entries, E(x).entries, strict=True))


def _inside(G: Expr, fact: str) -> Callable[[Evaluation], tuple[Matrix, Matrix]]:
    """G and what its entries must be in the linear space of the structure."""
    def sides(E: Evaluation) -> tuple[Matrix, Matrix]:
        value = E.K.plain(E.still(G))
        return value, DIRECTION[fact](E.K, value)
    return sides
