"""Exact arithmetic modulo a prime, with dual numbers, and uninterpreted functions that obey true laws.

A formula that holds for random values modulo p, and for functions of which nothing is known but laws that
the real functions obey, holds for the real ones. The converse fails where a law is missing here; then 50
digits decide. What compares numbers (abs, sign, max, eigenvalues) has no meaning modulo a prime: `NotExact`.

The prime is p = 2q + 1 with q prime: among squares every rational power is exact, one-valued and
multiplicative, so that √(xy) = √x √y and (x^⅓)^½ = x^(1/6). The numbers 2, 3, 5, …, 23 are squares.

A number a + bε is the one integer a + b·2^210, so that Python's own products are those of dual numbers.

Laws (c is a value drawn for each argument):
    exp         exp(−x) = 1/exp(x), exp(0) = 1; the values are squares; log exp x = x
    log         log(1/x) = −log x, log|−x| = log|x|, log(exp(x)/s) = x − log s
    softplus    log(1 + exp x) with log(1 + exp x) − log(1 + exp(−x)) = x
    sin, cos    2c/(1 + c²) and (1 − c²)/(1 + c²): odd, even, sin² + cos² = 1
    erf, arctan odd; normcdf(x) + normcdf(−x) = 1
    others      no law
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from hashlib import blake2b
from random import Random
from typing import Any

from matcalc.check.arithmetic import Arithmetic, Entry, NotExact, Outside, Pole

P = 2305843009213542959
Q = (P - 1) // 2
SHIFT = 210
_MASK = (1 << SHIFT) - 1
_PLAIN = SHIFT - 2  # bits of a sum of products of three numbers without ε
_BIAS = (P << _PLAIN - 61) | (P << _PLAIN - 61 + SHIFT)  # a multiple of p in both halves, above such sums

_ZEROS = {"sin": 0, "arctan": 0, "erf": 0, "cos": 1, "exp": 1, "normcdf": (P + 1) // 2, "log": None}
_ODD = frozenset({"arctan", "erf"})
_FREE = frozenset({"polygamma", "lgamma", "unknown"})


class Modular(Arithmetic):
    """Numbers modulo p; `key` chooses the values of the uninterpreted functions.

    >>> K = Modular(1)
    >>> K.power(K.power(5, Fraction(1, 2)), 2)
    5
    """

    zero, one, half = 0, 1, (P + 1) // 2
    packed = True

    def __init__(self, key: int) -> None:
        """An arithmetic whose functions are drawn by `key`."""
        super().__init__()
        self._key = key.to_bytes(16, "big")
        self._exponents: dict[int, int] = {1: 0}  # exp(x) ↦ x
        self._logs: dict[int, int] = {1: 0}  # |x| ↦ log|x|
        self._quotients: dict[int, tuple[int, int]] = {}  # exp(x)/s ↦ (x, s)

    def reduce(self, x: int) -> int:
        """Both halves modulo p."""
        if x.bit_length() <= _PLAIN:
            return x % P
        x += _BIAS
        return (x >> SHIFT & _MASK) % P << SHIFT | (x & _MASK) % P

    def split(self, x: int) -> tuple[int, int]:
        """The two halves."""
        return x & _MASK, x >> SHIFT

    def join(self, a: int, b: int) -> int:
        """a + b·2^210."""
        return b % P << SHIFT | a % P

    def number(self, q: int | Fraction) -> int:
        """Numerator over denominator; small integers as they are."""
        if isinstance(q, int):
            return q if -P < q < P else q % P
        return q.numerator * pow(q.denominator, -1, P) % P

    def over(self, a: int, b: int) -> int:
        """a/b modulo p."""
        if not b % P:
            raise Pole("a division by 0")
        return a * pow(b, -1, P) % P

    def root(self, a: int, q: int | Fraction) -> int:
        """a^q: the one root that is a square where an even root is taken."""
        a %= P
        if not a:
            if q <= 0:
                raise Pole("a power of 0")
            return 0
        if isinstance(q, int):
            return pow(a, q, P)
        if q.denominator % 2 == 0 and pow(a, Q, P) != 1:
            raise Outside("no square")
        order = Q if q.denominator % 2 == 0 else P - 1
        return pow(a, q.numerator * pow(q.denominator, -1, order) % order, P)

    def best_pivot(self, column: Sequence[int]) -> int | None:
        """The first that is not zero."""
        return next((i for i, x in enumerate(column) if x), None)

    def random(self, rng: Random, style: str) -> int:
        """Any number, a square where a positive one is asked for."""
        x = rng.getrandbits(61) % P
        return x * x % P if style == "positive" else x

    def constant(self, symbol: str) -> int:
        """A square that is drawn for the symbol."""
        return pow(self._draw("constant", symbol), 2, P)

    # ── uninterpreted functions ───────────────────────────────────────────────────────────────────────────
    def primitive(self, name: str, a: int, *more: Any) -> int:
        """The value that is drawn for `a`, by the laws of the function."""
        if name in _FREE:
            return self._draw(name, a, *more)
        if name in ("log", "logabs"):
            return self._log(a)
        if name not in _ZEROS:
            raise NotExact(name)
        if not a:
            return _ZEROS[name]  # type: ignore[return-value]
        sign, c = (1, a) if a <= Q else (-1, P - a)
        if name == "exp":
            return self._exp(sign, c)
        t = self._draw("sin" if name == "cos" else name, c)
        if name in _ODD:
            return sign * t
        if name == "normcdf":
            return self.half + sign * t
        top = sign * 2 * t if name == "sin" else 1 - t * t
        return self.over(top, 1 + t * t)

    def _draw(self, *what: Any) -> int:
        """The number drawn for this argument."""
        digest = blake2b(repr(what).encode(), digest_size=16, key=self._key).digest()
        return int.from_bytes(digest, "big") % P

    def _exp(self, sign: int, c: int) -> int:
        up = pow(self._draw("exp", c), 2, P)
        down = pow(up, -1, P)
        self._exponents[up], self._exponents[down] = c, P - c
        for e, x in ((up, c), (down, P - c)):
            self._logs[min(e, P - e)] = x
        return up if sign > 0 else down

    def _log(self, a: int) -> int:
        if not a:
            raise Pole("log 0")
        for value, sign in ((a, 1), (pow(a, -1, P), -1)):
            found = self._known_log(value)
            if found is not None:
                return sign * found
        c = min(a, P - a)
        value = self._draw("log", c)
        self._logs[c] = value
        return value

    def _known_log(self, a: int) -> int | None:
        """The logarithm of a number that is made from exponentials, or met before."""
        c = min(a, P - a)
        if c in self._logs:
            return self._logs[c]
        if a - 1 in self._exponents:  # a = 1 + exp(x)
            x = self._exponents[a - 1]
            value = (self.half * x + self._draw("softplus", min(x, P - x))) % P
        elif a in self._quotients:  # a = exp(x)/s
            x, s = self._quotients.pop(a)  # s may itself be 1/a, where x is 0
            value = (x - self._log(s)) % P
        else:
            return None
        self._logs[c] = value
        return value

    def quotient_of_exp(self, x: Entry, total: Entry) -> Entry:
        """exp(x)/total, whose logarithm is x − log total."""
        result = super().quotient_of_exp(x, total)
        self._quotients[self.split(result)[0]] = (self.split(x)[0], self.split(total)[0])
        return result
