"""An objective in the names that a derivation defines, for the parts that they (or their negatives) stand for."""

from __future__ import annotations

from matcalc.check.written.bench import Bench, plain
from matcalc.core.algebra import neg
from matcalc.core.tree import Expr, substitute, walk
from matcalc.notation.written.book import Book

MAX_PARTS = 60


def in_names(book: Book) -> Expr | None:
    """The objective of a book with its names for parts, the largest parts first; None without an objective.

    >>> from matcalc.notation.written.reader import written
    >>> from matcalc.notation.printing.printer import text
    >>> text(in_names(written("X := b − Ax", "‖Ax − b‖² + x'x").book))
    '‖X‖² + ‖x‖²'
    """
    if book.objective is None:
        return None
    bench = Bench(book)
    e = book.objective
    for leaf, value in reversed(book.values.items()):
        for part in sorted(walk(e), key=lambda n: -n.size)[:MAX_PARTS]:
            if part.shape != value.shape or part.is_scalar or part.op.name == "var":
                continue
            if bench.quick(plain(part), plain(value)):
                e = substitute(e, {part: leaf})
                break
            if bench.quick(plain(part), plain(neg(value))):
                plainly = substitute(e, {part: leaf})  # ‖−X‖² is ‖X‖²
                even = bench.quick(plain(plainly), plain(book.objective))
                e = plainly if even else substitute(e, {part: neg(leaf)})
                break
    return e
