"""Answers are written in the names that the writer gave, wherever these stand within a product or a sum."""

from __future__ import annotations

import pytest

import matcalc as mc

WRITTEN = {
    "a segment of a longer product": ("X := ABC\n‖XD − Y‖²", (), "D", "2Xᵀ(XD − Y)"),
    "a factor of an entrywise product": (
        "R := Y − UVᵀ\nS := M∘R\n‖S‖² + λ‖U‖²", ("M ∈ {0,1}^{m×n}",), "U", "2(λU − SV)"
    ),
    "a symmetric matrix": ("S := XᵀX\ntr(SASB)", (), "X", "X(ASB + BSA + AᵀSBᵀ + BᵀSAᵀ)"),
    "a sum that would be multiplied out": ("B := I − ρW\n‖By − Xb‖²", ("ρ ∈ R",), "b", "2Xᵀ(Xb − By)"),
    "a common denominator": ("u := Xw\nsum((1 − y)∘log(1 − u)) + y'log(u)", (), "w", "Xᵀ((y − u)⊘(u∘(1 − u)))"),
}


@pytest.mark.parametrize("case", WRITTEN)
def test_the_gradient(case: str) -> None:
    text, declare, x, expected = WRITTEN[case]
    assert str(mc.problem(text, *declare).gradient(x)) == expected


def test_the_derivation_has_a_line_for_a_definition_within_a_product() -> None:
    lines = str(mc.problem("X := ABC\n‖XD − Y‖²").derivation("A"))
    assert "X     := ABC\n" in lines and "2RDᵀ:dX" in lines
