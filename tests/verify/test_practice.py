"""Practice in a pipe: every typed line is answered at once; hint and show come from our own derivation."""

from __future__ import annotations

import io

import pytest

from matcalc.app.cli import main


def practise(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *typed: str) -> tuple[int, list[str]]:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(typed) + "\n"))
    status = main(["practice", "‖W∘(A − UVᵀ)‖²", "--wrt", "U"])
    return status, capsys.readouterr().out.splitlines()


def test_a_session_ends_when_the_gradient_is_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status, said = practise(
        monkeypatch,
        capsys,
        "X := W∘(UV' − A)",
        "f = X:X",
        "df = 2X:dX",
        "∂f/∂U = 2(W∘X)V'",
        "∂f/∂U = 2(W∘X)V",
        "never read",
    )
    assert status == 0
    assert [line[0] for line in said[2:] if line[0] in "✓✗:~"] == [":", "✓", "✓", "✗", "✓"]
    assert said[-1].startswith("done") and any("transpose" in line for line in said)


def test_hint_names_the_identity_and_show_writes_the_step(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status, said = practise(monkeypatch, capsys, "hint", "show", "quit")
    assert status == 1 and said[2].startswith("hint: ") and "= " in said[3] and "[" in said[3]


def test_what_is_no_formula_is_answered_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status, said = practise(monkeypatch, capsys, "df = 2X:", "((", "what now?", "quit")
    assert status == 1 and len(said) >= 3


def test_show_writes_the_whole_derivation(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    status, said = practise(monkeypatch, capsys, *["show"] * 12)
    assert status == 0 and said[2] == "R := A − UVᵀ   [names/define]", said
    assert said[-2].startswith("∂f/∂U = ") and said[-1].startswith("done"), said


def test_hints_go_on_from_the_names_and_the_line_of_the_learner(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = ("X := W∘(UV' − A)", "df = 2X:dX", "hint", "show", "quit")
    status, said = practise(monkeypatch, capsys, *typed)
    hint = next(line for line in said if line.startswith("hint"))
    assert status == 1 and "hadamard/differential" in hint and said[-1].startswith("df = 2X:(W∘d"), said
