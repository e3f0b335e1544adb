"""One case for each verdict, with what it says: what holds if, the slip in words, the example, the correction."""

from __future__ import annotations

import pytest

import matcalc as mc

LEAST_SQUARES = "f = ‖Ax − b‖²\ndf = 2(Ax − b):A dx\n"


def verdicts(text: str, objective: str | None = None, *declare: str) -> list[str]:
    return [line.verdict for line in mc.verify(text, objective, declare).lines]


SLIPS = [
    ("sign", "‖W∘(A − UVᵀ)‖²", "∂f/∂U = 2(W∘W∘(A − UVᵀ))V", "∂f/∂U = −2(W∘W∘(A − UVᵀ))V"),
    ("factor", "‖Ax − b‖²", "∂f/∂x = A'(Ax - b)", "∂f/∂x = 2A'(Ax - b)"),
    ("transpose", "‖Ax − b‖²", "∂f/∂x = 2A(Ax - b)", "∂f/∂x = 2A'(Ax - b)"),
    ("order", "tr(AXB)", "∂f/∂X = B'A'", "∂f/∂X = A'B'"),
    ("factor", "‖W∘(A − UVᵀ)‖²", "∂f/∂U = −2(W∘(A − UVᵀ))V", None),
    ("factor", "tr(AXBX')", "df = A'XB':dX + A XB:B dX", None),
    ("term", "‖Ax − b‖² + λ‖x‖²", "∂f/∂x = 2A'(Ax - b) + 2λx + 2x", "∂f/∂x = 2A'(Ax - b) + 2λx"),
    ("operator", "sum(A∘B∘X)", "∂f/∂X = AB", "∂f/∂X = (A∘B)"),
    ("function", "tr(A Diag(x)B)", "∂f/∂x = Diag(BA)", "∂f/∂x = diag(BA)"),
    ("trace", "tr(AX)²", "df = 2AX tr(A dX)", None),
]


@pytest.mark.parametrize(("kind", "objective", "line", "right"), SLIPS)
def test_a_wrong_line_says_what_it_should_say(kind: str, objective: str, line: str, right: str | None) -> None:
    verdict = mc.verify(line, objective)
    assert verdict.first_wrong == 1, str(verdict)
    assert right is None or verdict.suggestion.replace("-", "−") == right.replace("-", "−"), str(verdict)
    if verdict.suggestion:
        assert mc.verify(verdict.suggestion, objective).ok, str(verdict)
    if right:
        assert kind in verdict.explanation, str(verdict)


def test_the_example_is_in_small_integers_with_both_sides() -> None:
    verdict = mc.verify(LEAST_SQUARES + "∂f/∂x = −2A'(Ax − b)")
    assert verdict.lines[2].counterexample == "for A = 3, b = 0, x = 2: ∂f/∂x is 36, the line gives −36"


def test_a_line_that_goes_on_from_a_wrong_one_follows_and_the_right_one_is_right_again() -> None:
    text = LEAST_SQUARES + "= −2A'(Ax − b):dx\n∂f/∂x = −2A'(Ax − b)\n= 2A'(Ax − b)\n= 2(A'Ax − A'b)"
    assert verdicts(text) == ["definition", "holds", "wrong", "follows", "right again", "holds"]


def test_a_gradient_put_together_from_parts_has_the_shape_of_its_variable() -> None:
    text = "f = ‖x[2:n] − x[1:n-1]‖²\n∇f = 2([0; x[2:n] − x[1:n-1]] − [x[2:n] − x[1:n-1]; 0])"
    assert verdicts(text, None, "x ∈ R^n") == ["definition", "holds"]
    assert verdicts(text.replace("2([", "3(["), None, "x ∈ R^n") == ["definition", "wrong"]


ASSUMED = [
    ("x'Ax", "∂f/∂x = 2Ax", "A = Aᵀ"),
    ("‖M∘X‖²", "∂f/∂X = 2M∘X", "M∘M = M"),
    ("‖XV'‖²", "∂f/∂X = 2X", "VᵀV = I"),
    ("y'x + 0·logsumexp(x)", "= y'x", ""),
]


@pytest.mark.parametrize(("objective", "line", "assumption"), ASSUMED)
def test_what_a_line_needs_is_found_by_trying(objective: str, line: str, assumption: str) -> None:
    line = line if assumption else "f " + line
    found = mc.verify(line, objective).lines[0]
    assert (found.verdict, found.assumption) == (("holds if", assumption) if assumption else ("holds", "")), str(found)


