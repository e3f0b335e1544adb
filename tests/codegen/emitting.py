"""From a text to a running emitted function, and random data for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from matcalc.codegen.emit import Task, emit, function_name
from matcalc.core.algebra import dimnum, var
from matcalc.core.dims import ONE, Dim
from matcalc.core.tree import Expr, walk
from matcalc.derive.gradient import gradients
from matcalc.derive.jacobian import jacobian
from matcalc.notation.read import Reading, read


def task_of(text: str, *declare: str, wrt: tuple[str, ...] = ()) -> Task:
    """The task of a problem, over all its variables where `wrt` names none."""
    r = read(text, *declare)
    leaves = {str(e.attrs[0]): e for e in walk(r.objective) if e.op.name == "var"}
    parameters = {name: _parameter(r, name, leaves) for name in r.variables}
    xs = tuple(parameters[n] for n in (wrt or tuple(parameters)) if parameters[n].op.name == "var")
    if r.objective.is_scalar:
        found = gradients(r.objective, xs)
        derivatives = tuple((x, found[x]) for x in xs)
    else:
        derivatives = tuple((x, jacobian(r.objective, x)) for x in xs)
    aliases = {n: v.alias for n, v in r.variables.items()}
    return Task(
        text, r.objective, derivatives, tuple(parameters.values()), {"objective": text}, r.conditions, aliases
    )


def _parameter(r: Reading, name: str, leaves: dict[str, Expr]) -> Expr:
    v = r.variables[name]
    return (
        dimnum(Dim.name(name)) if "dimension" in v.facts else leaves.get(name) or var(name, v.shape, v.facts)
    )


def load(source: str, name: str) -> Callable[..., Any]:
    """The function that an emitted module defines."""
    space: dict[str, Any] = {"__name__": "emitted"}
    exec(compile(source, "emitted", "exec"), space)
    return space[name]  # type: ignore[no-any-return]


def compiled(task: Task, order: int = 1) -> Callable[..., Any]:
    """The emitted function of a task."""
    return load(emit(task, order=order), function_name(task, order))


def sizes_for(task: Task, seed: int = 0, low: int = 2, high: int = 6) -> dict[str, int]:
    """A length for every dimension of a task, under its conditions."""
    rng = np.random.default_rng(seed)
    dims = [d for p in task.parameters for d in (*p.shape, *p.attrs) if isinstance(d, Dim)]
    dims += [d for c in task.conditions for d in c if isinstance(d, Dim)]
    names = sorted({n for d in dims for n in d.names})
    while True:
        sizes = {n: int(rng.integers(low, high)) for n in names}
        if all(a.at(sizes) == b.at(sizes) for a, b in task.conditions):
            return sizes


def draw(task: Task, sizes: dict[str, int], seed: int = 0) -> dict[str, Any]:
    """Random data that respects the declared facts."""
    rng = np.random.default_rng(seed)
    out: dict[str, Any] = {}
    for p in task.parameters:
        name = str(p.attrs[0])
        if p.op.name == "dimnum":
            out[name] = sizes[name]
            continue
        shape = tuple(
            d.at(sizes) for i, d in enumerate(p.shape) if d is not ONE or i == 0 and p.shape[1] is not ONE
        )
        out[name] = structured(rng, shape, tuple(p.attrs[1]))  # type: ignore[arg-type]
    return out


def structured(rng: np.random.Generator, shape: tuple[int, ...], facts: tuple[str, ...]) -> Any:
    """A random array with these facts."""
    x = rng.standard_normal(shape)
    if "spd" in facts:
        return x @ x.T + len(x) * np.eye(len(x))
    if "sym" in facts:
        return x + x.T
    if "skew" in facts:
        return x - x.T
    if "diag" in facts:
        return np.diag(np.diagonal(x))
    if "tril" in facts:
        return np.tril(x)
    if "orth" in facts:
        return np.linalg.qr(x)[0]
    if "binary" in facts:
        return (x > 0) * 1.0
    return np.abs(x) + 0.5 if "positive" in facts else x if shape else float(x)


PROJECTED = {"spd": lambda G: (G + G.T) / 2, "sym": lambda G: (G + G.T) / 2, "skew": lambda G: (G - G.T) / 2,
             "diag": lambda G: np.diag(np.diagonal(G)), "tril": np.tril}


def differences(value: Callable[..., Any], point: dict[str, Any], x: Expr, step: float = 1e-6) -> Any:
    """Central differences of a value along every entry of a variable, projected onto its structure."""
    name = str(x.attrs[0])
    base = np.asarray(point[name], float)
    columns = []
    for place in np.ndindex(base.shape[::-1]):  # column by column
        moved = np.zeros(base.shape)
        moved[place[::-1]] = step
        for fact, project in PROJECTED.items():
            if fact in x.attrs[1]:  # type: ignore[operator]
                moved = project(moved)
        high, low = (np.asarray(value(**{**point, name: base + s * moved})) for s in (1, -1))
        columns.append((high - low).ravel(order="F") / (2 * step))
    return np.array(columns)


def agree(found: Any, expected: Any, tolerance: float = 1e-6) -> bool:
    """Equality up to rounding, relative to the largest entry."""
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    scale = 1 + np.abs(expected).max(initial=0)
    return found.shape == expected.shape and bool(np.all(np.abs(found - expected) <= tolerance * scale))
