"""The blackboard: lines that each equal something said before, the names in use, and the reading of what was typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from matcalc.core.algebra import ZEROS, mul
from matcalc.core.dims import ONE
from matcalc.core.tree import Expr, make, substitute
from matcalc.derive.between import between
from matcalc.derive.forward import differential
from matcalc.derive.naming import NO_NAMES, Names, unused
from matcalc.rewrite.step import Step, step
from matcalc.rewrite.typed import read


@dataclass(frozen=True, slots=True)
class Line:
    """One line at the blackboard: left side, relation, right side, and the identities that lead to it.

    What the line states: `equals` has the value of the expression, or of `times` under it: G:dX for a gradient G,
    J vec(dX) for a Jacobian J. A definition states nothing.
    """

    left: str
    relation: str
    expression: Expr
    steps: tuple[Step, ...] = ()
    note: str = ""
    equals: Expr | None = None
    times: Expr | None = None

    @property
    def value(self) -> Expr:
        """What has the value that the line states."""
        return _under(self.expression, self.times)


def _under(e: Expr, times: Expr | None) -> Expr:
    """G:dX for a gradient, J vec(dX) for a Jacobian."""
    if times is None:
        return e
    return make("frob", e, times) if times.shape == e.shape else mul(e, times)


@dataclass(frozen=True, slots=True)
class Derivation:
    """The lines from a function to its derivatives; `names` writes the introduced names out.

    `gradients` pairs the variables of a scalar with its gradients, `jacobians` the variables of an array F with the
    matrices J of vec(dF) = Σ J vec(dx), `directions` are names for differentials. A Hessian is the Jacobian of a
    gradient: the derivation of that comes before.
    """

    objective: Expr
    wrt: tuple[Expr, ...]
    own: tuple[Line, ...]
    names: Names
    orders: Mapping[Expr, tuple[Expr, ...]]  # terms of sums in the order in which they are to be read
    gradients: tuple[tuple[Expr, Expr], ...] = ()
    jacobians: tuple[tuple[Expr, Expr], ...] = ()
    directions: tuple[tuple[Expr, Expr], ...] = ()
    before: Derivation | None = None

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines, those of the derivation before this one first."""
        return (self.before.lines if self.before else ()) + self.own

    @property
    def functions(self) -> tuple[Expr, ...]:
        """What was differentiated: the objective, then its gradients."""
        return (*(self.before.functions if self.before else ()), self.objective)

    @property
    def moving(self) -> tuple[Expr, ...]:
        """All variables of differentiation."""
        return tuple(dict.fromkeys((*(self.before.moving if self.before else ()), *self.wrt)))

    @property
    def answers(self) -> tuple[Expr, ...]:
        """What was derived: the gradients, the Jacobians, or the last line."""
        found = tuple(e for _, e in (*self.gradients, *self.jacobians))
        return found or tuple(line.expression for line in self.own[-1:])

    @property
    def identities(self) -> tuple[str, ...]:
        """The names of all identities used, in order of first use."""
        return tuple(dict.fromkeys(s.identity for line in self.lines for s in line.steps))


def free_title(F: Expr, taken: frozenset[str], letters: Sequence[str]) -> str:
    """What a function is called: the first of two letters for a matrix, the second for a vector or a number.

    >>> from matcalc.core.algebra import num
    >>> free_title(num(1), frozenset(), "Ff"), free_title(num(1), frozenset({"f"}), "Ff")
    ('f', 'f_0')
    """
    wanted = letters[1] if ONE in F.shape else letters[0]
    return next(c for c in (wanted, *(f"{wanted}_{i}" for i in range(len(taken) + 1))) if c not in taken)


ANOTHER = "collect/another-form"


