"""The derivation of a Jacobian, of a Hessian, and of a Hessian times a direction.

dF is written in the differentials of the variables, then vec is taken of both sides, and the matrix in front of
vec(dX) is read off. A Hessian is the Jacobian of the gradient; in a direction V, dG with V for dX is H[V].

Source: Magnus & Neudecker, Matrix Differential Calculus (2019), chapters 9 and 10.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Self

from matcalc.core.algebra import VAR, ZEROS, add, mul, zeros
from matcalc.core.tree import Expr, make, substitute, walk
from matcalc.derive.blackboard import Blackboard, Derivation, free_title, settled
from matcalc.derive.derivation import derivation, title_of
from matcalc.derive.hessian import hessian, symmetric
from matcalc.derive.jacobian import jacobian, vectorised
from matcalc.derive.naming import NO_NAMES, Names, name_parts
from matcalc.rewrite.masks import freed
from matcalc.rewrite.shorten import Shortener
from matcalc.rewrite.step import Step
from matcalc.rewrite.typed import read

Meanings = tuple[tuple[str, Expr], ...]


def jacobian_derivation(
    F: Expr, wrt: tuple[Expr, ...], names: Meanings = (), taken: frozenset[str] = frozenset()
) -> Derivation:
    """The derivation of the Jacobians ∂vec(F)/∂vec(x)ᵀ in the variables `wrt`.

    Raises:
        UnsupportedError: an operator has no differential or no vec form.
    """
    F, wrt, names = _moving(F, wrt, names)
    title, answers = free_title(F, taken, "Ff"), {x: jacobian(F, x) for x in wrt}

    board = settled(lambda plain: _Board(title, F, wrt, taken, plain=plain).differentiated(names))
    return board.jacobians(answers)


def hessian_derivation(
    f: Expr, x: Expr, y: Expr, names: Meanings = (), taken: frozenset[str] = frozenset()
) -> Derivation:
    """The derivation of the gradient in x, and of its Jacobian in y.

    Raises:
        UnsupportedError: an operator has no differential or no vec form.
    """
    f, (x, y), names = _moving(f, (x, y), names)
    first = derivation(f, (x,), names, taken=taken)
    left, answer = hessian_left(x, y, title_of(f, names, taken)), hessian(f, x, y)

    board = settled(lambda plain: _after(first, x, (y,), taken, plain).differentiated(names))
    return board.jacobians({y: answer}, {y: left})


def hvp_derivation(
    f: Expr,
    directions: Mapping[Expr, Expr],
    products: Mapping[Expr, Expr],
    names: Meanings = (),
    taken: frozenset[str] = frozenset(),
) -> Derivation:
    """The derivation of the gradients, and of their differentials in the directions: ∇²f[V] for every variable.

    `products` are the answers, one a variable.
    """
    wrt = tuple(directions)
    f, moving, names = _moving(f, wrt, names)
    found = derivation(f, moving, names, taken=taken)
    towards = {make("d", m): directions[w] for m, w in zip(moving, wrt, strict=True)}

    def write(before: Derivation, x: Expr, plain: frozenset[Expr]) -> _Board:
        return _after(before, x, moving, taken, plain).differentiated(names)

    for x, moves in zip(wrt, moving, strict=True):
        board = settled(partial(write, found, moves))
        left = direction_left(x, tuple(directions.values()), title_of(f, names, taken))
        found = board.directional(towards, left, products[x] if moving == wrt else None)
    return found


def direction_left(x: Expr, directions: tuple[Expr, ...], f: str = "f") -> str:
    """What stands on the left of a Hessian times a direction: ∇²f[V], or its part for one of several variables."""
    listed = ", ".join(str(d.attrs[0]) for d in directions)
    return f"∇²{f}[{listed}]" if len(directions) == 1 else f"(∇²{f}[{listed}])_{x.attrs[0]}"


def hessian_left(x: Expr, y: Expr, f: str = "f") -> str:
    """What stands on the left of a Hessian: ∂²f/∂vec(X)∂vec(Y)ᵀ, with no vec of a vector and no ᵀ of a number.

    >>> from matcalc.core.algebra import var
    >>> from matcalc.core.dims import Dim, ONE, SCALAR
    >>> x, λ = var("x", (Dim.name("n"), ONE)), var("λ", SCALAR)
    >>> hessian_left(x, x), hessian_left(x, λ), hessian_left(λ, λ)
    ('∂²f/∂x∂xᵀ', '∂²f/∂x∂λ', '∂²f/∂λ²')
    """
    if x is y and x.is_scalar:
        return f"∂²{f}/∂{x.attrs[0]}²"
    one, other = (str(e.attrs[0]) if _is_column(e) else f"vec({e.attrs[0]})" for e in (x, y))
    return f"∂²{f}/∂{one}∂{other}{'' if y.is_scalar else 'ᵀ'}"


def _moving(f: Expr, wrt: tuple[Expr, ...], names: Meanings) -> tuple[Expr, tuple[Expr, ...], Meanings]:
    """The same with masks that move no longer 0/1."""
    free = freed(wrt)
    if not free:
        return f, wrt, names
    moved = tuple((name, substitute(meaning, free)) for name, meaning in names)
    return substitute(f, free), tuple(free.get(x, x) for x in wrt), moved


def _after(
    first: Derivation, x: Expr, wrt: tuple[Expr, ...], taken: frozenset[str], plain: frozenset[Expr]
) -> _Board:
    """The blackboard on which the gradient in x, derived in `first`, is differentiated in `wrt`."""
    G = dict(_gradients(first))[x]
    variables = {str(e.attrs[0]) for e in walk(first.objective) if e.op is VAR}
    used = taken | variables | {line.left for line in first.lines if line.relation == ":="}
    letters = "Gg" if len(wrt) < 2 else (f"G_{x.attrs[0]}", f"g_{x.attrs[0]}")
    return _Board(free_title(G, used, letters), G, wrt, used, first, plain)


def _gradients(d: Derivation) -> tuple[tuple[Expr, Expr], ...]:
    """The gradients that a derivation, or one before it, ended with."""
    return d.gradients or (_gradients(d.before) if d.before else ())


class _Board(Blackboard):
    """The blackboard of an array F: dF in the differentials of the variables, then vec of it."""

    def __init__(
        self,
        title: str,
        F: Expr,
        wrt: tuple[Expr, ...],
        taken: frozenset[str],
        before: Derivation | None = None,
        plain: frozenset[Expr] = frozenset(),
    ) -> None:
        super().__init__(title, F, wrt, plain)
        self.taken, self.before = taken, before
        self.form = F

    def jacobians(self, answers: Mapping[Expr, Expr], lefts: Mapping[Expr, str] | None = None) -> Derivation:
        """The lines to the Jacobians."""
        form = self.form
        found, parts, trace = {}, [], []  # type: tuple[dict[Expr, Expr], list[Expr], list[Step]]
        for x in self.wrt:  # what moves with x alone
            others = {make("d", y): zeros(y.shape) for y in self.wrt if y is not x}
            parts.append(Shortener().noted(read(substitute(form, others), trace), trace))
        if not trace and add(*parts) is not form:
            trace.append(Step("collect/expand", form, add(*parts), "differentiate"))
        self.write_change(add(*parts), trace)
        trace = []
        for x, part in zip(self.wrt, parts, strict=True):
            found[x] = vectorised(part, x, trace)
        total = add(*(mul(J, make("vec", make("d", x))) for x, J in found.items()))
        left = f"d{self.title}" if _is_column(self.f) else f"vec(d{self.title})"
        if not trace and total is not (whole := make("vec", add(*parts))):
            name = "collect/common-factor" if _is_column(self.f) else "linear/term-by-term"
            trace.append(Step(name, whole, total, "vectorise"))
        if total.op is not ZEROS:
            note = "" if trace or _is_column(self.f) else "vec of both sides"
            self.write(left, total, trace, note=note, equals=make("vec", make("d", self.f)))
        for x, J in found.items():
            self.read_off(x, J, answers[x], (lefts or {}).get(x, f"∂vec({self.title})/∂vec({x.attrs[0]})ᵀ"))
        return self.done(jacobians=tuple(answers.items()))

    def directional(self, towards: Mapping[Expr, Expr], left: str, answer: Expr | None) -> Derivation:
        """The lines to dG with the directions for the differentials; the answer is not written for a free mask."""
        form, trace = self.form, []  # type: tuple[Expr, list[Step]]
        if answer is None:
            form = Shortener().noted(read(form, trace), trace)
            self.write_change(form, trace)
        along = substitute(form, dict(towards))
        note = ", ".join(f"{m.args[0].attrs[0]} along {v.attrs[0]}" for m, v in towards.items())
        self.write(left, along, note=note, equals=make("d", self.f))
        if answer is not None:
            self.conclude(left, along, answer, make("d", self.f))
        return self.done(directions=tuple((v, mark) for mark, v in towards.items()))

    def done(
        self,
        jacobians: tuple[tuple[Expr, Expr], ...] = (),
        directions: tuple[tuple[Expr, Expr], ...] = (),
    ) -> Derivation:
        """All that is on the blackboard."""
        own = tuple(self.lines)
        orders = {**(self.before.orders if self.before else {}), **self.orders}
        return Derivation(
            self.f, self.wrt, own, self.names, orders,
            jacobians=jacobians, directions=directions, before=self.before,
        )

    # ── moves
    def differentiated(self, names: Meanings) -> Self:
        """The lines from F to dF in the differentials of the variables."""
        folded = self.name(self.f, names) if self.before else self.name(self.read(self.f), names)
        if self.before:
            self.write(self.title, folded, relation=":=", note="the gradient, differentiated again")
        else:
            self.write_value(folded)
        form, trace = self.change(folded)
        for leaf, definition in reversed(list(zip(self.names.leaves, self.names.definitions, strict=True))):
            mark = make("d", leaf)
            if mark in set(walk(form)):
                if not self.holds(form):
                    self.write_change(form, trace)
                    trace = []
                inner, more = self.change(definition, leaf)
                form, trace = substitute(form, {mark: inner}), trace + more
        self.write_change(form, trace)
        self.form = form
        return self

    def name(self, F: Expr, names: Meanings) -> Expr:
        """F in the names of the derivation before this one, and in names for its other parts, which are defined."""
        known = self.before.names if self.before else NO_NAMES
        whole = known.fold(F)
        meanings = tuple((name, known.fold(read(meaning))) for name, meaning in names)
        given = tuple((name, meaning) for name, meaning in meanings if meaning.args)
        moving = (*self.wrt, *(x for x, m in zip(known.leaves, known.meanings, strict=True) if self.moves(m)))
        new = name_parts(whole, moving, given, {self.title, *self.taken, *(n for n, _ in names)}, self.plain)
        self.optional = new.without(n for n, _ in names)
        self.names = Names(
            known.leaves + new.leaves,
            known.meanings + tuple(map(known.unfold, new.meanings)),
            known.definitions + new.definitions,
        )
        self.define(self.names, len(known.leaves))
        return new.fold(whole)

    def moves(self, e: Expr) -> bool:
        """Whether e moves with the variables."""
        return not set(self.wrt).isdisjoint(walk(e))

    def holds(self, form: Expr) -> bool:
        """Whether a name moves in `form` that contains a variable which does not move any more: dR is not said then."""
        held = {x for x, _ in _gradients(self.before)} - set(self.wrt) if self.before else set()
        moving = {e.args[0] for e in walk(form) if e.op.name == "d"}
        named = zip(self.names.leaves, self.names.meanings, strict=True)
        return any(leaf in moving and not held.isdisjoint(walk(meaning)) for leaf, meaning in named)

    def change(self, e: Expr, name: Expr | None = None) -> tuple[Expr, list[Step]]:
        """The differential of e, or of what the name stands for, in those of the names and variables in e."""
        below, trace = set(walk(e)), []  # type: tuple[set[Expr], list[Step]]
        named = zip(self.names.leaves, self.names.meanings, strict=True)
        leaves = [x for x in (*(n for n, m in named if self.moves(m)), *self.wrt) if x in below]
        return self.moved(e, leaves, trace, name) if leaves else zeros(e.shape), trace

    def read_off(self, x: Expr, J: Expr, answer: Expr, left: str) -> None:
        """The matrix in front of vec(dx), in the names and written out."""
        move = make("vec", make("d", x))
        line = mul(J, move)
        steps: tuple[Step, ...] = (Step("jacobian/read-off", line, line, "read off"),)
        within = left.partition("/")[2] == hessian_left(x, x).partition("/")[2]
        if within and (projected := symmetric(J, x)) is not J:
            self.write(left, J, steps, equals=mul(answer, move), times=move)
            note = f"on the structure declared for {x.attrs[0]}"
            self.write(left, projected, note=note, equals=mul(answer, move), times=move)
            J, steps = projected, ()
        self.conclude(left, J, answer, mul(answer, move), move, steps)


def _is_column(e: Expr) -> bool:
    return make("vec", e) is e
