"""The lines of derivations: a name stands for what is used again, and every line says by what it follows."""

from __future__ import annotations

from functools import cache

import pytest

import matcalc as mc
from matcalc.core.tree import Expr, walk
from matcalc.derive.between import between
from matcalc.derive.blackboard import Derivation, Line
from matcalc.derive.naming import NO_NAMES
from matcalc.notation.read import read, read_expression
from matcalc.rewrite.transposes import pulled_out
from tests.problems.corpus import Row, rows

ROWS = rows()[3::10]


@cache
def derivations(row_id: str) -> tuple[Derivation, ...]:
    """The derivations of a problem's gradients, of its Hessian and of that times a direction, as far as there are."""
    row = next(r for r in ROWS if r.id == row_id)
    p = mc.problem(row.text, *(row.declare or ()))
    asked = [(row.wrt, 1), (row.wrt[:1], 2), (row.wrt, "hvp")] if p.objective.is_scalar else [(row.wrt, 1)]
    found = []
    for names, order in asked:
        try:
            found.append(p.derivation(*names, order=order).derivation)
        except mc.UnsupportedError:
            continue
    return tuple(found)


def uses(line: Line, leaf: Expr) -> bool:
    """Whether the name is written in the line, not only its differential."""
    marked = {x.args[0] for x in walk(line.expression) if x.op.name == "d"}
    return leaf in set(walk(line.expression)) and (leaf not in marked or line.expression.size > 2)


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.id)
def test_a_name_is_used_again_and_is_not_for_a_single_letter(row: Row) -> None:
    for d in derivations(row.id):
        for leaf, definition in zip(d.names.leaves, d.names.definitions, strict=True):
            name = str(leaf.attrs[0])
            if f"{name} :=" in row.text:
                continue
            lines = [line for line in d.lines if line.left != name and uses(line, leaf)]
            assert len(lines) > 1, name
            inner = definition.args[0] if len(definition.args) == 1 else definition
            assert (inner.args[0] if inner.op.name == "T" else inner).args, name


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.id)
def test_a_line_without_a_reason_only_writes_names_in_or_out(row: Row) -> None:
    for d in derivations(row.id):
        for before, line in zip(d.own, d.own[1:], strict=False):
            if line.left == before.left and line.relation == "=" and not line.steps and not line.note:
                assert d.names.unfold(before.expression) is d.names.unfold(line.expression), line


NAMED = [
    ("sum(s + (y − Xb).^2∘exp(−s))", "b", 2, ["r"]),  # the argument of the sum is used once
    ("logdet(A + B)", "A", 2, []),
    ("sum(X.^3)", "X", 2, []),
    ("‖(I + W)X − Y‖²", "W", 2, ["R"]),  # I + W is used once
    ("logdet(WWᵀ + A) + tr((WWᵀ + A)⁻¹S)", "W", 1, ["R"]),  # R⁻¹ needs no name of its own
    ("‖(A∘B)(Y − UVᵀ)‖² + λ‖U‖²", "U", 2, ["R"]),
    ("yᵀ(A + UCUᵀ)⁻¹y", "C", 2, ["P"]),  # Pᵀ is not named anew
]


@pytest.mark.parametrize(("text", "x", "order", "named"), NAMED)
def test_what_is_named(text: str, x: str, order: int, named: list[str]) -> None:
    found = mc.problem(text).derivation(x, order=order).derivation
    assert [str(leaf.attrs[0]) for leaf in found.names.leaves] == named


MOVES = {
    ("−2(X − UVᵀ)V", "2(UVᵀ − X)V"): ["collect/sign"],
    ("2λU − 2RV", "2(λU − RV)"): ["collect/common-factor"],
    ("2(λU − (Y − UVᵀ)V)", "2(λU + (UVᵀ − Y)V)"): ["collect/sign"],
    ("sym(AB + C)", "(AB + BᵀAᵀ)/2 + sym(C)"): ["sym/definition", "collect/expand", "collect/common-factor"],
    ("tr(AB)C", "(Aᵀ:B)C"): ["frobenius/as-trace"],
    ("(A⊗B)(C⊗D)", "AC⊗BD"): ["kronecker/mixed-product"],
}


@pytest.mark.parametrize("pair", MOVES, ids=" ↦ ".join)
def test_the_identities_between_two_forms(pair: tuple[str, str]) -> None:
    reading = read(pair[0])
    a, b = reading.objective, read_expression(pair[1], reading)
    assert [step.identity for step in between(a, b, NO_NAMES) or ()] == MOVES[pair]


def test_a_transpose_pulled_out() -> None:
    a = read("AᵀBᵀ").objective
    b = pulled_out(a)
    assert b is not None
    assert [step.identity for step in between(a, b, NO_NAMES) or ()] == ["transpose/of-expression"]


def test_nothing_is_made_up_for_forms_that_are_not_equal() -> None:
    reading = read("(A + B)C")
    assert between(reading.objective, read_expression("(A + 2B)C", reading), NO_NAMES) is None


def test_a_form_that_is_equal_only_for_a_symmetric_differential() -> None:
    """Of a symmetric matrix dXᵀ is dX, so that two matrices may stand before vec(dX)."""
    assert mc.problem("sum(softmax_rows(B)⊘cos(B))", "B ∈ SPD(k)").derivation("B", order=2).check.ok
