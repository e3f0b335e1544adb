"""Compiled norms and eigenvalues: one decomposition for all, a subgradient where there is no gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc as mc

RNG = np.random.default_rng(3)
LOW = np.outer(RNG.standard_normal(4), RNG.standard_normal(3))
TIED = np.array([[2.0, -2.0], [1.0, 2.0]])
POINTS = {"zero": np.zeros((3, 2)), "one": np.ones((3, 3)), "rank 1": LOW, "identity": np.eye(3), "tied": TIED,
          "any": RNG.standard_normal((3, 4))}
NORMS = ("‖X‖_∞", "‖X‖_2", "‖X‖_*")


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("text", NORMS)
def test_a_subgradient_everywhere(text: str, point: str) -> None:
    """f(Y) ≥ f(X) + G:(Y − X) for a convex f, with equality at Y = 0 for a norm."""
    f, X = mc.problem(text).compile("X"), POINTS[point]
    value, G = f(X=X)
    for _ in range(20):
        Y = X + RNG.standard_normal(X.shape)
        assert f(X=Y)[0] >= value + np.vdot(G, Y - X) - 1e-12
    assert np.isclose(np.vdot(G, X), value)


@pytest.mark.parametrize("S", [np.eye(3), np.zeros((2, 2)), np.diag([1.0, 5.0, 5.0])], ids=["I", "0", "repeated"])
def test_a_subgradient_of_the_largest_eigenvalue(S: Any) -> None:
    f = mc.problem("eigmax(S)", "S ∈ Sym(n)").compile("S")
    value, G = f(S=S)
    assert np.isclose(np.vdot(G, S), value) and np.isclose(np.trace(G), 1)


@pytest.mark.parametrize(("text", "value", "gradient"), [
    ("c'polar(x)", 1.4, [0.032, -0.024]), ("pinv(x)c", 0.28, [-0.0272, -0.0496]), ("adj(c'x)c'x", 7.0, [1.0, 1.0])])
def test_vectors_and_scalars_are_small_matrices(text: str, value: float, gradient: list[float]) -> None:
    """x/‖x‖, xᵀ/‖x‖² and 1 for x = (3, 4), c = (1, 1)."""
    f = mc.problem(text, "x, c ∈ R^n").compile("x")(x=np.array([3.0, 4.0]), c=np.ones(2))
    assert np.allclose(f[0], value) and np.allclose(f[1], gradient)


@pytest.mark.parametrize(("text", "decomposition"), [
    ("‖X‖_2 + ‖X‖_*", "svd("), ("‖X‖_2", "svd("), ("eigmax(XᵀX) − eigmin(XᵀX)", "eigh("), ("‖X‖_*", "svd(")])
def test_one_decomposition(text: str, decomposition: str) -> None:
    code = mc.problem(text).compile("X").source
    assert code.count(decomposition) == 1 and "norm(" not in code and "eigvalsh" not in code


def test_a_value_alone_needs_no_vectors() -> None:
    assert "eigvalsh" in mc.problem("eigmax(XᵀX)").compile("X", order=0).source


@pytest.mark.parametrize("text", [*NORMS, "eigmax(XᵀX)", "tr(expm(XᵀX))"])
def test_the_floating_type_is_kept(text: str) -> None:
    X = RNG.standard_normal((3, 2)).astype(np.float32)
    value, G = mc.problem(text).compile("X")(X=X)
    assert value.dtype == G.dtype == np.float32


def test_the_normal_tail_is_stable() -> None:
    """d log Φ(x) tends to −x for x → −∞, where Φ(x) is 0 in floats."""
    value, G = mc.problem("sum(log(normcdf(x)))").compile("x")(x=np.array([-60.0, 0.0, 60.0]))
    assert np.isclose(value, -1805.0135606799 + np.log(0.5)) and np.isclose(G[0], 60.0166482)
    assert G[2] == 0
