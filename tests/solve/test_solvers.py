"""Emitted solver scripts: they converge, say the truth about it, and run from the command line."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcalc.codegen.emit import Task
from matcalc.errors import UnsupportedError
from matcalc.solve import emit_solver, method_for
from matcalc.solve.methods import METHODS
from matcalc.solve.structures import STRUCTURES
from tests.codegen.emitting import load, task_of

RNG = np.random.default_rng(0)
A, B, C = RNG.standard_normal((20, 4)), RNG.standard_normal(20), RNG.standard_normal((5, 5))
MASKED = "‖M∘(Y − U V')‖² + λ_u‖U‖² + λ_v‖V‖²"
Y = RNG.standard_normal((12, 10))
FACTORISATION = {"M": (RNG.random((12, 10)) < 0.5) * 1.0, "Y": Y, "λ_u": 0.1, "λ_v": 0.1}


def solver(text: str, *declare: str, wrt: tuple[str, ...]) -> Callable[..., Any]:
    return load(emit_solver(task_of(text, *declare, wrt=wrt)), "solve")


def test_least_squares() -> None:
    result = solver("‖A x − b‖²", wrt=("x",))(A=A, b=B)
    assert result.status == "stationary" and np.allclose(
        result.values["x"], np.linalg.lstsq(A, B, rcond=None)[0]
    )
    assert (
        result.history[0][1] > result.history[-1][1] == result.value
        and result.gradient_norm <= 1e-8 * result.history[0][2]
    )


def test_two_unknowns_and_a_size_that_no_data_has() -> None:
    solve = solver(MASKED, "M ∈ {0,1}^{m×n}", wrt=("U", "V"))
    result = solve(**FACTORISATION, sizes={"k": 2}, seed=3)
    assert (
        result.status == "stationary"
        and result.values["U"].shape == (12, 2)
        and result.values["V"].shape == (10, 2)
    )
    again = solve(**FACTORISATION, sizes={"k": 2}, seed=3)
    assert all(np.array_equal(result.values[x], again.values[x]) for x in "UV")
    with pytest.raises(ValueError, match="needs the size 'k'"):
        solve(**FACTORISATION)


def test_a_given_start_is_used_and_not_written_to() -> None:
    x = np.ones(4)
    result = solver("‖A x − b‖²", wrt=("x",))(A=A, b=B, x=x)
    assert np.isclose(result.history[0][1], np.sum((A @ x - B) ** 2)) and np.array_equal(x, np.ones(4))


def test_a_start_that_is_a_solution_is_stationary() -> None:
    solve = solver("‖A x − b‖²", wrt=("x",))
    found = solve(A=A, b=B)
    assert solve(A=A, b=B, x=found.values["x"]).status == "stationary"
    assert solve(A=A, b=A @ np.ones(4), x=np.ones(4)).status == "stationary"


def test_too_few_iterations_are_said() -> None:
    result = solver(MASKED, "M ∈ {0,1}^{m×n}", wrt=("U", "V"))(
        **FACTORISATION, sizes={"k": 2}, max_iterations=3
    )
    assert result.status == "not converged" and "above" in result.why and len(result.history) == 4


def test_progress_is_reported() -> None:
    lines: list[str] = []
    result = solver("‖A x − b‖²", wrt=("x",))(A=A, b=B, progress=lines.append)
    assert len(lines) == len(result.history) and lines[0].startswith("iteration     0")


STRUCTURED: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "sym": ("Sym(n)", lambda X: (X + X.T) / 2),
    "skew": ("Skew(n)", lambda X: (X - X.T) / 2),
    "tril": ("Tril(n)", np.tril),
    "diag": ("Diag(n)", lambda X: np.diag(np.diagonal(X))),
}


@pytest.mark.parametrize("fact", STRUCTURED)
def test_a_structured_unknown_stays_in_its_structure(fact: str) -> None:
    space, project = STRUCTURED[fact]
    result = solver("‖X − C‖²", f"X ∈ {space}", wrt=("X",))(C=C)
    assert result.status == "stationary" and np.allclose(result.values["X"], project(C), atol=1e-7)
    assert np.array_equal(result.values["X"], project(result.values["X"]))


@pytest.mark.parametrize("seed", range(5))
def test_a_definite_unknown_stays_definite(seed: int) -> None:
    S = np.cov(np.random.default_rng(seed).standard_normal((4, 30)))
    result = solver("tr(S X) − logdet(X)", "X ∈ SPD(n)", "S ∈ SPD(n)", wrt=("X",))(S=S)
    assert result.status == "stationary" and np.allclose(result.values["X"], np.linalg.inv(S), rtol=1e-6)


def test_a_positive_unknown_stays_positive() -> None:
    result = solver("c'x − sum(log(x))", "x > 0", wrt=("x",))(c=np.arange(1.0, 5))
    assert result.status == "stationary" and np.allclose(result.values["x"], 1 / np.arange(1.0, 5))
    at_bound = solver("‖x − c‖²", "x > 0", wrt=("x",))(c=np.array([1.0, -1.0]))
    assert at_bound.status == "stationary" and np.allclose(at_bound.values["x"], [1, 0])


def test_every_structure_is_tried_here() -> None:
    assert set(STRUCTURES) == {*STRUCTURED, "spd", "positive"}


@pytest.mark.parametrize(
    "declaration, why", [("X ∈ Orth(n)", "orthogonal"), ("X ∈ {0,1}^{n×n}", "small steps")]
)
def test_what_cannot_be_solved_is_refused_by_name(declaration: str, why: str) -> None:
    with pytest.raises(UnsupportedError, match=why):
        emit_solver(task_of("‖X − C‖²", declaration, wrt=("X",)))


def test_an_objective_that_is_no_scalar_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="not a scalar"):
        emit_solver(task_of("A x", wrt=("x",)))


def test_the_first_method_that_fits_is_taken() -> None:
    assert method_for(task_of("‖A x − b‖²", wrt=("x",))) is METHODS[0]


def test_a_start_without_a_value_is_refused() -> None:
    with pytest.raises(ValueError, match="not finite at the start"):
        solver("‖A x − b‖²", wrt=("x",))(A=A, b=np.full(20, np.nan))


def test_the_script_runs_from_the_command_line(tmp_path: Path) -> None:
    script, data, out = tmp_path / "solve.py", tmp_path / "data.npz", tmp_path / "out.npz"
    script.write_text(emit_solver(task_of("‖A x − b‖² + λ‖x‖²", wrt=("x",))), "utf-8")
    np.savez(data, A=A, b=B, λ=0.5)
    done = subprocess.run(
        [sys.executable, script, "--data", data, "--out", out],
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    assert "stationary: the gradient norm" in done.stdout and "iteration     1" in done.stdout
    with np.load(out) as found:
        assert np.allclose(found["x"], np.linalg.solve(A.T @ A + 0.5 * np.eye(4), A.T @ B))
    printed = subprocess.run(
        [sys.executable, script, "--data", data], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    assert "x =" in printed.stdout


@pytest.mark.parametrize("text", ['"""', "\\", "{unknowns}", "%s\n", "'''"])
def test_texts_stay_in_docstrings(text: str) -> None:
    task = task_of("‖A x − b‖²", wrt=("x",))
    source = emit_solver(Task(text, task.objective, task.gradients, task.parameters, {"objective": text}))
    ast.parse(source)
    assert load(source, "solve")(A=A, b=B).status == "stationary"


@pytest.mark.parametrize("name", ["np", "seed", "minimize", "progress", "sizes", "Result", "start", "p"])
def test_any_name_of_an_unknown(name: str) -> None:
    text = f"‖A {name} − b‖²"
    result = solver(text, f"{name} ∈ R^n", wrt=(name,))(A=A, b=B)
    assert np.allclose(result.values[name], np.linalg.lstsq(A, B, rcond=None)[0])
