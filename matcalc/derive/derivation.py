"""The derivation as a person would write it: names, the differential, one move a line, the gradient read off.

The frontier Σ Gᵢ:dNᵢ over the named parts, taken apart from the outermost name inwards, is the derivation:
every line equals the one before, by named identities, and can be replayed by value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matcalc.core.algebra import CHAIN, LIN, UNITY, T, add, facts_of, mul, terms_of, zeros
from matcalc.core.dims import SCALAR
from matcalc.core.tree import Expr, make, substitute, walk
from matcalc.derive.forward import differential
from matcalc.derive.gradient import gradients, project
from matcalc.derive.naming import Names, name_parts
from matcalc.derive.pullback import accumulate
from matcalc.rewrite.step import Step, step
from matcalc.rewrite.typed import read


@dataclass(frozen=True, slots=True)
class Line:
    """One line at the blackboard: left side, relation, right side, and the identities that lead to it."""

    left: str
    relation: str
    expression: Expr
    steps: tuple[Step, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Derivation:
    """The lines from the objective to the gradients; `meanings` writes the introduced names out."""

    objective: Expr
    wrt: tuple[Expr, ...]
    lines: tuple[Line, ...]
    gradients: tuple[tuple[Expr, Expr], ...]
    names: Names
    orders: Mapping[Expr, tuple[Expr, ...]]  # terms of sums in the order in which they are to be read
    conditions: tuple[str, ...] = ()

    @property
    def identities(self) -> tuple[str, ...]:
        """The names of all identities used, in order of first use."""
        return tuple(dict.fromkeys(s.identity for line in self.lines for s in line.steps))


class _Board:
    """The lines written so far."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.orders: dict[Expr, tuple[Expr, ...]] = {}

    def write(self, left: str, expression: Expr, steps: list[Step] | tuple[Step, ...] = (), relation: str = "=", note: str = "") -> None:
        """Write a line, unless it repeats the one before; then its steps join that line."""
        last = self.lines[-1] if self.lines else None
        if last is not None and last.left == left and last.expression is expression and relation == "=":
            self.lines[-1] = Line(left, last.relation, expression, last.steps + tuple(steps), last.note or note)
        else:
            self.lines.append(Line(left, relation, expression, tuple(steps), note))

    def frontier(self, left: str, terms: dict[Expr, Expr], steps: list[Step]) -> None:
        """Write Σ Gᵢ:dxᵢ in this order."""
        parts = [colon(G, make("d", x)) for x, G in terms.items()]
        self.sum(left, parts, steps)

    def sum(self, left: str, parts: list[Expr], steps: list[Step]) -> None:
        """Write a sum with its terms in this order."""
        total = add(zeros(SCALAR), *parts)
        if total.op is LIN:
            self.orders[total] = tuple(t for part in parts for _, t in terms_of(part))
        self.write(left, total, steps)


def _colons(form: Expr) -> Expr:
    """The differential of f with A:dX written as such, not as xᵀdx."""
    table: dict[Expr, Expr] = {}
    for e in walk(form):
        if e.op.name == "frob" and any(a.op.name == "d" for a in e.args):
            mark, other = sorted(e.args, key=lambda a: a.op.name != "d")
            table[e] = colon(other, mark)
        elif e.op is CHAIN and e.is_scalar and len(e.args) == 2 and e.args[1].op.name == "d":
            table[e] = colon(T(e.args[0]), e.args[1])
    return substitute(form, table) if table else form


def colon(G: Expr, form: Expr) -> Expr:
    """G:form as people write it; a scalar G stands in front."""
    return mul(G, form) if G.is_scalar else make("colon", G, form)


def derivation(f: Expr, wrt: tuple[Expr, ...], names: tuple[tuple[str, Expr], ...] = (), title: str = "f",
               taken: frozenset[str] = frozenset()) -> Derivation:
    """The derivation of the gradients of `f` with respect to the variables `wrt`.

    Raises:
        UnsupportedError: an operator on the way has no derivative.
    """
    board = _Board()
    typed = _reading(board, f, title)
    memo_names = tuple((name, read(meaning)) for name, meaning in names)
    named = name_parts(typed, wrt, memo_names, {title, *taken, *(n for n, _ in names)})
    for leaf, definition in zip(named.leaves, named.definitions, strict=True):
        board.write(str(leaf.attrs[0]), definition, relation=":=")
    folded = named.fold(typed)
    board.write(title, folded)
    frontier = _open(board, folded, named, wrt, title)
    for leaf, definition in reversed(list(zip(named.leaves, named.definitions, strict=True))):
        if leaf in frontier:
            _replace_differential(board, leaf, definition, frontier, named, wrt, title)
    answers = gradients(f, wrt)
    for x in wrt:
        _read_off(board, x, frontier.get(x, zeros(x.shape)), answers[x], named, title)
    return Derivation(f, wrt, tuple(board.lines), tuple((x, answers[x]) for x in wrt), named, board.orders)