def test_a_declared_or_stated_assumption_is_used() -> None:
    assert verdicts("∂f/∂X = 2M∘X", "‖M∘X‖²", "M ∈ {0,1}^{m×n}") == ["holds"]
    verdict = mc.verify("M∘M = M\n∂f/∂X = 2M∘X", "‖M∘X‖²")
    assert verdict.ok and verdict.lines[1].explanation == "given M∘M = M", str(verdict)


def test_an_assumption_that_the_next_line_drops_was_a_slip() -> None:
    text = "df = x'(A + A')dx\n= 2x'A dx\n∂f/∂x = (A + A')x"
    assert verdicts(text, "x'Ax") == ["holds", "wrong", "right again"]


def test_shapes_name_both_places() -> None:
    line = mc.verify("∂f/∂X = B'A'", "tr(AXB)", ["A ∈ R^{p×m}; B ∈ R^{n×p}"]).lines[0]
    assert line.verdict == "shapes" and "is m×p" in line.explanation and "B'" in line.explanation
    assert line.suggestion == "∂f/∂X = A'B'"


def test_another_objective_is_named_with_the_term_that_differs() -> None:
    text = "E = ‖X‖² + λU:U\ndE = 2X:dX + 2λU:dU\n∂E/∂U = 2λU"
    verdict = mc.verify(text, "‖X‖² + λ‖UUᵀ‖²")
    assert [line.verdict for line in verdict.lines] == ["other objective", "holds", "holds"]
    assert "λ‖U‖²" in verdict.explanation and "λ‖UUᵀ‖²" in verdict.explanation and "4λUUᵀU" in verdict.explanation


def test_a_wrong_value_that_nothing_follows_from_is_wrong() -> None:
    assert verdicts("f = X:Y\ndf = 2X:dX", "‖X‖²") in (["not read", "holds"], ["wrong", "right again"])


def test_what_is_not_read_says_why() -> None:
    line = mc.verify("df = 2Z:dX", "‖X‖²").lines[0]
    assert line.verdict == "not read" and "`Z`" in line.explanation


CLOSINGS = [
    ("∂f/∂x = 2A'(Ax − b)\n∇f = 0 ⇒ x = (A'A)^{-1}A'b", True),
    ("∂f/∂x = 2A'(Ax − b)\n∂f/∂x = 0\nA'Ax = A'b\nx = (A'A)^{-1}A'b", True),
    ("∂f/∂x = 2A'(Ax − b)\n∇f = 0 ⇒ x = (AA')^{-1}A'b", False),
    ("∂f/∂x = 2A'(Ax − b)\n∇f = 0 ⇒ x = −(A'A)^{-1}A'b", False),
]


@pytest.mark.parametrize(("text", "right"), CLOSINGS)
def test_a_closing_claim_is_put_into_the_gradient(text: str, right: bool) -> None:
    verdict = mc.verify(text, "‖Ax − b‖²")
    assert verdict.ok == right, str(verdict)


EQUIVALENT = [
    ("AXB = C ⇔ (B'⊗A)vec(X) = vec(C)", True),
    ("AXB = C ⇔ (A⊗B')vec(X) = vec(C)", False),
    ("AX = B ⇔ X'A' = B'", True),
]


@pytest.mark.parametrize(("text", "right"), EQUIVALENT)
def test_equivalences_are_solved_both_ways(text: str, right: bool) -> None:
    assert mc.verify(text).ok == right, str(mc.verify(text))


LAWS = [
    ("A:B = tr(A'B)", True),
    ("A∘B:C = A:B∘C", True),
    ("AB:C = A:CB'", True),
    ("AB:C = B:A'C", True),
    ("d(A:B) = A:dB + B:dA", True),
    ("d(A∘B) = A∘dB + B∘dA", True),
    ("vec(AXB) = (B'⊗A)vec(X)", True),
    ("‖A‖² = tr(AA')", True),
    ("tr(AB) = tr(A)tr(B)", False),
    ("AB:C = A:BC", False),
]


@pytest.mark.parametrize(("text", "right"), LAWS)
def test_laws_without_an_objective(text: str, right: bool) -> None:
    assert mc.verify(text).ok == right, str(mc.verify(text))


NUMBERS = [
    ("argmin_{x} ‖Ax − b‖ = argmin_{x} ‖Ax − b‖^2", "holds"),
    ("argmin_{x} ‖Ax − b‖^2 = argmin_{x} ‖A'Ax − A'b‖^2 + ‖x‖^2", "wrong"),
    ("‖Ax − b‖^2 = 0\nA = [[1, 1], [0, 1]], b = (3, 1)\nx = (2, 1)", "holds"),
    ("‖Ax − b‖^2 = 0\nA = [[1, 1], [0, 1]], b = (3, 1)\nx = (2, -1)", "wrong"),
    ("x'Ax = 5\nA = [[1, 2], [2, 1]]\nx = (1, 1)", "wrong"),
]


