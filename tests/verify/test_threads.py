"""The reference threads, written from their formulas: the verdicts that the program finds on its own."""

from __future__ import annotations

from pathlib import Path

import pytest

import matcalc as mc
from matcalc.app.verify import Judgement

THREADS = Path(__file__).parent.parent / "problems" / "threads"


def judged(name: str) -> Judgement:
    head, _, body = (THREADS / f"{name}.md").read_text("utf-8").partition("---\n")
    given = dict(line.split(": ", 1) for line in head.splitlines() if line)
    return mc.verify(body, given.get("objective"), [given["declare"]] if "declare" in given else ())


def claims(verdict: Judgement) -> list[str]:
    return [line.verdict for line in verdict.lines if line.verdict not in ("prose", "definition")]


def test_weighted_factorisation_holds_throughout() -> None:
    verdict = judged("weighted-factorisation")
    assert verdict.ok and set(claims(verdict)) == {"holds"} and len(claims(verdict)) == 16, str(verdict)


def test_the_gradients_of_the_masked_question_do_not_conform() -> None:
    verdict = judged("masked-factorisation-question")
    assert claims(verdict) == ["shapes", "shapes", "holds"], str(verdict)


def test_the_masked_answer_holds_for_a_mask_and_for_another_objective() -> None:
    verdict = judged("masked-factorisation-answer")
    other = [line for line in verdict.lines if line.verdict == "other objective"]
    assert len(other) == 1 and other[0].number == verdict.first_wrong, str(verdict)
    assert all(said in other[0].explanation for said in ("λ_u‖UUᵀ‖²", "λ_u‖U‖²", "4λ_uUUᵀU")), other[0].explanation
    rest = [line for line in verdict.lines if line.verdict not in ("prose", "definition", "other objective")]
    assert {line.verdict for line in rest} == {"holds"}
    assert any("given M∘M = M" in line.explanation for line in rest) and any(
        line.explanation == "assumed: M∘M = M" for line in verdict.lines
    )


def test_the_second_diagonal_answer_needs_orthonormal_columns_once() -> None:
    verdict = judged("diagonal-constraint-second")
    needs = [line for line in verdict.lines if line.verdict == "holds if"]
    assert [line.assumption for line in needs] == ["VᵀV = I"], str(verdict)
    assert set(claims(verdict)) == {"holds", "holds if"}


def test_the_first_diagonal_answer_counts_the_data_twice() -> None:
    verdict = judged("diagonal-constraint-first")
    assert claims(verdict) == ["holds", "holds", "holds", "wrong", "holds"], str(verdict)
    assert verdict.explanation == "term: a_j^{T} C b_j is too much", str(verdict)
    right = r"-a_j^{T} \left( \sum_{i \neq j} s_i a_i b_i^{T} - C \right) b_j"
    assert right in verdict.suggestion


@pytest.mark.parametrize("name", sorted(p.stem for p in THREADS.glob("*.md")))
def test_the_reports_are_the_same_every_time(name: str) -> None:
    assert str(judged(name)) == str(judged(name))


def test_the_block_gradient_in_q_has_the_wrong_sign() -> None:
    verdict = judged("block-kronecker")
    assert claims(verdict)[-1] == "wrong" and set(claims(verdict)[:-1]) == {"holds"}, str(verdict)
    assert verdict.explanation == "sign: + F, not − F" and verdict.suggestion.endswith("2(BD+F)"), str(verdict)


def test_the_block_basis_derivation_holds() -> None:
    verdict = judged("block-kronecker-update")
    assert verdict.ok and len(claims(verdict)) == 9, str(verdict)


def test_the_rank_one_step_of_the_hadamard_answer_is_refuted_by_the_numbers_of_its_comment() -> None:
    verdict = judged("hadamard-least-squares")
    assert claims(verdict) == ["holds", "holds", "holds", "wrong", "wrong"], str(verdict)
    least, pair = (line for line in verdict.lines if line.verdict == "wrong")
    assert "H = [[1, 1, 1, 1], [1, 0, 0, 0]], y = (1, 2)" in least.counterexample
    assert "the left one is 0.2347" in least.counterexample and "at α = (1, 1), β = (2, −1.5)" in least.counterexample
    assert "is 20, the line gives 0" in pair.counterexample and pair.suggestion == "β = (2, −1.5)"
