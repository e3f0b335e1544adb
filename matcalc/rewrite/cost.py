"""The declared cost of a formula: the symbols that a person would write, a repeated residual or inverse less.

A letter with its subscript, a number, a function name and an operator count one; transpose, inverse and
inverse transpose one each; brackets, commas and product signs nothing. The order of preference among equal
forms is (symbols, depth, structure), so that it can be argued about.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from matcalc.core.algebra import CHAIN, COMMUTATION, EYE, HAD, LIN, ONES, SCAL, TRANSPOSE, UNITY, T, direction
from matcalc.core.dims import ONE
from matcalc.core.powers import base_and_exponent, symbolic_powers
from matcalc.core.tree import Expr

REPEATED = 0.4
REPEATABLE = ("inv", "face_split", "khatri_rao")  # and sums, and pseudo-inverses of products
LETTERED = ("softmax", "softmax_rows", "softmax_cols")  # a person would give them a letter
LETTER = 1.5  # each time that the letter stands again: its symbol, and a share of saying what it is
MINUS = 0.01  # among forms of equal length, the one with fewer minus signs
TURNED = 0.05  # a residual that is repeated with the other sign
UNFAMILIAR = 1.02  # a commutation matrix, where an equally long form needs none
RAISED = 0.02  # aᵇ/a, where aᵇ⁻¹ says the same
SCALED = 0.02  # Diag(u)v, where u∘v says the same; (A⊗B)(C⊗D), where AC⊗BD does
OF_BLOCKS = ("expm_derivative", "logm_derivative", "sqrtm_derivative")
BLOCK_RANGE = 9  # f, 0 and 1:n, n+1:2n
BLOCK_BASIS = 9  # Σₖ(eₖᵀ⊗I) … (eₖ⊗I)


def rank(e: Expr) -> tuple[float, int, tuple[object, ...]]:
    """The order of preference among equal forms, best first."""
    return cost(e), e.depth, e.key


def cost(e: Expr) -> float:
    """Symbols of the printed formula, later occurrences of a compound part discounted."""
    return _cost(e, set())


def _cost(e: Expr, seen: set[object]) -> float:
    if not e.args:
        return UNFAMILIAR if e.op is COMMUTATION else 2.0 if _is_row_of_ones(e) else 1.0
    op = e.op
    if op is TRANSPOSE:
        inner = e.args[0]
        return _cost(inner, seen) + (0 if inner.op.name == "inv" and inner.args[0].op is not TRANSPOSE else 1)
    if op.name in LETTERED:
        forms = {e, T(e)}
        again = not forms.isdisjoint(seen)
        seen |= forms
        return LETTER if again else _node_cost(e, seen)
    discount = op.name in REPEATABLE or op.name == "pinv" and e.args[0].args or op is LIN and len(e.args) > 1
    known = direction(e)[1] if discount else e
    repeated = discount and (known, "up to sign") in seen
    turned = TURNED if repeated and e not in seen else 0
    if discount:
        seen.update((e, (known, "up to sign")))
    total = _node_cost(e, seen)
    return REPEATED * total + turned if repeated else total


def _is_row_of_ones(e: Expr) -> bool:
    """1ᵀ, which is a leaf of the tree and two symbols on paper."""
    return e.op is ONES and e.shape[0] is ONE and e.shape[1] is not ONE


def _node_cost(e: Expr, seen: set[object]) -> float:
    op, args = e.op, e.args
    if op is LIN:
        return _sum_cost(e, seen)
    if op is CHAIN:
        total, i = 0.0, 0
        while i < len(args):
            run = i + 1
            while run < len(args) and args[run] is args[i]:
                run += 1
            total += _cost(args[i], seen) + (run > i + 1)
            i = run
        unmixed = any(a.op.name == b.op.name == "kron" for a, b in pairwise(args))
        return total + SCALED * (args[0].op.name == "Diag" and e.shape[1] is ONE or unmixed)
    if op is HAD:
        return _bag_cost(e, seen)
    if op is SCAL:
        s, a = args
        if s.op is HAD and all(p < 0 for p in s.attrs):
            return _cost(a, seen) + _bag_cost(s, seen) - 1
        return _cost(s, seen) + _cost(a, seen)
    powers, rest = symbolic_powers(e) if op.name == "exp" else ([], None)
    if powers:
        written = sum(_cost(a, seen) + _cost(b, seen) - RAISED * (b.op is LIN) for a, b in powers)
        return written + (1 + _cost(rest, seen) if rest is not None else 0)
    if (raised := base_and_exponent(e)) is not None:
        return _cost(raised[0], seen) + _cost(raised[1], seen) - RAISED * (raised[1].op is LIN)
    if op.name == "inv":
        inner = args[0]
        return 1 + (_cost(inner.args[0], seen) if inner.op is TRANSPOSE else _cost(inner, seen))
    if op.name == "frob":
        return _cost(args[0], seen) + (2 if args[0] is args[1] else 1 + _cost(args[1], seen))
    if op.name in ("kron_left", "kron_right"):
        small = 0 if args[0].op is EYE else 2 + _cost(args[0], seen)
        return BLOCK_BASIS + small + _cost(args[1], seen)
    if op.name in OF_BLOCKS:  # f([X, E; 0, X])[1:n, n+1:2n]
        return BLOCK_RANGE + 2 * _cost(args[0], seen) + _cost(args[1], seen)
    if op.name == "block":
        return sum(_cost(a, seen) for a in args)
    if op.name == "part":
        return 1 + _cost(args[0], seen)
    if op.name == "unvec":
        return 3 + _cost(args[0], seen)
    return 1 + sum(_cost(a, seen) for a in args)


def number_cost(q: int | Fraction) -> float:
    """Symbols of a positive coefficient: 1/2 is three."""
    if q == 1:
        return 0
    return 1 if q.denominator == 1 else 3


def _sum_cost(e: Expr, seen: set[object]) -> float:
    total = 0.0
    leading = all(c < 0 for c in e.attrs)
    for c, t in zip(e.attrs, e.args, strict=True):
        if t is UNITY:
            total += max(1.0, number_cost(abs(c)))
            continue
        total += _cost(t, seen) + number_cost(abs(c))
        if c.numerator == 1 and c.denominator != 1 and t.op in (SCAL, HAD) and _quotient(t):
            total -= 1
    signs = sum(c < 0 for c in e.attrs) if len(e.args) > 1 else 0
    return total + len(e.args) - 1 + leading + MINUS * signs


def _quotient(t: Expr) -> bool:
    s = t.args[0] if t.op is SCAL else t
    return s.op is HAD and any(p < 0 for p in s.attrs)


def _bag_cost(e: Expr, seen: set[object]) -> float:
    """A∘B⊘C: operators between entrywise factors, none between scalars but one before the denominator."""
    total = 0.0
    above = below = 0
    scalar = e.is_scalar
    for b, p in zip(e.args, e.attrs, strict=True):
        q = abs(p)
        if b.op.name == "frob" and b.args[0] is b.args[1] and q.denominator == 2:
            total += _cost(b, seen) - (1 if q.numerator == 1 else 0)
        elif q == 1:
            total += _cost(b, seen)
        elif q == Fraction(1, 2):
            total += 1 + _cost(b, seen)
        else:
            total += _cost(b, seen) + (1 if scalar else 1.02) * (1 if q.denominator <= 2 else 3)
        if p > 0:
            above += 1
        else:
            below += 1
    if scalar:
        return total + (below > 0) + (below > 0 and above == 0)
    return total + max(above - 1, 0) + below + (1 if above == 0 else 0)