@pytest.mark.parametrize(("text", "verdict"), NUMBERS)
def test_claims_at_numbers_and_of_minima(text: str, verdict: str) -> None:
    first = mc.verify(text).lines[0]
    assert first.verdict == verdict and (verdict == "holds" or first.counterexample), str(mc.verify(text))


PAGE = """f = ‖Ax − b‖²
df = 2(Ax − b):A dx
∂f/∂x = −2A'(Ax − b)"""


def test_a_verdict_is_written_as_markdown_and_latex() -> None:
    verdict = mc.verify(PAGE)
    table = verdict.markdown().splitlines()
    assert table[2].startswith("| 1 | `f = ‖Ax − b‖²` | **definition**") and len(table) == 7
    assert "sign: +, not −" in table[4] and "it should say: `∂f/∂x = 2A'(Ax − b)`" in table[4]
    page = verdict.latex()
    assert r"$\displaystyle df = 2(Ax - b):A dx$" in page and page.isascii()
    typed = mc.verify(r"\frac{\partial f}{\partial X} &= 2\|X\|X", "‖X‖²").markdown().splitlines()[2]
    assert r"$\frac{\partial f}{\partial X} = 2\Vert X\Vert X$" in typed and "&" not in typed


PAPER = [  # an objective, a line as on paper, a slip of it
    ("a'X^{-1}b", "df = ab':dX^{-1}", "df = ba':dX^{-1}"),
    ("logdet(X)", r"df = d\,{\rm tr}(\log(X)) = X^{-T}:dX", r"df = d\,{\rm tr}(\log(X)) = X^{-1}:dX"),
    ("sum(log(x))", r"\frac{\partial f}{\partial x} = \frac{1}{x}", r"\frac{\partial f}{\partial x} = -\frac{1}{x}"),
    ("sum(X∘A)", "f = 1:(X∘A)", "f = 2:(X∘A)"),
    ("sum(sigmoid(x))", "∇f = σ(x)∘(1 − σ(x))", "∇f = σ(x)∘(1 + σ(x))"),
    ("‖Ax − b‖²", "∂f/∂x = 2A'(Ax − b) = 0", "∂f/∂x = 2A'(Ax + b) = 0"),
    ("‖Ax − b‖²", r"g = \frac{\partial f}{\partial x} = 2A^T(Ax-b)", r"g = \frac{\partial f}{\partial x} = A^T(Ax-b)"),
    ("‖X‖²", r"df = \frac{\partial f}{\partial X}:dX", r"df = 2\frac{\partial f}{\partial X}:dX"),
    ("vec(AXB)", "dy = (B'⊗A)dx", "dy = (B⊗A)dx"),
    ("x'Ax", "∇²f(x) = A + A'", "∇²f(x) = A − A'"),
]


@pytest.mark.parametrize(("objective", "line", "slip"), PAPER)
def test_what_is_written_on_paper_is_read(objective: str, line: str, slip: str) -> None:
    assert mc.verify(line, objective).ok, str(mc.verify(line, objective))
    assert mc.verify(slip, objective).first_wrong == 1, str(mc.verify(slip, objective))


def test_an_equation_that_holds_for_a_symmetric_matrix_is_no_assumption() -> None:
    verdict = mc.verify("vec(dY) = −(Y⊗Y)vec(dX)", "vec(X^{-1})", "Y := X^{-1}")
    assert verdict.first_wrong == 1 and verdict.lines[0].assumption == "X = Xᵀ", str(verdict)


def test_an_equation_after_a_gradient_may_set_it_to_zero_but_no_definition_does() -> None:
    verdict = mc.verify("∂f/∂x = 2A'(Ax − b)\nA'Ax = A'b", "‖Ax − b‖²")
    assert verdict.ok and verdict.lines[1].explanation == "where the gradient is zero"
    assert mc.verify("∂f/∂X = 2X\nY = 3X", "‖X‖²", "Y := 2X").first_wrong == 2


def test_an_empty_objective_is_none() -> None:
    text = "f = ‖Ax − b‖²\ndf = 2(Ax − b):A dx\n∂f/∂x = 2A'(Ax − b)"
    assert mc.verify(text, "").ok and mc.verify(text, None).ok


