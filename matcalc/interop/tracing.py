"""NumPy functions as problems: the function is called once, with stand-ins that note what is done to them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from matcalc.core.algebra import var
from matcalc.core.dims import ONE, Dim
from matcalc.core.tree import Expr
from matcalc.errors import MatcalcError, ShapeError, UnsupportedError
from matcalc.interop import numpy_rows
from matcalc.interop.standin import Traced, lift

assert numpy_rows  # imported for the rows that it enters


def traced(function: Callable[..., Any], shapes: Mapping[str, object], spell: Callable[[str], str | None]) -> Expr:
    """What a function written with NumPy computes of arrays of these shapes; `spell` gives a name its canonical form.

    A shape is a tuple of names and numbers, such a text, a number for a vector, or nothing for a scalar.

    >>> traced(lambda A, x: A @ x, {"A": "m, n", "x": "n"}, str)
    chain(var('A', ()), var('x', ()))

    Raises:
        UnsupportedError: the function uses what has no row here.
        ShapeError: two shapes do not go together, or a shape is missing.
    """
    missing = [n for n, p in inspect.signature(function).parameters.items() if n not in shapes and p.default is p.empty]
    if missing:
        raise ShapeError(f"the shape of {missing[0]} is not given", hint=f'trace(function, {missing[0]}="m, n")')
    given = {}
    for name, shape in shapes.items():
        spelled = spell(name)
        if spelled is None:
            raise UnsupportedError(f"{name} is no name of the language", hint="a name is letters and a subscript")
        axes = _axes(shape)
        given[name] = Traced(var(spelled, (*axes, ONE, ONE)[:2]), len(axes))  # type: ignore[arg-type]
    try:
        return lift(function(**given)).e
    except MatcalcError:
        raise
    except Exception as error:
        raise UnsupportedError(f"the function cannot be traced: {type(error).__name__}: {error}",
                               hint="it is called once, with stand-ins that have shapes but no numbers") from error


def _axes(shape: object) -> tuple[Dim, ...]:
    """The dimensions of a shape as people give it."""
    if isinstance(shape, str):
        shape = [s.strip() for s in shape.strip("()").replace("×", ",").split(",") if s.strip()]
    lengths: list[Any] = list(shape) if isinstance(shape, tuple | list) else [shape]
    if len(lengths) > 2 or not all(isinstance(d, int | str) for d in lengths):
        raise ShapeError(f"{shape!r} is no shape of a scalar, a vector or a matrix", hint='write "m, n", or ("m", 3)')
    return tuple(Dim.of(int(d)) if str(d).isdigit() else Dim.name(d) for d in lengths)
