"""What would make a line true: a catalogue of assumptions, found by trying, the weakest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from matcalc.check.written.bench import Bench, Side, with_fact
from matcalc.core.algebra import add, neg
from matcalc.core.dims import ONE, SCALAR
from matcalc.core.tree import Expr, walk
from matcalc.errors import MatcalcError
from matcalc.notation.printing.spelling import NOTATIONS
from matcalc.notation.written.book import Book

Pair = tuple[Side, Side, frozenset[Expr]]
MAX_TRIES = 120
_NEEDS_RANK = frozenset({"inv", "det", "logdet"})


@dataclass(frozen=True, slots=True)
class Row:
    """One assumption: the fact that makes a variable obey it, to which it applies, and how it is said of X."""

    fact: str
    fits: Callable[[Expr], bool]
    says: str


def _array(x: Expr) -> bool:
    return x.shape != SCALAR


def _matrix(x: Expr) -> bool:
    return x.shape[0] is not ONE and x.shape[1] is not ONE


def _square(x: Expr) -> bool:
    return _matrix(x) and x.shape[0] is x.shape[1]


CATALOGUE: tuple[Row, ...] = (
    Row("binary", _array, "{x}∘{x} = {x}"),
    Row("orthonormal columns", _array, "{x}ᵀ{x} = I"),
    Row("orthonormal rows", _matrix, "{x}{x}ᵀ = I"),
    Row("summing to 1", lambda x: x.shape[1] is ONE and _array(x), "1ᵀ{x} = 1"),
    Row("sym", _square, "{x} = {x}ᵀ"),
    Row("skew", _square, "{x}ᵀ = −{x}"),
    Row("projection", _square, "{x} = {x}ᵀ = {x}{x}"),
    Row("diag", _square, "{x} is diagonal"),
    Row("positive", lambda x: True, "{x} > 0"),
)


@dataclass(frozen=True, slots=True)
class Assumption:
    """One row for one variable; `number` is the line where it is stated or first needed (0: not yet)."""

    variable: Expr
    row: Row
    number: int = 0
    stated: bool = False

    @property
    def text(self) -> str:
        """The assumption as a formula."""
        said = self.row.says.format(x=NOTATIONS["unicode"].variable(str(self.variable.attrs[0])))
        return said if self.variable.shape[1] is not ONE else said.replace("= I", "= 1")

    def residuals(self, book: Book) -> list[Expr]:
        """What the assumption says is zero, where it says so by equations."""
        parts = self.text.split(" = ")
        try:
            sides = [book.formulas([a, b], equal=2) for a, b in pairwise(parts)]
        except MatcalcError:
            return []
        return [add(a.expression, neg(b.expression)) for a, b in sides]


def facts_of(assumptions: Iterable[Assumption]) -> dict[Expr, Expr]:
    """What assumptions replace: each variable by one that obeys them."""
    out: dict[Expr, Expr] = {}
    for a in assumptions:
        out[a.variable] = with_fact(out.get(a.variable, a.variable), a.row.fact)
    return out


def found(pair: Pair, bench: Bench, held: tuple[Assumption, ...], plain: bool = False) -> Assumption | None:
    """The first assumption of the catalogue with which (and those held) two sides are equal.

    With `plain` only those are tried that do not change what a norm is.
    """
    a, b, moving = pair
    inverted = bench.variables(*(e for e in walk(*a.roots, *b.roots) if e.op.name in _NEEDS_RANK))
    for candidate in _candidates(bench.variables(*a.roots, *b.roots), held):
        if candidate.row.fact == "projection" and candidate.variable in inverted:
            continue  # a projection that has an inverse is I
        if not (plain and candidate.row.fact.startswith("orthonormal")) and bench.quick(
            a, b, moving, facts=facts_of((*held, candidate)), trials=2
        ):
            return candidate
    return None


def _candidates(variables: frozenset[Expr], held: tuple[Assumption, ...]) -> Iterator[Assumption]:
    taken = {a.variable for a in held}
    ordered = sorted(variables - taken, key=lambda x: str(x.attrs[0]))
    count = 0
    for row in CATALOGUE:
        for x in filter(partial(_applies, row), ordered):
            count += 1
            if count > MAX_TRIES:
                return
            yield Assumption(x, row)


def _applies(row: Row, x: Expr) -> bool:
    return row.fits(x) and row.fact not in x.attrs[1]


def needs(pair: Pair, bench: Bench, held: tuple[Assumption, ...]) -> tuple[Assumption, ...]:
    """Which of the held assumptions two sides need, where they are equal with all of them; none where not."""
    a, b, moving = pair
    if not held or not bench.quick(a, b, moving, facts=facts_of(held), trials=2):
        return ()
    kept = held
    for one in held:
        fewer = tuple(x for x in kept if x is not one)
        if bench.quick(a, b, moving, facts=facts_of(fewer), trials=2):
            kept = fewer
    return kept


def as_facts(assumptions: Iterable[Assumption]) -> Mapping[Expr, Expr]:
    """The replacements, for reading only."""
    return facts_of(assumptions)
