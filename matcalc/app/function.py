"""A compiled problem: the emitted source, made callable with the arrays by name.

What is given is checked before the source runs, so that a wrong array is named with its shape and a hint
instead of failing somewhere inside; the source itself is stand-alone and needs none of this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matcalc.core.dims import ONE, Dim, Shape
from matcalc.errors import ShapeError
from matcalc.notation.names import canonical

Array = Any  # a NumPy array, or what the target has in its place


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a compiled function: its canonical name, its keyword in the source, its shape."""

    name: str
    keyword: str
    shape: Shape
    is_dimension: bool = False

    @property
    def rank(self) -> int:
        """0 for a scalar or a dimension, 1 for a column vector, 2 for a matrix."""
        return 0 if self.shape == (ONE, ONE) else 1 if self.shape[1] is ONE else 2

    @property
    def axes(self) -> Shape | tuple[Dim] | tuple[()]:
        """The symbolic size of each axis of the array."""
        return self.shape[: self.rank]

    def __str__(self) -> str:
        return f"({', '.join(map(str, self.axes))}{',' if self.rank == 1 else ''})" if self.rank else "a number"


class Function:
    """Value and derivatives as a function of arrays given by name; `source` is its stand-alone text."""

    __slots__ = ("_call", "_spellings", "name", "parameters", "source")

    def __init__(self, source: str, name: str, parameters: tuple[Parameter, ...], spellings: Mapping[str, str]) -> None:
        """Load the source; `spellings` maps every accepted keyword to a canonical name."""
        self.source, self.name, self.parameters = source, name, parameters
        self._spellings = dict(spellings)
        namespace: dict[str, Any] = {"__name__": "matcalc_compiled"}
        exec(compile(source, f"<matcalc {name}>", "exec"), namespace)
        self._call = namespace[name]

    def __reduce__(self) -> tuple[object, ...]:
        return Function, (self.source, self.name, self.parameters, self._spellings)

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(p.name for p in self.parameters)})"

    def __call__(self, **given: Array) -> Any:
        """Evaluate at the arrays given by name.

        Shapes: matrices 2-D, column vectors 1-D, scalars numbers; sizes that share a name must agree.

        Raises:
            ShapeError: an argument is missing, unknown, or of the wrong shape.
        """
        named = self._named(given)
        arrays = {p.keyword: _array(p, named[p.name]) for p in self.parameters}
        _conform(self.parameters, arrays)
        return _unshared(self._call(**arrays), arrays)

    def _named(self, given: Mapping[str, Array]) -> dict[str, Array]:
        wanted = ", ".join(f"{p.name} {p}" for p in self.parameters)
        named: dict[str, Array] = {}
        for spelled, value in given.items():
            name = self._spellings.get(spelled) or canonical(spelled)
            if name not in self._spellings:
                raise ShapeError(f"there is no argument {spelled}", hint=f"the arguments are {wanted}")
            if name in named:
                raise ShapeError(f"the argument {name} is given twice")
            named[name] = value
        missing = [p.name for p in self.parameters if p.name not in named]
        if missing:
            raise ShapeError(f"missing: {', '.join(missing)}", hint=f"the arguments are {wanted}")
        return named


def _array(p: Parameter, value: Array) -> Array:
    """The argument as a float array of the right rank, float32 and float64 kept; a scalar as a Python number."""
    import numpy as np

    if type(value) is not np.ndarray:
        try:
            value = np.asarray(value)
        except ValueError as error:
            raise ShapeError(f"{p.name} is not an array: {error}") from None
    if value.ndim != p.rank:
        raise ShapeError(f"{p.name} must be {p}, an array of shape {value.shape} was given", hint=_rank_hint(p, value))
    if value.dtype.char not in "df":
        if value.dtype.kind not in "biuf":
            raise ShapeError(f"{p.name} must hold real numbers, not {value.dtype}")
        value = value.astype(np.float64)
    if p.is_dimension:
        return int(value)
    return value if p.rank else float(value)


def _rank_hint(p: Parameter, value: Array) -> str:
    if p.rank == 1 and value.ndim == 2 and 1 in value.shape:
        return f"a column vector is 1-D: {p.name}.ravel()"
    if p.rank == 2 and value.ndim == 1:
        return f"a matrix is 2-D: {p.name}[:, None] is one column"
    return "a scalar is a number" if not p.rank else f"{p.name} has {p.rank} axes"


def _conform(parameters: tuple[Parameter, ...], arrays: Mapping[str, Array]) -> None:
    """Find the size of every dimension name; sizes under one name must agree."""
    sizes: dict[str, int] = {}
    origin: dict[str, str] = {}
    left: list[tuple[Parameter, Dim, int]] = []
    for p in parameters:
        if p.is_dimension:
            sizes[p.name] = arrays[p.keyword]
            origin[p.name] = p.name
    for p in parameters:
        for dim, size in zip(p.axes, getattr(arrays[p.keyword], "shape", ()), strict=True):
            name = str(dim)
            if sizes.get(name) == size:
                continue
            if name in dim.names and name not in sizes:
                sizes[name] = size
                origin[name] = f"{p.name} with shape {arrays[p.keyword].shape}"
            else:
                left.append((p, dim, size))
    while left:
        known = [entry for entry in left if entry[1].names <= sizes.keys()]
        for p, dim, size in known:
            if dim.at(sizes) != size:
                others = "".join(f"; {n} = {sizes[n]} from {origin[n]}" for n in sorted(dim.names))
                raise ShapeError(
                    f"{p.name} must be {p}, an array of shape {arrays[p.keyword].shape} was given{others}",
                    shapes=(str(p), str(arrays[p.keyword].shape)),
                )
        left = [entry for entry in left if entry not in known]
        if not any(_solve(dim, size, sizes, origin, p) for p, dim, size in left):
            return


def _solve(dim: Dim, size: int, sizes: dict[str, int], origin: dict[str, str], p: Parameter) -> bool:
    """Find the one unknown name of a dimension that is linear in it, as n in mn = 12 with m = 3."""
    unknown = sorted(dim.names - sizes.keys())
    if len(unknown) != 1:
        return False
    name = unknown[0]
    base, one, two = (dim.at({**sizes, name: k}) for k in (0, 1, 2))
    if two - one != one - base or one == base:
        return False
    sizes[name] = (size - base) // (one - base)
    origin[name] = p.name
    return True


def _unshared(result: Any, arrays: Mapping[str, Array]) -> Any:
    """The result with every array that shares memory with an argument, or with another result, copied."""
    import numpy as np

    held = [a for a in arrays.values() if isinstance(a, np.ndarray)]

    def own(part: Any) -> Any:
        if isinstance(part, tuple):
            return tuple(own(x) for x in part)
        if isinstance(part, np.ndarray):
            if any(np.may_share_memory(part, a) for a in held):
                part = part.copy()
            held.append(part)
        return part

    return own(result)
