"""Compiled functions against the value of the formulas at 50 digits, called at the same floating-point numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from random import Random
from typing import Any

from matcalc.check.arithmetic import Matrix, Pole
from matcalc.check.evaluate import Evaluation
from matcalc.check.evidence import Evidence
from matcalc.check.judge import ATTEMPTS, difference
from matcalc.check.real import Digits, Floats
from matcalc.core.dims import ONE
from matcalc.core.sample import STYLES, Condition, Sizes, draw
from matcalc.core.tree import Expr, walk

RIGHT, WRONG = 1e-9, 1e-4  # relative errors in floats; between them the point is taken to be ill-conditioned


def check_program(function: Callable[..., Any], f: Expr, gradients: Sequence[tuple[Expr, Expr]] = (), *,
                  parameters: Sequence[Expr] | None = None, aliases: Mapping[str, str] | None = None,
                  conditions: Iterable[Condition] = (), trials: int = 3, seed: int = 0) -> Evidence:
    """Whether `function(**arguments)` returns the value of `f` and its gradients, as (value, gradients).

    `parameters` are the variables (and dimensions used as numbers) in the order of the function's keywords;
    `aliases` gives the keyword where it is not the variable's own name. Without gradients the function
    returns the bare value, with one it returns (value, gradient).

    Shapes: matrices 2-D, column vectors 1-D, scalars floats; gradients likewise.
    """
    expressions = (f, *(G for _, G in gradients))
    nodes = list(walk(*expressions, *(x for x, _ in gradients), *(parameters or ())))
    variables = sorted((e for e in nodes if e.op.name == "var"), key=lambda e: e.key)
    parameters = variables if parameters is None else parameters
    labels = ["the value", *(f"the gradient in {x.attrs[0]}" for x, _ in gradients)]
    sizes, worst = Sizes(nodes, conditions), 0.0
    for trial in range(trials):
        why = ""
        for attempt in range(ATTEMPTS):
            rng = Random((seed * 1009 + trial) * 1009 + attempt)
            try:
                point = _point(variables, sizes, rng, attempt)
                wanted = _wanted(point, expressions)
                got = _call(function, point, parameters, aliases or {}, len(gradients))
            except (Pole, ZeroDivisionError, OverflowError) as pole:
                why = str(pole)
                continue
            error, place = _compare(got, wanted, expressions, labels)
            if error > WRONG:
                return Evidence(False, "50 digits", trial + 1, error, why=f"{place} is off by {error:.2g} of its size")
            if error <= RIGHT:
                worst = max(worst, error)
                break
            why = "the numbers lose too many digits"
        else:
            return Evidence(False, "undecided", why=f"no random point was found where all is defined ({why})")
    return Evidence(True, "50 digits", trials, worst, f"floats within {worst:.1g} of the 50-digit value at {trials} random points")


@dataclass(frozen=True, slots=True)
class _FloatPoint:
    """Sizes and float values of the variables."""

    sizes: Mapping[str, int]
    values: Mapping[Expr, Matrix]


def _point(variables: Sequence[Expr], sizes: Sizes, rng: Random, attempt: int) -> _FloatPoint:
    """Random floats for the variables.

    Raises:
        Pole: no sizes meet the conditions.
    """
    drawn = sizes.draw(rng, 2 if attempt < 4 else 1)
    if drawn is None:
        raise Pole("no small sizes meet the conditions on the dimensions")
    K = Floats()
    styles = {x: "normal" if attempt == 0 else rng.choice(STYLES) for x in variables}
    return _FloatPoint(drawn, {x: draw(x, drawn, K, rng, styles[x]) for x in variables})


def _wanted(point: _FloatPoint, expressions: Sequence[Expr]) -> list[Matrix]:
    """The 50-digit values at these very floats."""
    K = Digits()
    exact = {x: Matrix(X.m, X.n, [K.convert(a) for a in X.entries]) for x, X in point.values.items()}
    E = Evaluation(K, point.sizes, exact)
    return [E(e) for e in expressions]


def _call(function: Callable[..., Any], point: _FloatPoint, parameters: Sequence[Expr], aliases: Mapping[str, str],
          gradients: int) -> list[Any]:
    """The function's results as one list of NumPy arrays.

    Raises:
        Pole: a linear solve inside found a singular matrix.
    """
    import numpy as np

    arguments: dict[str, Any] = {}
    for e in parameters:
        name = str(e.attrs[0])
        if e.op.name == "dimnum":
            arguments[aliases.get(name, name)] = e.attrs[0].at(point.sizes)  # type: ignore[attr-defined]
        else:
            arguments[aliases.get(name, name)] = np.array(point.values[e].entries).reshape(_shape(point.values[e], e))[()]
    with np.errstate(all="ignore"):
        try:
            result = function(**arguments)
        except np.linalg.LinAlgError as singular:
            raise Pole(str(singular)) from None
    if not gradients:
        return [np.asarray(result)]
    value, rest = result
    return [np.asarray(value), *map(np.asarray, (rest,) if gradients == 1 else rest)]


def _shape(X: Matrix, e: Expr) -> tuple[int, ...]:
    """The shape in which people pass the value of an expression: 2-D, a column 1-D, a scalar none."""
    return () if e.is_scalar else (X.m,) if e.shape[1] is ONE else (X.m, X.n)


def _compare(got: Sequence[Any], wanted: Sequence[Matrix], expressions: Sequence[Expr],
             labels: Sequence[str]) -> tuple[float, str]:
    """The largest relative error and where it is; a wrong shape or a number that is none counts as infinite."""
    worst, place = 0.0, ""
    if len(got) != len(wanted):
        return inf, f"the number of results ({len(got)} for {len(wanted)})"
    for array, X, e, label in zip(got, wanted, expressions, labels, strict=True):
        if array.shape != _shape(X, e):
            return inf, f"the shape of {label}, {array.shape} for {_shape(X, e)},"
        numbers = [float(x) for x in array.reshape(-1)]
        error = difference(numbers, X.entries, 1e-3) if all(map(isfinite, numbers)) else inf
        if error > worst:
            worst, place = error, label
    return worst, place
