"""Convexity: what rules and Hessians show, what they must not claim, and what random segments say of the claims."""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

import numpy as np

import matcalc as mc
from matcalc.core.algebra import add, var
from matcalc.core.tree import Expr, substitute, walk
from matcalc.derive.curvature import Curvature, composed, curvature
from matcalc.notation.read import read
from matcalc.rewrite.typed import read as typed
from tests.derive.segments import fails, refuted
from tests.problems.corpus import rows

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
    ("τ + 1/(α m) sum(softplus(−Rw − τ 1))", ["m ∈ N"], "w,τ", "convex"),
    ("‖A − σuv'‖²", [], "σ", "convex"),
    ("‖(1 − ρ)x + ρy‖²", [], "ρ", "convex"),
    ("‖S − ρI‖²", [], "ρ", "convex"),
    ("‖S + tr(S)I‖²", ["S ∈ Sym(n)"], "S", "convex"),
    ("‖(A'A + λI)x − A'b‖²", [], "λ", "convex"),
    ("‖x + t d‖", ["t ∈ R; x, d ∈ R^n"], "t", "convex"),
    ("1/2 (x + αp)'Q(x + αp) − b'(x + αp)", ["Q ∈ SPD(n)"], "α", "convex"),
    ("sum(max(0, 1 + Wx − 1 (y'Wx)))", [], "x", "convex"),
    ("‖C − A⊗B‖²", [], "B", "convex"),
    ("sum(sqrt(diag(X'X)))", [], "X", "convex"),
    ("sum(sqrt(diag(A(X − B)(X − B)'A')))", [], "X", "convex"),
    ("−logdet(B Diag(w)B' + 1_{n×n})", ["w > 0"], "w", "convex"),
    ("sum(p∘log(p⊘q) − p + q) + ηg'p", ["p, q ∈ R^n; p > 0; q > 0"], "q", "convex"),
]
BY_HESSIAN = [
    ("−sum(y∘log(sigmoid(Xw)) + (1 − y)∘log(1 − sigmoid(Xw)))", [], "w", "convex"),
    ("−y'log(sigmoid(Xw)) − (1 − y)'log(1 − sigmoid(Xw)) + λ‖w‖_1", [], "w", "convex"),
    ("w'(P + Q)w − w'Qw", ["P ∈ SPD(n)"], "w", "convex"),
    ("(w − z)'(P + I)(w − z) − w'w", ["P ∈ SPD(n)"], "w", "convex"),
    ("‖w − z‖² − ‖w‖²", [], "w", "affine"),
    ("sum(log(τ⊘σ) + σ⊘τ)", ["τ, σ ∈ R^n; τ > 0; σ > 0"], "σ", "convex"),
    ("sum(p∘log(2p⊘(p + q)) + q∘log(2q⊘(p + q)))", ["p, q ∈ R^n; p > 0; q > 0"], "p", "convex"),
    ("w'(BFB' + Diag(d))w", ["F ∈ SPD(n)"], "B", "convex"),
    ("a'(αK + βL)a − 2y'a", ["K, L ∈ SPD(n)"], "a", "convex"),
    ("tr((I − KH)P(I − KH)' + KRK')", ["P ∈ SPD(n)", "R ∈ SPD(k)"], "K", "convex"),
    ("δ²sum(sqrt(1 + ((y − Xb)/δ).^2) − 1)", [], "b", "convex"),
    ("‖x‖² + sum(sin(x)) + ‖x‖", [], "x", "convex"),
    ("sum(cos(x)) − 1/2 ‖x‖²", [], "x", "concave"),
    ("sin(αβ)² + cos(αβ)²", [], "α", "affine"),
    ("tr(X^2)", ["X ∈ Skew(n)"], "X", "concave"),
    ("−sum(y∘log(sigmoid(Xw + β 1)) + (1 − y)∘log(1 − sigmoid(Xw + β 1))) + λ‖w‖²", [], "w,β", "convex"),
    ("‖x + z‖² + sum(sin(x + z))", [], "x,z", "convex"),
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
    ("x^3", ["x ∈ R"], "x"),
    ("x^3 + x²", ["x ∈ R"], "x"),
    ("1/x", ["x ∈ R"], "x"),
    ("x^-2", ["x ∈ R"], "x"),
    ("−log|x|", ["x ∈ R"], "x"),
    ("−log(x²)", ["x ∈ R"], "x"),
    ("1/‖x‖", [], "x"),
    ("1/‖x‖²", [], "x"),
    ("1/(1 − x'x)", [], "x"),
    ("1/log(x)", ["x ∈ R"], "x"),
    ("x'(x∘sign(x))", [], "x"),
    ("sign(x)'(x.^2)", [], "x"),
    ("‖x‖² + sum(step(x))", [], "x"),
    ("‖x‖² + sum(sign(x))", [], "x"),
    ("‖x‖² − ‖x‖_1", [], "x"),
    ("‖x‖² + sum(|sin(x)|)", [], "x"),
    ("sum(x∘step(x)) + x'x", [], "x"),
    ("log(x'x)", [], "x"),
    ("−log(x'x)", [], "x"),
    ("x'Ax", ["A ∈ Sym(n)"], "x"),
    ("x'Ax + x'x", ["A ∈ Sym(n)"], "x"),
    ("sqrt(x'x + 1) − x'x", [], "x"),
    ("sum(sqrt(x)) + ‖x‖²", [], "x"),
    ("sum(x.^-1) + sum(x.^2)", [], "x"),
    ("1/3 ‖x‖² + sum(sin(x))", [], "x"),
    ("3/8 ‖x‖² − sum(tanh(x))", [], "x"),
    ("c'(x.^2)", [], "x"),
    ("(y'x)²/(1 + x'x)", [], "x"),
    ("sum(tan(x)) + ‖x‖²", [], "x"),
    ("sum(arcsin(x)) + ‖x‖²", [], "x"),
    ("det(X)", ["X ∈ Sym(n)"], "X"),
    ("det(X)²", ["X ∈ R^{n×n}"], "X"),
    ("tr(X⁻¹)", ["X ∈ Sym(n)"], "X"),
    ("−logdet(X)", ["X ∈ Sym(n)"], "X"),
    ("tr((X'X)⁻¹)", [], "X"),
    ("tr(QA)", ["Q ∈ Orth(n)"], "Q"),
    ("‖QA − B‖²", ["Q ∈ Orth(n)"], "Q"),
    ("M:A", ["M ∈ {0,1}^{m×n}"], "M"),
    ("w'(P + Q)w − 2w'Qw", ["P, Q ∈ SPD(n)"], "w"),
    ("w'(P∘Q)w", ["P ∈ SPD(n); Q ∈ Sym(n)"], "w"),
    ("w'(S∘S)w", ["S ∈ Sym(n)"], "w"),
    ("−sum(y∘log(sigmoid(Xw)) + z∘log(1 − sigmoid(Xw)))", [], "w"),
    ("‖sigmoid(Xw) − y‖²", [], "w"),
    ("‖xx' − S‖²", ["S ∈ Sym(n)"], "x"),
    ("x'f(x)", ["f elementwise"], "x"),
    ("λx'x + sum(sin(x))", [], "x"),
    ("λx'x − μx'x", [], "x"),
    ("−sum(Y∘log(sigmoid(UV')) + (1 − Y)∘log(1 − sigmoid(UV')))", [], "U,V"),
    ("‖x − z‖² + sum(sin(x + z))", [], "x,z"),
    ("sum((x + z).^3)", [], "x,z"),
    ("1/(a'x + b'y)", [], "x,y"),
    ("tr(X)^n", ["n ∈ N"], "X"),
    ("x^-n", ["x ∈ R; n ∈ N"], "x"),
    ("sum(x.^{n + 1})", ["n ∈ N"], "x"),
    ("log(1 + x^-n)", ["x ∈ R; n ∈ N"], "x"),
    ("sum(p∘log(2p⊘(p + q)) − q∘log(2q⊘(p + q)))", ["p, q ∈ R^n; p > 0; q > 0"], "p"),
]
BASES = (
    "‖x‖²", "‖x − a‖²", "x'(P + S)x − x'Sx", "(x − a)'(P + I)(x − a) − x'x", "‖Ax − b‖²", "sum(cosh(x))", "x'Sx",
    "−sum(y∘log(sigmoid(Ax)) + (1 − y)∘log(1 − sigmoid(Ax)))", "sum(x.^4)", "a'a x'x − (a'x)²",
)
WAVES = ("sum(sin(x))", "sum(cos(x))", "sum(tanh(x))", "sum(sigmoid(x))", "sin(a'x)", "sum(sin(Ax))")
OTHERS = (
    "0", "a'x", "sum(softplus(Ax))", "sum(arctan(x))", "sum(erf(x))", "sum(normcdf(x))",
    "log(1 + x'x)", "1/(1 + x'x)", "sqrt(1 + x'x)", "(a'x)²", "x'tanh(x)", "‖x − a‖²",
    "y'log(sigmoid(Ax))", "(1 − y)'log(1 − sigmoid(Ax))", "y'log(1 − sigmoid(Ax))", "log(a'x)", "1/(a'x)", "‖x‖_1",
    "‖x‖", "sum(x.^3)", "log(x'x)", "sum(x∘relu(x))", "‖tanh(Ax) − b‖²", "logsumexp(Ax)", "x'exp(x)", "sum(log(x))",
)
DECLARED = ["P ∈ SPD(n); S ∈ Sym(n); A ∈ R^{m×n}; x, a ∈ R^n; b, y ∈ R^m"]


