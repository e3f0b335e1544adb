"""A problem as people hold it: a text that was read, and everything that can be asked of it.

Every answer is checked before it is shown; nothing here computes.
"""

from __future__ import annotations

from typing import Any

from matcalc.app.convexity import Convexity, convexity
from matcalc.app.derivation import WrittenDerivation, derived
from matcalc.app.formula import Formula
from matcalc.app.function import Function
from matcalc.app.guard import guarded, passed
from matcalc.app.headings import LAYOUTS, SYMMETRIC, both, gradient_left, hessian_left, jacobian_left
from matcalc.app.readback import ReadBack
from matcalc.app.riemann import NOTE, check_riemannian, on_tangent_space
from matcalc.app.second import (
    ORDERS,
    Second,
    direction_names,
    direction_note,
    flattened,
    hessian_times_direction,
    stacked_hessian,
)
from matcalc.app.solver import Solver
from matcalc.app.variables import Variable, variables_of
from matcalc.check.evidence import Evidence
from matcalc.check.gradient import check_gradient
from matcalc.check.jacobian import check_jacobian
from matcalc.check.program import check_program
from matcalc.codegen.emit import Task, emit, function_name, given_functions
from matcalc.codegen.names import identifier_for
from matcalc.core.algebra import facts_of
from matcalc.core.tree import Expr
from matcalc.derive.convex_forms import UNKNOWN
from matcalc.derive.forms import FORMS
from matcalc.derive.gradient import gradients
from matcalc.derive.hessian import hessian, moving_gradient
from matcalc.derive.jacobian import jacobian
from matcalc.derive.second_derivation import direction_left
from matcalc.derive.shown import shown
from matcalc.errors import UnsupportedError
from matcalc.explain.conditions import conditions, legend
from matcalc.interop.sympy import to_sympy
from matcalc.notation.printing.printer import text as printed
from matcalc.notation.read import Reading, read
from matcalc.rewrite.masks import freed
from matcalc.rewrite.typed import read as rewritten
from matcalc.solve import method_for


@guarded
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


GIVEN = "compile(…) takes such a function f and its derivative df as arguments"


