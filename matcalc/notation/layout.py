"""The order in which a person typed the arguments of commutative nodes, and what was typed and cancels.

Nodes are canonical, so the order of the terms of a sum, of the factors of a Hadamard product, the
orientation of a scalar chain and the rotation under a trace are lost in them, and so is x in x/x; a layout
remembers them.
The reader fills a `Recorder` while it builds; the printer asks the `Layout`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from matcalc.core.algebra import CHAIN, HAD, LIN, SCAL, T, neg, split_coefficient, terms_of
from matcalc.core.dims import Dim
from matcalc.core.tree import Args, Expr


@dataclass(frozen=True, slots=True)
class Layout:
    """Node → its arguments as typed; a term of a sum stands without its coefficient.

    A dimension that stands for a difference is `spelled` as it was typed: n − 1. A differential is marked by d, by δ
    where d is a name. The `partial` parts of what was typed are those that do not have a value everywhere.
    """

    orders: Mapping[Expr, Args] = field(default_factory=dict)
    spelled: Mapping[str, Dim] = field(default_factory=dict)
    mark: str = "d"
    partial: Args = ()

    def order_of(self, e: Expr) -> Args | None:
        """The typed order of the arguments of `e`, None where unknown.

        The negative of a typed sum follows it, positive terms first: Y − UVᵀ gives UVᵀ − Y.
        """
        if not self.orders:
            return None
        found = self.orders.get(e)
        if found is None and e.op is LIN and (found := self.orders.get(neg(e))) is not None:
            negative = {t for c, t in terms_of(e) if c < 0}
            found = tuple(sorted(found, key=lambda t: t in negative))
        if found is not None and (e.op is LIN or e.op is HAD) and set(found) != set(e.args):
            return None
        return found


EMPTY = Layout()


@dataclass(slots=True)
class Recorder:
    """Notes typed orders while expressions are built; the first writing of a node counts."""

    orders: dict[Expr, Args] = field(default_factory=dict)
    partial: dict[Expr, None] = field(default_factory=dict)

    def layout(self, spelled: Mapping[str, Dim], partial: Iterable[Expr]) -> Layout:
        """What was noted so far, how differences of dimensions are spelled, and what may have cancelled."""
        return Layout(dict(self.orders), spelled, partial=tuple(partial))

    def parts(self, parts: Iterable[Expr]) -> None:
        """These go into something that may lose them: x⁻¹ into a product with x."""
        self.partial.update((e, None) for e in parts if any(map(_is_partial, (e, *e.args))))

    def sum(self, e: Expr, parts: Iterable[Expr]) -> Expr:
        """`e` is the sum of `parts`, in this order."""
        parts = tuple(parts)
        self.parts(parts)
        if e.op is LIN and len(e.args) > 1:
            self._note(e, (t for part in parts for t in self._terms(part)))
        return e

    def _terms(self, part: Expr) -> Args:
        _, t = split_coefficient(part)
        if t.op is LIN and len(t.args) > 1 and t is part:
            return self.orders.get(t, t.args)
        return t, neg(t)

    def bag(self, e: Expr, parts: Iterable[Expr]) -> Expr:
        """`e` is the product of `parts`, entry by entry or of scalars."""
        parts = tuple(parts)
        self.parts(parts)
        target = split_coefficient(e)[1]
        for t in (target, target.args[0], target.args[1]) if target.op is SCAL else (target,):
            if t.op is HAD and len(t.args) > 1:
                self._note(t, (b for part in parts for b in self._bases(part)))
        return e

    def _bases(self, part: Expr) -> Args:
        _, t = split_coefficient(part)
        if t.op is SCAL:
            return self._bases(t.args[0]) + self._bases(t.args[1])
        return self.orders.get(t, t.args) if t.op is HAD else (t,)

    def chain(self, e: Expr, factors: Iterable[Expr]) -> Expr:
        """`e` is the matrix product of `factors`; where it is a scalar it may have been turned round."""
        factors = tuple(factors)
        self.parts(factors)
        target = split_coefficient(e)[1]
        if target.op is CHAIN and target.is_scalar:
            typed = _flat(factors)
            if typed != target.args and tuple(T(f) for f in reversed(typed)) == target.args:
                self.orders.setdefault(target, typed)
        return e

    def frobenius(self, e: Expr, a: Expr, b: Expr) -> Expr:
        """`e` is a:b."""
        if e.op.name == "frob" and set(e.args) == {a, b}:
            self.orders.setdefault(e, (a, b))
        return e

    def trace(self, e: Expr, x: Expr) -> Expr:
        """`e` is tr(x), a chain perhaps in another rotation."""
        if e.op.name == "tr" and x.op is CHAIN and e.args[0] is not x and e.args[0].op is CHAIN:
            canonical = e.args[0].args
            for typed in (x.args, T(x).args):
                if any(typed[i:] + typed[:i] == canonical for i in range(len(typed))):
                    self.orders.setdefault(e, x.args)
        return e

    def _note(self, e: Expr, typed: Iterable[Expr]) -> None:
        order = [t for t in dict.fromkeys(typed) if t in e.args]
        order += [t for t in e.args if t not in order]
        self.orders.setdefault(e, tuple(order))


def _is_partial(e: Expr) -> bool:
    """Whether a node may have no value where its arguments have one."""
    return bool(e.op.domain) or e.op is HAD and any(q < 0 or q.denominator != 1 for q in e.attrs)


def _flat(factors: Iterable[Expr]) -> Args:
    out: Args = ()
    for f in factors:
        t = split_coefficient(f)[1]
        t = t.args[1] if t.op is SCAL else t
        out += t.args if t.op is CHAIN else (t,)
    return out
