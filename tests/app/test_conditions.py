"""The conditions that an answer names: those that are not known to hold, and no others."""

from __future__ import annotations

import pytest

import matcalc as mc

ROWS = [  # objective, variable, conditions
    ("log(1 + ‖x‖²)", "x", ()),
    ("sum(log(1 + x.^2))", "x", ()),
    ("sum(log(1 - sigmoid(x)))", "x", ()),
    ("logdet(I + XX')", "X", ()),
    ("logdet(XX')", "X", ("XXᵀ nonsingular",)),
    ("logdet(XX' - I)", "X", ("XXᵀ − I nonsingular",)),
    ("logdet(λI + XX')", "X", ("λI + XXᵀ nonsingular",)),
    ("logdet(Diag(exp(x)) + yy')", "x", ()),
    ("log(x'Ax)", "x", ("xᵀAx > 0",)),
    ("1/(1 + ‖x‖)", "x", ("x ≠ 0",)),
    ("1/(1 - ‖x‖²)", "x", ("1 − ‖x‖² ≠ 0",)),
    ("sum(log(2 - sigmoid(x)))", "x", ("2 − sigmoid(x) > 0",)),
]


@pytest.mark.parametrize("objective, name, needed", ROWS, ids=[row[0] for row in ROWS])
def test_conditions(objective: str, name: str, needed: tuple[str, ...]) -> None:
    assert mc.problem(objective, "x ∈ R^n").gradient(name).conditions == needed


def test_the_functions_that_an_answer_brings_in_are_explained() -> None:
    notes = mc.problem("‖X‖_* + ‖X‖_1").gradient("X").notes
    (polar,) = [note for note in notes if note.startswith("polar(X)")]
    assert polar.endswith("always a subgradient of ‖X‖_*")
    assert "sign(0) = 0, there a subgradient of |x|" in notes
    assert mc.problem("‖Ax − b‖²").gradient("x").notes == ()
    assert mc.problem("tr(A sign(X))").gradient("A").notes == ()


def test_an_orthogonal_matrix_is_nonsingular() -> None:
    assert mc.problem("logdet(X)", "X ∈ Orth(n)").gradient("X").conditions == ()


@pytest.mark.parametrize(("objective", "declared", "needed"), [
    ("‖X‖_2", "X ∈ R^{m×n}", "the largest singular value of X is simple"),
    ("eigmin(A + X)", "A, X ∈ Sym(n)", "the smallest eigenvalue of A + X is simple"),
    ("eigmax(X'X)", "X ∈ R^{m×n}", "the largest eigenvalue of XᵀX is simple"),
])
def test_a_second_derivative_of_an_eigenvalue_asks_for_no_more(objective: str, declared: str, needed: str) -> None:
    p = mc.problem(objective, declared)
    assert p.gradient("X").conditions == p.hvp("X").conditions == (needed,)
