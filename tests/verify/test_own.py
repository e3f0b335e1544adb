"""The project's own derivations, as text, LaTeX and Markdown, judged: every line holds; a planted slip is found."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import matcalc as mc

LINES = (Path(__file__).parent.parent / "problems" / "public.jsonl").read_text("utf-8").splitlines()
ROWS = [row for row in map(json.loads, LINES) if row["kind"] == "scalar"]


def derivation(row: dict[str, Any]) -> tuple[str, tuple[str, ...], Any]:
    objective = "\n".join([*(row.get("let") or []), row["objective"]])
    declare = tuple(row.get("declare") or ())
    return objective, declare, mc.problem(objective, *declare).derivation(*row["wrt"])


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r["id"])
def test_every_line_of_our_derivations_holds(row: dict[str, Any]) -> None:
    objective, declare, found = derivation(row)
    for text in (str(found), found.latex(), found.markdown()):
        for given in (objective, None):
            verdict = mc.verify(text, given, declare)
            assert verdict.ok, str(verdict)
            assert any(line.verdict == "holds" for line in verdict.lines)


ARRAYS = [row for row in map(json.loads, LINES) if row["kind"] != "scalar"]


@pytest.mark.parametrize("row", [*ARRAYS, *ROWS[::3]], ids=lambda r: r["id"])
def test_every_line_of_jacobians_and_hessians_holds(row: dict[str, Any]) -> None:
    objective, declare, _ = derivation(row)
    p = mc.problem(objective, *declare)
    found = p.derivation(row["wrt"][0], order=2) if p.objective.is_scalar else p.derivation(*row["wrt"])
    for text in (str(found), found.latex()):
        verdict = mc.verify(text, objective, declare)
        assert verdict.ok, str(verdict)


CROSS = [
    ("‖Y − UVᵀ‖²", ("U", "V")), ("tr(AXBX')", ("X", "A")), ("logdet(A + XX')", ("X", "A")), ("‖X − λA‖²", ("X", "λ")),
    ("‖M∘(Y − UV')‖² + λ‖U‖²", ("U", "V")), ("a'Xb", ("X", "a")), ("sum(exp(Wx))", ("W", "x")),
]


@pytest.mark.parametrize(("text", "names"), CROSS)
def test_hessians_across_two_variables_hold(text: str, names: tuple[str, str]) -> None:
    found = mc.problem(text).derivation(*names, order=2)
    for written in (str(found), found.latex()):
        verdict = mc.verify(written, text)
        assert verdict.ok, str(verdict)


OWN = [  # text, declarations, variables, order
    ("‖X‖_*", "", "X", 1), ("1/2‖X - Z‖² + λ‖Z‖_*", "", "Z", 1), ("‖(A'A + λI)x - A'b‖²", "", "x λ A", 1),
    ("sum(log(γ x))", "x ∈ R^n", "x", 1), ("-sum(N∘log(ΘΦ)) + α sum(Θ)", "", "Θ Φ", 1), ("log(αβ)", "", "α β", 2),
    ("sum(lgamma(φ μ) + lgamma(φ(1 - μ))) - (φ μ - 1)'log(y)", "μ ∈ R^n", "μ φ", 1),
    ("(a'exp(Xb))(c'Xd)", "", "X", 1), ("(a'exp(Xb))(c'Xd)", "", "X", 2), ("‖y − Gd‖² + tr(D)", "", "d", 2),
    ("c'(X'X)^{-1}X'Diag(e.^2)X(X'X)^{-1}c", "", "X", 2), ("‖x 1' - 1 y' - D‖²", "", "x y", 2),
    ("[-β s i; β s i - γ i; γ i]", "s, i ∈ R", "β s", 1), ("[Hx + A'y; Ax - b]", "", "x y", 1),
    ("tr((tr(A))I)", "", "A", 1), ("∑_{t=1}^{T-1} ‖X[:,t+1] - A X[:,t]‖²", "X ∈ R^{n×T}", "X", 1),
    ("tr(H(E + H)^{-1})", "", "E H", 2), ("sum(exp(a 1' + 1 b' + C)) - a'r - b's", "", "a b", 2),
    ("z := (y - μ 1)/β; sum(z + exp(-z)) + m log(β)", "m ∈ N", "μ β", 2),
    ("(ν + n)/2 sum(log(1 + diag(X'Σ^{-1}X)/ν)) + m/2 logdet(Σ)", "m ∈ N; n ∈ N", "Σ ν", 2),
]


@pytest.mark.parametrize(("text", "declare", "names", "order"), OWN)
def test_more_of_our_derivations_hold(
    text: str, declare: str, names: str, order: int
) -> None:
    found = mc.problem(text, declare).derivation(*names.split(), order=order)
    for written in (str(found), found.latex()):
        verdict = mc.verify(written, text, declare)
        assert verdict.ok and any(line.verdict == "holds" for line in verdict.lines), str(verdict)


def test_another_mark_where_d_is_a_variable() -> None:
    found = mc.problem("‖f − Gd‖²").derivation("d")
    assert "δf₀     = 2r:δr" in str(found) and "= −2Gᵀr:δd" in str(found)
    for written in (str(found), found.latex()):
        verdict = mc.verify(written, "‖f − Gd‖²")
        assert verdict.ok and len(verdict.claims) == 7, str(verdict)
        assert all(line.text in " ".join(written.split()) for line in verdict.lines)
    slip = mc.verify(str(found).replace("2r:δr", "3r:δr"), "‖f − Gd‖²").lines[3]
    assert slip.verdict == "wrong" and slip.suggestion == "δf₀ = 2r:δr", str(slip)
    assert "δd = " in slip.counterexample and "δf_0 is " in slip.counterexample


def test_a_hessian_times_a_direction_is_not_judged_but_what_leads_to_it_is() -> None:
    found = str(mc.problem("‖Y − UVᵀ‖² + logdet(I + UᵀU)").derivation("U", order="hvp"))
    lines = {line.text.split(" =")[0].strip(): line for line in mc.verify(found).lines}
    assert lines["dG"].verdict == "holds"
    assert lines["∇²f[Z]"].verdict == "not read" and "not judged" in lines["∇²f[Z]"].explanation


def slips(body: str) -> Iterator[str]:
    """The line with one slip: its sign, a sign inside, a factor."""
    lead = re.match(r"(\s*)(−)?(.*)", body, re.S)
    assert lead is not None
    yield lead[1] + ("" if lead[2] else "−") + lead[3]
    for m in list(re.finditer(r"(?<=[^\s=(:∘]) ([+−]) ", body))[:1]:
        yield body[: m.start(1)] + ("−" if m[1] == "+" else "+") + body[m.end(1) :]
    for m in list(re.finditer(r"(?<![\w_^⁺])2(?=[A-Z(])", body))[:1]:
        yield body[: m.start()] + "3" + body[m.end() :]


# X⁺X is a projection and r lies in its kernel, so that signs there change nothing.
@pytest.mark.parametrize("row", [r for r in ROWS if r["id"] != "varpro-pinv"], ids=lambda r: r["id"])
def test_a_planted_slip_is_found_at_its_line(row: dict[str, Any]) -> None:
    objective, declare, found = derivation(row)
    lines = str(found).split("\n")
    claims = [k.number for k in mc.verify(str(found), objective, declare).lines if k.verdict == "holds"]
    for number in claims[1::2]:
        head, sep, body = lines[number - 1].partition("= ")
        body = re.sub(r"\s{2,}\[[^\]]*\]\s*$", "", body)
        for slip in slips(body):
            text = "\n".join([*lines[: number - 1], head + sep + slip, *lines[number:]])
            verdict = mc.verify(text, objective, declare)
            assert verdict.first_wrong == number, f"{slip}\n{verdict}"