def _problem(text: str, declare: list[str], names: str) -> tuple[Expr, list[Expr]]:
    f = typed(read(text, *declare).objective)
    leaves = {str(e.attrs[0]): e for e in walk(f) if e.op.name == "var"}
    return f, [leaves[n] for n in names.split(",") if n in leaves]


def _verdict(text: str, declare: list[str], names: str) -> Curvature:
    f, moving = _problem(text, declare, names)
    return curvature(f, moving)


@pytest.mark.parametrize(("text", "declare", "name", "kind"), SHOWN + BY_HESSIAN, ids=lambda v: str(v))
def test_is_shown_and_holds_on_segments(text: str, declare: list[str], name: str, kind: str) -> None:
    f, moving = _problem(text, declare, name)
    claim = curvature(f, moving)
    assert claim.kind == kind
    assert not fails(f, claim)


@pytest.mark.parametrize(("text", "declare", "name", "kind"), BY_HESSIAN, ids=[row[0] for row in BY_HESSIAN])
def test_no_rule_shows_what_the_hessian_does(text: str, declare: list[str], name: str, kind: str) -> None:
    f, moving = _problem(text, declare, name)
    assert composed(f, tuple(moving)).kind == "unknown"
    assert any("Hessian" in why or "second derivative" in why for why in curvature(f, moving).reasons)


