"""Claims of convexity tried on random segments: what a claim says of f there, with no look at how it was shown."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from matcalc.codegen.lower import lower
from matcalc.core.algebra import facts_of
from matcalc.core.tree import Expr, dims_of, walk
from matcalc.derive.curvature import Curvature

Array = Any
Value = Callable[[Mapping[str, Array]], float]
PLACES = (0.1, 0.3, 0.5, 0.7, 0.9)
SPREADS = (0.3, 1.0, 3.0)
CLOSE = 1e-8


def value_of(f: Expr) -> Value:
    """f as a function of arrays by name."""
    program, sizes = lower([("f", f)]), sizes_of(f)

    def value(point: Mapping[str, Array]) -> float:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return float(program.run(point, sizes)["f"])
            except np.linalg.LinAlgError:
                return float("nan")

    return value


def sizes_of(f: Expr) -> dict[str, int]:
    """One size for all dimensions, so that nothing is of too low a rank; h is n(n + 1)/2."""
    return {name: 6 if name == "h" else 3 for name in sorted(dims_of(f))}


def segments(f: Expr, claim: Curvature, seed: int, trials: int) -> Iterator[tuple[dict[str, Array], dict[str, Array]]]:
    """Pairs of points that differ in the variables of the claim; its conditions hold."""
    rng, sizes = np.random.default_rng(seed), sizes_of(f)
    asked = {str(s.attrs[0]) for s in claim.conditions}
    leaves = sorted((x for x in walk(f) if x.op.name == "var"), key=lambda x: str(x.attrs[0]))
    for trial in range(trials):
        spread = SPREADS[trial % len(SPREADS)]
        one = {str(x.attrs[0]): spread * draw(x, rng, sizes) for x in leaves}
        one.update({name: abs(one[name]) for name in asked})
        other = {str(x.attrs[0]): spread * draw(x, rng, sizes) for x in leaves}
        yield one, {**one, **{name: other[name] for name in claim.variables}}


def draw(x: Expr, rng: np.random.Generator, sizes: dict[str, int]) -> Array:
    """A random value of a variable, as it is declared."""
    facts, shape = facts_of(x), tuple(s for d in x.shape if (s := d.at(sizes)) != 1 or d.names)
    a = rng.standard_normal(shape)
    if "positive" in facts:
        return abs(a) + 0.01
    if "binary" in facts:
        return (a > 0).astype(float)
    for fact, part in PARTS.items():
        if fact in facts:
            return part(a)
    return a


PARTS: dict[str, Callable[[Array], Array]] = {
    "sym": lambda a: a + a.T,
    "spd": lambda a: a @ a.T + 0.1 * np.eye(len(a)),
    "skew": lambda a: a - a.T,
    "diag": lambda a: np.diag(np.diag(a)),
    "tril": np.tril,
    "orth": lambda a: np.linalg.qr(a)[0],
}


def refuted(value: Value, kind: str, a: Mapping[str, Array], b: Mapping[str, Array]) -> bool:
    """Whether the values between a and b contradict that the function is `kind` there.

    Where the ends have a value and a point between them has none, the set on which it is convex is not convex.
    """
    ends = value(a), value(b)
    if not np.isfinite(ends).all() or max(map(abs, ends)) > 1e6:
        return False
    for t in PLACES:
        between = value({name: t * np.asarray(a[name]) + (1 - t) * np.asarray(b[name]) for name in a})
        chord = t * ends[0] + (1 - t) * ends[1]
        room = CLOSE * (1 + abs(ends[0]) + abs(ends[1]) + abs(between))
        above = kind != "concave" and not between - chord <= room
        below = kind in ("concave", "affine", "constant") and not chord - between <= room
        if above or below or kind == "constant" and not abs(ends[0] - ends[1]) <= room:
            return True
    return False


def fails(f: Expr, claim: Curvature, seed: int = 0, trials: int = 30) -> bool:
    """Whether some segment refutes a claim."""
    value = value_of(f)
    return any(refuted(value, claim.kind, a, b) for a, b in segments(f, claim, seed, trials))
