"""Powers: of scalars, of square matrices, entry by entry; with a number or a formula for an exponent."""

from __future__ import annotations

from fractions import Fraction

from matcalc.core.algebra import ZEROS, mul, num, number_of, power
from matcalc.core.powers import matrix_power
from matcalc.core.tree import Expr, make
from matcalc.errors import UnsupportedError
from matcalc.notation.building.builder import RULES, Builder, Typed
from matcalc.notation.building.terms import find
from matcalc.notation.syntax.surface import Node

MAX_POWER = 64


def _square(b: Builder, node: Node, x: Node, t: Typed, what: str) -> None:
    hint = ""
    if find(t.cols) == 1 or find(t.rows) == 1:
        hint = "of a vector: x'x is the inner product, x x' the outer, x.^2 entry by entry"
        raise b.clash((f"{what} needs a square matrix", b.source, ((x, t),), hint))
    b.require(t.rows, t.cols, f"{what} needs a square matrix", (x, t))


def _pow(b: Builder, node: Node) -> Typed:
    x, q = node.args[0], node.value
    q = int(q) if q.denominator == 1 else q
    t = b.infer(x)
    if t.is_scalar:
        if abs(q) > 10**4:
            raise b.unsupported("this exponent is too large", node, "at most 10000")
        return Typed(1, 1, lambda: _power(b, x, t.make(), q), t.number)
    _square(b, node, x, t, "the inverse" if q == -1 else "a power")
    if abs(q) > MAX_POWER:
        raise _too_large(b, node, q)
    width = b.wide(node, t.width * max(1, int(abs(q))))
    return Typed(t.rows, t.cols, lambda: matrix_power(t.make(), num(q)), width=width)


def _too_large(b: Builder, node: Node, q: int | Fraction) -> UnsupportedError:
    return b.unsupported(f"the matrix power {q} is not supported", node, f"powers up to {MAX_POWER}")


def _power(b: Builder, x: Node, e: Expr, q: int | Fraction) -> Expr:
    b.typed.parts((e,))
    if e.op is ZEROS and q <= 0:
        raise b.parse_error("division by zero" if q else "0^0 has no value", x)
    value: int | Fraction | None = number_of(e)
    if value is not None and value < 0 and q.denominator != 1:
        raise b.parse_error("a root of a negative number", x)
    if value is not None and not -64 <= q <= 64 and value not in (0, 1, -1):
        raise b.unsupported("this power of a number is too large", x, "at most 64")
    return power(e, q)


def _hpow(b: Builder, node: Node) -> Typed:
    x, q = node.args[0], node.value
    t = b.infer(x)
    if abs(q) > 10**4:
        raise b.unsupported("this exponent is too large", node, "at most 10000")
    return Typed(
        t.rows, t.cols, lambda: _power(b, x, t.make(), int(q) if q.denominator == 1 else q), t.number
    )


def _powof(b: Builder, node: Node) -> Typed:
    x, y = node.args
    t, exponent = b.infer(x), b.infer(y)
    entrywise = node.kind == "hpowof"
    if not exponent.is_scalar:
        hint = f"exp({b.text(y)}∘log({b.text(x)})) raises entry by entry" if entrywise else ""
        raise b.clash(("an exponent is a scalar", b.source, ((y, exponent),), hint))
    if not t.is_scalar and not entrywise:
        _square(b, node, x, t, "a power")

    def build() -> Expr:
        e, q = t.make(), exponent.make()
        value: int | Fraction | None = number_of(q)
        if not (t.is_scalar or entrywise):
            if value is not None and not -MAX_POWER <= value <= MAX_POWER:
                raise _too_large(b, node, value)
            return matrix_power(e, q)
        if value is not None and -(10**4) <= value <= 10**4:
            return _power(b, x, e, value)
        logarithm = make("log", e)
        return make("exp", mul(q, logarithm))

    return Typed(t.rows, t.cols, build, t.number and exponent.number)


RULES.update(pow=_pow, hpow=_hpow, powof=_powof, hpowof=_powof)