@pytest.mark.parametrize(("text", "declare", "names"), NOT_SHOWN, ids=[row[0] for row in NOT_SHOWN])
def test_is_not_claimed(text: str, declare: list[str], names: str) -> None:
    assert _verdict(text, declare, names).kind == "unknown"


def test_a_segment_refutes_what_is_false() -> None:
    for text in ("‖x‖² + sum(step(x))", "sum(1⊘x)", "1/3 ‖x‖² + sum(sin(x))"):
        f, _ = _problem(text, [], "x")
        assert all(fails(f, Curvature(kind, ("x",))) for kind in ("convex", "concave", "affine", "constant"))


def test_random_sums_hold_on_segments() -> None:
    claims = 0
    for seed in range(160):
        rng = Random(f"sum {seed}")
        parts = [(("1", "2", "4", "1/2", "1/4", "λ"), BASES)]
        parts += rng.choice(([], [(("1", "2", "1/2"), WAVES)], [(("1", "1/2", "λ"), OTHERS)]))
        text = "0" + "".join(f" {rng.choice('++−')} {rng.choice(k)}*({rng.choice(p)})" for k, p in parts)
        more = rng.choice(([], [], ["y > 0"], ["x > 0"], ["a > 0"]))
        f, moving = _problem(text, DECLARED + more, "x")
        if seed % 4 == 0:  # in two variables that occur in a sum alone
            moving.append(var("z", moving[0].shape))
            f = typed(substitute(f, {moving[0]: add(*moving)}))
        claim = curvature(f, moving)
        if claim.kind != "unknown" and composed(f, tuple(moving)).kind == "unknown":
            claims += 1
            assert not fails(f, claim, seed), (text, more, claim)
    assert claims > 15


def test_claims_from_hessians_of_the_corpus_hold_on_segments() -> None:
    claims = 0
    for row in rows():
        p = mc.problem(row.text, *row.declare)
        for name in row.wrt if p.objective.is_scalar else ():
            claim = p.convexity(name)
            if not any("Hessian" in why or "second derivative" in why for why in claim.jointly.reasons):
                continue
            claims += 1
            asked = {str(s.attrs[0]) for s in claim.jointly.conditions}
            for seed in range(20):
                one = {v: np.abs(a) if v in asked else a for v, a in row.draw(seed).items()}
                other = {**one, name: row.draw(seed + 100)[name]}
                assert not refuted(row.value, claim.kind, one, other), (row.id, name)
    assert claims > 3


def test_a_joint_claim_is_one_of_each_block() -> None:
    text, declare = "sum(x∘log(x⊘y) − x + y) + ηg'x", ["x, y ∈ R^n; x > 0; y > 0"]
    assert [_verdict(text, declare, names).kind for names in ("x,y", "x", "y")] == ["convex"] * 3


def test_a_condition_is_kept_where_another_form_was_tried_first() -> None:
    f, (S, λ) = _problem("tr(exp(λ abs(S)))", ["S ∈ Sym(n)"], "S,λ")
    found = curvature(f, [S])
    assert found.kind == "convex" and found.conditions == (λ,)


def test_a_hessian_may_ask_for_a_sign() -> None:
    f, (x, λ) = _problem("w'(P + Q)w − w'Qw + λ‖w − z‖²", ["P ∈ SPD(n)"], "w,λ")
    assert curvature(f, [x]).conditions == (λ,)
