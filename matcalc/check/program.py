"""Compiled functions against the formulas at 50 digits, called at the same floating-point numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from random import Random
from typing import Any

from matcalc.check.arithmetic import Matrix, Pole
from matcalc.check.evaluate import Evaluation
from matcalc.check.evidence import Evidence
from matcalc.check.judge import Undecided, difference
from matcalc.check.real import Digits, Floats
from matcalc.codegen.names import function_keyword
from matcalc.core.dims import ONE
from matcalc.core.sample import STYLES, Condition, Sizes, draw
from matcalc.core.tree import Expr, walk
from matcalc.errors import SingularError

ATTEMPTS = 30  # draws for one trial
RIGHT, WRONG = 1e-9, 1e-4  # relative errors in floats; between them a better conditioned point is tried
LARGEST = 1e300  # of a value that floats are compared with


def check_program(function: Callable[..., Any], f: Expr, gradients: Sequence[tuple[Expr, Expr]] = (), *,
                  parameters: Sequence[Expr] | None = None, aliases: Mapping[str, str] | None = None,
                  conditions: Iterable[Condition] = (), trials: int = 3, seed: int = 0) -> Evidence:
    """Whether `function(**arguments)` returns the value of `f` and its gradients, as (value, gradients).

    `parameters` are the variables (and dimensions used as numbers) in the order of the function's keywords;
    `aliases` gives the keyword where it is not the variable's own name. Without gradients the function
    returns the bare value, with one it returns (value, gradient).

    Shapes: matrices 2-D, column vectors 1-D, scalars floats; gradients likewise.
    """
    trial_of = _Trials(function, f, tuple(gradients), parameters, aliases or {}, tuple(conditions))
    worst = 0.0
    for trial in range(trials):
        try:
            error, place = trial_of.least_error(seed * 1009 + trial)
        except Undecided as nowhere:
            return Evidence(False, "undecided", why=str(nowhere))
        if error > RIGHT:
            why = f"{place} is off by {error:.2g} of its size"
            return Evidence(False, "50 digits", trial + 1, error, why=why)
        worst = max(worst, error)
    bound = f"floats within {worst:.1g} of the 50-digit value at {trials} random points"
    return Evidence(True, "50 digits", trials, worst, bound)


@dataclass(frozen=True, slots=True)
class _Point:
    """Sizes and float values of the variables."""

    sizes: Mapping[str, int]
    values: Mapping[Expr, Matrix]


def _stand_in(name: str, order: int) -> Callable[[Any], Any]:
    """What a function that was only named is in a trial, or its derivative of an order."""
    def f(x: Any) -> Any:
        import numpy as np

        return np.vectorize(lambda a: Floats().unknown(name, order, float(a)), otypes=[float])(x)

    return f


class _Trials:
    """Calls of one function at random points."""

    def __init__(self, function: Callable[..., Any], f: Expr, gradients: tuple[tuple[Expr, Expr], ...],
                 parameters: Sequence[Expr] | None, aliases: Mapping[str, str],
                 conditions: tuple[Condition, ...]) -> None:
        self.function, self.aliases, self.gradients = function, aliases, len(gradients)
        self.expressions = (f, *(G for _, G in gradients))
        self.functions = sorted({e.attrs for e in walk(*self.expressions) if e.op.name == "apply"})
        self.labels = ("the value", *(f"the gradient in {x.attrs[0]}" for x, _ in gradients))
        nodes = list(walk(*self.expressions, *(x for x, _ in gradients), *(parameters or ())))
        self.variables = sorted((e for e in nodes if e.op.name == "var"), key=lambda e: e.key)
        self.parameters = self.variables if parameters is None else parameters
        self.sizes = Sizes(nodes, conditions)

    def least_error(self, key: int) -> tuple[float, str]:
        """The relative error, and where, at the first well-conditioned point; if none is, the least one.

        Raises:
            Undecided: there is no point where all is defined.
        """
        why, least = "", None
        for attempt in range(ATTEMPTS):
            try:
                point = self.point(Random(key * 1009 + attempt), attempt)
                wanted = _wanted(point, self.expressions)
                met = self.compare(self.call(point), wanted)
            except (Pole, ZeroDivisionError, OverflowError) as pole:
                why = str(pole)
                continue
            least = met if least is None else min(least, met)
            if met[0] <= RIGHT or met[0] > WRONG:
                return met
        if least is None:
            raise Undecided(f"no random point was found where all is defined ({why})")
        return least

    def point(self, rng: Random, attempt: int) -> _Point:
        """Random floats for the variables.

        Raises:
            Undecided: no sizes meet the conditions.
        """
        sizes = self.sizes.draw(rng, 2 if attempt < 4 else 1)
        if sizes is None:
            raise Undecided("no small sizes meet the conditions on the dimensions")
        styles = {x: "normal" if attempt == 0 else rng.choice(STYLES) for x in self.variables}
        return _Point(sizes, {x: draw(x, sizes, Floats(), rng, styles[x]) for x in self.variables})

    def call(self, point: _Point) -> list[Any]:
        """The function's results as one list of NumPy arrays.

        Raises:
            Pole: a linear solve inside found a singular matrix.
        """
        import numpy as np

        arguments: dict[str, Any] = {}
        for e in self.parameters:
            name = self.aliases.get(str(e.attrs[0]), str(e.attrs[0]))
            if e.op.name == "dimnum":
                arguments[name] = e.attrs[0].at(point.sizes)
            else:
                X = point.values[e]
                arguments[name] = np.array(X.entries).reshape(_shape(X, e))[()]
        for name, order in self.functions:
            arguments[function_keyword(name, order)] = _stand_in(name, order)
        with np.errstate(all="ignore"):
            try:
                result = self.function(**arguments)
            except (np.linalg.LinAlgError, SingularError) as singular:
                raise Pole(str(singular)) from None
        if not self.gradients:
            return [np.asarray(result)]
        value, rest = result
        return [np.asarray(value), *map(np.asarray, (rest,) if self.gradients == 1 else rest)]

    def compare(self, got: Sequence[Any], wanted: Sequence[Matrix]) -> tuple[float, str]:
        """The largest relative error and where it is; infinite for a wrong shape, nan and infinity."""
        worst, place = 0.0, "the value"
        if len(got) != len(wanted):
            return inf, f"the number of results ({len(got)} for {len(wanted)})"
        for array, X, e, label in zip(got, wanted, self.expressions, self.labels, strict=True):
            if array.shape != _shape(X, e):
                return inf, f"the shape of {label}, {array.shape} for {_shape(X, e)},"
            numbers = [float(x) for x in array.reshape(-1)]
            error = difference(numbers, X.entries, 1e-3) if all(map(isfinite, numbers)) else inf
            if error > worst:
                worst, place = error, label
        return worst, place


def _shape(X: Matrix, e: Expr) -> tuple[int, ...]:
    """The shape in which people pass the value of an expression: 2-D, a column 1-D, a scalar none."""
    return () if e.is_scalar else (X.m,) if e.shape[1] is ONE else (X.m, X.n)


def _wanted(point: _Point, expressions: Sequence[Expr]) -> list[Matrix]:
    """The 50-digit values at these very floats.

    Raises:
        OverflowError: a value is larger than a float.
    """
    K = Digits()
    exact = {x: Matrix(X.m, X.n, [K.convert(a) for a in X.entries]) for x, X in point.values.items()}
    E = Evaluation(K, point.sizes, exact)
    values = [E(e) for e in expressions]
    if any(abs(a) > LARGEST for X in values for a in X.entries):
        raise OverflowError("the values are larger than floats")
    return values
