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
    ("log(1 + sum(exp(x)))", EVERYWHERE),
    ("log(a'exp(x)) − log(b'exp(x))", EVERYWHERE),
    ("log(2 + sum(exp(x)) + exp(a'x))", EVERYWHERE),
    ("log(1 + exp(a'x) + exp(b'x))", EVERYWHERE),
    ("1/(1 + exp(a'x) + exp(b'x))", (SMALL, TAIL)),
    ("sum(log(exp(x) + exp(−x) + 1))", EVERYWHERE),
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
    ("sum(log(3softmax(x)))", EVERYWHERE),
    ("a'log(softmax(x))", (*EVERYWHERE, [1e6, 1e6 + 1, 1e6 - 2])),
    ("sum(log(normcdf(x)))", (SMALL, TAIL)),
    ("sum(log(2normcdf(x)))", (SMALL, TAIL)),
    ("sum(log(1 − normcdf(x)))", (SMALL, TAIL)),
    ("sum(δ²∘(√(1 + (x/δ).^2) − 1))", (SMALL, LARGE, TINY)),
    ("sum(√((−b)∘x))", ([-0.3, -1.2, -2.0],)),  # no entry has a root of its own
    ("√((−δ)(a'x))", ([-0.3, -1.2, -2.0],)),
    ("sum(1 − cos(x))", (SMALL, TINY)),
    ("sum(exp(x) − 1)", (SMALL, TINY)),
)


ENTROPIES: tuple[tuple[str, list[float], float], ...] = (
    ("−sum(p∘log(p))", [0.0, 1.0, 0.0], 0.0),
    ("−sum(p∘log(p)) − sum((1 − p)∘log(1 − p))", [0.0, 1.0, 0.5], 2 * np.log(2) / 2),
    ("sum(p∘log(p⊘q))", [0.0, 0.5, 0.5], np.log(2)),
    ("p'(log(p) − log(q))", [0.0, 0.5, 0.5], np.log(2)),
)


@pytest.mark.parametrize(("text", "p", "value"), ENTROPIES)
def test_zero_times_its_logarithm_is_zero(text: str, p: list[float], value: float) -> None:
    task = task_of(text, "p, q ∈ R^n", wrt=("p",))
    given = {"p": p, "q": [0.25, 0.25, 0.25]}
    with np.errstate(divide="ignore"):
        found, _ = compiled(task)(**{str(x.attrs[0]): np.array(given[str(x.attrs[0])]) for x in task.parameters})
        assert abs(found - value) < 1e-15
        unknown = compiled(task)(**{str(x.attrs[0]): np.array([np.nan, 0.5, 0.5]) for x in task.parameters})[0]
        assert np.isnan(unknown)


def test_the_log_of_softmax_by_rows_does_not_underflow() -> None:
    task = task_of("sum(Y∘log(softmax_rows(X)))", wrt=("X",))
    X = np.array([[900.0, -900.0], [1.0, 2.0]])
    value, _ = compiled(task)(X=X, Y=np.eye(2))
    assert abs(value + np.log1p(np.exp(-1))) < 1e-12


NORMS = (
    "‖x‖", "‖x − y‖", "a'x/‖x‖", "x'y/(‖x‖‖y‖)", "‖x/‖x‖ − a‖²", "log(‖x‖²)", "log(x'x)", "log(‖x‖)", "x'a/(1 + ‖x‖)",
)


@pytest.mark.parametrize(("kind", "size"), [(np.float64, 1e170), (np.float64, 1e-170), (np.float32, 1e25),
                                            (np.float32, 1e-25), (np.float64, 1.0), (np.float32, 1.0)])
@pytest.mark.parametrize("text", NORMS)
def test_norms_of_very_long_and_very_short_vectors(text: str, kind: type, size: float) -> None:
    _check(text, [size, -2 * size, 1.5 * size], kind, 0.0, 0.0)


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize(("text", "points"), ROWS, ids=[text for text, _ in ROWS])
def test_stable_code(text: str, points: tuple[list[float], ...], kind: type) -> None:
    for point in points:
        size = min(1.0, float(np.abs(point).max()))
        _check(text, point, kind, size ** 2, size)


def _check(text: str, point: list[float], kind: type, *least: float) -> None:
    """Value and gradient at a point, without a warning; `least` is what each may be as small as."""
    task = task_of(text, "a, b, x, y ∈ R^n", wrt=("x",))
    given = {str(p.attrs[0]): np.asarray(GIVEN.get(str(p.attrs[0]), point)).astype(kind) for p in task.parameters}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = compiled(task)(**given)
    exact = _Exact(task.parameters, given)
    for x, e, size in zip(found, (task.objective, task.gradients[0][1]), least, strict=True):
        assert x.dtype == kind
        assert _near(x, exact(e), float(np.finfo(kind).eps) * 1000, size), (point, x, exact(e))


def _near(found: Any, wanted: list[float], rounding: float, least: float) -> bool:
    """Relative to each entry, where that is small to a hundredth of the largest or of `least`."""
    scale = np.maximum(np.abs(wanted), 0.01 * max(least, np.abs(wanted).max()))
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


@pytest.mark.parametrize(
    ("text", "p", "at_one"),
    [
        ("sum((x.^2).^0.75)", 1.5, 1.5),
        ("sum((x.^2).^p)", 0.75, 1.5),
        ("sum(abs(x).^p)", 1.5, 1.5),
        ("sum(abs(x).^p)^{1/p}", 2.0, 5 ** -0.5),
        ("sum(abs(x).^p)^{1/p}", 1.5, (1 + 2 ** 1.5) ** (-1 / 3)),
    ],
)
def test_a_power_above_one_has_the_slope_zero_at_zero(text: str, p: float, at_one: float) -> None:
    task = task_of(text, "x ∈ R^n; p ∈ R; p > 0", wrt=("x",))
    data = {"x": np.array([0.0, 1.0, -2.0])} | ({"p": p} if "p" in text else {})
    with np.errstate(divide="ignore"):  # the logarithm of 0
        _, g = compiled(task)(**data)
    assert g[0] == 0 and np.isclose(g[1], at_one) and g[2] < -at_one


@pytest.mark.parametrize("text", ["sum(log(1 + rowsums(exp(X))))", "sum(log(1 + colsums(exp(X'))))"])
def test_a_class_without_weights_beside_the_rows_does_not_overflow(text: str) -> None:
    X = np.array([[1000.0, 0, -5], [-1000, -1000, -1001], [1, 2, 3]])
    value, g = compiled(task_of(text, "X ∈ R^{m×n}"))(X=X)
    whole = np.hstack([X, np.zeros((3, 1))])
    top = whole.max(axis=1, keepdims=True)
    e = np.exp(whole - top)
    assert np.isclose(value, (np.log(e.sum(axis=1)) + top[:, 0]).sum(), rtol=1e-14)
    assert np.allclose(g, (e / e.sum(axis=1, keepdims=True))[:, :3], rtol=1e-12)
