"""Products that are 0 with an entry, where one factor is infinite: |x|ᵖ/x is sign(x)|x|ᵖ⁻¹."""

from __future__ import annotations

from fractions import Fraction

from matcalc.core.algebra import add, bag, num, ones, power, scaled, sub, tidy
from matcalc.core.powers import symbolic_powers
from matcalc.core.tree import Expr, make

Power = tuple[Expr, int | Fraction]


def vanishing(e: Expr) -> Expr | None:
    """A bag in which the powers of an entry x that may be 0 are one power of |x|.

    >>> import matcalc.operators
    >>> from matcalc.core.algebra import var
    >>> from matcalc.core.dims import ONE, Dim
    >>> x = var("x", (Dim.name("n"), ONE))
    >>> found = vanishing(bag([(x, 1), (power(x, 2), Fraction(-1, 4))]))
    >>> found is bag([(make("sign", x), 1), (make("abs", x), Fraction(1, 2))])
    True
    """
    powers = list(zip(e.args, e.attrs, strict=True))
    for x, p in powers:
        if Fraction(p).denominator == 1 and p % 2:
            rest = [(b, q) for b, q in powers if b is not x]
            found = _of_squares(x, p, rest) or (_of_exponentials(x, p, rest) if p < 0 else None)
            if found is not None:
                return found
    return None


def _of_squares(x: Expr, p: int | Fraction, rest: list[Power]) -> Expr | None:
    """xᵖ (x²)^q as sign(x)|x|^(p + 2q), where that is no negative power."""
    size, square = make("abs", x), power(x, 2)
    others = dict(rest)
    if square not in others:
        return None
    total = p + 2 * others.pop(square) + others.pop(size, 0)
    return bag([*others.items(), (make("sign", x), 1), (size, total)]) if total >= 0 else None


def _of_exponentials(x: Expr, p: int | Fraction, rest: list[Power]) -> Expr | None:
    """xᵖ exp(a log|x|) as sign(x) exp((a + p) log|x|); the same with x² for |x|, and with a softmax for exp."""
    degrees = {make("abs", x): 1, power(x, 2): 2}
    for f, q in rest:
        if f.op.name not in ("exp", "softmax") or q != 1:
            continue
        bases, other = symbolic_powers(make("exp", f.args[0]))
        if other is not None or len(bases) != 1 or bases[0][0] not in degrees:
            continue
        (base, a), = bases
        exponent = scaled(add(a, num(tidy(Fraction(p) / degrees[base]))), make("log", base))
        if f.op.name == "softmax":
            exponent = sub(exponent, scaled(make("logsumexp", f.args[0]), ones(f.shape)))
        kept = [(b, r) for b, r in rest if b is not f]
        return bag([*kept, (make("sign", x), 1), (make("exp", exponent), 1)])
    return None
