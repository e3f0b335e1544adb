"""The identities between two forms of one expression: what a person would name who writes the second for the first.

The forms are brought together, in this order: transposes at the leaves, sums up to their sign, everything multiplied
out, and the shortest form of each. Where that does not do, the second is said to be another form.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction

from matcalc.core.algebra import CHAIN, LIN, TRANSPOSE, T, add, direction, mul, scale, sub, var
from matcalc.core.tree import Expr, make, rebuild, walk
from matcalc.derive.forms import Spread
from matcalc.derive.naming import Names
from matcalc.errors import UnsupportedError
from matcalc.rewrite.engine import applications
from matcalc.rewrite.shorten import WORK, Shortener, Work
from matcalc.rewrite.step import Step
from matcalc.rewrite.typed import read

SEARCHED = 60  # nodes of the forms between which identities are searched for
ROUNDS = 12
EFFORT = WORK // 2 + 2000  # nodes compared in it, those of forms within forms among the last
ANOTHER = "collect/another-form"
Move = tuple[str, Expr]
HALF = Fraction(1, 2)
DEFINED: dict[str, tuple[str, Callable[..., Expr]]] = {
    "sym": ("sym/definition", lambda X: scale(HALF, add(X, T(X)))),
    "skew": ("skew/definition", lambda X: scale(HALF, sub(X, T(X)))),
    "frob": ("frobenius/as-trace", lambda A, B: make("tr", mul(T(A), B))),
}
BACK = ("commutation/to-the-right", "sum/of-diagonal-of-product", "diag/left-scaling-as-hadamard")
"""The rows that undo what the others do to a term."""
EITHER = ("pinv/penrose-3", "pinv/penrose-4")
"""The rows that undo themselves."""


def between(a: Expr, b: Expr, names: Names) -> tuple[Step, ...]:
    """The identities by which `a` becomes `b`, which is equal to it; `names` may stand in both."""
    found = _seen(a, b, names)
    if found is None:
        found = _searched(a, b, names)
    if found is None and names.leaves:
        found = _searched(names.unfold(a), names.unfold(b), names)
    return _steps((ANOTHER,), a, b) if found is None else found


def _searched(a: Expr, b: Expr, names: Names) -> tuple[Step, ...] | None:
    """The identities by which the two get the same shortest form."""
    if max(a.size, b.size) > SEARCHED:
        return None
    forwards: list[Step] = []
    short = Shortener(work=Work(EFFORT)).noted(read(a, forwards), forwards)
    if (rest := _seen(short, b, names)) is not None:
        return (*forwards, *rest)
    backwards: list[Step] = []
    other = Shortener(work=Work(EFFORT)).noted(read(b, backwards), backwards)
    rest = None if other is b else _seen(short, other, names)
    return None if rest is None else (*forwards, *rest, *backwards)


def _seen(a: Expr, b: Expr, names: Names) -> tuple[Step, ...] | None:
    """The identities where both are multiplied out to the same, in the names or with these written out."""
    found = _at_once(a, b)
    if found is None and names.leaves:
        found = _at_once(names.unfold(a), names.unfold(b))
    return found


def _at_once(a: Expr, b: Expr) -> tuple[Step, ...] | None:
    if a is b:
        return ()
    left, right = _turned(a), _turned(b)
    if left is right:
        return _steps(("transpose/of-expression",), a, b)
    sums: dict[Expr, Expr] = {}
    if _up_to_sign(left, sums) is _up_to_sign(right, sums):
        return _steps(("collect/sign",), a, b)
    with suppress(UnsupportedError):  # too many terms
        (first, once), (second, then) = _spread(left), _spread(right)
        if first is second:
            rows = dict.fromkeys(move[0] for move in (*once, *then) if (move in once) != (move in then))
            ways = ("collect/expand",) * (first is not left) + ("collect/common-factor",) * (second is not right)
            return _steps((*rows, *ways), a, b)
    return None


def _steps(names: tuple[str, ...], a: Expr, b: Expr) -> tuple[Step, ...]:
    return tuple(Step(name, a, b, "shorten") for name in names)


def _turned(e: Expr) -> Expr:
    """`e` with its transposes at the leaves."""
    done: dict[Expr, Expr] = {}
    for x in walk(e):
        y = rebuild(x, tuple(done[a] for a in x.args))
        done[x] = T(y.args[0]) if y.op is TRANSPOSE else y
    return done[e]


def _up_to_sign(e: Expr, sums: dict[Expr, Expr]) -> Expr:
    """`e` with a letter for each sum, the same for R, −R and Rᵀ."""
    done: dict[Expr, Expr] = {}
    for x in walk(e):
        y = rebuild(x, tuple(done[a] for a in x.args))
        if y.op is LIN and len(y.args) > 1:
            sign, same = direction(y)
            if same not in sums:
                turned = direction(T(same))
                letter = var(f"sum_{len(sums)}", same.shape, frozenset({"sym"}) if T(same) is same else frozenset())
                sums[same] = letter
                sums.setdefault(turned[1], scale(turned[0], T(letter)))
            y = scale(sign, sums[same])
        done[x] = y
    return done[e]


def _spread(e: Expr) -> tuple[Expr, dict[Move, None]]:
    """`e` multiplied out, its terms written in one way, and the identities used for that with what they rewrote."""
    used: dict[Move, None] = {}

    def settled(t: Expr) -> Expr:
        for _ in range(ROUNDS):
            found = next((row for row in applications(t, "shorten") if _goes_on(row, t)), None)
            if found is None:
                break
            used[found[0], t] = None
            t = found[1]
        return _rotated(t)

    trace: list[Step] = []
    e = _defined(read(e, trace), used)
    used.update(((move.identity, move.before), None) for move in trace)
    for _ in range(2):  # a term that was turned may be written in the one way anew
        e = _turned(Spread(settled, multilinear=True)(e))
    return e, used


def _goes_on(row: Move, t: Expr) -> bool:
    """Whether what a row makes of t is not what another one makes t of."""
    return row[0] not in BACK and (row[0] not in EITHER or row[1].size < t.size)


def _defined(e: Expr, used: dict[Move, None]) -> Expr:
    """`e` with the operators that stand for sums and traces written as these."""
    done: dict[Expr, Expr] = {}
    for x in walk(e):
        y = rebuild(x, tuple(done[a] for a in x.args))
        if y.op.name in DEFINED:
            name, meaning = DEFINED[y.op.name]
            used[name, y] = None
            y = meaning(*y.args)
        done[x] = y
    return done[e]


def _rotated(e: Expr) -> Expr:
    """tr(ABC) = tr(BCA) = tr(CᵀBᵀAᵀ), the first of them in the order of keys."""
    if e.op.name != "tr" or e.args[0].op is not CHAIN:
        return e
    factors = e.args[0].args
    turns = [(*factors[i:], *factors[:i]) for i in range(len(factors))]
    turns += [tuple(T(f) for f in reversed(turn)) for turn in turns]
    return make("tr", mul(*min(turns, key=lambda fs: tuple(f.key for f in fs))))
