"""Functions written with NumPy: the traced problem computes what the function computes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special

import matcalc as mc


def ridge(A: Any, x: Any, b: Any, lam: Any) -> Any:
    r = A @ x - b
    return r @ r + lam * (x**2).sum()


def logistic(X: Any, y: Any, w: Any) -> Any:
    return np.mean(np.log1p(np.exp(-y * (X @ w)))) + 0.5 * np.linalg.norm(w) ** 2


def gaussian(X: Any, mu: Any, S: Any) -> Any:
    D = X - mu
    C = S @ S.T + np.eye(3)
    return -0.5 * X.shape[0] * np.linalg.slogdet(C)[1] - np.trace(D @ np.linalg.solve(C, D.T)) / 2


def kernel(X: Any) -> Any:
    s = (X**2).sum(axis=1)
    return np.exp(-(s[:, None] + s[None, :] - 2 * X @ X.T) / 2).sum()


def softmax(X: Any, W: Any, Y: Any) -> Any:
    Z = X @ W
    return -(Y * (Z - np.log(np.sum(np.exp(Z), axis=1, keepdims=True)))).sum()


def layers(X: Any, W: Any, V: Any, y: Any) -> Any:
    h = np.tanh(X @ W)
    r = np.maximum(h, 0.1) @ V[:, 0] - y
    return np.dot(r, r) / r.size


ARRAY = np.array([[2.0, 1.0, 0.5], [0.25, 3.0, 1.0]])
FUNCTIONS: list[tuple[Callable[..., Any], dict[str, Any]]] = [
    (ridge, {"A": "m, n", "x": "n", "b": "m", "lam": ()}),
    (logistic, {"X": "m, n", "y": ("m",), "w": "n"}),
    (gaussian, {"X": "m, 3", "mu": "3", "S": "3, 3"}),
    (kernel, {"X": "m, n"}),
    (softmax, {"X": "m, n", "W": "n, k", "Y": "m, k"}),
    (layers, {"X": "m, n", "W": "n, k", "V": "k, 2", "y": "m"}),
    (lambda A, B: np.kron(A, B) @ np.ones(6), {"A": "2, 3", "B": "2, 2"}),
    (lambda A: np.linalg.det(A) + np.linalg.inv(A)[0, 1] + A[1].sum() + A[:, 0] @ A[0, :], {"A": "3, 3"}),
    (lambda A: np.linalg.matrix_power(A, 3) - np.linalg.matrix_power(A, -1), {"A": "n, n"}),
    (lambda A, x: np.outer(x, A @ x) + np.diag(x) - np.diag(np.diag(A)), {"A": "n, n", "x": "n"}),
    (lambda A, x: A * x - x[:, None] / (1 + A**2) + A.mean(axis=0), {"A": "n, n", "x": "n"}),
    (lambda A: A.ravel() @ A.flatten() + A.ravel(order="F").sum() + np.vdot(A, A), {"A": "m, n"}),
    (lambda A, B: np.hstack([A, B]) @ np.vstack([A.T, B.T]) + np.tril(A @ A.T) - np.triu(B @ B.T),
     {"A": "m, n", "B": "m, k"}),
    (lambda x, y: np.concatenate([x, y])[1:4] * 2 + np.ones_like(y), {"x": "2", "y": "3"}),
    (lambda A: np.linalg.norm(A, "nuc") + np.linalg.norm(A, 2) + np.linalg.norm(A), {"A": "m, n"}),
    (lambda x: np.linalg.norm(x, 1) + np.linalg.norm(x, np.inf) + np.sqrt(np.square(x).sum()), {"x": "n"}),
    (lambda A: np.linalg.norm(A, axis=1).sum() + np.linalg.pinv(A).sum(), {"A": "4, 2"}),
    (lambda x: special.expit(x) + special.erf(x) - special.gammaln(1 + x**2) + np.logaddexp(0, x), {"x": "n"}),
    (lambda x: 2**x - x**1.5 + np.reciprocal(x) + np.abs(-x) * 0.1 + (1 - x) / 3, {"x": "n"}),
    (lambda X: ARRAY @ X + 1.5, {"X": "3, n"}),
    (lambda X, s: np.linalg.multi_dot([X, X.T, X]) * s + np.block([[X]]), {"X": "m, n", "s": ()}),
    (lambda X: np.transpose(X).dot(X).trace() + X.sum(axis=0) @ X.mean(axis=0), {"X": "m, n"}),
]
SIZES = {"m": 4, "n": 3, "k": 2}


def array(shape: Any, rng: np.random.Generator) -> Any:
    axes = [s.strip() for s in shape.split(",")] if isinstance(shape, str) else shape
    lengths = [SIZES.get(s) or int(s) for s in axes]
    return rng.random(lengths) + 0.2 if lengths else float(rng.random())


@pytest.mark.parametrize(("function", "shapes"), FUNCTIONS, ids=range(len(FUNCTIONS)))
def test_traced_functions_compute_what_they_say(function: Callable[..., Any], shapes: dict[str, Any]) -> None:
    rng = np.random.default_rng(0)
    point = {name: array(shape, rng) for name, shape in shapes.items()}
    p = mc.trace(function, **shapes)
    value = p.compile(order=0)(**point)
    expected = function(**point)
    assert np.shape(value) == np.shape(expected)
    assert np.allclose(value, expected)
    if p.objective.is_scalar:
        assert all(p.gradient(name).check.ok for name in p.variables)


@pytest.mark.parametrize(("function", "shapes", "says"), [
    (lambda x: np.fft.fft(x), {"x": "n"}, "np.fft.fft is not traced"),
    (lambda x: x if x > 0 else -x, {"x": ()}, "cannot be compared"),
    (lambda x: sum(x), {"x": "n"}, "no entries to go through"),
    (lambda x: np.array([x, x]), {"x": ()}, "no numbers"),
    (lambda x: x.std(), {"x": "n"}, "the method .std is not traced"),
    (lambda x: np.cumsum(x), {"x": "n"}, "np.cumsum is not traced"),
    (lambda x: x[::2], {"x": "n"}, "is not traced"),
    (lambda x: len(x) * x, {"x": "n"}, "whole number"),
    (lambda x: "text", {"x": "n"}, "str is no array"),
    (lambda x: x.y.z, {"x": "n"}, "the method .y"),
    (lambda x: 1 / 0, {"x": "n"}, "ZeroDivisionError"),
    (lambda x: x * float("nan"), {"x": "n"}, "no number of a formula"),
])
def test_what_is_not_traced_is_refused_by_name(function: Callable[..., Any], shapes: Any, says: str) -> None:
    with pytest.raises(mc.UnsupportedError, match=says):
        mc.trace(function, **shapes)


@pytest.mark.parametrize(("function", "shapes"), [
    (lambda A, b: A @ b, {"A": "m, n", "b": "m"}),
    (lambda x, y: x + y, {"x": "m", "y": "n"}),
    (lambda x, y: x + y, {"x": "m"}),
    (lambda x: x, {"x": "l, m, n"}),
])
def test_shapes_that_do_not_fit(function: Callable[..., Any], shapes: Any) -> None:
    with pytest.raises(mc.ShapeError):
        mc.trace(function, **shapes)
