"""Unification of dimensions: every size that a text leaves open is solved here, or becomes a condition.

An unknown size (`Var`) is bound to what it must equal. Equations between products or sums that share no
unknown are kept until everything definite is known; then they are matched factor by factor, part by part, in
order, and each such step is an assumption that the reading states. What is left is a condition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from matcalc.core.dims import ONE, Dim
from matcalc.notation.building.terms import (
    MAX_WORK,
    Term,
    Var,
    cancelled,
    check_limit,
    find,
    mentions,
    numbered_pairs,
    orders,
    pairs_of,
    parts_of,
    size_of,
    terms,
    unordered,
)
from matcalc.notation.dimension import Product, Size, Triangle

_PREFERRED = "mnkpqrstuvwabcdghijlxyz"


class Mismatch(Exception):
    """Two sizes that cannot be equal; `where` is what the equation was kept with."""

    def __init__(self, left: Size, right: Size) -> None:
        super().__init__(left, right)
        self.where: Any = None


class Sizes:
    """The equations of one text."""

    def __init__(self) -> None:
        self.pending: list[tuple[Size, Size, Any]] = []
        self.matched: list[tuple[Size, Size, Any]] = []  # equations solved factor by factor
        self.conditions: list[tuple[Dim, Dim]] = []
        self.written: dict[
            int, Dim
        ] = {}  # a number that must be a product is written as that product: 20 as mn
        self.names: dict[Var, str] = {}
        self.triangles: dict[Dim, Dim] = {}
        self.differences: dict[Any, Dim] = {}
        self.used: set[str] = set()

    # ── equations ─────────────────────────────────────────────────────────────────────────────────────────
    def equal(self, a: Size, b: Size, where: Any = None) -> None:
        """Require a = b.

        Raises:
            Mismatch: no sizes satisfy it.
        """
        a, b = find(a), find(b)
        if a is b or a == b and type(a) in (str, int):
            return
        if type(a) is Var or type(b) is Var:
            var, other = (
                (a, b) if type(a) is Var and (a.loose or type(b) is not Var or not b.loose) else (b, a)
            )
            if other == 1 and not var.loose or mentions(other, var):
                if other != 1 and self._trivial(a, b):
                    return
                raise Mismatch(a, b)
            var.bound = other
        elif type(a) is int and type(b) is int or type(a) is str and type(b) is str:
            raise Mismatch(a, b)
        elif a == 1 or b == 1:
            raise Mismatch(a, b)
        elif type(a) is Triangle and type(b) is Triangle:
            self.equal(a.side, b.side, where)
        elif not self._trivial(a, b):
            self.pending.append((a, b, where))

    def _trivial(self, a: Size, b: Size) -> bool:
        x, y = terms(a), terms(b)
        return x is not None and y is not None and unordered(x) == unordered(y)

    def solve(self) -> list[tuple[Size, Size, Any]]:
        """Solve what was kept; gives the equations that stay as conditions.

        Raises:
            Mismatch: with the place of the equation.
        """
        while self.pending:
            waiting, self.pending = self.pending, []
            progress = False
            for a, b, where in waiting:
                progress |= self._at(where, self._definite, a, b, where)
            if progress:
                continue
            waiting, self.pending = self.pending, []
            for i, (a, b, where) in enumerate(waiting):
                if self._at(where, self._in_order, a, b, where):
                    self.pending += waiting[:i] + waiting[i + 1:]
                    break
            else:
                return waiting
        return []

    @staticmethod
    def _at(where: Any, step: Callable[..., bool], *given: Any) -> bool:
        try:
            return step(*given)
        except Mismatch as clash:
            clash.where = clash.where or where
            raise

    def _definite(self, a: Size, b: Size, where: Any) -> bool:
        """One step that leaves no choice; else the equation goes back to the kept ones."""
        left, right = cancelled(terms(a), terms(b))
        if left is None or right is None or not left and not right:
            return left is not None
        if len(left) == len(right) == 1:
            return self._monomials(left[0], right[0], a, b, where)
        if not left or not right:
            raise Mismatch(a, b)
        for one, other in ((left, right), (right, left)):
            if len(one) == 1 and one[0][0] == 1 and len(one[0][1]) == 1:
                if type(one[0][1][0]) is Var:
                    self.equal(one[0][1][0], size_of(other), where)
                    return True
        self.pending.append((a, b, where))
        return False

    def _monomials(self, left: Term, right: Term, a: Size, b: Size, where: Any) -> bool:
        (p, xs), (q, ys) = left, right
        if not xs and not ys:
            if p != q:
                raise Mismatch(a, b)
            return True
        if (
            len(xs) == 1
            and len(ys) == 1
            and p == q
            and (type(xs[0]) is type(ys[0]) or Var in (type(xs[0]), type(ys[0])))
        ):
            self.equal(xs[0], ys[0], where)
            return True
        for atoms, c, other_atoms, d in ((xs, p, ys, q), (ys, q, xs, p)):
            if len(atoms) == 1 and type(atoms[0]) is Var and d % c == 0 and (
                (d // c, other_atoms) != (1, ()) or atoms[0].loose
            ):
                self.equal(atoms[0], size_of([(d // c, other_atoms)]), where)
                return True
            if not atoms and (c == 1 or other_atoms and len(other_atoms) == 1 and c % d != 0):
                raise Mismatch(a, b)
            if not atoms and len(other_atoms) == 1 and type(other_atoms[0]) is Var:
                self.equal(other_atoms[0], c // d, where)
                return True
        self.pending.append((a, b, where))
        return False

    def _in_order(self, a: Size, b: Size, where: Any) -> bool:
        """Match the factors of two products, or the parts of two sums, one by one."""
        pairs = pairs_of(*cancelled(terms(a), terms(b), orders(a, b))) or numbered_pairs(a, b)
        if not any(type(x) is Var for pair in pairs for x in pair):
            return False
        if any(type(x) is str and type(y) is str and x != y for x, y in pairs):
            return False
        self.matched.append((a, b, where))
        for x, y in pairs:
            self.equal(x, y, where)
        return True

    # ── names and dimensions ──────────────────────────────────────────────────────────────────────────────
    def name_free(self, sizes: Iterable[Size], avoid: set[str]) -> None:
        """Give names to the unknown sizes that are left, in the order in which they come."""
        free: dict[Var, None] = {}
        for size in sizes:
            free.update(dict.fromkeys(x for x in parts_of(size) if type(x) is Var and not x.loose))
        new = [v for v in free if v not in self.names]
        taken = avoid | self.used
        choices = [
            c for c in (_PREFERRED if len(new) > 1 or self.used else "n" + _PREFERRED) if c not in taken
        ]
        choices += [f"n_{i}" for i in range(1, len(new) + 1)]
        for var, name in zip(new, choices, strict=False):
            self.names[var] = name
            self.used.add(name)

    def fresh_name(self, like: str) -> str:
        """A dimension name not used yet."""
        name, i = like, 1
        while name in self.used:
            name, i = f"{like}_{i}", i + 1
        self.used.add(name)
        return name

    def dim(self, size: Size, budget: list[int] | None = None) -> Dim:
        """The size as a dimension of the core.

        Raises:
            ValueError: the polynomial is out of all proportion.
        """
        budget = budget or [MAX_WORK]
        budget[0] -= 1
        size = find(size)
        if type(size) is int:
            return self.written.get(size) or Dim.of(size)
        if type(size) is str:
            return Dim.name(size)
        if type(size) is Var:
            if size.loose:
                return ONE
            if size not in self.names:
                self.name_free([size], set())
            return Dim.name(self.names[size])
        if budget[0] < 0:
            raise ValueError("a dimension of the formula has too many terms")
        if type(size) is Triangle:
            return self._triangle(self.dim(size.side, budget))
        total = Dim.of(0)
        if type(size) is Product:
            total = ONE
            for factor in size.factors:
                total = total * self.dim(factor, budget)
                check_limit(total)
        else:
            for part in size.parts:
                total = total + self.dim(part, budget)
            if size.minus:
                total = self._less(total, [self.dim(x, budget) for x in size.minus])
        check_limit(total)
        return self._whole(total)

    def _whole(self, d: Dim) -> Dim:
        """The dimension without names for differences, where it is a polynomial then: n for l + 1 and l = n − 1."""
        whole = d.subs(self.spelled())
        return whole if all(c > 0 for _, c in whole.terms) else d

    def stand_ins(self) -> dict[tuple[Dim, Dim], str]:
        """The conditions that only name a dimension which is no polynomial, in words."""
        out = {}
        for side, half in self.triangles.items():
            shown = f"{side}" if len(side.terms) == 1 else f"({side})"
            out[half + half, side * side + side] = f"{half} stands for {shown}({side} + 1)/2"
        for (total, taken), rest in self.differences.items():
            out[rest + taken, total] = (
                f"{rest} stands for {total} − {taken if len(taken.terms) == 1 else f'({taken})'}"
            )
        return out

    def spelled(self) -> dict[str, Dim]:
        """The names that stand for a difference, with the difference for print."""
        out: dict[str, Dim] = {}
        for (total, taken), rest in self.differences.items():
            out[str(rest)] = total.less(taken).subs(out)
        return out

    def name_triangle(self, a: Size, b: Size) -> None:
        """Where a = b says that a name is n(n + 1)/2, that name stands for it from now on."""
        left, right = cancelled(terms(a), terms(b))
        atoms = [t[0][1][0] for t in (left, right) if t and len(t) == 1 and t[0][0] == 1 and len(t[0][1]) == 1]
        for triangle, name in (atoms, atoms[::-1]) if len(atoms) == 2 else ():
            if type(triangle) is Triangle and type(name) is str:
                side = self.dim(triangle.side)
                if not side.is_number and side not in self.triangles:
                    self._stand_in(side, Dim.name(name))

    def _stand_in(self, side: Dim, half: Dim) -> None:
        self.triangles[side] = half
        self.conditions.append((half + half, side * side + side))

    def _triangle(self, side: Dim) -> Dim:
        """The name of n(n+1)/2, with its condition."""
        if side.is_number:
            return Dim.of(int(side) * (int(side) + 1) // 2)
        if side not in self.triangles:
            self._stand_in(side, Dim.name(self.fresh_name("h")))
        return self.triangles[side]

    def _less(self, total: Dim, minus: list[Dim]) -> Dim:
        """total − minus: where the difference is no polynomial of the core, a new name with a condition."""
        taken = Dim.of(0)
        for d in minus:
            taken = taken + d
        rest = dict(total.terms)
        for monomial, c in taken.terms:
            rest[monomial] = rest.get(monomial, 0) - c
        if all(c >= 0 for c in rest.values()):
            return Dim(rest)
        total, taken = (
            Dim({m: c for m, c in rest.items() if c > 0}),
            Dim({m: -c for m, c in rest.items() if c < 0}),
        )
        if total.is_number and taken.is_number:
            raise ValueError("a dimension of the formula is negative")
        key = (total, taken)
        if key not in self.differences:
            self.differences[key] = Dim.name(self.fresh_name("l"))
            self.conditions.append((self.differences[key] + taken, total))
        return self.differences[key]
