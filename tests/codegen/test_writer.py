"""What is written for array programs, against the interpreter: every example of the laws, and random programs."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest

from matcalc.codegen.names import Names
from matcalc.codegen.numpy import HELPERS, NUMPY
from matcalc.codegen.writer import TRIVIAL, Writer, is_ours
from matcalc.core.dims import ONE
from matcalc.ir.array import Array, build, intern, walk
from matcalc.ir.program import Program
from tests.ir.test_operations import EXAMPLES, SIZES, D, n, s, v, values, w


def written(program: Program) -> dict[str, Any]:
    """The results of a program, by the text that is written for it."""
    inputs = {str(x.attrs[0]): str(x.attrs[0]) for x in program.inputs()}
    given = values(*program.roots)
    names = Names(inputs, [*SIZES, *(name for name, _ in program.results)])
    named = {x: name for name, x in reversed(program.results) if is_ours(x) and x.name not in TRIVIAL}
    writer = Writer(program, NUMPY, names, {d: d for d in SIZES}, {}, named)
    seen: set[Array] = set()
    held = {}
    for name, x in program.results:
        held[name] = writer.result(x, name, x not in seen)
        seen.add(x)
    space: dict[str, Any] = {"dtype": np.dtype(float), **SIZES, **{k: np.array(a) for k, a in given.items()}}
    exec("\n".join([*NUMPY.modules.values(), *HELPERS.values(), *writer.lines]), space)
    return {name: space[text] for name, text in held.items()}


def check(*roots: Array) -> None:
    program = Program(tuple((f"result_{i}", x) for i, x in enumerate(roots)))
    expected, found = program.run(values(*roots), SIZES), written(program)
    for name, x in expected.items():
        assert np.shape(found[name]) == np.shape(x) and np.allclose(found[name], x, equal_nan=True), name


@pytest.mark.parametrize("example", [e for row in EXAMPLES.values() for e in row], ids=repr)
def test_an_operation_is_written_as_it_is_meant(example: Array) -> None:
    if not any(x.name in ("chain", "ordered_at_run_time") for x in walk(example)):
        check(example)


def test_rows_and_columns_of_one_keep_their_orientation() -> None:
    row = intern("row", (v,))
    for name in ("add", "subtract", "multiply", "divide"):
        for other in (s, intern("row", (w,))):
            both = intern(name, (other, row))
            check(intern("transpose", (both,)), intern("spread", (intern("transpose", (both,)),), (n, n)))


def test_of_two_arrays_that_could_become_the_result_one_does() -> None:
    inside = intern("map", (D,), ("tanh",))
    left = intern("subtract", (D, intern("power", (inside,), (2,))))
    right = intern("add_diagonal", (intern("negate", (inside,)), s))
    for name in ENTRYWISE:
        check(intern(name, (left, right)), intern("sum", (inside,)))


ENTRYWISE = ("add", "subtract", "multiply")


def random_roots(rng: Random) -> list[Array]:
    """Results over shared square matrices, vectors in rows and columns, sums and diagonals."""
    pool: list[Array] = [D, v, s, intern("map", (D,), ("tanh",)), intern("row", (w,)), intern("column", (v,))]
    for _ in range(rng.randint(4, 12)):
        x, y = rng.choice(pool[-5:]), rng.choice(pool)
        kind = rng.choice((*ENTRYWISE, *ENTRYWISE, *ENTRYWISE, "transpose", "power", "tanh", "sums", "row", "diagonal"))
        make = rng.choice((intern, build))
        if kind in ENTRYWISE and (x.rank == y.rank or 0 in (x.rank, y.rank)):
            pool.append(make(kind, rng.choice(((x, y), (y, x)))) if make is intern else build(kind, x, y))
        elif kind == "transpose" and x.rank == 2:
            pool.append(build("transpose", x))
        elif kind == "power":
            pool.append(build("power", x, attrs=(2,)))
        elif kind == "tanh":
            pool.append(build("map", x, attrs=("tanh",)))
        elif kind == "sums" and x.shape == (n, n):
            pool.append(build("row_sums", x))
        elif kind == "row" and x.rank == 1:
            pool.append(build(rng.choice(("row", "column")), x))
        elif kind == "diagonal" and x.shape == (n, n):
            pool.append(intern("add_diagonal", (x, rng.choice((v, s)))))
    return [x for x in pool[-3:] if ONE not in x.shape and x.shape != (ONE, ONE)]


@pytest.mark.parametrize("seed", range(400))
def test_random_programs_are_written_as_they_are_meant(seed: int) -> None:
    roots = random_roots(Random(seed))
    if roots:
        check(*roots)