LIKE_WORDS = [  # products of letters that look like words; a line that claims something is never prose
    ("R := A'A + λI\nr := Rx - A'b\nf = ‖r‖²", "∂f/∂A = 2Arxᵀ + 2Axrᵀ − 2brᵀ", "∂f/∂A = 7Arxᵀ + 2Axrᵀ − 2brᵀ"),
    ("f = ‖Axaᵀ − B‖²", "df = 2(Axaᵀ − B):Adxaᵀ + 2Axaᵀ:Axdaᵀ − 2B:Axdaᵀ", "df = 3Axaᵀ:Adxaᵀ − 3B:Adxaᵀ"),
    ("f = ‖Xya' - B‖²", "∂f/∂X = 2Xya'ay' - 2Bay'", "∂f/∂X = 5Xya'ay' - 2Bay' - Bay'"),
    ("f = ‖Axy' - Ayx'‖²", "∂f/∂A = 2(Axy' - Ayx')(yx' - xy')", "∂f/∂A = 2(Axy' - Ayx')(xy' - yx')"),
    ("‖Axy' - Ayx'‖²", "∂f/∂A = 2(Axy' - Ayx')(yx' - xy')", "∂f/∂A = 2(Axy' - Ayx')(xy' - yx')"),
    ("f = ‖Axa'‖²", "df = 2Axa':Adx a', which is the chain rule", "df = 3Axa':Adx a', which is the chain rule"),
    ("f = ‖Cx‖² where C = A + B", "∂f/∂x = 2C'Cx by the rule above", "∂f/∂x = 3C'Cx by the rule above"),
    ("let s, i ∈ R\nf = β s i", "df = s i dβ + β i ds + β s di", "df = s i dβ + 2β i ds + β is"),
    ("let s, i ∈ R\nf = β s i", "∂f/∂s = β i is the rate", "∂f/∂s = 2β i is the rate"),
    ("let a, s ∈ R\nf = a s²", "df = s² da + 2as ds", "df = s² da + as ds"),
    ("f = ‖Cx‖²", "df = 2Cx:C dx and ∂f/∂x = 2C'Cx", "df = 2Cx:C dx and ∂f/∂x = 3C'Cx"),
]


REMARKS = ["(by the chain rule)", "(chain rule)", "-- product rule again", "and we are done", ", as claimed above"]
LIKE_WORDS += [("f = ‖Ax‖²", f"∂f/∂x = 2A'Ax {said}", f"∂f/∂x = 3A'Ax {said}") for said in REMARKS]


@pytest.mark.parametrize(("head", "line", "slip"), LIKE_WORDS)
def test_letters_that_look_like_words_are_read_as_products(head: str, line: str, slip: str) -> None:
    verdict = mc.verify(f"{head}\n{line}")
    assert verdict.ok and verdict.lines[-1].verdict == "holds", str(verdict)
    assert mc.verify(f"{head}\n{slip}").lines[-1].verdict == "wrong", str(mc.verify(f"{head}\n{slip}"))


CHAIN = "f = tr(H(E + H)⁻¹)\nP := (E + H)⁻¹\ndf = tr(H dP)\n= −Hᵀ:P(dE%s)P\n∂f/∂E = −PᵀHᵀPᵀ\n∂f/∂H = Pᵀ − PᵀHᵀPᵀ"


def test_in_a_chain_only_what_ends_it_moves() -> None:
    assert verdicts(CHAIN % "") == ["definition", "definition", *["holds"] * 4]
    assert verdicts(CHAIN % " + dH")[2] == "wrong"
    assert verdicts(CHAIN.replace("tr(H dP)", "2tr(H dP)") % "")[2] == "wrong"


def test_a_dimension_may_stand_as_a_number_in_a_definition() -> None:
    text = "f = ‖x 1_n' - 1_m y' - D‖²\ng := 2(nx − D 1_n − sum(y) 1_m)\n∂f/∂x = g\ndg = 2n dx"
    assert verdicts(text) == ["definition", "definition", "holds", "holds"]
    assert verdicts(text.replace("(nx", "(mx"))[2] == "wrong"


PROSE = [
    "so that the matrix A = LU is what we look for",
    "Since A = A' and B = B', then this is simple",
    "Note: a zero of x = y is enough",
    "This is Ridge² regression (again)",
]


@pytest.mark.parametrize("line", PROSE)
def test_sentences_are_prose(line: str) -> None:
    assert verdicts(f"f = ‖Ax‖²\n{line}\ndf = 2Ax:A dx") == ["definition", "prose", "holds"]
