"""Sums that are sigmoids in disguise: where both ends of 1 + exp x, exp x + exp y, 1 ± tanh x saturate.

Each is written as c exp(w) ∏ σ(tᵢ)^qᵢ with c > 0. Its log is then log c + w − Σ qᵢ softplus(−tᵢ), and a quotient by it
a product of sigmoids: neither overflows, and no digits are lost in a tail.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from matcalc.core.algebra import T, bag, linear, neg, num, ones, scale, scaled, terms_of, tidy, zeros
from matcalc.core.dims import Shape
from matcalc.core.tree import Expr, make

Powers = tuple[tuple[Expr, int], ...]


def _log_of(c: int | Fraction, shape: Shape) -> Expr:
    """log(c) in every entry."""
    return zeros(shape) if c == 1 else scaled(make("log", num(tidy(c))), ones(shape))


@dataclass(frozen=True, slots=True)
class Sigmoids:
    """c ∏ σ(t)^q, entrywise."""

    coefficient: int | Fraction
    powers: Powers

    def raised(self, p: int) -> Expr:
        """Its power."""
        return scale(Fraction(self.coefficient) ** p, bag([(make("sigmoid", t), p * q) for t, q in self.powers]))

    def log(self) -> Expr:
        """Its logarithm."""
        shape = self.powers[0][0].shape
        constant = _log_of(self.coefficient, shape)
        return linear([(1, constant), *((-q, make("softplus", neg(t))) for t, q in self.powers)], shape)


def sigmoids(e: Expr) -> Sigmoids | None:
    """1 ± tanh(x) as 2σ(±2x), 1 − tanh(x)² as 4σ(2x)σ(−2x), 1 − σ(x) as σ(−x), σ(x) itself.

    >>> import matcalc.operators
    >>> from matcalc.core.algebra import var
    >>> from matcalc.core.dims import SCALAR
    >>> x = var("x", SCALAR)
    >>> sigmoids(1 - make("tanh", x)).coefficient
    2
    """
    if e.op.name == "sigmoid":
        return Sigmoids(1, ((e.args[0], 1),))
    if e.op.name == "had":
        return _product(e)
    if e.op.name == "lin" and len(e.args) == 1 and (found := sigmoids(e.args[0])) is not None:
        return Sigmoids(e.attrs[0] * found.coefficient, found.powers)
    parts = _one_and_more(e)
    if parts is None:
        return None
    one, c, t = parts
    ratio = Fraction(c) / Fraction(one)
    if t.op.name == "tanh" and abs(ratio) == 1:
        return Sigmoids(2 * one, ((scale(2 * ratio, t.args[0]), 1),))
    if t.op.name == "had" and t.attrs == (2,) and t.args[0].op.name == "tanh" and ratio == -1:
        x = scale(2, t.args[0].args[0])
        return Sigmoids(4 * one, ((x, 1), (neg(x), 1)))
    if t.op.name == "sigmoid" and ratio == -1:
        return Sigmoids(one, ((neg(t.args[0]), 1),))
    return None


def _product(e: Expr) -> Sigmoids | None:
    """A product of such sums and of powers of them."""
    c, powers = Fraction(1), list[tuple[Expr, int]]()
    for base, p in zip(e.args, e.attrs, strict=True):
        found = sigmoids(base) if p.denominator == 1 else None
        if found is None:
            return None
        c *= Fraction(found.coefficient) ** int(p)
        powers += ((t, q * int(p)) for t, q in found.powers)
    return Sigmoids(c, tuple(powers))


def is_one(e: Expr) -> bool:
    """Whether every entry is 1."""
    return e.op.name == "ones" or e.op.name == "T" and e.args[0].op.name == "ones"


def _one_and_more(e: Expr) -> tuple[int | Fraction, int | Fraction, Expr] | None:
    """(a, c, t) where e is a·1 + c t, entrywise."""
    if e.op.name != "lin" or len(e.args) != 2:
        return None
    for (a, one), (c, t) in (terms_of(e), terms_of(e)[::-1]):
        if is_one(one):
            return a, c, t
    return None


@dataclass(frozen=True, slots=True)
class Exponentials:
    """a exp(u) + b exp(v), entrywise, with a, b > 0."""

    a: int | Fraction
    u: Expr
    b: int | Fraction
    v: Expr

    @property
    def step(self) -> Expr:
        """The t with a exp(u) = (a exp(u) + b exp(v)) σ(t)."""
        shift = _log_of(Fraction(self.a) / Fraction(self.b), self.u.shape)
        return linear([(1, self.u), (-1, self.v), (1, shift)], self.u.shape)

    def log(self) -> Expr:
        """log b + v + softplus(t); of exp(x) + exp(−x) with |x| for x, which leaves a sum x in one piece."""
        shape, v, t = self.u.shape, self.v, self.step
        if self.a == self.b and self.u is neg(v):
            v = make("abs", self.u)
            t = scale(-2, v)
        return linear([(1, _log_of(self.b, shape)), (1, v), (1, make("softplus", t))], shape)

    def under(self, exponent: Expr, p: int) -> Expr | None:
        """exp(exponent) (a exp(u) + b exp(v))⁻ᵖ, where the exponent is k u + (p − k) v."""
        for k in range(p + 1):
            rest = linear([(1, exponent), (-k, self.u), (k - p, self.v)], exponent.shape)
            if rest.op.name == "zeros":
                powers = ((make("sigmoid", self.step), k), (make("sigmoid", neg(self.step)), p - k))
                c = Fraction(self.a) ** -k * Fraction(self.b) ** (k - p)
                return scale(c, bag([(s, q) for s, q in powers if q]))
        return None


def exponentials(e: Expr) -> Exponentials | None:
    """A sum of two exponentials, one of which may be a number; the number comes last.

    >>> import matcalc.operators
    >>> from matcalc.core.algebra import var
    >>> from matcalc.core.dims import SCALAR
    >>> x = var("x", SCALAR)
    >>> exponentials(3 + make("exp", x)).log() is exponentials(make("exp", x) + 3).log()
    True
    """
    if e.op.name == "cosh":
        x = e.args[0]
        return Exponentials(Fraction(1, 2), x, Fraction(1, 2), neg(x))
    if e.op.name != "lin" or len(e.args) > 2 or min(e.attrs) <= 0:
        return None
    if len(e.args) == 1:
        inside, k = exponentials(e.args[0]), e.attrs[0]
        return Exponentials(k * inside.a, inside.u, k * inside.b, inside.v) if inside is not None else None
    found = []
    for c, t in sorted(terms_of(e), key=lambda term: term[1].op.name != "exp"):
        if t.op.name == "exp":
            found.append((c, t.args[0]))
        elif is_one(t):
            found.append((c, zeros(t.shape)))
    if len(found) < 2 or all(x.op.name == "zeros" for _, x in found):
        return None
    (a, u), (b, v) = found
    return Exponentials(a, u, b, v)


def log_of_sum(e: Expr) -> Expr | None:
    """The logarithm of a sum of exponentials, of their sums and of a number: log(1 + sum(exp(x))).

    >>> import matcalc.operators
    >>> from matcalc.core.algebra import var
    >>> from matcalc.core.dims import ONE, Dim
    >>> x = var("x", (Dim.name("n"), ONE))
    >>> log_of_sum(1 + make("sum", make("exp", x))).op.name
    'softplus'
    """
    if e.op.name != "lin" or len(e.args) < 2 or min(e.attrs) <= 0:
        return None
    logs = []
    for c, t in terms_of(e):
        exponent = _exponent(t)
        if exponent is None:
            return None
        logs.append(linear([(1, exponent), (1, _log_of(c, e.shape))], e.shape))
    total, *others = logs
    for u in others:
        total = linear([(1, total), (1, make("softplus", linear([(1, u), (-1, total)], e.shape)))], e.shape)
    return total


def _exponent(t: Expr) -> Expr | None:
    """The logarithm of one term."""
    if t.op.name == "exp":
        return t.args[0]
    if is_one(t):
        return zeros(t.shape)
    if t.op.name == "sum" and t.args[0].op.name == "exp":
        return make("logsumexp", make("vec", t.args[0].args[0]))
    if t.op.name == "chain" and len(t.args) == 2:  # row sums, column sums
        a, b = t.args
        if a.op.name == "exp" and is_one(b):
            return make("logsumexp_rows", a.args[0])
        if b.op.name == "exp" and is_one(a):
            return T(make("logsumexp_rows", T(b.args[0])))
    return None
