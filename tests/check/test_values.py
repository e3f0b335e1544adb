"""The value column: every operator's definition by entries against NumPy and SciPy, in floats."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest
import scipy.linalg
import scipy.special
import scipy.stats

import matcalc.operators  # noqa: F401
from matcalc.check.arithmetic import Matrix
from matcalc.check.evaluate import Evaluation
from matcalc.check.real import Floats
from matcalc.core.algebra import commutation, dimnum, duplication, elimination, eye, mul, ones, unit, var
from matcalc.core.dims import ONE, Dim
from matcalc.core.tree import OPS, Expr, make

m, n, k = (Dim.name(letter) for letter in "mnk")
SIZES = {"m": 3, "n": 2, "k": 4, "h": 3}

ELEMENTWISE: dict[str, Callable[[Any], Any]] = {
    "exp": np.exp, "sin": np.sin, "cos": np.cos, "tan": np.tan, "sinh": np.sinh, "cosh": np.cosh,
    "tanh": np.tanh,
    "arctan": np.arctan, "sigmoid": scipy.special.expit, "softplus": lambda x: np.logaddexp(0, x),
    "relu": lambda x: np.maximum(x, 0), "step": lambda x: np.heaviside(x, 0), "abs": np.abs, "sign": np.sign,
    "erf": scipy.special.erf, "expm1": np.expm1, "normcdf": scipy.stats.norm.cdf,
    "lognormcdf": scipy.stats.norm.logcdf,
}
POSITIVE: dict[str, Callable[[Any], Any]] = {
    "log": np.log, "log1p": np.log1p, "lgamma": scipy.special.gammaln, "digamma": scipy.special.digamma,
    "trigamma": lambda x: scipy.special.polygamma(1, x), "polygamma": lambda x: scipy.special.polygamma(3, x),
}
UNIT: dict[str, Callable[[Any], Any]] = {"arcsin": np.arcsin, "arccos": np.arccos}


def khatri_rao(A: Any, B: Any) -> Any:
    return np.column_stack([np.kron(a, b) for a, b in zip(A.T, B.T, strict=True)])


def vech(X: Any) -> Any:
    return np.concatenate([X[j:, j] for j in range(len(X))])


def adjoint(linear: Callable[[Any], Any], shape: tuple[int, int], C: Any) -> Any:
    """L* C for a linear map L, from its matrix in the unit matrices."""
    out = np.zeros(shape)
    for place in np.ndindex(*shape):
        E = np.zeros(shape)
        E[place] = 1.0
        out[place] = np.sum(linear(E) * C)
    return out


def projector(X: Any, k: int) -> Any:
    v = np.linalg.eigh(X)[1][:, k]
    return np.outer(v, v)


def dyad(U: Any, s: Any, Vt: Any, k: int) -> Any:
    return np.outer(U[:, k], Vt[k])


def upper_block(function: Callable[[Any], Any], X: Any, E: Any) -> Any:
    n = len(X)
    return function(np.block([[X, E], [np.zeros((n, n)), X]]))[:n, n:]


def softmax(X: Any, axis: int) -> Any:
    return scipy.special.softmax(X, axis=axis)


Case = tuple[list[tuple[int, int]], dict[str, Any], Callable[..., Any]]
CASES: dict[str, Case] = {
    "max": ([(3, 2), (3, 2)], {}, np.maximum),
    "min": ([(3, 2), (3, 2)], {}, np.minimum),
    "inv": ([(3, 3)], {}, np.linalg.inv),
    "pinv": ([(3, 2)], {}, np.linalg.pinv),
    "adj": ([(3, 3)], {}, lambda X: np.linalg.det(X) * np.linalg.inv(X)),
    "det": ([(3, 3)], {}, np.linalg.det),
    "logdet": ([(3, 3)], {}, lambda X: np.linalg.slogdet(X)[1]),
    "expm": ([(3, 3)], {}, scipy.linalg.expm),
    "logm": ([(-3, 3)], {}, scipy.linalg.logm),
    "sqrtm": ([(-3, 3)], {}, scipy.linalg.sqrtm),
    "norm_inf": ([(3, 2)], {}, lambda X: np.abs(X).max()),
    "norm_spectral": ([(3, 2)], {}, lambda X: np.linalg.norm(X, 2)),
    "norm_nuclear": ([(2, 3)], {}, lambda X: np.linalg.norm(X, "nuc")),
    "peak": ([(3, 2)], {}, lambda X: np.sign(X) * (np.abs(X) == np.abs(X).max())),
    "dyad_max": ([(3, 2)], {}, lambda X: dyad(*np.linalg.svd(X), 0)),
    "polar": ([(2, 3)], {}, lambda X: scipy.linalg.polar(X)[0]),
    "eigproj_max": ([(-3, 3)], {}, lambda X: projector(X, -1)),
    "eigproj_min": ([(-3, 3)], {}, lambda X: projector(X, 0)),
    "expm_derivative": ([(3, 3), (3, 3)], {}, lambda X, E: scipy.linalg.expm_frechet(X, E)[1]),
    "logm_derivative": ([(-3, 3), (3, 3)], {}, lambda X, E: upper_block(scipy.linalg.logm, X, E)),
    "sqrtm_derivative": ([(-3, 3), (3, 3)], {}, lambda X, E: upper_block(scipy.linalg.sqrtm, X, E)),
    "eigmax": ([(-3, 3)], {}, lambda X: np.linalg.eigvalsh(X)[-1]),
    "eigmin": ([(-3, 3)], {}, lambda X: np.linalg.eigvalsh(X)[0]),
    "kron": ([(2, 3), (3, 2)], {}, np.kron),
    "khatri_rao": ([(2, 3), (4, 3)], {}, khatri_rao),
    "face_split": ([(3, 2), (3, 4)], {}, lambda A, B: khatri_rao(A.T, B.T).T),
    "kron_left": ([(2, 3), (4, 9)], {}, lambda B, C: adjoint(lambda X: np.kron(X, B), (2, 3), C)),
    "kron_right": ([(2, 3), (4, 9)], {}, lambda A, C: adjoint(lambda X: np.kron(A, X), (2, 3), C)),
    "khatri_left": ([(2, 3), (8, 3)], {}, lambda B, C: adjoint(lambda X: khatri_rao(X, B), (4, 3), C)),
    "khatri_right": ([(2, 3), (8, 3)], {}, lambda A, C: adjoint(lambda X: khatri_rao(A, X), (4, 3), C)),
    "tr": ([(3, 3)], {}, np.trace),
    "frob": ([(3, 2), (3, 2)], {}, np.vdot),
    "colon": ([(3, 2), (3, 2)], {}, np.vdot),
    "sum": ([(3, 2)], {}, np.sum),
    "diag": ([(3, 3)], {}, np.diag),
    "Diag": ([(3, 1)], {}, lambda x: np.diag(x[:, 0])),
    "vec": ([(3, 2)], {}, lambda X: X.flatten(order="F")),
    "unvec": ([(6, 1)], {"m": 3, "n": 2}, lambda x: x.reshape(3, 2, order="F")),
    "vech": ([(3, 3)], {"half": 6}, vech),
    "unvech": ([(6, 1)], {"n": 3}, lambda x: adjoint(lambda X: vech(X)[:, None], (3, 3), x)),
    "sym": ([(3, 3)], {}, lambda X: (X + X.T) / 2),
    "skew": ([(3, 3)], {}, lambda X: (X - X.T) / 2),
    "tril": ([(3, 4)], {}, np.tril),
    "triu": ([(3, 4)], {}, np.triu),
    "block": ([(2, 3), (2, 1), (1, 3), (1, 1)], {"rows": 2, "cols": 2},
              lambda A, B, C, D: np.block([[A, B], [C, D]])),
    "part": ([(4, 5)], {"top": 1, "height": 2, "left": 2, "width": 3}, lambda X: X[1:3, 2:5]),
    "embed": ([(2, 3)], {"top": 1, "left": 2, "m": 4, "n": 6}, lambda X: np.pad(X, ((1, 1), (2, 1)))),
    "softmax": ([(3, 1)], {}, lambda x: softmax(x, 0)),
    "logsumexp": ([(3, 1)], {}, scipy.special.logsumexp),
    "softmax_rows": ([(3, 2)], {}, lambda X: softmax(X, 1)),
    "softmax_cols": ([(3, 2)], {}, lambda X: softmax(X, 0)),
    "logsumexp_rows": ([(3, 2)], {}, lambda X: scipy.special.logsumexp(X, axis=1)),
    "logsumexp_cols": ([(3, 2)], {}, lambda X: scipy.special.logsumexp(X, axis=0)),
}
CASES |= {name: ([(3, 2)], {}, f) for name, f in ELEMENTWISE.items()}
ELSEWHERE = {"apply", "isum", "d"}  # tested below or in test_laws


def numbers(shape: tuple[int, int], rng: Random, low: float = -1.5, high: float = 1.5) -> Any:
    """Random entries; a negative number of rows asks for a symmetric positive definite matrix."""
    rows = abs(shape[0])
    X = np.array([[rng.uniform(low, high) for _ in range(shape[1])] for _ in range(rows)])
    return X @ X.T + np.eye(rows) if shape[0] < 0 else X


def matrix(X: Any) -> Matrix:
    return Matrix(*X.shape, [float(x) for x in X.flatten()])


def value(name: str, *arrays: Any, **attributes: Any) -> Any:
    row = OPS[name].value
    assert row is not None
    found = row(Floats(), *map(matrix, arrays), **attributes)
    return np.array(found.entries).reshape(found.m, found.n)


def test_every_operator_stands_in_a_table() -> None:
    known = {*CASES, *POSITIVE, *UNIT, *ELSEWHERE}
    assert {name for name, op in OPS.items() if op.value is not None} == known


@pytest.mark.parametrize("name", CASES)
def test_value(name: str) -> None:
    shapes, attributes, expected = CASES[name]
    arrays = [numbers(shape, Random(name)) for shape in shapes]
    wanted = np.asarray(expected(*arrays))
    found = value(name, *arrays, **attributes)
    np.testing.assert_allclose(found.flatten(), wanted.flatten(), rtol=1e-9, atol=1e-12)
    if wanted.ndim == 2:
        assert found.shape == wanted.shape


@pytest.mark.parametrize("name", [*POSITIVE, *UNIT])
def test_value_on_a_domain(name: str) -> None:
    expected = POSITIVE.get(name) or UNIT[name]
    X = numbers((3, 2), Random(name), 0.1, 0.9)
    attributes = {"order": 3} if name == "polygamma" else {}
    np.testing.assert_allclose(value(name, X, **attributes), expected(X), rtol=1e-9)


SIGNED = [op.name for op in OPS.values() if op.positive or op.nonnegative or op.below_one]


@pytest.mark.parametrize("name", SIGNED)
def test_signs_of_values(name: str) -> None:
    X = numbers((3, 1), Random(name), -2.0, 2.0) if name == "softmax" else numbers((3, 2), Random(name), -2.0, 2.0)
    found = value(name, X)
    assert not OPS[name].positive or (found > 0).all()
    assert not OPS[name].nonnegative or (found >= 0).all()
    assert not OPS[name].below_one or (found < 1).all()


def test_pinv_of_a_matrix_without_full_rank() -> None:
    X = numbers((4, 2), Random(1)) @ numbers((2, 3), Random(2))
    np.testing.assert_allclose(value("pinv", X), np.linalg.pinv(X), rtol=1e-8, atol=1e-10)


# ── leaves and algebra nodes ──────────────────────────────────────────────────────────────────────────────
def evaluated(e: Expr, **arrays: Any) -> Any:
    leaves = {x.attrs[0]: x for x in (A, B, x_, S)}
    point = {leaves[name]: matrix(X) for name, X in arrays.items()}
    found = Evaluation(Floats(), SIZES, point)(e)
    return np.array(found.entries).reshape(found.m, found.n)


A, B, S, x_ = var("A", (m, n)), var("B", (m, n)), var("S", (n, n)), var("x", (n, ONE))
RNG = Random(7)
A0, B0, S0, x0 = (numbers(shape, RNG, 0.5, 1.5) for shape in ((3, 2), (3, 2), (2, 2), (2, 1)))


@pytest.mark.parametrize(("e", "wanted"), [
    (2 * A - B / 3, 2 * A0 - B0 / 3),
    (A.T @ B @ S, A0.T @ B0 @ S0),
    (A @ S @ x_, A0 @ S0 @ x0),
    (A**2 * B**-1, A0**2 / B0),
    (A ** Fraction(1, 2), np.sqrt(A0)),
    (mul(x_.T @ x_, A), float((x0.T @ x0)[0, 0]) * A0),
    (A.T, A0.T),
    (ones((m, n)) + A, 1 + A0),
    (eye(n) + S, np.eye(2) + S0),
    (S @ unit(2, n), S0[:, 1:]),
    (mul(dimnum(m), A), 3 * A0),
    (commutation(m, n) @ make("vec", A), A0.T.flatten(order="F")[:, None]),
    (duplication(n, Dim.name("h")) @ make("vech", S, half=Dim.name("h")), None),
    (elimination(n, Dim.name("h")) @ make("vec", S), vech(S0)[:, None]),
])
def test_nodes(e: Expr, wanted: Any) -> None:
    if wanted is None:
        low = np.tril(S0)
        wanted = (low + np.tril(S0, -1).T).flatten(order="F")[:, None]
    np.testing.assert_allclose(evaluated(e, A=A0, B=B0, S=S0, x=x0), wanted, rtol=1e-12)


def test_indexed_sums_may_be_nested() -> None:
    """Σᵢ (Σⱼ Aᵢⱼ² xⱼ)(Bx)ᵢ from i = 2 on: the outer index is free in the inner body."""
    entry = unit("i", m).T @ A @ unit("j", n)
    inner = make("isum", entry * entry * (unit("j", n).T @ x_), index="j", low=ONE, high=n)
    outer = make("isum", inner * (unit("i", m).T @ B @ x_), index="i", low=Dim.of(2), high=m)
    wanted = sum((A0[i] ** 2 @ x0[:, 0]) * (B0[i] @ x0[:, 0]) for i in (1, 2))
    np.testing.assert_allclose(evaluated(outer, A=A0, B=B0, x=x0), [[wanted]])


def test_a_value_of_another_shape_than_its_node_is_noticed() -> None:
    row = OPS["vec"]
    right = row.value
    try:
        object.__setattr__(row, "value", lambda K, X: X)
        with pytest.raises(AssertionError, match="vec gives 3×2"):
            evaluated(make("vec", A), A=A0)
    finally:
        object.__setattr__(row, "value", right)
