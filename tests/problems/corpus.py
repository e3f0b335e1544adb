"""The public problems and more of their kind as rows, and random points for them.

`public.jsonl` and `more.jsonl` hold facts only: an objective with its definitions and declarations, its LaTeX
where that spells the same formula, the sizes and domains of its variables, and a person's answer as text and
as NumPy.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

Array = Any


@dataclass(frozen=True, slots=True)
class Row:
    """One problem of the corpus."""

    facts: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        return self.facts.get(name)

    @property
    def text(self) -> str:
        """Definitions first, then the objective."""
        return "\n".join([*(self.let or []), self.objective])

    def draw(self, seed: int) -> dict[str, Array]:
        """A random point: every variable by its domain."""
        rng = np.random.default_rng(seed)
        shapes = {
            v: tuple(self.dims[d] if d in self.dims else int(d) for d in s) for v, s in self.sizes.items()
        }
        return {v: DOMAINS[self.domain[v]](rng, shape) for v, shape in shapes.items()}

    def numpy_of(self, body: str, point: dict[str, Array]) -> Array:
        """The value of a formula given as Python text."""
        spelled = {(self.py or {}).get(name, name): value for name, value in point.items()}
        return eval(body, {"np": np, **spelled})

    def value(self, point: dict[str, Array]) -> Array:
        """The objective, by the row's own Python."""
        spelled = {(self.py or {}).get(name, name): value for name, value in point.items()}
        return eval(self.numpy, {"np": np})(**spelled)


def rows(*names: str) -> list[Row]:
    """All rows of the files of these names ("public", "more"; both where none is given), in their order."""
    files = [Path(__file__).parent / f"{name}.jsonl" for name in names or ("public", "more")]
    return [Row(json.loads(line)) for file in files for line in file.read_text("utf-8").splitlines()]


def _positive(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return rng.uniform(0.5, 1.5, shape) if shape else float(rng.uniform(0.5, 1.5))


def _normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return rng.standard_normal(shape) if shape else float(rng.standard_normal())


def _spd(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    a = rng.standard_normal(shape)
    return a @ a.T / shape[0] + 2 * np.eye(shape[0])


def _part(structure: Callable[[Array], Array]) -> Callable[[np.random.Generator, tuple[int, ...]], Array]:
    return lambda rng, shape: structure(rng.standard_normal(shape))


def _symmetric(low: float, high: float) -> Callable[[np.random.Generator, tuple[int, ...]], Array]:
    def draw(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        a = rng.uniform(low, high, shape)
        return a + a.T

    return draw


def _factor(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return np.tril(0.3 * rng.standard_normal(shape), -1) + np.diag(rng.uniform(0.5, 1.5, shape[0]))


def _prob(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    p = rng.uniform(0.5, 1.5, shape)
    return p / p.sum()


DOMAINS: dict[str, Callable[[np.random.Generator, tuple[int, ...]], Array]] = {
    "normal": _normal,
    "positive": _positive,
    "spd": _spd,
    "prob": _prob,
    "sym": _part(lambda a: a + a.T),
    "skew": _part(lambda a: a - a.T),
    "diag": _part(lambda a: np.diag(np.diag(a))),
    "small": _part(lambda a: 0.1 * a),
    "stable": _part(lambda a: 0.3 * a),
    "signs": _part(np.sign),
    "wellcond": _part(lambda a: np.eye(len(a)) + 0.2 * a),
    "invertible": _part(lambda a: np.eye(len(a)) + 0.2 * a),
    "orth": _part(lambda a: np.linalg.qr(a)[0]),
    "symsmall": _symmetric(-0.3, 0.3),
    "symnn": _symmetric(0, 1),
    "trilpos": _factor,
    "diagpos": lambda rng, shape: np.diag(rng.uniform(0.5, 1.5, shape[0])),
    "binary": lambda rng, shape: (rng.uniform(size=shape) < 0.6).astype(float),
    "far": lambda rng, shape: rng.uniform(3, 4, shape),
}
