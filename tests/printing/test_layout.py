"""Typed orders, and the blocks of an even grid."""

from __future__ import annotations

from matcalc.core.algebra import T, add, eye, hadamard, mul, neg, scale, sub, var
from matcalc.core.dims import ONE, SCALAR, Dim
from matcalc.core.tree import Expr, make
from matcalc.notation.layout import Layout
from matcalc.notation.printing.blocks import grids
from matcalc.notation.printing.printer import text

m, n = Dim.name("m"), Dim.name("n")
A, B = var("A", (n, n)), var("B", (n, n))
x, y = var("x", (n, ONE)), var("y", (n, ONE))
λ, σ = var("λ", SCALAR), var("σ", SCALAR)


def test_terms_and_factors_stand_as_typed() -> None:
    total, product = add(x, y), hadamard(A, B)
    assert text(total, Layout({total: (y, x)})) == "y + x"
    assert text(total, Layout({total: (x, y)})) == "x + y"
    assert text(product, Layout({product: (B, A)})) == "B∘A"
    assert text(mul(λ, σ), Layout({mul(λ, σ): (σ, λ)})) == "σλ"


def test_a_sum_and_its_negative_share_their_order() -> None:
    difference = sub(x, y)
    layout = Layout({difference: (x, y)})
    assert text(difference, layout) == "x − y"
    assert text(neg(difference), layout) == "y − x"
    assert text(neg(difference), Layout({neg(difference): (x, y)})) == "−x + y"
    assert text(mul(A, scale(-2, difference)), layout) == "−2A(x − y)"


def test_scalar_chains_and_traces_stand_as_typed() -> None:
    form = mul(T(x), A, y)
    trace = make("tr", mul(A, B, T(A)))
    assert text(form, Layout({form: (T(y), T(A), x)})) == "yᵀAᵀx"
    assert text(trace, Layout({trace: (B, T(A), A)})) == "tr(BAᵀA)"


def test_an_order_of_other_arguments_is_not_used() -> None:
    assert text(sub(x, y), Layout({sub(x, y): (x,)})) == text(sub(x, y))


def test_without_an_order_positive_terms_come_first_and_multiples_of_I_last() -> None:
    assert text(sub(y, x)) == "y − x" and text(sub(x, y)) == "x − y"
    assert text(add(mul(λ, eye(n)), mul(T(A), A))) == "AᵀA + λI"


def block(C: Expr, i: int, j: int) -> Expr:
    return make("part", C, top=Dim.of(i) * m, height=m, left=Dim.of(j) * n, width=n)


def test_blocks_of_an_even_grid_print_by_their_places() -> None:
    C = var("C", (Dim.of(2) * m, Dim.of(2) * n))
    e = scale(2, add(block(C, 0, 0), block(C, 1, 1)))
    found = grids(e)
    assert text(e, grids=found) == "2(C₁₁ + C₂₂)"
    assert text(e, notation="latex", grids=found) == "2(C_{11} + C_{22})"
    assert found.notes == ("Cᵢⱼ: the m×n blocks of C",)
    assert "C[1:m, 1:n]" in text(e)


def test_uneven_parts_are_no_grid() -> None:
    C = var("C", (Dim.of(2) * m, n))
    above = make("part", C, top=Dim.of(0), height=m, left=Dim.of(0), width=n)
    one_row = make("part", C, top=m, height=ONE, left=Dim.of(0), width=n)
    assert grids(above).names and not grids(add(mul(T(above), above), mul(T(one_row), one_row))).names
