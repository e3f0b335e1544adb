"""The command line: what it prints, its exit status, and that nothing makes it crash."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import matcalc
from matcalc.app.cli import COMMANDS, OPTIONS, main

ROOT = Path(__file__).parent.parent.parent
LEAST_SQUARES = "‖Ax − b‖²"


def run(*arguments: str, given: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The command as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "matcalc", *arguments],
        cwd=ROOT,
        input=given,
        capture_output=True,
        env={**os.environ, **environment},
    )


def test_the_gradient(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([LEAST_SQUARES, "--wrt", "x"]) == 0
    assert "∂f/∂x = 2Aᵀ(Ax − b)\n  checked (exact" in capsys.readouterr().out


def test_every_variable_where_none_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([LEAST_SQUARES]) == 0
    printed = capsys.readouterr().out
    assert all(f"∂f/∂{v} = " in printed for v in "Axb")


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("--steps", "[norm/differential"),
        ("--latex", r"\frac{\partial f}{\partial x} = 2A^\top(Ax - b)"),
        ("--markdown", r"$\displaystyle \frac{\partial f}"),
    ],
)
def test_ways_to_print(capsys: pytest.CaptureFixture[str], option: str, expected: str) -> None:
    assert main([LEAST_SQUARES, "--wrt", "x", option]) == 0
    assert expected in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        ((LEAST_SQUARES, "--wrt", "x", "--hessian"), ["∂²f/∂x∂xᵀ = 2AᵀA", "  convex in x"]),
        (("‖Y − UVᵀ‖²", "--wrt", "U,V", "--hessian"), ["∂²f/∂vec(U)∂vec(V)ᵀ = ", "∂²f/∂vec(V)∂vec(V)ᵀ = 2UᵀU⊗I_n"]),
        (("‖Y − UVᵀ‖²", "--wrt", "U", "--hvp", "--steps"), ["∇²f[Z]  = 2ZVᵀV ", "∇²f[Z] = 2ZVᵀV"]),
        (("AX⁻¹B", "--wrt", "X", "--steps"), ["vec(dF)          = −(BᵀX⁻ᵀ⊗AX⁻¹) vec(dX)"]),
    ],
)
def test_second_derivatives(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], lines: list[str]) -> None:
    assert main(arguments) == 0
    printed = capsys.readouterr().out.splitlines()
    for line in lines:
        assert any(p.startswith(line) for p in printed), printed


def test_json_of_second_derivatives(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["‖Y − UVᵀ‖²", "--wrt", "U,V", "--hessian", "--json", "--steps"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert list(record["hessians"]) == ["U", "U,V", "V"] and record["check"]["U,V"]["ok"]
    assert record["steps"][-1]["rule"] == "jacobian/read-off"
    assert main(["‖Y − UVᵀ‖²", "--wrt", "U", "--hvp", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["hvp"]["U"]["text"] == "2ZVᵀV"


def test_the_form_that_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["‖[X, B]W − C‖²", "--wrt", "X", "--form", "blocks"]) == 0
    assert "W[1:n, :]ᵀ" in capsys.readouterr().out
    assert main([LEAST_SQUARES, "--wrt", "x", "--form", "blocks"]) == 2
    assert "nothing in this gradient is in blocks" in capsys.readouterr().err


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([LEAST_SQUARES, "--wrt", "x", "--json", "--steps"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["gradients"] == {"x": {"text": "2Aᵀ(Ax − b)", "latex": r"2A^\top(Ax - b)"}}
    assert record["variables"]["A"] == {"kind": "matrix", "shape": ["m", "n"], "structure": [], "alias": "A"}
    assert record["check"]["x"]["ok"] is True and record["check"]["x"]["method"] == "exact"
    assert record["steps"][-1]["expression"] == "2Aᵀ(Ax − b)" and record["reading"].startswith("f = ")


@pytest.mark.parametrize("text", ["-x'x", "−x'x", "-(x'x)", "- x'x", "-d'x", "-1/2 x'x"])
def test_a_text_may_start_with_a_minus(text: str) -> None:
    assert main([text, "--wrt", "x"]) == 0
    assert main(["--wrt", "x", text]) == 0


def test_a_file_and_standard_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "problem.txt"
    path.write_text("let A ∈ SPD(n)\nx'Ax\n", "utf-8")
    assert main([str(path), "--wrt", "x"]) == 0
    assert "∂f/∂x = 2Ax" in capsys.readouterr().out
    assert b"df/dx = 2Ax" in run("-", "--wrt", "x", given=path.read_bytes(), PYTHONIOENCODING="ascii").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["A +"],
        ["--bogus", "x'x"],
        ["x'x", "y"],
        ["x'x", "--wrt", "z"],
        ["Ax + B", "-d", "A ∈ R^{2×3}"],
        ["x'x", "-d"],
        ["verify", LEAST_SQUARES],
        ["code", "x'x", "--target", "fortran"],
        ["code", "x'x", "-o", "/no/such/folder/f.py"],
        ["code", "A\\b"],
        ["\udcff"],
        ["\0"],
        ["(" * 5000],
        [""],
    ],
    ids=repr,
)
def test_what_cannot_be_used_has_status_2_and_one_message(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status = main(arguments)
    except SystemExit as left:  # argparse
        status = left.code
    captured = capsys.readouterr()
    assert status == 2 and captured.out == "" and captured.err.strip() and "Traceback" not in captured.err


def test_bytes_that_are_no_text() -> None:
    done = run("-", given=b"\xff\xfe\x00")
    assert done.returncode == 2 and b"UTF-8" in done.stderr and b"Traceback" not in done.stderr


def test_code_to_a_file_runs_alone(tmp_path: Path) -> None:
    path = tmp_path / "grad.py"
    assert main(["code", LEAST_SQUARES, "--wrt", "x", "-o", str(path)]) == 0
    namespace: dict[str, object] = {}
    exec(path.read_text("utf-8"), namespace)
    value, g = namespace["value_and_gradient"](A=np.eye(2), x=np.ones(2), b=np.zeros(2))  # type: ignore[operator]
    assert value == 2 and g.tolist() == [2, 2]


def test_code_is_utf8_whatever_the_terminal_speaks() -> None:
    source = run("code", "λ‖x‖²", PYTHONIOENCODING="ascii").stdout.decode("utf-8")
    assert "def value_and_gradient(*, x, λ):" in source or "def value_and_gradient(*, λ, x):" in source
    compile(source, "emitted", "exec")


def test_a_solver_on_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data.npz"
    np.savez(data, A=2 * np.eye(2), b=np.ones(2))
    assert main(["solve", LEAST_SQUARES, "--over", "x", "--data", str(data)]) == 0
    assert "stationary" in capsys.readouterr().out
    assert main(["solve", LEAST_SQUARES, "--over", "x"]) == 0
    compile(capsys.readouterr().out, "emitted", "exec")
    data.write_bytes(b"PK no arrays")
    for path in (data, ROOT / "README.md", tmp_path / "none.npz"):
        assert main(["solve", LEAST_SQUARES, "--over", "x", "--data", str(path)]) == 2


def test_the_table_of_identities(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["identities"]) == 0
    assert "hadamard/across-frobenius" in capsys.readouterr().out


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_every_encoding(encoding: str) -> None:
    for command in (
        [LEAST_SQUARES, "--steps"],
        ["identities"],
        ["code", "λ‖x‖²"],
        ["λ‖x‖²", "--json"],
        ["‖A"],
    ):
        done = run(*command, PYTHONIOENCODING=encoding)
        assert b"Traceback" not in done.stderr and done.returncode == (2 if command == ["‖A"] else 0)


def test_a_reader_that_leaves_early() -> None:
    command = [sys.executable, "-m", "matcalc", "identities"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b"" and process.wait() == 0


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0 and matcalc.__version__ in capsys.readouterr().out


def test_options_in_use() -> None:
    assert {o for _, _, options, _ in COMMANDS.values() for o in options} == set(OPTIONS)


def test_every_command_shows_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    for name, (says, *_) in COMMANDS.items():
        with pytest.raises(SystemExit):
            main([name, "--help"] if name else ["--help"])
        shown = capsys.readouterr().out
        assert says in shown and f"  matcalc {name}".rstrip() in shown.partition("examples:")[2]


def test_output_that_is_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert main([LEAST_SQUARES, "--wrt", "x"]) == 0


def test_what_the_data_does_not_hold_is_solved_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "data.npz"
    np.savez(file, A=np.eye(2), b=np.array([1.0, 2.0]))
    assert main(["solve", "‖Ax − b‖²", "--data", str(file)]) == 0
    out = capsys.readouterr().out
    assert "x =\n[1. 2.]" in out and "A =" not in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["code", "x'x", "--hvp", "--hessian"], "two functions"),
        (["x'x", "--hvp", "--hessian"], "two formulas"),
        (["Ax", "--hessian"], "the objective is not a scalar, so it has no Hessian"),
        (["verify", "no_such_file.txt"], "there is no file no_such_file.txt"),
        (["./"], "is a folder"),
    ],
)
def test_input_that_cannot_be_used(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert says in capsys.readouterr().err
