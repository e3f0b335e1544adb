"""Other writings of a gradient: each is equal to it, and what has none is refused by name."""

from __future__ import annotations

from contextlib import suppress

import pytest

import matcalc as mc
from matcalc.check.equal import check_equal
from matcalc.derive.forms import FORMS
from matcalc.rewrite.cost import cost

PROBLEMS = {
    "a sandwich": ("½‖A Diag(s)Bᵀ − C‖²", (), "s"),
    "a row of blocks": ("sum(exp([X, Y]W))", ("X ∈ R^{m×n}; Y ∈ R^{m×q}",), "X"),
    "blocks that are typed as a Kronecker product": ("‖(I_3⊗X)P − W‖²", ("X ∈ R^{m×n}",), "X"),
    "a number of blocks that is not known": ("‖(I_p⊗X)P − W‖²", ("X ∈ R^{m×n}",), "X"),
    "a rotation in blocks": ("‖W − [R, −Q; Q, R]P‖²", (), "Q"),
    "columns of blocks beside each other": ("tr(A[X, X]B[X; C]D[C; X])", ("X, C ∈ R^{n×n}",), "X"),
    "blocks of a product in the middle": ("tr(A[X; B][C, X]D)", ("X ∈ R^{n×n}",), "X"),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", PROBLEMS)
def test_every_form_is_equal(name: str, form: str) -> None:
    text, declare, x = PROBLEMS[name]
    p = mc.problem(text, *declare)
    if name == "a sandwich" and form == "blocks":
        with pytest.raises(mc.UnsupportedError, match="nothing in this gradient is in blocks"):
            p.gradient(x, form=form)
        return
    found = p.gradient(x, form=form)
    evidence = check_equal(found.expression, p.gradient(x).expression)
    assert found.check.ok and evidence.ok, evidence.why


def test_blocks_are_taken_of_variables() -> None:
    p = mc.problem("‖(I_2⊗X)P − W‖²", "X ∈ R^{m×n}")
    assert str(p.gradient("X")).count("⊗") == 0 and "P − W)" in str(p.gradient("X"))
    assert str(p.gradient("X", form="blocks")).count("[") == 6 and "P − W)" not in str(p.gradient("X", form="blocks"))


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(mc.UnsupportedError, match="there is no form 'tidy'"):
        mc.problem("‖Ax − b‖²").gradient("x", form="tidy")


@pytest.mark.parametrize(
    ("text", "declare", "x"),
    [
        ("‖3P² − 2P³ − P‖²", ("P ∈ Sym(n)",), "P"),
        ("‖[C; CA; CAA]x − y‖²", (), "A"),
        ("‖(y − X(XᵀX + λI)⁻¹Xᵀy)⊘(1 − diag(X(XᵀX + λI)⁻¹Xᵀ))‖²", (), "X"),
        ("tr(AX³)", (), "X"),
    ],
)
def test_no_form_is_shorter_than_the_answer(text: str, declare: tuple[str, ...], x: str) -> None:
    G = mc.problem(text, *declare).gradient(x).expression
    for write in FORMS.values():
        with suppress(mc.UnsupportedError):
            assert cost(write(G)) >= cost(G)
