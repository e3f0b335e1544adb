"""Where a function may have no derivative: its kinks and jumps, and those that what stands beside them smooths away.

A kink N(u) does no harm where the cotangent of N is 0 with u, as in relu(u)² and u|u|: the one-sided derivatives agree.
A jump, as of sign(u), does none where the cotangent is 0 faster than u. Everything here is one-sided: a condition
that stays may be one that is not needed, none that is needed is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from math import inf

from matcalc.core.algebra import (
    CHAIN,
    EYE,
    HAD,
    LIN,
    SCAL,
    UNITY,
    ZEROS,
    Number,
    T,
    add,
    bag,
    facts_of,
    linear,
    neg,
    split_coefficient,
    split_scalar,
    sub,
    var,
    zeros,
)
from matcalc.core.bags import is_diagonal
from matcalc.core.positivity import is_nonnegative, is_positive
from matcalc.core.tree import Expr, make, rebuild, walk
from matcalc.derive.pullback import accumulate, reaching
from matcalc.errors import MatcalcError
from matcalc.rewrite.hollow import is_hollow
from matcalc.rewrite.typed import read

Rough = tuple[str, Expr]  # the condition for a derivative, as a sentence with a gap, and what stands in it
NO_ZERO = "no entry of {} is 0"
OFF_DIAGONAL = "no entry of {} off its diagonal is 0"
ON_DIAGONAL = "no entry on the diagonal of {} is 0"
BELOW_DIAGONAL = "no entry of {} on or below its diagonal is 0"
JUMPS = ("sign", "step")
HALF = Fraction(1, 2)
Known = Mapping[Expr, Expr]


def kinks(f: Expr, moving: Iterable[Expr]) -> list[Rough]:
    """What must hold so that f, where it has a value, has a derivative in the moving variables.

    >>> import matcalc.operators
    >>> from matcalc.core.algebra import power
    >>> from matcalc.core.dims import ONE, Dim
    >>> x = var("x", (Dim.name("n"), ONE))
    >>> kinks(make("relu", x), [x]), kinks(power(make("relu", x), 2), [x])
    ([('no entry of {} is 0', var('x', ()))], [])
    """
    smooth = read(f)
    active = reaching(smooth, moving)
    return [rough for N in walk(smooth) if not active.isdisjoint(N.args) for rough in _rough(smooth, N, active)]


def _rough(f: Expr, N: Expr, active: set[Expr]) -> Iterator[Rough]:
    """The conditions of one node."""
    if N.op.smooth == NO_ZERO:
        yield from ((_where_free(u), u) for u in _places(f, N, active))
    elif N.op.smooth:
        yield N.op.smooth, N.args[0]
    elif N.op is HAD:  # √b is the kink of √(x²)
        for b, q in zip(N.args, N.attrs, strict=True):
            if 0 < q <= HALF and b in active and not is_positive(b) and not _root_fades(f, N, b):
                yield NO_ZERO, b


def _where_free(u: Expr) -> str:
    """That no entry of u is 0, but for those that are 0 whatever the variables are: they do not move."""
    if is_diagonal(u):
        return ON_DIAGONAL
    if "skew" in facts_of(u) or is_hollow(u):
        return OFF_DIAGONAL
    return BELOW_DIAGONAL if "tril" in facts_of(u) else NO_ZERO


def _places(f: Expr, N: Expr, active: set[Expr]) -> Iterator[Expr]:
    """What must not be 0 for a kink or a jump: a factor of u that moves, unless something fades with it.

    The cotangent of N is to be 0 with it, for a kink at any rate, for a jump faster than it; |u³| is itself smooth.
    """
    if len(N.args) == 2:  # of max and min
        a, b = N.args
        if not _fades(f, N, 0, {a: b}, {b: a}, _at_zero(sub(a, b))):
            yield sub(a, b) if N.op.name == "max" else sub(b, a)
        return
    jump = N.op.name in JUMPS
    if not jump and is_nonnegative(N.args[0]):
        return  # |u| and max(u, 0) are u
    for b, q in _factors(N.args[0]):
        if not active.isdisjoint(walk(b)) and not _fades(f, N, 1 if jump else 1 - q, _at_zero(b)):
            yield b


def _factors(u: Expr) -> list[tuple[Expr, Number]]:
    """The bases of a product of scalars and arrays with their powers."""
    _, s, rest = split_scalar(u)
    out: list[tuple[Expr, Number]] = []
    for part in (s, rest):
        if part is not None:
            out += zip(part.args, part.attrs, strict=True) if part.op is HAD else [(part, 1)]
    return out


def _fades(f: Expr, N: Expr, rate: Number, *places: Known) -> bool:
    """Whether the cotangent of N goes to 0 faster than the given power of what is 0 at the place."""
    G = _cotangent(f, N)
    return G is not None and any(order(G, place) > rate for place in places)


def _root_fades(f: Expr, N: Expr, b: Expr) -> bool:
    """Whether a product with √b goes to 0 faster than √b, as x√(x²) does."""
    G = _cotangent(f, N)
    square = b.op is HAD and b.attrs == (2,)
    place = _at_zero(b.args[0] if square else b)
    return G is not None and order(G, place) + order(N, place) > (1 if square else HALF)


def _at_zero(u: Expr) -> Known:
    """u is 0, and so are its multiples."""
    return {x: zeros(u.shape) for x in (u, neg(u), split_coefficient(u)[1])}


def _cotangent(f: Expr, N: Expr) -> Expr | None:
    """G with df = G:dN as far as f depends on N, also as Nᵀ; None where it cannot be said."""
    with suppress(MatcalcError):
        found = accumulate(UNITY if f.is_scalar else var("", f.shape), f, list(dict.fromkeys((N, T(N)))))
        parts = [G if x is N else T(G) for x, G in found.items()]
        return add(*parts) if parts else None
    return None


def order(e: Expr, place: Known) -> Fraction | float:
    """A power of u with which the entries of e go to 0 with those of u, at least; 0 where they may not.

    `place` says what u is there, and what else is known.
    """
    if e.op is ZEROS:
        return inf
    if e in place:
        return Fraction(place[e].op is ZEROS)
    least = _order_of_parts(e, place)
    return least or (HALF if at(e, place).op is ZEROS else Fraction(0))


def _order_of_parts(e: Expr, place: Known) -> Fraction | float:
    if e.op is LIN:
        return min(order(t, place) for t in e.args)
    if e.op is SCAL:
        return order(e.args[1], place)
    if e.op is HAD:
        return _order_of_product(e, place)
    if e.op is CHAIN:
        loose = [f for f in e.args if not _is_diagonal(f)]
        return order(loose[0], place) if len(loose) == 1 else Fraction(0)
    if e.op.name in ("relu", "step") and is_positive(neg(at(e.args[0], place))):
        return inf  # 0 all around
    return order(e.args[0], place) if e.op.name in ("abs", "relu") else Fraction(0)


def _order_of_product(e: Expr, place: Known) -> Fraction | float:
    """Powers of u add up; below a bar only u itself and its size are told."""
    total: Fraction | float = Fraction(0)
    for b, q in zip(e.args, e.attrs, strict=True):
        known = b in place or b.op.name == "abs" and b.args[0] in place
        found = order(b, place)
        if q < 0 and found and not known:
            return Fraction(0)
        total += q * found
    return max(total, Fraction(0))


def _is_diagonal(e: Expr) -> bool:
    return e.op.name == "Diag" or e.op is EYE or "diag" in facts_of(e)


def at(e: Expr, place: Known) -> Expr:
    """The entries of e where those of u are as `place` says, as far as entrywise operations tell."""
    if e in place:
        return place[e]
    if e.op is LIN:
        return linear([(c, at(t, place)) for c, t in zip(e.attrs, e.args, strict=True)], e.shape)
    if e.op is HAD:
        parts = [(at(b, place), q) for b, q in zip(e.args, e.attrs, strict=True)]
        return e if any(b.op is ZEROS and q < 0 for b, q in parts) else bag(parts)
    if e.op is SCAL or e.op.kind == "elementwise" or e.op.name in ("max", "min"):
        args = tuple(at(a, place) for a in e.args)
        if e.op.name in JUMPS and args[0].op is ZEROS:
            return e
        found = rebuild(e, args) if e.op.name not in ("max", "min") else make(e.op.name, *args)
        return zeros(e.shape) if _is_cut_off(found) else found
    return e


def _is_cut_off(e: Expr) -> bool:
    """relu(−c) for c ≥ 0, and its negative."""
    inside = e.args[0] if e.op is LIN and len(e.args) == 1 else e
    return inside.op.name == "relu" and is_nonnegative(neg(inside.args[0]))
