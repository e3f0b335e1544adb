"""Derivations as text, LaTeX and Markdown, and the pages that are written from the tables."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from matcalc.check.equal import check_equal
from matcalc.core.algebra import add, hadamard, mul, neg, scale, sub, var
from matcalc.core.dims import SCALAR, Dim
from matcalc.core.tree import Expr, make
from matcalc.derive.blackboard import Derivation, Line
from matcalc.derive.derivation import derivation
from matcalc.derive.naming import Names
from matcalc.explain.derivation import blackboard, latex, markdown
from matcalc.explain.headings import left_side
from matcalc.explain.prose import latex_prose
from matcalc.explain.reasons import PROCEDURES, says
from matcalc.explain.tables import DOCS, PAGES, identities_text
from matcalc.identities import table
from matcalc.notation.layout import Layout
from matcalc.notation.printing.printer import text
from matcalc.notation.printing.spelling import NOTATIONS
from matcalc.notation.read import read, read_expression
from matcalc.rewrite.step import Step

sys.path.insert(0, str(Path(__file__).parent))
from expressions import Expressions

m, n, k = (Dim.name(c) for c in "mnk")
U, V, Y = var("U", (m, k)), var("V", (n, k)), var("Y", (m, n))
M, R, W = var("M", (m, n), frozenset({"binary"})), var("R", (m, n)), var("W", (m, n))
λ = var("λ_u", SCALAR)


def square(X: Expr) -> Expr:
    return make("frob", X, X)


def by_hand() -> Derivation:
    """The masked factorisation, written at the blackboard."""
    f = add(square(hadamard(M, sub(mul(U, V.T), Y))), mul(λ, square(U)))
    dU = make("d", U)

    def frontier(G: Expr, N: Expr) -> Expr:
        return add(scale(2, make("colon", G, N)), scale(2, mul(λ, make("colon", U, dU))))

    def step(name: str) -> Step:
        return Step(name, f, f, "differentiate")

    G = add(scale(2, mul(W, V)), scale(2, mul(λ, U)))
    lines = (
        Line("f", "=", f),
        Line("R", ":=", sub(mul(U, V.T), Y)),
        Line("W", ":=", hadamard(M, R)),
        Line("f", "=", add(square(W), mul(λ, square(U)))),
        Line("df", "=", frontier(W, make("d", W)), (step("norm/differential"),)),
        Line("df", "=", frontier(W, hadamard(M, make("d", R))), (step("hadamard/differential"),)),
        Line("df", "=", frontier(W, make("d", R)), (step("hadamard/across-frobenius"), step("mask/absorbs"))),
        Line("df", "=", frontier(W, mul(dU, V.T)), (step("product/differential"),), "V does not move"),
        Line("∂f/∂U", "=", G, (step("gradient/read-off"),)),
    )
    return Derivation(f, (U,), lines, Names((), (), ()), {}, ((U, G),))


BLACKBOARD = """\
f      = λ_u‖U‖² + ‖M∘(UVᵀ − Y)‖²
R     := UVᵀ − Y
W     := M∘R
f      = ‖W‖² + λ_u‖U‖²
df     = 2W:dW + 2λ_uU:dU      [norm/differential]
       = 2W:(M∘dR) + 2λ_uU:dU  [hadamard/differential]
       = 2W:dR + 2λ_uU:dU      [hadamard/across-frobenius, mask/absorbs]
       = 2λ_uU:dU + 2W:dU Vᵀ   [product/differential, V does not move]