def _reading(board: _Board, f: Expr, title: str) -> Expr:
    """The objective as typed, then one line for each rewriting made while reading."""
    board.write(title, f)
    trace: list[Step] = []
    typed = read(f, trace)
    current, waiting = f, []
    for move in trace:
        waiting.append(move)
        changed = substitute(current, {move.before: move.after})
        if changed is not current:
            board.write(title, changed, waiting)
            current, waiting = changed, []
    board.write(title, typed, waiting)
    return typed


def _moving(e: Expr, named: Names, wrt: tuple[Expr, ...]) -> list[Expr]:
    below = set(walk(e))
    return [x for x in (*named.leaves, *wrt) if x in below]


def _open(board: _Board, folded: Expr, named: Names, wrt: tuple[Expr, ...], title: str) -> dict[Expr, Expr]:
    """df in the differentials of the names and variables that stand in f, isolated."""
    leaves = _moving(folded, named, wrt)
    trace: list[Step] = []
    form = differential(folded, leaves, trace)
    board.write(f"d{title}", _colons(form), trace)
    frontier, moves = _isolate(UNITY, form, leaves, named)
    board.frontier(f"d{title}", _ordered(frontier, named, wrt), moves)
    return frontier


def _isolate(G: Expr, form: Expr, leaves: list[Expr], named: Names) -> tuple[dict[Expr, Expr], list[Step]]:
    """G:form as Σ Gᵢ:dxᵢ, each cotangent written in the names again (M∘W is W where W := M∘X and M is 0/1)."""
    trace: list[Step] = []
    marks = [make("d", x) for x in leaves]
    found = accumulate(G, form, marks, trace)
    return {m.args[0]: _tidy(g, named, trace) for m, g in found.items()}, trace


def _tidy(G: Expr, named: Names, trace: list[Step]) -> Expr:
    again = named.fold(read(named.unfold(G)))
    if again is G or again.size > G.size:
        return G
    masked = any("binary" in facts_of(x) for x in walk(G))
    return step("mask/idempotent" if masked else "names/recognised", G, again, "isolate", trace)


def _ordered(frontier: dict[Expr, Expr], named: Names, wrt: tuple[Expr, ...]) -> dict[Expr, Expr]:
    """Names first, the last one defined in front, then the variables as they were asked for."""
    return {x: frontier[x] for x in (*reversed(named.leaves), *wrt) if x in frontier}


def _replace_differential(board: _Board, leaf: Expr, definition: Expr, frontier: dict[Expr, Expr], named: Names,
                          wrt: tuple[Expr, ...], title: str) -> None:
    """Two lines: dN by its definition, then every differential alone on the right of its colon."""
    G = frontier.pop(leaf)
    leaves = _moving(definition, named, wrt)
    trace: list[Step] = []
    form = differential(definition, leaves, trace)
    board.sum(f"d{title}", [colon(G, form), *(colon(g, make("d", x)) for x, g in _ordered(frontier, named, wrt).items())], trace)
    found, moves = _isolate(G, form, leaves, named)
    for x, g in found.items():
        frontier[x] = add(frontier[x], g) if x in frontier else g
    board.frontier(f"d{title}", _ordered(frontier, named, wrt), moves)


def _read_off(board: _Board, x: Expr, G: Expr, answer: Expr, named: Names, title: str) -> None:
    """The gradient in the names, on the structure of x, then written out."""
    left = f"∂{title}/∂{x.attrs[0]}"
    board.write(left, G, [Step("gradient/read-off", colon(G, make("d", x)), colon(G, make("d", x)), "read off")])
    projected = project(G, x)
    if projected is not G:
        board.write(left, projected, note=f"on the structure declared for {x.attrs[0]}")
    board.write(left, answer)
