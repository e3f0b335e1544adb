"""Emitted code where the formula as printed overflows or loses its digits: values and gradients against many digits.

Every row is evaluated at points where exponentials overflow, saturate or nearly cancel, in float64 and in float32;
what comes out must be right to nearly the precision of its type, without a warning.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from matcalc.check.arithmetic import Matrix
from matcalc.check.evaluate import Evaluation
from matcalc.check.real import Digits
from matcalc.core.tree import Expr
from tests.codegen.emitting import compiled, task_of

SMALL, LARGE, HUGE = [0.3, -1.2, 2.0], [60.0, -80.0, 90.0], [800.0, -900.0, 700.0]
TAIL, TINY = [20.0, -30.0, 37.0], [1e-6, -2e-6, 3e-6]
GIVEN = {"a": [1.0, 0.5, 0.25], "b": [0.3, 0.2, 0.1], "y": [1.0, 2.0, -1.0], "δ": 0.5}
EVERYWHERE = (SMALL, LARGE, HUGE, TAIL)

ROWS: tuple[tuple[str, tuple[list[float], ...]], ...] = (
    ("sum(softplus(x))", EVERYWHERE),
    ("sum(log(1 + exp(x)))", EVERYWHERE),
    ("sum(log(1 + 3exp(x)))", EVERYWHERE),
    ("sum(log(sigmoid(x)))", EVERYWHERE),
    ("sum(log(1 − sigmoid(x)))", EVERYWHERE),
    ("sum(log(sigmoid(x)⊘(1 − sigmoid(x))))", (SMALL, TAIL)),
    ("sum(sigmoid(x))", EVERYWHERE),
    ("sum(exp(x)⊘(1 + exp(x)))", EVERYWHERE),
    ("sum(exp(2x)⊘(1 + exp(x)).^3)", EVERYWHERE),
    ("sum(1⊘(1 + exp(−x)))", EVERYWHERE),
    ("log(exp(a'x) + 3exp(b'x))", EVERYWHERE),
    ("sum(log(exp(x) + exp(−x)))", EVERYWHERE),
    ("sum(log(cosh(x)))", EVERYWHERE),
    ("sum(log(2cosh(x)))", EVERYWHERE),
    ("sum(sinh(x)⊘cosh(x))", (SMALL, LARGE, HUGE)),
    ("sum(log(1 + tanh(x)))", EVERYWHERE),
    ("sum(log(1 − tanh(x)))", EVERYWHERE),
    ("sum(log(1 − tanh(x).^2))", EVERYWHERE),
    ("sum(log|1 + tanh(x)|)", EVERYWHERE),
    ("log|1 − tanh(a'x)|", EVERYWHERE),
    ("sum(1⊘(1 + tanh(x)))", (SMALL,)),
    ("logsumexp(x)", EVERYWHERE),
    ("log(sum(exp(x)))", EVERYWHERE),
    ("a'softmax(x)", (SMALL,)),
    ("sum(log(softmax(x)))", EVERYWHERE),
    ("sum(log(normcdf(x)))", (SMALL, TAIL)),
    ("sum(log(1 − normcdf(x)))", (SMALL, TAIL)),
    ("sum(δ²∘(√(1 + (x/δ).^2) − 1))", (SMALL, LARGE, TINY)),
    ("sum(1 − cos(x))", (SMALL, TINY)),
    ("sum(exp(x) − 1)", (SMALL, TINY)),
)


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize(("text", "points"), ROWS, ids=[text for text, _ in ROWS])
def test_stable_code(text: str, points: tuple[list[float], ...], kind: type) -> None:
    task = task_of(text, "a, b, x, y ∈ R^n", wrt=("x",))
    function = compiled(task)
    for point in points:
        given = {str(p.attrs[0]): np.asarray(GIVEN.get(str(p.attrs[0]), point)).astype(kind) for p in task.parameters}
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            value, gradient = function(**given)
        assert value.dtype == gradient.dtype == kind
        exact = _Exact(task.parameters, given)
        rounding = float(np.finfo(kind).eps) * 1000
        size = float(np.abs(given["x"]).max())
        assert _near(value, exact(task.objective), rounding, min(1.0, size) ** 2), (point, value)
        assert _near(gradient, exact(task.gradients[0][1]), rounding, min(1.0, size)), (point, gradient)


def _near(found: Any, wanted: list[float], rounding: float, least: float) -> bool:
    """Relative to each entry, but to `least` times the largest where the entry is smaller."""
    scale = np.maximum(np.abs(wanted), 1e-2 * least)
    return bool(np.all(np.abs(np.ravel(found) - wanted) <= rounding * scale))


class _Exact:
    """Expressions at floats, with enough digits for 1 − tanh(900)."""

    def __init__(self, parameters: tuple[Expr, ...], given: dict[str, Any]) -> None:
        K = Digits()
        K.library.dps = 900
        K.tiny = K.library.mpf(10) ** -880
        values, sizes = {}, {"n": 3}
        for p in parameters:
            entries = [K.convert(float(x)) for x in np.ravel(given[str(p.attrs[0])])]
            values[p] = Matrix(len(entries), 1, entries)
        self.evaluate = Evaluation(K, sizes, values)

    def __call__(self, e: Expr) -> list[float]:
        return [float(x) for x in self.evaluate(e).entries]