∂f/∂U  = 2WV + 2λ_uU           [gradient/read-off]
"""


def test_blackboard() -> None:
    assert blackboard(by_hand()) + "\n" == BLACKBOARD


def test_reasons_of_a_long_line_stand_below_it() -> None:
    d = by_hand()
    moving = [mul(λ, make("colon", hadamard(M, X, W), make("d", X))) for X in (R, W, Y, M)]
    long = add(*moving, square(U), square(V))
    lines = (*d.lines, Line("df", "=", long, d.lines[4].steps))
    shown = blackboard(Derivation(d.objective, d.wrt, lines, d.names, {})).splitlines()
    assert shown[-1].strip() == "[norm/differential]" and "λ_u" in shown[-2]


def test_latex_has_an_alignment_and_names_the_identities() -> None:
    shown = latex(by_hand())
    assert shown.startswith("\\begin{align*}\n") and shown.endswith("\n\\end{align*}")
    assert "\\frac{\\partial f}{\\partial U} &= " in shown and "R &:= UV^\\top - Y" in shown
    assert "&& \\text{[hadamard/across-frobenius, mask/absorbs]}" in shown
    check_latex(shown)


def test_markdown_lists_what_the_identities_say() -> None:
    shown = markdown(by_hand())
    assert "\\begin{aligned}" in shown and "- `norm/differential`: d(A:A) = 2A:dA" in shown


@pytest.mark.parametrize(("left", "notation", "expected"), [
    ("∂f/∂λ_u", "latex", "\\frac{\\partial f}{\\partial \\lambda_{u}}"), ("∂f/∂X_1", "unicode", "∂f/∂X₁"),
    ("∂f/∂U", "plain", "df/dU"), ("dφ", "latex", "d\\phi"), ("R", "latex", "R"), ("df", "plain", "df"),
    ("vec(dφ)", "latex", "\\operatorname{vec}(d\\phi)"), ("∂vec(F)/∂vec(X_1)ᵀ", "plain", "dvec(F)/dvec(X_1)'"),
    ("∂²f/∂vec(U)∂vec(λ_u)ᵀ", "latex",
     "\\frac{\\partial^2 f}{\\partial \\operatorname{vec}(U)\\, \\partial \\operatorname{vec}(\\lambda_{u})^\\top}"),
    ("(∇²f[D_U, D_V])_U", "unicode", "(∇²f[D_U, D_V])_U"), ("∇²f[V]", "latex", "\\nabla^2 f[V]"),
])
def test_left_sides(left: str, notation: str, expected: str) -> None:
    assert left_side(left, frozenset({"f", "φ"}), notation) == expected


# ── LaTeX ─────────────────────────────────────────────────────────────────────────────────────────────────
COMMANDS = {
    *("left", "right", "frac", "sqrt", "sum", "begin", "end", "text", "phantom", "operatorname", "partial"),
    *("mathbf", "mathrm", "hat", "top", "odot", "oslash", "otimes", "times", "circ", "cdot", "infty", "neq"),
    *("sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan", "exp", "log", "det"),
    *("max", "min", "pi", "lambda", "sigma"),
}


def check_latex(source: str) -> None:
    """Balanced braces, delimiters and environments, ASCII, no unknown command, no double script."""
    assert source.isascii(), source
    commands = re.findall(r"\\([A-Za-z]+)", source)
    assert set(commands) <= COMMANDS, set(commands) - COMMANDS
    depth = 0
    for token in re.findall(r"\\\\|\\[{}]|[{}]", source):
        depth += (token == "{") - (token == "}")
        assert depth >= 0, source
    assert depth == 0, source
    sizes = 0
    for command in commands:
        sizes += (command == "left") - (command == "right")
        assert sizes >= 0, source
    assert sizes == 0, source
    opened, closed = (sorted(re.findall(rf"\\\\{side}{{(\w+\*?)}}", source)) for side in ("begin", "end"))
    assert opened == closed, source
    flat = re.sub(r"\{[^{}]*\}", "{}", re.sub(r"\{[^{}]*\}", "{}", source))
    assert not re.search(r"\^(?:\{\}|\\[A-Za-z]+|\w)\^|_(?:\{\}|\w)_", flat), source


def test_the_latex_of_random_expressions_is_well_formed() -> None:
    for seed in range(300):
        check_latex(text(Expressions(seed).some(), None, "latex"))


@pytest.mark.parametrize("broken", ["\\frac{a}{b", "\\left(a", "X^2^\\top", "λ", "\\nothing x"])
def test_the_check_finds_faults(broken: str) -> None:
    with pytest.raises(AssertionError):
        check_latex(broken)


def test_prose() -> None:
    assert latex_prose("50% of λ_u & X⁻¹") == "50\\% of $\\lambda$\\_u \\& X$^{-1}$"


# ── tables ────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", PAGES)
def test_pages_are_written_from_the_tables(name: str, update: bool) -> None:
    page = PAGES[name]()
    if update:
        (DOCS / name).write_text(page, encoding="utf-8")
    assert (DOCS / name).read_text(encoding="utf-8") == page


def test_every_identity_is_listed_with_both_sides() -> None:
    listed = identities_text()
    for row in table():
        assert f"{row.name}\n    {text(row.left)} = {text(row.right)}" in listed


def test_every_step_is_explained() -> None:
    assert not set(PROCEDURES) & {row.name for row in table()}
    residual = hadamard(M, sub(Y, mul(U, V.T)))
    f = add(make("logdet", add(mul(U.T, U), mul(V.T, V))), square(residual), neg(make("sum", make("exp", Y))))
    names = derivation(f, (U, V, Y)).identities
    assert len(names) > 5
    assert [name for name in names if not says(name)] == []


OBJECTIVES = ("‖M∘(Y − UVᵀ)‖² + λ_u‖U‖²", "logdet(σI + W'W) + tr((σI + W'W)^{-1} S)",
              "‖Ax − b‖ + γ sum(log(1 + exp(-y∘(Ax))))")


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_lines_of_a_derivation_read_back(objective: str) -> None:
    reading = read(objective)
    d = derivation(reading.objective, tuple(e for e in reading.known.values() if e.op.name == "var"))
    names = [e for e in (*reading.known.values(), *d.names.leaves) if e.op.name == "var"]
    declared = [f"{e.attrs[0]} ∈ R^{{{e.shape[0]}×{e.shape[1]}}}" for e in names if not e.attrs[1]]
    declared += [f"{e.attrs[0]} ∈ Sym({e.shape[0]})" for e in names if e.attrs[1]]
    space = read(" + ".join(f"sum({e.attrs[0]})" for e in names), *declared)
    for line in d.lines:
        for notation in NOTATIONS:
            shown = text(line.expression, Layout(d.orders), notation)
            again = read_expression(shown, space, differentials=True)
            assert again is line.expression or check_equal(again, line.expression).ok, shown
