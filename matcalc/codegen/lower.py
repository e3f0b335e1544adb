"""Expressions become one array program: value and gradients together, so that what they share is one node.

The leaves and the four algebra nodes are lowered here, every other operator by the `lower` column of its row.
A column vector and a row vector are both an array of one axis; which of the two it is, the expression knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import reduce

from matcalc.codegen.stable import stable, without_overflow
from matcalc.core.algebra import T, direction, facts_of, neg, number_of, terms_of
from matcalc.core.dims import ONE, Dim
from matcalc.core.tree import Expr, walk
from matcalc.errors import UnsupportedError
from matcalc.ir import Array, Program, build, number
from matcalc.ir.array import intern
from matcalc.rewrite import typed

Power = tuple[Expr, int | Fraction]


def lower(results: Sequence[tuple[str, Expr]], parts: Iterable[tuple[str, Expr]] = ()) -> Program:
    """One program for named expressions, the value first; `parts` are names of expressions that occur in it.

    Raises:
        UnsupportedError: an operator that no array program can compute.
    """
    roots = without_overflow([stable(_without_indices(e)) for _, e in results])
    named = [(name, e) for (name, _), e in zip(results, roots, strict=True)]
    lowering = _Lowering([e for _, e in named])
    known = [(name, stable(e)) for name, e in parts]
    return Program(tuple((name, lowering.done[e]) for name, e in named),
                   tuple((name, lowering.done[e]) for name, e in known if e in lowering.done))


def _without_indices(e: Expr) -> Expr:
    """A sum over an index in its matrix form, where it has one."""
    return typed.read(e) if any(x.op.name == "isum" for x in walk(e)) else e


def axes(e: Expr) -> tuple[Dim, ...]:
    """The array shape of an expression: matrices have two axes, vectors one, scalars none."""
    return tuple(d for d in e.shape if d is not ONE)


class _Lowering:
    def __init__(self, roots: Sequence[Expr]) -> None:
        self.roots = tuple(roots)
        self.done: dict[Expr, Array] = {}
        self.preferred = set(walk(self.roots[0]))  # orientations of the objective
        self.kept = tuple(dict.fromkeys(
            a for e in walk(*self.roots) if e.op.name not in ("frob", "sum", "had", "T") for a in e.args))
        self.rooted = {b for e in walk(*self.roots) if e.op.name == "had"
                       for b, q in zip(e.args, e.attrs, strict=True) if q.denominator == 2}
        for e in walk(*self.roots[1:], self.roots[0]):  # the value uses what the gradients compute
            if e not in self.done:
                self.done[e] = self._lowered(e)

    def _lowered(self, e: Expr) -> Array:
        if e.op.name == "lin" and len(e.args) > 1 and not self._is_wanted(e) and self._is_wanted(neg(e)):
            return build("negate", self._with_parts(neg(e)))
        turned = T(e)
        if turned is e or turned not in self.done and (turned not in self.preferred or e in self.preferred):
            return self._node(e)
        return build("transpose", self._with_parts(turned))

    def _is_wanted(self, e: Expr) -> bool:
        return e in self.preferred or T(e) in self.preferred

    def _with_parts(self, e: Expr) -> Array:
        """The array of a node that need not be below a root, but whose writing the objective prefers."""
        for a in walk(e):
            if a not in self.done:
                self.done[a] = self._lowered(a)
        return self.done[e]

    def _node(self, e: Expr) -> Array:
        if e.op.name in _NODES:
            return _NODES[e.op.name](self, e)
        arrays = tuple(self.done[a] for a in e.args)
        how = e.op.lower
        if how is None:
            raise UnsupportedError(f"no code can be written for {e.op.says or e.op.name}",
                                   hint="ask for the formula instead, or write the expression without it")
        lowered: Array = how(e, *arrays)
        return lowered

    # ── leaves ────────────────────────────────────────────────────────────────────────────────────────────
    def var(self, e: Expr) -> Array:
        """A variable; a declared row is an array of one row, read as a vector."""
        name, facts = str(e.attrs[0]), facts_of(e)
        if e.shape[0] is ONE and e.shape[1] is not ONE:
            return build("take_row", intern("input", (), (name, facts), e.shape), attrs=(0,))
        x = intern("input", (), (name, facts), axes(e))
        return build("diag_matrix", build("diagonal", x)) if "diag" in facts else x

    def unit(self, e: Expr) -> Array:
        """A unit vector whose place is a number or a dimension."""
        if isinstance(e.attrs[0], str):
            raise UnsupportedError("no code can be written for a sum over an index that has no matrix form",
                                   hint="write the sum with matrix products")
        return build("unit", attrs=(e.attrs[0], e.shape[0]))

    # ── sums ──────────────────────────────────────────────────────────────────────────────────────────────
    def lin(self, e: Expr) -> Array:
        """Positive terms first, products before what is only read: they can be updated in place."""
        terms = sorted(terms_of(e), key=lambda p: (p[0] < 0, _rank_in_sum(p[1])))
        total: Array | None = None
        for c, t in terms:
            x = self.done[t]
            if total is None:
                total = build("multiply", number(c), x)
            elif c < 0:
                total = build("subtract", total, build("multiply", number(-c), x))
            else:
                total = build("add", total, build("multiply", number(c), x))
        assert total is not None
        return total

    # ── products ──────────────────────────────────────────────────────────────────────────────────────────
    def chain(self, e: Expr) -> Array:
        """A product; at an inner dimension 1 it is an outer product."""
        factors = [self.done[a] for a in e.args]
        for i in range(1, len(e.args)):
            if e.args[i].shape[0] is ONE and e.args[i - 1].shape[1] is ONE:
                return build("outer", build("chain", *factors[:i]), build("chain", *factors[i:]))
        return build("chain", *factors)

    def scal(self, e: Expr) -> Array:
        """Scalar times array; a reciprocal scalar divides."""
        s, a = e.args
        x = self.done[a]
        if s.op.name != "had":
            return build("multiply", self.done[s], x)
        above, below = self._fraction(s)
        factor = self._times(above) if above else number(1)
        for d in below:
            if (times := self._times_by_norm(d)) > 0:
                norm = self._norm(d[0])
                for _ in range(times - 1):
                    factor = build("divide", factor, norm)
                vanishes = self._vanishes_with(d[0], a)
                x = build("multiply", build("one_over_norm", norm), x) if vanishes else build("divide", x, norm)
        x = build("multiply", factor, x)
        for d in below:
            if not self._times_by_norm(d):
                x = build("divide", x, self._power(d))
        return x

    def _norm(self, square: Expr) -> Array:
        return build("power", self.done[square], attrs=(Fraction(1, 2),))

    def _times_by_norm(self, d: Power) -> int:
        """How often the norm divides in the place of its powers, which overflow long before it does; else 0."""
        base, q = d
        fits = base in self.rooted and (2 * q).denominator == 1 and q <= 2
        return int(2 * q) if fits and self._is_square(base) else 0

    def _is_square(self, e: Expr) -> bool:
        x = self.done.get(e)
        return x is not None and x.name == "inner" and x.args[0] is x.args[1]

    def _vanishes_with(self, squared: Expr, a: Expr) -> bool:
        """X/‖X‖ is 0 at X = 0, the smallest subgradient: the norm divides an array that vanishes with it."""
        x, array = self.done[squared].args[0], self.done[a]
        either = (x, build("transpose", x), build("negate", x))
        return array in either or array.name in ("chain", "multiply", "outer") and any(f in either for f in array.args)

    def had(self, e: Expr) -> Array:
        """An entrywise product of powers."""
        rest = [(b, q) for b, q in zip(e.args, e.attrs, strict=True) if b.op.name != "eye"]
        if len(rest) < len(e.args):  # beside I only the diagonal counts
            diagonals = [build("power", build("diagonal", self.done[b]), attrs=(q,)) for b, q in rest]
            return build("diag_matrix", reduce(lambda x, y: build("multiply", x, y), diagonals))
        above, below = self._fraction(e)
        part = self._known_part(e)
        if part is not None:
            return build("multiply", part[0], self._times(part[1]))
        top = self._times(above) if above else number(1)
        for d in below:
            times = self._times_by_norm(d)
            for _ in range(times):
                top = build("divide", top, self._norm(d[0]))
            top = top if times else build("divide", top, self._power(d))
        return top

    def _fraction(self, e: Expr) -> tuple[list[Power], list[Power]]:
        pairs: list[Power] = list(zip(e.args, e.attrs, strict=True))
        pairs.sort(key=lambda p: (number_of(p[0]) is None, p[0].size))
        return [p for p in pairs if p[1] > 0], [(b, -q) for b, q in pairs if q < 0]

    def _known_part(self, e: Expr) -> tuple[Array, list[Power]] | None:
        """A smaller bag inside this one that is computed anyway."""
        mine = dict(zip(e.args, e.attrs, strict=True))
        for other in self.kept:
            if other.op.name == "had" and other is not e and other.shape == e.shape and other in self.done:
                found = _without(mine, other)
                if found is not None and not e.is_scalar:
                    return build("multiply", number(found[0]), self.done[other]), found[1]
        return None

    def _power(self, p: Power) -> Array:
        base = self._array(p[0])
        return build("power", base, attrs=(p[1],)) if p[1] != 1 else base

    def _array(self, e: Expr) -> Array:
        """The array of an expression that is computed, perhaps with the other sign."""
        if e in self.done:
            return self.done[e]
        other = neg(e)
        return build("negate", self.done[other]) if other in self.done else self._with_parts(e)

    def _times(self, pairs: list[Power]) -> Array:
        total = self._power(pairs[0])
        for p in pairs[1:]:
            total = build("multiply", total, self._power(p))
        return total

    # ── inner products ────────────────────────────────────────────────────────────────────────────────────
    def frob(self, e: Expr) -> Array:
        """A:B; of entrywise products, the split whose part the gradients need too."""
        a, b = e.args
        return self._total(_bag(a, _bag(b, {})), build("inner", self.done[a], self.done[b]), a is b)

    def sum(self, e: Expr) -> Array:
        """The sum of all entries."""
        (a,) = e.args
        return (
            self._total(_bag(a, {}), build("sum", self.done[a]), False)
            if a.op.name == "had"
            else build("sum", self.done[a])
        )

    def _total(self, mine: dict[Expr, int | Fraction], otherwise: Array, is_square: bool) -> Array:
        if is_square:
            return otherwise
        for other in sorted(
            (o for o in self.kept if o.op.name == "had" and o in self.done), key=lambda o: -len(o.args)
        ):
            for mark, part in ((self.done[other], other), (build("transpose", self.done[other]), T(other))):
                found = _without(mine, part)
                if found is not None and part.shape == next(iter(mine)).shape:
                    return build("multiply", number(found[0]), build("inner", mark, self._times(found[1])))
        return otherwise


def _rank_in_sum(t: Expr) -> tuple[int, int]:
    computed = {"chain": 0, "had": 1, "scal": 1, "var": 3, "T": 4, "ones": 5, "eye": 6, "Diag": 6}
    return computed.get(t.op.name, 2), -t.size


def _bag(e: Expr, into: dict[Expr, int | Fraction]) -> dict[Expr, int | Fraction]:
    pairs = zip(e.args, e.attrs, strict=True) if e.op.name == "had" else [(e, 1)]
    for base, q in pairs:
        into[base] = into.get(base, 0) + q
    return into


def _without(mine: dict[Expr, int | Fraction], part: Expr) -> tuple[int, list[Power]] | None:
    """Sign and rest of a bag without the bag `part`; None where it is not inside or nothing is left."""
    sign = 1
    rest = {direction(base)[1]: q for base, q in mine.items()}
    for base, q in mine.items():
        sign *= direction(base)[0] if q.denominator == 1 and q % 2 else 1
    taken: list[Power] = list(zip(part.args, part.attrs, strict=True))
    for base, q in taken:
        turned, canonical = direction(base)
        have = rest.get(canonical, 0)
        if q <= 0 or have < q:
            return None
        sign *= turned if q % 2 else 1
        rest[canonical] = have - q
    left = [(base, q) for base, q in rest.items() if q]
    return (sign, left) if left and all(q > 0 for _, q in left) else None


def _transposed(lowering: _Lowering, e: Expr) -> Array:
    return build("transpose", lowering.done[e.args[0]])


_NODES: dict[str, Callable[[_Lowering, Expr], Array]] = {
    "var": _Lowering.var,
    "ones": lambda self, e: intern("full", (), (1, *axes(e))) if axes(e) else number(1),
    "zeros": lambda self, e: intern("full", (), (0, *axes(e))) if axes(e) else number(0),
    "eye": lambda self, e: build("eye", attrs=(e.shape[0],)),
    "unit": _Lowering.unit,
    "const": lambda self, e: build("constant", attrs=e.attrs),
    "dimnum": lambda self, e: build("size", attrs=e.attrs),
    "commutation": lambda self, e: build("commutation", attrs=e.attrs),
    "duplication": lambda self, e: build("duplication", attrs=(*e.attrs, e.shape[1])),
    "elimination": lambda self, e: build("elimination", attrs=(*e.attrs, e.shape[0])),
    "lin": _Lowering.lin,
    "chain": _Lowering.chain,
    "had": _Lowering.had,
    "scal": _Lowering.scal,
    "T": _transposed,
    "frob": _Lowering.frob,
    "sum": _Lowering.sum,
}
