"""Every operator that can be typed × every thing that can be asked: it reads, prints, reads back, has its derivatives,
which are checked, replayed and compiled; what has no derivative is refused by name.

A new operator needs one line in `ROWS`; the first test says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

import matcalc as mc
import matcalc.operators  # fills the table
from matcalc.check.equal import check_equal
from matcalc.core.dims import ONE
from matcalc.core.tree import OPS, Expr, walk
from matcalc.errors import UnsupportedError
from matcalc.notation.printing.printer import text as printed
from matcalc.notation.printing.spelling import NOTATIONS
from matcalc.notation.read import read


@dataclass(frozen=True, slots=True)
class Row:
    """An expression that uses an operator, to be differentiated in X; `refused` is what has no matrix form."""

    typed: str
    declared: tuple[str, ...] = ()
    refused: str = ""

    def problem(self) -> mc.Problem:
        """The expression itself."""
        return mc.problem(self.typed, *self.declared)

    def scalar(self) -> mc.Problem:
        """A scalar function of it."""
        p = self.problem()
        if p.objective.is_scalar:
            return p
        weights = "c" if p.objective.shape[1] is ONE else "C"
        return mc.problem(f"{weights}:({self.typed})", *self.declared)


def row(typed: str, *declared: str, refused: str = "") -> Row:
    return Row(typed, declared, refused)


NUCLEAR = "the second derivative of the nuclear norm is not known"
SECOND = "the second derivative of the "
SQUARE = "X ∈ R^{n×n}"
SPD = "X ∈ SPD(n)"

ROWS: dict[str, Row] = {
    # structure
    "tr": row("tr(A X B X)"),
    "frob": row("inner(A X, X)"),
    "sum": row("sum(A X B)"),
    "diag": row("diag(A X)"),
    "Diag": row("Diag(X a)B"),
    "vec": row("vec(A X)"),
    "unvec": row("unvec(A vec(X), p, q)", "A ∈ R^{pq×mn}"),
    "vech": row("vech(X'A X)"),
    "sym": row("sym(A X)"),
    "skew": row("skew(A X)"),
    "tril": row("tril(A X)"),
    "triu": row("triu(A X)"),
    "block": row("[X, A; B, X]U"),
    "part": row("X[1:2,:]A X"),
    # products
    "kron": row("X⊗(A X)"),
    "khatri_rao": row("khatri_rao(A X, X)"),
    "face_split": row("face_split(X, X A)"),
    # linear algebra
    "inv": row("inv(X)A"),
    "pinv": row("pinv(X)A"),
    "adj": row("adj(X)"),
    "det": row("det(X)"),
    "logdet": row("logdet(X)"),
    "expm": row("expm(X)A", refused=SECOND),
    "logm": row("logm(X)", SPD, refused=SECOND),
    "sqrtm": row("sqrtm(X)", SPD),
    # norms and eigenvalues
    "norm_inf": row("‖A X‖_∞"),
    "norm_spectral": row("‖A X‖_2"),
    "norm_nuclear": row("‖A X‖_*", refused=NUCLEAR),
    "peak": row("peak(X)"),
    "dyad_max": row("dyad_max(X)"),
    "polar": row("polar(X)", refused=NUCLEAR),
    "eigmax": row("eigmax(X'X)"),
    "eigmin": row("eigmin(X)", SQUARE),
    "eigproj_max": row("eigproj_max(X)", "X ∈ Sym(n)"),
    "eigproj_min": row("eigproj_min(X)", SQUARE),
    # vectors
    "softmax": row("softmax(X a)"),
    "logsumexp": row("logsumexp(X a)"),
    "softmax_rows": row("softmax_rows(A X)"),
    "softmax_cols": row("softmax_cols(A X)"),
    "logsumexp_rows": row("logsumexp_rows(A X)"),
    "logsumexp_cols": row("logsumexp_cols(A X)"),
    "max": row("max(A X, X)", "A ∈ R^{m×m}"),
    "min": row("min(X, B)"),
    "apply": row("f(A X)", "f elementwise"),
    "polygamma": row("polygamma(2, A X)"),
}
ELEMENTWISE = [name for name, op in OPS.items() if op.kind == "elementwise" and op.spellings and name not in ROWS]
ROWS |= {name: row(f"{name}(A X)") for name in ELEMENTWISE}

NAMES = sorted(ROWS)
ELSEWHERE = {"logsumexp_cols": "logsumexp_rows"}  # what an operator is turned into while reading


def test_every_operator_that_can_be_typed_has_a_row() -> None:
    typed = {name for name, op in OPS.items() if op.spellings}
    assert typed <= set(ROWS), typed - set(ROWS)


def test_the_rows_reach_every_operator() -> None:
    """Operators that only derivatives use are met in the gradients and Jacobians of the others."""
    met = set()
    for r in ROWS.values():
        f = r.scalar()
        met |= {e.op.name for e in walk(f.objective)}
        if not r.typed.startswith("polar"):
            met |= {e.op.name for e in walk(f.gradient("X").expression)}
    never = {name for name, op in OPS.items() if op.kind not in ("leaf", "mark")} - met
    assert never <= {"colon", "isum", "logsumexp_cols", "embed", "khatri_left", "polygamma", "trigamma"}, never


def again(p: mc.Problem, e: Expr, notation: str) -> Expr:
    """What is read where an expression over the variables of a problem was printed."""
    line = printed(e, p.layout, notation)
    return read(line, p.reading.declarations()).objective


def same(p: mc.Problem, e: Expr) -> None:
    """The expression reads back as itself, or as one of the same value."""
    for notation in NOTATIONS:
        found = again(p, e, notation)
        assert found is e or check_equal(found, e).ok, printed(e, p.layout, notation)


@pytest.mark.parametrize("name", NAMES)
def test_reads_prints_and_reads_back(name: str) -> None:
    p = ROWS[name].problem()
    assert ELSEWHERE.get(name, name) in {e.op.name for e in walk(p.objective)}
    same(p, p.objective)


@pytest.mark.parametrize("name", NAMES)
def test_the_jacobian_is_right_and_reads_back(name: str) -> None:
    p = ROWS[name].problem()
    found = refused_or(ROWS[name] if name == "polar" else Row(""), lambda: p.derivative("X"))
    if found is not None:
        assert found.check.ok and found.check.decided
        same(p, found.expression)


@pytest.mark.parametrize("name", NAMES)
def test_the_gradient_is_right_derived_and_reads_back(name: str) -> None:
    f = ROWS[name].scalar()
    found = refused_or(ROWS[name] if name == "polar" else Row(""), lambda: f.gradient("X"))
    if found is not None:
        assert found.check.ok and found.check.decided
        same(f, found.expression)
        assert f.derivation("X").check.ok


@pytest.mark.parametrize("name", NAMES)
def test_the_hessian_is_right_or_refused_by_name(name: str) -> None:
    f = ROWS[name].scalar()
    found = refused_or(ROWS[name], lambda: f.hessian("X"))
    if found is not None:
        assert found.check.ok and found.check.decided


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("apply", "polar")])
def test_values_and_derivatives_compile(name: str) -> None:
    """`compile` compares the program with the formulas at 50 digits."""
    p = ROWS[name].problem()
    p.compile("X")
    refused_or(ROWS[name], lambda: ROWS[name].scalar().compile("X", order="hvp"))


def refused_or(r: Row, ask: Callable[[], Any]) -> Any:
    """The answer, or None where the row says that it is refused, by this name."""
    try:
        return ask()
    except UnsupportedError as refusal:
        assert r.refused and r.refused in refusal.message, refusal.message
        assert refusal.hint
        return None
