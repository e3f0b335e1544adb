"""The replay of a derivation: every line and every step is compared by value with what it claims to equal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from matcalc.check.arithmetic import Matrix
from matcalc.check.equal import equal
from matcalc.check.evaluate import Evaluation
from matcalc.check.evidence import Evidence
from matcalc.check.gradient import along, gradient_claims
from matcalc.check.judge import Claim, Task, judge
from matcalc.core.sample import Condition
from matcalc.core.tree import Expr

if TYPE_CHECKING:
    from matcalc.derive.derivation import Derivation, Line

Sides = Callable[[Evaluation], tuple[Matrix, Matrix]]


def replay(derivation: Derivation, *, conditions: Iterable[Condition] = (), trials: int = 2,
           seed: int = 0) -> Evidence:
    """Whether every line equals the objective, its differential, or a gradient; and every step its result.

    The names that the derivation introduces have the values of their definitions.
    """
    f, gradients = derivation.objective, dict(derivation.gradients)
    title = next(line.left for line in derivation.lines if line.relation == "=")
    claims: list[Claim] = []
    roots: list[Expr] = [f, *gradients.values()]
    for number, line in enumerate(derivation.lines, 1):
        if line.relation == "=":
            claims.append(Claim(f"line {number} ({line.left})", _line(line, title, f, gradients)))
            roots.append(line.expression)
        for step in line.steps:
            claims.append(Claim(f"line {number}, {step.identity}", equal(step.before, step.after)))
            roots += [step.before, step.after]
    names = derivation.names
    definitions = tuple(zip(names.leaves, names.definitions, strict=True))
    task = Task((*claims, *gradient_claims(f, gradients)), tuple(roots), frozenset(gradients), definitions,
                tuple(conditions), free=False)
    return judge(task, trials=trials, seed=seed)


def _line(line: Line, title: str, f: Expr, gradients: dict[Expr, Expr]) -> Sides:
    """What a line claims: f is the objective, df its derivative, ∂f/∂x the same along dx as the answer."""
    expression = line.expression
    for x, G in gradients.items():
        if line.left == f"∂{title}/∂{x.attrs[0]}":
            return lambda E: (Matrix(1, 1, [along(E, expression, x)]), Matrix(1, 1, [along(E, G, x)]))
    if line.left == f"d{title}":
        return lambda E: (E(expression), Matrix(1, 1, [E.K.tangent(E(f).entries[0])]))
    return equal(f, expression)


