"""What a left side of a derivation stands for: the truth that the lines beside it are compared with."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

from matcalc.check.written.bench import Bench, Side, along, jacobian_along, plain, slope, vec_slope
from matcalc.core.dims import ONE, SCALAR, Shape
from matcalc.core.tree import Expr, depends, make, walk
from matcalc.derive.gradient import gradient
from matcalc.errors import MatcalcError, UnsupportedError
from matcalc.notation.written.book import Book
from matcalc.notation.written.clauses import Target, plain_name


@dataclass(frozen=True, slots=True)
class Truth:
    """What the sides of a clause must equal.

    `kind`: "value", "d", "gradient", "jacobian", "closing" or "equation"; `function` is what is meant (for an
    equation its left side), `by` the variable, `shape` the shape a side must have, `left` the text of an
    equation's left side, `what` the left side in words.
    """

    kind: str
    function: Expr | None
    shape: Shape | None
    what: str
    by: Expr | None = None
    flipped: bool = False
    left: str = ""

    def sides(self, e: Expr, bench: Bench) -> tuple[Side, Side, frozenset[Expr]]:
        """The truth and a claimed expression, to be compared, and what moves."""
        f, x = self.function, self.by
        assert f is not None
        if self.kind == "d":
            return slope(f), plain(e), bench.moving(e)
        if self.kind == "gradient":
            assert x is not None
            return slope(f), along(e, x, self.flipped), bench.variables(x)
        if self.kind == "jacobian":
            assert x is not None
            return vec_slope(f), jacobian_along(e, x, self.flipped), frozenset((x,))
        return plain(f), plain(e), bench.moving(f, e)


def truth_of(target: Target, bench: Bench) -> Truth:
    """The truth of a left side that is not an equation's.

    Raises:
        MatcalcError: the left side names nothing that is known.
    """
    book = bench.book
    if target.kind == "value":
        name = plain_name(target.of)
        leaf = book.leaf(name) if name else None
        if name and name == book.title and book.objective is not None:
            return Truth("value", book.objective, book.objective.shape, _said(target.of))
        if leaf is not None and leaf in book.values:
            return Truth("value", leaf, leaf.shape, _said(target.of))
        if leaf is not None:
            return Truth("closing", leaf, leaf.shape, _said(target.of), leaf)
        return Truth("equation", None, None, "the left side" if "\\" in target.of else target.of, left=target.of)
    if target.kind == "d":
        f = _function(target.of, bench)
        return Truth("d", f, f.shape, f"d{_said(target.of)}")
    f = _function(target.of, bench)
    by = [_variable(x, f, bench) for x in target.by]
    argument = _argument(target.of)
    if target.kind == "gradient" and not by and argument and f.shape == SCALAR:
        target = replace(target, by=(argument,))
        by = [_variable(argument, f, bench)]
    if target.kind == "gradient" and by and f.shape == SCALAR:
        shape = by[0].shape[::-1] if target.flipped else by[0].shape
        what = f"∂{_said(target.of or book.title or 'f')}/∂{_said(target.by[0])}"
        return Truth("gradient", f, shape, what, by[0], target.flipped)
    if target.kind == "gradient" and not by:
        return Truth("gradient", f, None, "the gradient")
    if target.kind in ("jacobian", "gradient"):
        return _jacobian(f, by[0], target)
    by = by or _only(target.of, f, bench)
    g = gradient(f, by[0])
    return _jacobian(g, by[-1], Target("jacobian", target.of, (str(by[-1].attrs[0]),)), "the Hessian")


def _said(name: str) -> str:
    """A name in a sentence: φ for \\phi."""
    return plain_name(name) or name


def _jacobian(F: Expr, x: Expr, target: Target, what: str = "") -> Truth:
    rows, columns = F.shape[0] * F.shape[1], x.shape[0] * x.shape[1]
    shape = (columns, rows) if target.flipped else (rows, columns)
    return Truth("jacobian", F, shape, what or f"∂{_said(target.of)}/∂{_said(target.by[0])}", x, target.flipped)


def _function(text: str, bench: Bench) -> Expr:
    """The function that a left side differentiates."""
    book = bench.book
    if stacked := re.fullmatch(r"vec\((.+)\)", text):
        return make("vec", _function(stacked[1], bench))
    name = plain_name(text) if text else ""
    if not text or name and (name == book.title or book.leaf(name) is None and not book.title):
        if book.objective is None:
            raise UnsupportedError(
                "the text does not say what the function is", hint="f = … before it is differentiated"
            )
        return book.objective
    if name:
        found = book.leaf(name)
        if found is not None:
            return found
        vec = book.leaf(name.upper())
        if vec is not None and name.islower():
            return vec
        if book.objective is not None and book.objective.shape != SCALAR and book.title == name.upper():
            return book.objective
        raise UnsupportedError(f"`{text}` is not a name of this derivation")
    formula = book.formula(text)
    for x in formula.fresh:  # ∂vec(XᵀX)/∂vec(X) alone says what X is
        book.known.setdefault(str(x.attrs[0]), x)
    return formula.expression


def _variable(text: str, f: Expr, bench: Bench) -> Expr:
    """The variable of a derivative of `f`; the X of x = vec(X) where only X is known, or f is no scalar."""
    book = bench.book
    name = plain_name(text)
    leaf = book.leaf(name) if name else None
    if name and name.islower() and (leaf is None or f.shape != SCALAR and _is_vec(leaf, book)):
        leaf = book.leaf(name.capitalize()) or leaf
    if leaf is None:
        leaf = next((x for x in bench.variables(f) if x.attrs[0] == name), None)
    if leaf is None:
        raise UnsupportedError(f"`{text}` is not a variable of this derivation")
    return leaf


def _only(text: str, f: Expr, bench: Bench) -> list[Expr]:
    """The variable of ∇²f(x): the argument, or the only one in which the text differentiates."""
    if argument := _argument(text):
        return [_variable(argument, f, bench)]
    found = bench.variables(f) if len(bench.variables(f)) == 1 else bench.variables(f) & bench.wanted
    if len(found) != 1:
        raise UnsupportedError("the Hessian of which variables?", hint="∇²_x f, or ∂²f/∂x∂xᵀ")
    return list(found)


def _argument(text: str) -> str:
    """The x of f(x); "" where there is not one argument."""
    m = re.search(r"\(([^()]*)\)\s*$", text)
    return m[1] if m is not None and plain_name(m[1]) else ""


def _is_vec(leaf: Expr, book: Book) -> bool:
    return leaf in book.values and book.values[leaf].op.name == "vec"


def candidates(f: Expr, shape: Shape, bench: Bench) -> list[Expr]:
    """The variables of a function whose gradient could have a shape: those that the text differentiates in first."""
    spelled = bench.book.reading.layout.spelled if bench.book.reading is not None else {}  # l + 1 is n for l = n − 1
    wanted = [d.subs(spelled) for d in shape]
    shapes = {x: [d.subs(spelled) for d in x.shape] for x in bench.variables(f)}
    found = [x for x, have in shapes.items() if wanted in (have, have[::-1])]
    uses = Counter(a for e in walk(f) for a in e.args)
    return sorted(found, key=lambda x: (x not in bench.wanted, -uses[x], x.key))


__all__ = ["ONE", "MatcalcError", "Truth", "candidates", "depends", "truth_of"]
