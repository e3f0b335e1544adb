"""A problem as people hold it: a text that was read, and everything that can be asked of it.

Every answer is checked before it is shown; nothing here computes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from matcalc.app.derivation import WrittenDerivation
from matcalc.app.formula import Formula
from matcalc.app.function import Function, Parameter
from matcalc.app.variables import Variable, Variables, free_dimensions
from matcalc.check.evidence import Evidence
from matcalc.check.gradient import check_gradient
from matcalc.check.jacobian import check_jacobian
from matcalc.codegen.emit import Task, emit
from matcalc.core.tree import Expr
from matcalc.derive.derivation import derivation
from matcalc.derive.gradient import gradients
from matcalc.derive.hessian import hessian
from matcalc.derive.jacobian import jacobian
from matcalc.errors import CheckError, ShapeError, UnsupportedError
from matcalc.notation.printer import text as printed
from matcalc.notation.read import Reading, read

LAYOUTS = {
    "numerator": "∂vec(F)/∂vec(X)ᵀ: rows are outputs, columns inputs, both column by column",
    "denominator": "the transpose of ∂vec(F)/∂vec(X)ᵀ: rows are inputs, columns outputs, both column by column",
}


def problem(text: str, *declare: str) -> Problem:
    """Read a problem: a text, then any number of declarations.

    >>> p = problem("‖Ax − b‖²")
    >>> p.variables
    A: matrix m×n
    x: vector n
    b: vector m
    >>> p.gradient("x")
    ∂f/∂x = 2Aᵀ(Ax − b)

    Raises:
        ParseError: the text is not a formula of the language.
        ShapeError: two shapes do not go together.
        UnsupportedError: the text asks for something outside the language.
    """
    return Problem(read(text, *declare))


class Problem:
    """A problem that was read; made by `problem`."""

    __slots__ = ("_answers", "reading", "variables")

    def __init__(self, reading: Reading) -> None:
        """Hold a reading."""
        self.reading = reading
        leaves = list(reading.variables)
        self.variables = Variables([Variable.of(e) for e in [*leaves, *free_dimensions((reading.objective,), leaves)]])
        self._answers: dict[tuple[object, ...], Formula] = {}

    @property
    def objective(self) -> Expr:
        """The expression itself."""
        return self.reading.objective

    def __repr__(self) -> str:
        return str(self.reading)

    # ── names
    def names(self, *names: str) -> tuple[str, ...]:
        """Canonical names for these spellings; all arrays and scalars of the problem where none is given."""
        if not names:
            return tuple(n for n, v in self.variables.items() if v.kind != "dimension")
        return tuple(dict.fromkeys(self._variable(n).name for n in names))

    def leaf(self, name: str) -> Expr:
        """The node of a variable."""
        return self._variable(name).leaf

    def _variable(self, name: str) -> Variable:
        v = self.variables.named(name)
        if v.kind == "dimension":
            raise UnsupportedError(f"{v.name} is a dimension", hint="derivatives are with respect to variables")
        return v

    # ── first order
    def gradient(self, *names: str, riemannian: bool = False) -> Any:
        """The gradient in one variable, a formula; in several (or with no name, in all) a dict of formulas.

        >>> problem("‖Ax − b‖²").gradient("x").latex()
        '2A^\\\\top(Ax - b)'

        Raises:
            CheckError: the formula did not pass its check (then it is not shown).
            UnsupportedError: the objective is no scalar, or an operator has no derivative.
        """
        if riemannian:
            raise UnsupportedError("Riemannian gradients are not there yet", hint="leave out riemannian=True")
        if not self.objective.is_scalar:
            raise UnsupportedError("the objective is not a scalar, so it has no gradient", hint="ask for the jacobian")
        wanted = self.names(*names)
        self._derive_gradients(wanted)
        found = {n: self._answers["gradient", n] for n in wanted}
        return found[wanted[0]] if len(names) == 1 else found

    def _derive_gradients(self, names: tuple[str, ...]) -> None:
        new = [n for n in names if ("gradient", n) not in self._answers]
        if not new:
            return
        leaves = tuple(self.leaf(n) for n in new)
        found = gradients(self.objective, leaves)
        for name, x in zip(new, leaves, strict=True):
            evidence = check_gradient(self.objective, {x: found[x]})
            left = f"∂f/∂{printed(x)}", rf"\frac{{\partial f}}{{\partial {printed(x, notation='latex')}}}"
            self._answers["gradient", name] = self._formula(found[x], left, evidence)

    def _formula(self, e: Expr, left: tuple[str, str], evidence: Evidence, *notes: str) -> Formula:
        if evidence.decided and not evidence.ok:
            raise CheckError(f"the formula found for {left[0]} did not pass its check and is not shown: {evidence.why}",
                             hint="please report this problem")
        return Formula(e, left, evidence, self.reading.layout, conditions(self.objective, e), notes)

    def jacobian(self, name: str, *, layout: str = "numerator") -> Formula:
        """The Jacobian ∂vec(F)/∂vec(X)ᵀ; layout="denominator" gives its transpose.

        >>> problem("(Au)∘(Bv)").jacobian("u").plain()
        'Diag(B v)A'

        Raises:
            CheckError: the formula did not pass its check.
            UnsupportedError: there is no such layout, or no matrix form.
        """
        if layout not in LAYOUTS:
            raise UnsupportedError(f"there is no layout {layout!r}", hint=f"the layouts are {', '.join(LAYOUTS)}")
        x = self.leaf(name)
        return self._second("jacobian", layout, lambda: jacobian(self.objective, x), self.objective, x, ("f", ""))

    def hessian(self, name: str, other: str | None = None) -> Formula:
        """The Hessian of a scalar: rows vec of the first variable, columns vec of the second (or the same).

        >>> print(problem("½‖Ax − b‖²").hessian("x"))
        AᵀA

        Raises:
            CheckError: the formula did not pass its check.
            UnsupportedError: the objective is no scalar, or there is no matrix form.
        """
        if not self.objective.is_scalar:
            raise UnsupportedError("the objective is not a scalar, so it has no Hessian", hint="ask for the jacobian")
        x, y = self.leaf(name), self.leaf(name if other is None else other)
        G = self.gradient(name).expression
        return self._second("hessian", "numerator", lambda: hessian(self.objective, x, y), G, y, ("²", f"∂{printed(x)}"))

    def _second(self, kind: str, layout: str, derive: Callable[[], Expr], F: Expr, x: Expr, of: tuple[str, str]) -> Formula:
        key = (kind, layout, F, x)
        if key not in self._answers:
            J = derive()
            evidence = check_jacobian(F, x, J)
            left = f"∂vec({of[0]})/∂vec({printed(x)})ᵀ", ""
            self._answers[key] = self._formula(J if layout == "numerator" else J.T, left, evidence, LAYOUTS[layout])
        return self._answers[key]
