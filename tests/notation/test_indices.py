"""Sums with an offset in an index and sums over declared families have the value that they have on paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import matcalc as mc

DRAW = np.random.default_rng(7)
x, y, w = DRAW.normal(size=5), DRAW.normal(size=4), DRAW.normal(size=3)
X, A = DRAW.normal(size=(5, 3)), DRAW.normal(size=(3, 3))

CASES: dict[str, tuple[tuple[str, ...], dict[str, Any], Callable[[], Any]]] = {
    "sum_{i=1}^{n-1} (x_{i+1} - x_i)^2": ((), {"x": x}, lambda: np.sum(np.diff(x) ** 2)),
    "sum_{i=2}^{n} |x_i - x_{i-1}|": (("x ∈ R^n",), {"x": x}, lambda: np.sum(np.abs(np.diff(x)))),
    "sum_{i=2}^{n-1} (x_{i+1} - 2x_i + x_{i-1})^2": ((), {"x": x}, lambda: np.sum(np.diff(x, 2) ** 2)),
    "sum_{i=1}^{n-2} x[i+2] x[i]": ((), {"x": x}, lambda: x[2:] @ x[:-2]),
    "sum_{i=1}^{n-1} y_i (x_{i+1} - x_i)": ((), {"x": x, "y": y}, lambda: y @ np.diff(x)),
    "sum_{i=0}^{n-1} x_{i+1}^2": ((), {"x": x}, lambda: x @ x),
    "sum_{i=1}^{3} (x_{i+1} - x_i)^2": (("x ∈ R^5",), {"x": x}, lambda: np.sum(np.diff(x)[:3] ** 2)),
    "sum_{i=1}^{m-1} ‖X[i+1,:] - X[i,:]‖²": ((), {"X": X}, lambda: np.sum(np.diff(X, axis=0) ** 2)),
    "sum_{i=1}^{m} sum_{j=1}^{n-1} (X_{i,j+1} - X_{ij})^2": ((), {"X": X}, lambda: np.sum(np.diff(X, axis=1) ** 2)),
    "sum_{t=1}^{T-1} ‖x_{t+1} - A x_t‖²": (
        ("x_t ∈ R^n",), {"x": X, "A": A}, lambda: np.sum((X[1:] - X[:-1] @ A.T) ** 2)),
    "sum_i (x_i'w - y_i)^2": (
        ("x_i ∈ R^n", "y_i ∈ R"), {"x": X[:4], "w": w, "y": y}, lambda: np.sum((X[:4] @ w - y) ** 2)),
    "‖Y - sum_{k=1}^{r} u_k v_k'‖²": (
        ("u_k ∈ R^m; v_k ∈ R^n",), {"u": X, "v": X[:, :2], "Y": A[:, :2]},
        lambda: np.sum((A[:, :2] - X.T @ X[:, :2]) ** 2)),
}  # fmt: skip


@pytest.mark.parametrize("text", CASES)
def test_value_and_gradient(text: str) -> None:
    declare, data, value = CASES[text]
    p = mc.problem(text, *declare)
    name = next(iter(data))
    found, gradient = p.compile(name)(**data)
    assert found == pytest.approx(value())
    step, move = 1e-6, DRAW.normal(size=data[name].shape)
    far = [p.compile(name, order=0)(**(data | {name: data[name] + s * move})) for s in (step, -step)]
    assert (far[0] - far[1]) / (2 * step) == pytest.approx(np.sum(gradient * move), rel=1e-6)
