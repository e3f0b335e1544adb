"""exp, log and square root of a matrix of numbers a + bε, by iterations that hold for dual numbers as well.

Source: Higham, Functions of Matrices (2008): scaling and squaring (10.3), the Denman–Beavers iteration
in its product form (6.29), inverse scaling and squaring (11.5).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from matcalc.check.arithmetic import Matrix, Outside

if TYPE_CHECKING:
    from matcalc.check.real import Real

HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)
MOST_SQUARINGS = 50  # each doubles the rounding errors
MOST = 200  # terms or rounds
SPARE = 1e-12  # terms are added until they are this much smaller than what counts as zero


def _size(K: Real, X: Matrix) -> float:
    """The largest entry, ε parts included."""
    return max(float(max(abs(a), abs(b))) for a, b in map(K.split, X.entries))


def _row_sum(K: Real, X: Matrix) -> float:
    """The ∞-norm of the values."""
    return max(float(sum(map(abs, row))) for row in K.plain(X).rows())


def expm(K: Real, X: Matrix) -> Matrix:
    """exp(X) = (exp(X/2ᵏ))^(2ᵏ) by the power series."""
    k, largest = 0, float(max(map(abs, K.plain(X).entries), default=0))
    while largest * X.m * 32 > 2**k:
        k += 1
    if k > MOST_SQUARINGS:
        raise Outside("the exponential of numbers so large loses the digits that are carried")
    small = K.combine([Fraction(1, 2 ** k)], [X])
    total = term = K.identity(X.m)
    for i in range(1, MOST):
        term = K.combine([Fraction(1, i)], [K.product(term, small)])
        total = K.combine([1, 1], [total, term])
        if _size(K, term) < K.tiny * SPARE:
            break
    for _ in range(k):
        total = K.product(total, total)
    return total


def sqrtm(K: Real, X: Matrix) -> Matrix:
    """Y → X^½ by M ← (I + (M + M⁻¹)/2)/2, Y ← Y(I + M⁻¹)/2 from M = Y = X, one inverse a round."""
    one, M, Y = K.identity(X.m), X, X
    for _ in range(MOST):
        N = K.inv(M)
        Y = K.combine([HALF, HALF], [Y, K.product(Y, N)])
        M = K.combine([HALF, QUARTER, QUARTER], [one, M, N])
        rest = _size(K, K.combine([1, -1], [M, one]))
        if rest < K.tiny:
            return Y
        if rest > 1e40:
            break
    raise Outside("no principal square root")


def logm(K: Real, X: Matrix) -> Matrix:
    """log(X) = 2ᵏ log(X^(1/2ᵏ)) with log(Y) = 2 artanh((Y − I)(Y + I)⁻¹)."""
    one, k = K.identity(X.m), 0
    while _row_sum(K, K.combine([1, -1], [X, one])) > QUARTER:
        X, k = sqrtm(K, X), k + 1
        if k > 12:
            raise Outside("no principal logarithm")
    E = K.product(K.combine([1, -1], [X, one]), K.inv(K.combine([1, 1], [X, one])))
    square, total, term = K.product(E, E), E, E
    for i in range(3, 2 * MOST, 2):
        term = K.product(term, square)
        total = K.combine([1, Fraction(1, i)], [total, term])
        if _size(K, term) < K.tiny * SPARE:
            break
    return K.combine([2 ** (k + 1)], [total])


FUNCTIONS: dict[str, Callable[[Real, Matrix], Matrix]] = {"expm": expm, "sqrtm": sqrtm, "logm": logm}