class Problem:
    """A problem that was read; made by `problem`."""

    __slots__ = ("_answers", "_read", "layout", "reading", "variables")

    def __init__(self, found: Reading) -> None:
        """Hold a reading."""
        self._read = found
        self.layout = found.layout
        self.variables = variables_of(found)
        self.reading = ReadBack(found, self.variables, self.layout)
        self._answers: dict[tuple[object, ...], Formula] = {}

    @property
    def objective(self) -> Expr:
        """The expression itself."""
        return self._read.objective

    def __repr__(self) -> str:
        return str(self.reading)

    def _repr_markdown_(self) -> str:
        return self.reading.write("markdown")

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

    # ── derivatives
    @guarded
    def gradient(self, *names: str, form: str = "short", riemannian: bool = False) -> Any:
        """The gradient in one variable, a formula; in several (with no name: in all) a dict of formulas.

        `form` asks for another writing: "expanded" multiplies out, "factored" takes common factors out, "blocks"
        takes parts of variables only. With `riemannian`, the gradient in a variable declared `Orth` is the tangent
        one.

        >>> print(problem("tr(AX) − ½‖X‖²").gradient("X"))
        Aᵀ − X
        >>> print(problem("½‖A Diag(s)Bᵀ − C‖²").gradient("s", form="expanded"))
        ((AᵀA)∘(BᵀB))s − diag(AᵀCB)

        Raises:
            CheckError: the formula did not pass its check, so it is not shown.
            UnsupportedError: the objective is no scalar, or an operator has no derivative.
        """
        wanted = self.names(*names)
        self._need_scalar("gradient")
        self._find_gradients(tuple(n for n in wanted if ("gradient", n) not in self._answers))
        found = {n: self._tangent(n) if riemannian else self._written("gradient", n, form) for n in wanted}
        return found[wanted[0]] if len(names) == 1 else found

    def _tangent(self, name: str) -> Formula:
        """The Riemannian gradient where the variable is declared Orth, else the gradient."""
        key, ambient, x = ("riemannian", name), self._answers["gradient", name], self.leaf(name)
        if "orth" not in facts_of(x):
            return ambient
        if key not in self._answers:
            G = on_tangent_space(ambient.expression, x)
            evidence = check_riemannian(self.objective, G, x, self._read.conditions)
            self._answers[key] = self._formula(G, ambient.left, evidence, NOTE, moving=(x,))
        return self._answers[key]

    def _written(self, kind: str, name: str, form: str) -> Formula:
        """An answer in the form that was asked for, each form checked on its own."""
        short: Formula = self._answers[kind, name]
        if form == "short":
            return short
        if form not in FORMS:
            raise UnsupportedError(f"there is no form {form!r}", hint=f"the forms are {', '.join(FORMS)}")
        key = (kind, name, form)
        if key not in self._answers:
            G = FORMS[form](short.expression)
            evidence = check_gradient(self.objective, {self.leaf(name): G}, conditions=self._read.conditions)
            self._answers[key] = self._formula(G, short.left, evidence, moving=(self.leaf(name),))
        return self._answers[key]

    def _need_scalar(self, what: str) -> None:
        if not self.objective.is_scalar:
            raise UnsupportedError(f"the objective is not a scalar, so it has no {what}", hint="ask for its Jacobian")

    def _find_gradients(self, names: tuple[str, ...]) -> None:
        found = gradients(self.objective, tuple(map(self.leaf, names)), self._read.definitions)
        for name, (x, G) in zip(names, found.items(), strict=True):
            evidence = check_gradient(self.objective, {x: G}, conditions=self._read.conditions)
            left = gradient_left(x)
            notes = [SYMMETRIC] if {"sym", "spd"} & set(facts_of(x)) else []
            self._answers["gradient", name] = self._formula(G, left, evidence, *notes, moving=(x,))

    def _formula(
        self, e: Expr, left: tuple[str, str], evidence: Evidence, *notes: str, moving: tuple[Expr, ...],
        slopes: tuple[Expr, ...] = (),
    ) -> Formula:  # `slopes` are gradients of which e is the derivative
        passed(left[0], evidence)
        printed_as = shown(e, self._read.definitions, frozenset(self.variables))
        needs = conditions(self.layout, (self.objective, *slopes), (e,), moving)
        notes = (*legend(self.objective, e), *notes)
        return Formula(e, left, evidence, self.layout, needs, notes, printed_as)

    @guarded
    def jacobian(self, *names: str, layout: str = "numerator") -> Any:
        """The Jacobian ∂vec(F)/∂vec(X)ᵀ in one variable; in several (with no name: in all) a dict of formulas.

        `layout="denominator"` gives the transpose.

        >>> print(problem("Diag(x)²Ax", "A ∈ R^{n×n}").jacobian("x"))
        Diag(x) (2 Diag(Ax) + Diag(x)A)

        Raises:
            CheckError: the formula did not pass its check.
            UnsupportedError: there is no such layout, or no matrix form.
        """
        leaves = {n: self.leaf(n) for n in self.names(*names)}
        found = {
            n: self._second(self.objective, x, "jacobian", jacobian_left(x), layout) for n, x in leaves.items()
        }
        return next(iter(found.values())) if len(names) == 1 else found

    @guarded
    def hessian(self, *names: str) -> Any:
        """The Hessian of a scalar: rows vec of the first variable, columns vec of the second (or the same).

        With no name, a dict of the Hessians within each variable.

        >>> print(problem("½‖Ax − b‖²").hessian("x"))
        AᵀA

        Raises:
            CheckError: the formula did not pass its check.
            UnsupportedError: the objective is no scalar, or there is no matrix form.
        """
        self._need_scalar("Hessian")
        if len(names) > 2:
            raise UnsupportedError("a Hessian has two variables", hint='hessian("U") or hessian("U", "V")')
        if not names:
            return {n: self.hessian(n) for n in self.names()}
        x, y = self.leaf(names[0]), self.leaf(names[-1])
        G = moving_gradient(self.objective, x, y) if freed((x, y)) else self.gradient(names[0]).expression
        return self._second(G, y, "hessian", hessian_left(x, y), "numerator", x)

    def _second(
        self, F: Expr, y: Expr, kind: str, left: tuple[str, str], layout: str, x: Expr | None = None
    ) -> Formula:
        if layout not in LAYOUTS:
            raise UnsupportedError(f"there is no layout {layout!r}", hint=f"the layouts are {', '.join(LAYOUTS)}")
        key = (kind, x, y, layout)
        if key not in self._answers:
            J = jacobian(self.objective, y) if x is None else hessian(self.objective, x, y)
            evidence = check_jacobian(F, y, J, conditions=self._read.conditions)
            notes = [LAYOUTS[layout]]
            if x is y and (shown_convex := convexity(self.objective, (y,), J)).kind != UNKNOWN:
                notes.append(str(shown_convex))
            J = J if layout == "numerator" else J.T
            self._answers[key] = self._formula(J, left, evidence, *notes, moving=(x or y, y), slopes=(F,) if x else ())
        return self._answers[key]

    def derivative(self, name: str) -> Formula:
        """The gradient of a scalar, the Jacobian of anything else."""
        found: Formula = self.gradient(name) if self.objective.is_scalar else self.jacobian(name)
        return found

    @guarded
    def hvp(self, *names: str) -> Any:
        """The Hessian times a direction as a formula, no Hessian formed; of several variables a dict.

        The direction is V (v for a vector), or D_U, D_V for several variables, jointly.

        >>> print(problem("tr(X⁻¹A)", "X ∈ R^{n×n}").hvp("X"))
        (X⁻¹(AX⁻¹V + VX⁻¹A)X⁻¹)ᵀ

        Raises:
            CheckError: a formula did not pass its check.
            UnsupportedError: the objective is no scalar.
        """
        self._need_scalar("Hessian")
        leaves = tuple(map(self.leaf, self.names(*names)))
        if ("hvp", leaves, leaves[0]) not in self._answers:
            found = self._products(leaves)
            slopes = tuple(self._answers["gradient", str(x.attrs[0])].expression for x in leaves)
            for x, G in zip(leaves, found.formulas, strict=True):
                left = both(direction_left(x, found.directions))
                note = direction_note(found)
                self._answers["hvp", leaves, x] = self._formula(
                    G, left, found.evidence, note, moving=leaves, slopes=slopes
                )
        answers = {str(x.attrs[0]): self._answers["hvp", leaves, x] for x in leaves}
        return next(iter(answers.values())) if len(names) == 1 else answers

    @guarded
    def derivation(self, *names: str, order: int | str = 1) -> WrittenDerivation:
        """The derivation of the gradients (of an array: the Jacobians), line by line; each line was replayed by value.

        `order=2` derives the Hessian in one variable, or across two; `order="hvp"` the Hessian times a direction.

        >>> print(problem("‖Ax − b‖²").derivation("x").steps[-1].expression)
        2Aᵀ(Ax − b)
        >>> print(problem("AX⁻¹B").derivation("X").steps[-1])
        ∂vec(F)/∂vec(X)ᵀ = −BᵀX⁻ᵀ⊗AX⁻¹   [jacobian/read-off]

        Raises:
            CheckError: a line did not pass the replay.
            UnsupportedError: there is no such order, or an operator has no derivative.
        """
        leaves = tuple(map(self.leaf, self.names(*names)))
        if not names:  # a 0/1 mask is data unless it is asked for
            leaves = tuple(x for x in leaves if "binary" not in facts_of(x)) or leaves
        return derived(self._read, leaves, order, frozenset(self.variables), lambda: self._products(leaves))

    def _products(self, leaves: tuple[Expr, ...]) -> Second:
        """The Hessian times a direction, with directions that have short names."""
        found = {x: self.gradient(str(x.attrs[0])).expression for x in leaves}
        names = direction_names(leaves, frozenset(self.variables) | {n for n, _ in self._read.definitions})
        return hessian_times_direction(self.objective, found, self._read.conditions, names)

    @guarded
    def convexity(self, *names: str) -> Convexity:
        """What rules or the Hessian show: convex, concave or affine in these variables, together or each alone.

        >>> print(problem("‖Ax − b‖²").convexity("x"))
        convex in x (a sum of squares of affine functions)
        >>> problem("‖Y − UVᵀ‖²").convexity("U", "V").kind
        'unknown'

        Raises:
            UnsupportedError: the objective is no scalar.
        """
        self._need_scalar("convexity")
        return convexity(self.objective, tuple(map(self.leaf, self.names(*names))))

    @guarded
    def check(self, *names: str) -> Evidence:
        """How the derivatives in these variables were checked, all together.

        >>> problem("‖Ax − b‖²").check("x").method
        'exact'
        """
        wanted = self.names(*names)
        if not self.objective.is_scalar:
            checks: list[Evidence] = [self.jacobian(n).check for n in wanted]
            return min(checks, key=lambda e: (e.ok, e.decided))
        found = {self.leaf(n): self.derivative(n).expression for n in wanted}
        return check_gradient(self.objective, found, conditions=self._read.conditions)

    # ── programs
    @guarded
    def compile(self, *names: str, target: str = "numpy", order: int | str = 1) -> Function:
        """Value and derivatives as a function of arrays given by name.

        `order=0` is the bare value; `order=2` adds the Hessian, one matrix over the stacked vecs of the
        variables; `order="hvp"` takes a keyword `direction` and adds the Hessian times it, in their shapes.

        >>> import numpy as np
        >>> f = problem("‖Ax − b‖²").compile("x")
        >>> value, g = f(A=np.eye(2), x=[1.0, 2.0], b=[0.0, 0.0])
        >>> float(value), g.tolist()
        (5.0, [2.0, 4.0])

        Raises:
            CheckError: the program does not compute what the formulas say.
            UnsupportedError: there is no such target or order.
        """
        if order not in ORDERS:
            raise UnsupportedError(f"there is no order {order!r}", hint=f"one of {', '.join(map(repr, ORDERS))}")
        wanted = self.names(*names) if order else ()
        second = self._second_order(wanted, order)
        task = self._task(wanted, second)
        level = 0 if order == 0 else 1
        functions = given_functions(task.objective, *(g for _, g in task.gradients), *second.formulas)
        function = Function(
            emit(task, target, level),
            function_name(task, level),
            arguments=self._keywords(task) | {f: f for f in functions},
            shapes={v.name: v.axes for v in self.variables.values()} | dict.fromkeys(functions, "a function"),
            spellings=self.variables.spellings(),
            directions=tuple(str(d.attrs[0]) for d in second.directions),
        )
        if target == "numpy":
            pairs = [*task.gradients, *((task.gradients[0][0], e) for e in second.formulas)]
            call = flattened(function.raw, second) if second.kind else function
            where = self._read.conditions
            evidence = check_program(call, self.objective, pairs, parameters=task.parameters, conditions=where)
            passed("the compiled program", evidence)
        return function

    def _second_order(self, names: tuple[str, ...], order: int | str) -> Second:
        """What the program computes beyond the gradient, checked."""
        if order in (0, 1):
            return Second()
        self._need_scalar("Hessian")
        leaves = {self.leaf(n): n for n in names}
        if order == 2:
            return stacked_hessian(list(leaves), lambda x, y: self.hessian(leaves[x], leaves[y]).expression)
        given = ["direction"] if len(leaves) == 1 else [f"direction_{n}" for n in leaves.values()]
        if clash := sorted({"direction", *given} & set(self.variables)):
            raise UnsupportedError(f"{clash[0]} is a variable here and a keyword of the program", hint="rename it")
        found = hessian_times_direction(
            self.objective,
            {x: self.gradient(n).expression for x, n in leaves.items()},
            self._read.conditions,
            given,
        )
        passed("the Hessian times a direction", found.evidence)
        return found

    def _keywords(self, task: Task) -> dict[str, str]:
        return {str(p.attrs[0]): identifier_for(str(p.attrs[0]), task.aliases) for p in task.parameters}

    def _task(self, names: tuple[str, ...], second: Second) -> Task:
        found = {n: self.derivative(n) for n in names}
        rows = self.variables.values()
        return Task(
            name="matcalc",
            objective=rewritten(self.objective),
            gradients=tuple((self.leaf(n), formula.expression) for n, formula in found.items()),
            parameters=(*(v.leaf for v in rows), *second.directions),
            texts={"objective": printed(self.objective, self.layout), **{n: str(f) for n, f in found.items()}},
            conditions=(*self._read.conditions, *dict.fromkeys(c for f in found.values() for c in f.conditions)),
            aliases={v.name: v.alias for v in rows},
            names=self._read.definitions,
            second=(second.kind, second.formulas),
        )

    @guarded
    def solver(self, *names: str) -> Solver:
        """A solver over these variables (with no name: over those that the text says, or over all).

        >>> import numpy as np
        >>> s = problem("‖Ax − b‖²").solver("x")
        >>> result = s(A=2 * np.eye(2), b=[2.0, 4.0])
        >>> result.status, result.values["x"].round(6).tolist()
        ('stationary', [1.0, 2.0])

        Raises:
            UnsupportedError: no method of the table fits.
        """
        self._need_scalar("minimum")
        if given_functions(self.objective):
            raise UnsupportedError("no solver is written for a function that was only named", hint=GIVEN)
        task = self._task(self.names(*(names or self._read.over)), Second())
        method = method_for(task)
        return Solver(
            method.plan(task),
            method.name,
            f"{method.says} ({method.source}); its result is {method.promises}",
            self._keywords(task),
            self.variables.spellings(),
        )

    @guarded
    def to_sympy(self) -> Any:
        """The objective as SymPy's expression.

        >>> problem("tr(AX)").to_sympy()
        Trace(A*X)

        Raises:
            UnsupportedError: SymPy has no form of an operator in it.
        """
        return to_sympy(self.objective)
