"""A derivation as people hold it: lines at the blackboard, each step with its rule and what that says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from matcalc.app.guard import passed
from matcalc.app.second import Second
from matcalc.check.evidence import Evidence
from matcalc.check.replay import replay
from matcalc.core.tree import Expr
from matcalc.derive.blackboard import Derivation
from matcalc.derive.derivation import derivation
from matcalc.derive.second_derivation import hessian_derivation, hvp_derivation, jacobian_derivation
from matcalc.errors import UnsupportedError
from matcalc.explain import derivation as written
from matcalc.explain.reasons import says
from matcalc.notation.layout import Layout
from matcalc.notation.reading import Reading

NAMES = {"names/define": "a name for a part", "names/use": "the names put in, or written out"}


@dataclass(frozen=True, slots=True)
class WrittenStep:
    """One step: the line that it leads to, the named identity, and what that identity says."""

    left: str
    expression: str
    rule: str
    explanation: str

    def __str__(self) -> str:
        return f"{self.left} = {self.expression}   [{self.rule}]"


@dataclass(frozen=True, slots=True)
class WrittenDerivation:
    """A derivation with the order in which its problem was typed; `str()` is Unicode."""

    derivation: Derivation
    layout: Layout
    check: Evidence

    def __str__(self) -> str:
        return written.blackboard(self.derivation, self.layout)

    def __repr__(self) -> str:
        return str(self)

    def write(self, notation: str) -> str:
        """The lines in "unicode", "plain", "latex" (one `align*`) or "markdown" (with the identities)."""
        if notation == "latex":
            return written.latex(self.derivation, self.layout)
        if notation == "markdown":
            return written.markdown(self.derivation, self.layout)
        return written.blackboard(self.derivation, self.layout, notation)

    def latex(self) -> str:
        """The lines as one `align*`."""
        return self.write("latex")

    def markdown(self) -> str:
        """The lines as display mathematics, with the list of identities."""
        return self.write("markdown")

    def _repr_markdown_(self) -> str:
        return self.markdown()

    @property
    def steps(self) -> tuple[WrittenStep, ...]:
        """Every step, in order: one for each identity of a line; a line without any uses names."""
        out: list[WrittenStep] = []
        left = ""
        rows = written.rows(self.derivation, self.layout)
        for row in rows[1:]:
            left, line = row.left or left, row.line
            rules = dict.fromkeys(s.identity for s in line.steps) or [
                "names/" + ("define" if line.relation == ":=" else "use")
            ]
            out += [
                WrittenStep(left, row.right, rule, says(rule) or line.note or NAMES.get(rule, "")) for rule in rules
            ]
        return tuple(out)


def derived(
    problem: Reading, leaves: tuple[Expr, ...], order: int | str, taken: frozenset[str], products: Callable[[], Second]
) -> WrittenDerivation:
    """The derivation of a problem's derivatives of an order in `leaves`, replayed.

    `taken` are the names in use, `products` gives the Hessian times a direction.

    Raises:
        CheckError: a line did not pass the replay.
        UnsupportedError: there is no such order, or an operator has no derivative.
    """
    found = _derivation(problem.objective, problem.definitions, leaves, order, taken, products)
    evidence = replay(found, conditions=problem.conditions)
    passed("the derivation", evidence)
    named = taken | {name for name, _ in problem.definitions}
    mark = "δ" if "d" in named and "δ" not in named else "d"
    return WrittenDerivation(found, replace(problem.layout, mark=mark), evidence)


def _derivation(
    f: Expr, names: tuple[tuple[str, Expr], ...], leaves: tuple[Expr, ...], order: int | str, taken: frozenset[str],
    products: Callable[[], Second],
) -> Derivation:
    if order == 1 and not f.is_scalar:
        return jacobian_derivation(f, leaves, names, taken)
    if order == 1:
        return derivation(f, leaves, names, taken=taken)
    if not f.is_scalar:
        raise UnsupportedError("the objective is not a scalar, so it has no Hessian", hint="ask for its Jacobian")
    if order == 2 and len(leaves) < 3:
        return hessian_derivation(f, leaves[0], leaves[-1], names, taken)
    if order != "hvp":
        raise UnsupportedError(
            f"there is no derivation of order {order!r} in {len(leaves)} variables",
            hint='order=1; order=2 in one variable or across two; order="hvp"',
        )
    found = products()
    passed("the Hessian times a direction", found.evidence)
    directions = dict(zip(leaves, found.directions, strict=True))
    answers = dict(zip(leaves, found.formulas, strict=True))
    return hvp_derivation(f, directions, answers, names, taken | {str(d.attrs[0]) for d in found.directions})
