"""Convexity: what the rules show, what they must not claim, and agreement with sampled midpoints."""

from __future__ import annotations

import pytest

from matcalc.core.tree import walk
from matcalc.derive.curvature import curvature
from matcalc.notation.read import read
from matcalc.rewrite.typed import read as typed

SHOWN = [
    ("‖Ax − b‖² + λ‖x‖²", [], "x", "convex"),
    ("sum(log(1 + exp(−y∘(Xw)))) + γ/2 ‖w‖²", [], "w", "convex"),
    ("−logdet(X) + tr(SX) + λ‖X‖_1", ["X ∈ SPD(n)"], "X", "convex"),
    ("x'Sx − log(c'x)", ["S ∈ SPD(n)"], "x", "convex"),
    ("logsumexp(Ax + b)", [], "x", "convex"),
    ("sum(log(x))", [], "x", "concave"),
    ("tr(AX)", [], "X", "affine"),
    ("‖Y − UVᵀ‖²", [], "U", "convex"),
    ("½‖XW − Y‖² + λ/2 tr(W'W)", [], "W", "convex"),
    ("tr(X'AXB)", ["A, B ∈ SPD(n)"], "X", "convex"),
    ("tr(X^4)", ["X ∈ Sym(n)"], "X", "convex"),
    ("x'A⁻¹x", ["A ∈ SPD(n)"], "x,A", "convex"),
    ("tr(A X⁻¹)", ["A, X ∈ SPD(n)"], "X", "convex"),
    ("tr(X^{1/2})", ["X ∈ SPD(n)"], "X", "concave"),
    ("tr(expm(X))", ["X ∈ Sym(n)"], "X", "convex"),
    ("tr(X logm(X))", ["X ∈ SPD(n)"], "X", "convex"),
    ("logdet(A'Diag(x)A)", ["x > 0"], "x", "concave"),
    ("sum(P∘log(P))", [], "P", "convex"),
    ("sum(p∘log(p⊘q))", ["p, q ∈ R^n; p > 0; q > 0"], "p,q", "convex"),
    ("∑_j ‖X[:,j]‖", [], "X", "convex"),
    ("‖max(1 − y∘(Xw), 0)‖²", [], "w", "convex"),
    ("sum(log(cosh(Ax)))", [], "x", "convex"),
    ("log(1 + sum(exp(Ax)))", [], "x", "convex"),
    ("log(w'exp(x))", ["w ∈ R^n; w > 0"], "x", "convex"),
    ("‖x‖²/y", ["y ∈ R; y > 0"], "x,y", "convex"),
    ("sum(x.^2⊘y)", ["y ∈ R^n; y > 0"], "x,y", "convex"),
    ("sqrt(1 + ‖Ax‖²)", [], "x", "convex"),
    ("sum(1⊘x)", ["x > 0"], "x", "convex"),
    ("sum(x.^1.5)", [], "x", "convex"),
    ("sum(|x|.^3)", [], "x", "convex"),
    ("‖x‖_1^2", [], "x", "convex"),
    ("y'log(x)", ["x, y ∈ R^n; y > 0"], "x", "concave"),
    ("sum(log(normcdf(x)))", [], "x", "concave"),
    ("sum(lgamma(x))", ["x > 0"], "x", "convex"),
]
NOT_SHOWN = [
    ("‖Y − UVᵀ‖²", [], "U,V"),
    ("x'Ax", [], "x"),
    ("sin(a'x)", [], "x"),
    ("(‖x‖² − 1)²", [], "x"),
    ("log(1 + ‖x‖²)", [], "x"),
    ("−‖x‖ + ‖x‖²", [], "x"),
    ("c'softplus(x)", [], "x"),
    ("logdet(X)", [], "X"),
    ("tr(XX)", ["X ∈ R^{n×n}"], "X"),
    ("tr(X^3)", ["X ∈ Sym(n)"], "X"),
    ("tr(X^2)", ["X ∈ Skew(n)"], "X"),
    ("tr(XAXB)", ["A, B ∈ SPD(n)"], "X"),
    ("x'ABx", ["A, B ∈ SPD(n)"], "x"),
    ("x'(A − B)x", ["A, B ∈ SPD(n)"], "x"),
    ("tr(A X⁻¹)", ["A ∈ Sym(n); X ∈ SPD(n)"], "X"),
    ("y'log(x)", ["x, y ∈ R^n"], "x"),
    ("sum(1⊘x)", [], "x"),
    ("sum(x.^3)", [], "x"),
    ("log(w'exp(x))", ["w ∈ R^n"], "x"),
    ("log(sum(exp(−x.^2)))", [], "x"),
    ("‖relu(x) − y‖²", [], "x"),
    ("‖x‖²/y", ["y ∈ R"], "x,y"),
    ("‖x‖²log(y)", ["y ∈ R; y > 0"], "x,y"),
    ("sum(p∘log(q))", ["p, q ∈ R^n; q > 0"], "p,q"),
    ("(‖x‖ − 1)²", [], "x"),
    ("‖U‖²‖V‖²", [], "U,V"),
    ("logdet(A'Diag(x)A)", [], "x"),
    ("x'X⁻¹y", ["X ∈ SPD(n)"], "X"),
    ("σ log(σ/τ)", [], "σ"),
    ("x'log(x⊘y)", ["x, y ∈ R^n"], "x,y"),
    ("sum(x∘log(c∘x))", ["c ∈ R^n"], "x"),
    ("tr(expm(X))", ["X ∈ R^{n×n}"], "X"),
    ("‖Ax‖ + min(x'x, y'y)", [], "x"),
]


def _verdict(text: str, declare: list[str], names: str) -> str:
    f = typed(read(text, *declare).objective)
    leaves = {str(e.attrs[0]): e for e in walk(f) if e.op.name == "var"}
    return curvature(f, [leaves[n] for n in names.split(",")]).kind


@pytest.mark.parametrize(("text", "declare", "name", "kind"), SHOWN, ids=[row[0] for row in SHOWN])
def test_is_shown(text: str, declare: list[str], name: str, kind: str) -> None:
    assert _verdict(text, declare, name) == kind


@pytest.mark.parametrize(("text", "declare", "names"), NOT_SHOWN, ids=[row[0] for row in NOT_SHOWN])
def test_is_not_claimed(text: str, declare: list[str], names: str) -> None:
    assert _verdict(text, declare, names) == "unknown"


def test_a_condition_is_kept_where_another_form_was_tried_first() -> None:
    f = typed(read("tr(exp(λ abs(S)))", "S ∈ Sym(n)").objective)
    leaves = {str(e.attrs[0]): e for e in walk(f) if e.op.name == "var"}
    found = curvature(f, [leaves["S"]])
    assert found.kind == "convex" and found.conditions == (leaves["λ"],)
