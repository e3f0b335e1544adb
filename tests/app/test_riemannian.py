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
