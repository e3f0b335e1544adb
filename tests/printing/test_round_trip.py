"""What is printed reads back as the identical expression: random ones, and every operator."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from matcalc.check.equal import check_equal
from matcalc.core.algebra import EYE, T, add, eye, mul, var, zeros
from matcalc.core.dims import ONE, Dim, Shape
from matcalc.core.tree import OPS, Expr, make, walk
from matcalc.notation.printing.precedence import LEVELS
from matcalc.notation.printing.printer import text
from matcalc.notation.printing.spelling import NOTATIONS
from matcalc.notation.read import read

sys.path.insert(0, str(Path(__file__).parent))
from expressions import Expressions, declarations

GRAMMAR = Path(__file__).parent.parent.parent / "grammar" / "formula.lark"
SEEDS = range(0, 240, 8)
LOCAL = {"m": Dim.name("m"), "n": Dim.name("n"), "p": Dim.name("p"), "q": Dim.name("q")}


@pytest.mark.parametrize("seed", SEEDS)
def test_random(seed: int) -> None:
    for s in range(seed, seed + 8):
        e = Expressions(s).some()
        for notation in NOTATIONS:
            line = text(e, None, notation)
            assert read(line, *declarations()).objective is e, (s, line)


def declared(e: Expr) -> list[str]:
    """The declarations of the variables below `e`."""
    variables = sorted({x for x in walk(e) if x.op.name == "var"}, key=lambda x: str(x.attrs[0]))
    return [f"{x.attrs[0]} ∈ R^{{{x.shape[0]}×{x.shape[1]}}}" for x in variables]


def shape_of(pattern: Shape) -> Shape:
    rows, columns = pattern
    return rows.subs(LOCAL), columns.subs(LOCAL)


@pytest.mark.parametrize("name", [op.name for op in OPS.values() if op.signature and op.spellings])
def test_every_operator(name: str) -> None:
    signature = OPS[name].signature
    assert signature is not None
    letters = [var(c, shape_of(shape)) for c, shape in zip("XYZ", signature.arguments, strict=False)]
    e = make(name, *letters)
    for notation in NOTATIONS:
        line = text(e, None, notation)
        assert read(line, *declared(e)).objective is e, line


m, n, p, q = (LOCAL[c] for c in "mnpq")
two = Dim.of(2)
X, Y = var("X", (m, n)), var("Y", (m, n))
C = var("C", (p * m, q * n))
P = var("P", (p, q))


def special() -> dict[str, Expr]:
    """Operators that are not functions of the language."""
    D = var("D", (two * m, n))
    return {
        "part": make("part", C, top=m, height=m, left=Dim.of(0), width=n),
        "part of the rows": make("part", D, top=m, height=m, left=Dim.of(0), width=n),
        "block": make("block", X, Y, zeros((m, n)), X, rows=2, cols=2),
        "block with identity": make("block", X, eye(m), eye(n), T(Y), rows=2, cols=2),
        "unvec": make("unvec", var("v", (m * n, ONE)), m=m, n=n),
        "embedded above": make("embed", X, top=Dim.of(0), left=Dim.of(0), m=two * m, n=n),
        "embedded below": make("embed", X, top=m, left=n, m=two * m, n=two * n),
        "kronecker": make("kron", make("kron", X, Y), add(X, Y)),
        "transposed kronecker": mul(T(make("kron", X, Y)), make("kron", X, X)),
    }


@pytest.mark.parametrize("name", special())
def test_special_operators_read_back(name: str) -> None:
    e = special()[name]
    for notation in NOTATIONS:
        line = text(e, None, notation)
        again = read(line, *declared(e)).objective
        assert again is e or check_equal(again, e).ok, line


@pytest.mark.parametrize("name", ["kron_left", "kron_right", "khatri_left", "khatri_right"])
def test_contractions_read_back_by_value(name: str) -> None:
    e = make(name, P, C if name.startswith("kron") else var("E", (p * m, q)))
    for notation in NOTATIONS:
        line = text(e, None, notation)
        again = read(line, *declared(e)).objective
        assert again.shape == e.shape and check_equal(again, e).ok, line


def test_precedence_is_that_of_the_grammar() -> None:
    """The levels of the printer stand in the order of the grammar's rules."""
    lines = GRAMMAR.read_text(encoding="utf-8").splitlines()
    rules = [line.split(":")[0] for line in lines if line[:1].islower()]
    names = ("sum", "frob_c", "had_c", "kron_c", "product_c", "denominator", "factor", "atom")
    order = [rules.index(name) for name in names]
    symbols = [s for _, s, _ in LEVELS if s != "∑"]
    assert order == sorted(order)
    assert [s.split()[0] for s in symbols] == ["+", ":", "∘", "⊗", "adjacency", "/", "ᵀ", "x"]
    assert [level for level, _, _ in LEVELS] == list(range(len(LEVELS)))


def test_identity_is_sized_where_its_shape_is_not_known() -> None:
    assert text(make("kron", eye(n), X)) == "I_n⊗X"
    assert text(add(var("A", (n, n)), eye(n))) == "A + I"
    assert eye(n).op is EYE and text(eye(n)) == "I_n"
