"""Why a line holds: the identities of the table that lead from the line before it, found by search within a budget."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from matcalc.check.written.bench import Bench
from matcalc.check.written.truth import Truth
from matcalc.core.tree import Expr, make, substitute, walk
from matcalc.identities import Identity, table
from matcalc.rewrite.match import rewrites

MAX_FIRST = 150  # expressions that are made in one step
MAX_SECOND = 120  # and in two
MAX_SIZE = 60  # nodes of an expression that is searched
MAX_ALL = 2_500  # expressions that are made for one derivation
SAME = "the same, rearranged"


def reasons(before: Expr, after: Expr, bench: Bench) -> tuple[str, ...]:
    """The names of the identities that lead from one side to the next; none where none are found.

    The bench counts what was tried, so that a long derivation ends as soon as a short one.

    >>> from matcalc.core.algebra import var
    >>> from matcalc.core.dims import Dim
    >>> A, B = var("A", (Dim.name("m"), Dim.name("n"))), var("B", (Dim.name("m"), Dim.name("n")))
    >>> from matcalc.notation.written.book import Book
    >>> reasons(make("sum", A * B), make("frob", A, B), Bench(Book(None, {}, set(), set())))
    ('sum/of-hadamard',)
    """
    if before is after:
        return (SAME,)
    if before.size > MAX_SIZE or after.size > MAX_SIZE or bench.tried > MAX_ALL:
        return ()
    seen: dict[Expr, tuple[str, ...]] = {before: ()}
    first: list[Expr] = []
    kept = frozenset(walk(after))  # parts that stay need no step
    for name, e in _limited(_steps(before, kept, bench), MAX_FIRST):
        bench.tried += 1
        if e not in seen:
            seen[e] = (name,)
            first.append(e)
        if e is after:
            return seen[e]
    count = 0
    for middle in sorted(first, key=lambda e: abs(e.size - after.size)):
        for name, e in _steps(middle, kept, bench):
            count += 1
            bench.tried += 1
            if e is after:
                return (*seen[middle], name)
            if count > MAX_SECOND:
                return ()
    return ()


def origin(truth: Truth, bench: Bench) -> Expr | None:
    """What a line of differentials starts from: the differential of the function as it is."""
    return make("d", truth.function) if truth.kind == "d" and truth.function is not None else None


def read_off(before: Expr, G: Expr, x: Expr) -> bool:
    """Whether a gradient stands before the colon in a line of differentials."""
    return before is make("frob", G, make("d", x))


def _limited(found: Iterator[tuple[str, Expr]], limit: int) -> Iterator[tuple[str, Expr]]:
    for count, one in enumerate(found):
        if count >= limit:
            return
        yield one


def _steps(e: Expr, kept: frozenset[Expr], bench: Bench) -> Iterator[tuple[str, Expr]]:
    """Every result of one identity anywhere in an expression but in `kept`, and of writing out or using a name."""
    nodes = list(walk(e))
    for part in nodes:
        for name, result in () if part in kept else _of_part(part, bench):
            yield name, _replaced(e, part, result)
    present = set(nodes)
    for leaf, value in bench.book.values.items():
        for old, new in ((leaf, value), (make("d", leaf), make("d", value))):
            if old in present:
                yield "names/use", substitute(e, {old: new})
            if new in present:
                yield "names/recognised", substitute(e, {new: old})


def _of_part(part: Expr, bench: Bench) -> list[tuple[str, Expr]]:
    """Every result of one identity at the top of an expression."""
    found = bench.rewritten.get(part)
    if found is None:
        rows = _rows().get(part.op.name, ())
        found = [(row.name, result) for row, left, right in rows for result in _results(left, right, part)]
        bench.rewritten[part] = found
    return found


def _results(left: Expr, right: Expr, part: Expr) -> Iterator[Expr]:
    try:
        yield from rewrites(left, right, part)
    except (KeyError, ValueError, AssertionError):  # a row whose right side does not fit these shapes
        return


def _replaced(e: Expr, part: Expr, result: Expr) -> Expr:
    if part is e:
        return result
    try:
        return substitute(e, {part: result})
    except (ValueError, AssertionError):
        return e


@cache
def _rows() -> dict[str, tuple[tuple[Identity, Expr, Expr], ...]]:
    """The identities by the operator at the head, from both ends where every letter stands on both sides."""
    index: dict[str, list[tuple[Identity, Expr, Expr]]] = {}
    for row in table():
        letters = [{x for x in walk(side) if x.op.name == "meta"} for side in (row.left, row.right)]
        for left, right, known, needed in (
            (row.left, row.right, letters[0], letters[1]),
            (row.right, row.left, letters[1], letters[0]),
        ):
            if needed <= known and left.op.name != "meta":
                index.setdefault(left.op.name, []).append((row, left, right))
    return {name: tuple(rows) for name, rows in index.items()}
