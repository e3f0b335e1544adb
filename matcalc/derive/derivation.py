"""The derivation as a person would write it: names, the differential, one move a line, the gradient read off.

The frontier Σ Gᵢ:dNᵢ over the named parts, taken apart from the outermost name inwards, is the derivation:
every line equals the one before, by named identities, and can be replayed by value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from matcalc.core.algebra import CHAIN, LIN, UNITY, VAR, T, add, facts_of, mul, scale, terms_of, zeros
from matcalc.core.dims import SCALAR
from matcalc.core.tree import Expr, make, substitute, walk
from matcalc.derive.blackboard import Blackboard, Derivation, free_title, settled
from matcalc.derive.gradient import gradients, project
from matcalc.derive.naming import Names, name_parts, name_repeated_blocks
from matcalc.derive.pullback import accumulate
from matcalc.rewrite.masks import freed
from matcalc.rewrite.step import Step, step
from matcalc.rewrite.typed import read

LARGE = 2000  # nodes of a cotangent, written out, in which no names are looked for


def derivation(
    f: Expr,
    wrt: tuple[Expr, ...],
    names: tuple[tuple[str, Expr], ...] = (),
    title: str = "f",
    taken: frozenset[str] = frozenset(),
) -> Derivation:
    """The derivation of the gradients of `f` with respect to the variables `wrt`.

    Raises:
        UnsupportedError: an operator on the way has no derivative.
    """
    if free := freed(wrt):  # a mask that moves is not 0/1 on the way
        f = substitute(f, free)
        names = tuple((name, substitute(meaning, free)) for name, meaning in names)
        wrt = tuple(free.get(x, x) for x in wrt)
    title = title_of(f, names, taken, title)
    answers = gradients(f, wrt, names)
    meanings = tuple((name, read(meaning)) for name, meaning in names)

    board = settled(lambda plain: _Board(title, f, wrt, plain).isolated(meanings, taken))
    return board.derived(answers)


def title_of(
    f: Expr, names: tuple[tuple[str, Expr], ...] = (), taken: frozenset[str] = frozenset(), title: str = "f"
) -> str:
    """What a scalar is called in its derivation: f, or f_0 where a variable or a definition has that name."""
    variables = {str(e.attrs[0]) for e in walk(f) if e.op is VAR}
    return free_title(f, taken | variables | {n for n, _ in names}, ("F", title))


class _Board(Blackboard):
    """The blackboard of a scalar, and the frontier Σ Gᵢ:dxᵢ that df has become."""

    def __init__(self, title: str, f: Expr, wrt: tuple[Expr, ...], plain: frozenset[Expr]) -> None:
        super().__init__(title, f, wrt, plain)
        self.frontier: dict[Expr, Expr] = {}

    def isolated(self, names: tuple[tuple[str, Expr], ...], taken: frozenset[str]) -> Self:
        """The lines from f to df = Σ Gᵢ:dxᵢ."""
        typed, given = self.read(self.f), [name for name, _ in names]
        self.names = name_parts(typed, self.wrt, names, {self.title, *taken, *given}, self.plain)
        self.optional = self.names.without(given)
        self.define(self.names)
        folded = self.names.fold(typed)
        self.write_value(folded)
        self.differentiate(folded)
        for leaf, definition in reversed(list(zip(self.names.leaves, self.names.definitions, strict=True))):
            if leaf in self.frontier:
                self.replace(leaf, definition)
        return self

    def derived(self, answers: Mapping[Expr, Expr]) -> Derivation:
        """The gradients read off, and all that is on the blackboard."""
        for x in self.wrt:
            self.read_off(x, answers[x])
        found = tuple((x, answers[x]) for x in self.wrt)
        return Derivation(self.f, self.wrt, tuple(self.lines), self.names, self.orders, gradients=found)

    # ── lines
    def write_differential(
        self, steps: list[Step], first: list[Expr] | None = None, before: Expr | None = None
    ) -> None:
        """Write df = (the terms in `first`) + Σ Gᵢ:dxᵢ: the last name in front, then the variables as asked for.

        Where no other identity leads from the line `before`, it was taken term by term.
        """
        order = [x for x in (*reversed(self.names.leaves), *self.wrt) if x in self.frontier]
        parts = [*(first or []), *(colon(self.frontier[x], make("d", x)) for x in order)]
        total = add(zeros(SCALAR), *parts)
        if total.op is LIN:
            self.orders[total] = tuple(t for part in parts for _, t in terms_of(part))
        if not steps and before is not None and before is not total:
            steps = [Step("linear/term-by-term", before, total, "isolate")]
        self.write_change(total, steps)

    # ── moves
    def differentiate(self, f: Expr) -> None:
        """df in the differentials of the names and variables that stand in f, isolated."""
        leaves, trace = self.moving(f), []  # type: tuple[list[Expr], list[Step]]
        form = self.moved(f, leaves, trace)
        self.write_change(_colons(form), trace)
        self.isolate(UNITY, form, leaves)

    def replace(self, leaf: Expr, definition: Expr) -> None:
        """Two lines: dN by its definition, then every differential alone on the right of its colon."""
        G = self.frontier.pop(leaf)
        leaves, trace = self.moving(definition), []  # type: tuple[list[Expr], list[Step]]
        form = self.moved(definition, leaves, trace, leaf)
        self.write_differential(trace, [colon(G, form)])
        self.isolate(G, form, leaves)

    def isolate(self, G: Expr, form: Expr, leaves: list[Expr]) -> None:
        """G:form as Σ Gᵢ:dxᵢ, each cotangent written in the names again (M∘W is W where W := M∘X and M is 0/1)."""
        trace: list[Step] = []
        before = self.lines[-1].expression
        found = accumulate(G, form, [make("d", x) for x in leaves], trace)
        cotangents = {m.args[0]: self.tidy(g, trace) for m, g in found.items()}
        self.names, cotangents = self.name_blocks(cotangents)
        for x, g in cotangents.items():
            self.frontier[x] = add(self.frontier[x], g) if x in self.frontier else g
        self.write_differential(trace, before=before)

    def name_blocks(self, cotangents: dict[Expr, Expr]) -> tuple[Names, dict[Expr, Expr]]:
        """A name for a matrix of which several blocks are taken: C := NSPᵀ, so that the blocks are C₁₁, C₂₂."""
        if all(e.op.name != "part" for e in walk(*cotangents.values())):
            return self.names, cotangents
        taken = {
            self.title,
            *(str(e.attrs[0]) for line in self.lines for e in walk(line.expression) if e.op.name == "var"),
        }
        names = name_repeated_blocks(self.names, tuple(cotangents.values()), taken)
        self.define(names, len(self.names.leaves))
        return names, {
            x: names.fold(names.unfold(g)) for x, g in cotangents.items()
        } if names is not self.names else cotangents

    def tidy(self, G: Expr, trace: list[Step]) -> Expr:
        """A cotangent with the names recognised in it."""
        whole = self.names.unfold(G)
        again = self.names.fold(read(whole)) if whole.size <= LARGE else G
        if again is G or again.size > G.size:
            return G
        masked = any("binary" in facts_of(x) for x in walk(G))
        return step("mask/idempotent" if masked else "names/recognised", G, again, "isolate", trace)

    def moving(self, e: Expr) -> list[Expr]:
        """The names and variables that stand in e."""
        below = set(walk(e))
        return [x for x in (*self.names.leaves, *self.wrt) if x in below]

    def read_off(self, x: Expr, answer: Expr) -> None:
        """The gradient in the names, on the structure of x, then written out."""
        left, dx = f"∂{self.title}/∂{x.attrs[0]}", make("d", x)

        def write(G: Expr, steps: tuple[Step, ...] = (), note: str = "") -> None:
            self.write(left, G, steps, note=note, equals=make("frob", answer, dx), times=dx)

        G = self.frontier.get(x, zeros(x.shape))
        line = colon(G, dx)
        write(G, (Step("gradient/read-off", line, line, "read off"),))
        projected = project(G, x)
        if projected is not G:
            write(projected, note=f"on the structure declared for {x.attrs[0]}")
        self.conclude(left, projected, answer, make("frob", answer, dx), dx)


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
    """G:form as people write it; a scalar G stands in front, and two signs cancel."""
    if G.is_scalar:
        return mul(G, form)
    if _is_negative(G) and _is_negative(form):
        G, form = scale(-1, G), scale(-1, form)
    return make("colon", G, form)


def _is_negative(e: Expr) -> bool:
    terms = terms_of(e)
    return len(terms) == 1 and terms[0][0] < 0