class Blackboard:
    """The lines written so far about the function called `title`, and the names in use.

    `optional` are the names that nobody asked for; the parts in `plain` have none.
    """

    def __init__(self, title: str, f: Expr, wrt: tuple[Expr, ...], plain: frozenset[Expr] = frozenset()) -> None:
        self.title, self.f, self.wrt, self.plain = title, f, wrt, plain
        self.lines: list[Line] = []
        self.orders: dict[Expr, tuple[Expr, ...]] = {}
        self.names = self.optional = NO_NAMES

    @property
    def idle(self) -> frozenset[Expr]:
        """The parts for which a name was of no use so far.

        What is said of the function itself does not count, and the last line counts twice: it is read off.
        """
        said = [line.expression for line in self.lines if line.left != self.title]
        return unused(self.optional, said + said[-1:]) if self.optional.leaves else frozenset()

    def write(
        self,
        left: str,
        expression: Expr,
        steps: list[Step] | tuple[Step, ...] = (),
        relation: str = "=",
        note: str = "",
        equals: Expr | None = None,
        times: Expr | None = None,
    ) -> None:
        """Write a line, unless it repeats the one before; then its steps join that line."""
        last = self.lines[-1] if self.lines else None
        if last is not None and last.left == left and last.expression is expression and relation == "=":
            self.lines[-1] = replace(last, steps=last.steps + tuple(steps), note=last.note or note)
        else:
            self.lines.append(Line(left, relation, expression, tuple(steps), note, equals, times))

    def write_value(self, expression: Expr, steps: list[Step] | tuple[Step, ...] = ()) -> None:
        """Write f = expression."""
        self.write(self.title, expression, steps, equals=self.f)

    def write_change(self, expression: Expr, steps: list[Step] | tuple[Step, ...] = ()) -> None:
        """Write df = expression."""
        note = f"no {' and no '.join(str(x.attrs[0]) for x in self.wrt)} in it" if expression.op is ZEROS else ""
        self.write(f"d{self.title}", expression, steps, note=note, equals=make("d", self.f))

    def conclude(
        self,
        left: str,
        found: Expr,
        answer: Expr,
        equals: Expr,
        times: Expr | None = None,
        steps: tuple[Step, ...] = (),
    ) -> None:
        """From the form that was found to the answer: the answer in the names, then written out.

        Where the answer in the names is what was found up to a sign, it is written out at once.
        """
        folded, whole = self.names.fold(answer), self.names.unfold(found)
        moves = self.moves_between(found, folded, times)
        if folded is answer or {move.identity for move in moves} != {"collect/sign"}:
            self.write(left, folded, steps + moves, equals=equals, times=times)
            steps, whole = (), self.names.unfold(folded)
        self.write(left, answer, steps + self.moves_between(whole, answer, times), equals=equals, times=times)

    def moves_between(self, a: Expr, b: Expr, times: Expr | None) -> tuple[Step, ...]:
        """The identities between two forms; where none are found, they are equal under dX."""
        moves = between(a, b, self.names)
        return (Step(ANOTHER, _under(a, times), _under(b, times), "shorten"),) if moves is None else moves

    def define(self, names: Names, start: int = 0) -> None:
        """Write the definitions of the names from the one numbered `start`."""
        for leaf, definition in list(zip(names.leaves, names.definitions, strict=True))[start:]:
            self.write(str(leaf.attrs[0]), definition, relation=":=")

    def moved(self, e: Expr, leaves: list[Expr], trace: list[Step], name: Expr | None = None) -> Expr:
        """The differential of e, or of what the name stands for; of a sum it is the sum of the differentials."""
        form = differential(e, leaves, trace)
        if not trace:
            step("addition/differential", make("d", name or e), form, "differentiate", trace)
        return self.recognised(form, "differentiate", trace)

    def recognised(self, e: Expr, phase: str, trace: list[Step]) -> Expr:
        """An expression with the named parts recognised in it."""
        return step("names/recognised", e, self.names.fold(e), phase, trace)

    def read(self, f: Expr) -> Expr:
        """The function as typed, then one line for each rewriting made while reading."""
        self.write_value(f)
        trace: list[Step] = []
        typed = read(f, trace)
        current, waiting = f, []
        for move in trace:
            waiting.append(move)
            changed = substitute(current, {move.before: move.after})
            if changed is not current:
                self.write_value(changed, waiting)
                current, waiting = changed, []
        self.write_value(typed, waiting)
        return typed


B = TypeVar("B", bound=Blackboard)


def settled(write: Callable[[frozenset[Expr]], B]) -> B:
    """The blackboard on which every name pays; `write` writes on one without names for some parts."""
    plain: frozenset[Expr] = frozenset()
    while True:
        board = write(plain)
        if not (idle := board.idle):
            return board
        plain |= idle
