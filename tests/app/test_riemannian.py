"""The Riemannian gradient against the projection of the ambient one, at a random orthogonal matrix."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc as mc
from matcalc.app.riemann import check_riemannian


@pytest.mark.parametrize("text", ["tr(Q'AQB)", "tr(AQ)", "‖QA − B‖²"])
def test_it_is_the_projection(text: str) -> None:
    p = mc.problem(text, "Q ∈ Orth(n)", "A ∈ R^{n×n}")
    ambient, tangent = p.gradient("Q"), p.gradient("Q", riemannian=True)
    assert tangent.check.ok and any("tangent" in note for note in tangent.notes)
    rng = np.random.default_rng(0)
    Q = np.linalg.qr(rng.standard_normal((4, 4)))[0]
    arrays = {"Q": Q, **{n: rng.standard_normal((4, 4)) for n in p.variables if n != "Q"}}
    G = p.compile("Q")(**arrays)[1]
    names = "".join(n for n in arrays)
    assert set(names) >= {"Q", "A"} and ambient is not tangent
    R = mc.problem(tangent.plain(), *(f"{n} ∈ R^{{n×n}}" for n in arrays)).compile(order=0)(**arrays)
    assert np.allclose(R, G - Q @ (Q.T @ G + G.T @ Q) / 2)


def test_the_ambient_gradient_is_not_taken_for_it() -> None:
    p = mc.problem("tr(AQ)", "Q ∈ Orth(n)")
    assert not check_riemannian(p.objective, p.gradient("Q").expression, p.leaf("Q"), ()).ok


def test_other_variables_keep_theirs() -> None:
    p = mc.problem("x'x")
    assert p.gradient("x", riemannian=True) is p.gradient("x")


def test_orthonormal_columns() -> None:
    p = mc.problem("tr(X'AX) + tr(X'X)", "X ∈ Orth(n,k)", "A ∈ Sym(n)")
    assert str(p.variables["X"].declaration) == "X ∈ Orth(n,k)"
    rng = np.random.default_rng(1)
    X, S = np.linalg.qr(rng.standard_normal((5, 2)))[0], rng.standard_normal((5, 5))
    A = S + S.T
    value, G = p.compile("X")(X=X, A=A)
    assert np.isclose(value, np.trace(X.T @ A @ X) + 2) and np.allclose(G, 2 * A @ X)
    tangent = p.gradient("X", riemannian=True)
    assert tangent.check.ok
    R = mc.problem(tangent.plain(), "X ∈ R^{n×k}", "A ∈ R^{n×n}").compile(order=0)(X=X, A=A)
    assert np.allclose(R, G - X @ (X.T @ G + G.T @ X) / 2)


@pytest.mark.parametrize("text", ["tr(XX'A)", "‖A − XX'A‖²", "tr(AXX') − tr(X'XB)"])
def test_only_square_ones_have_orthonormal_rows(text: str) -> None:
    p = mc.problem(text, "X ∈ Orth(n,k)")
    assert p.check().ok and "X" in p.variables
