"""Whatever is typed ends in a reading or one clear message, quickly; and the table is the grammar's."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path

import pytest

from matcalc.errors import MatcalcError
from matcalc.notation.read import Reading, read, read_expression
from matcalc.notation.syntax.tables import GRAMMAR, table

CASES = Path(__file__).parent.parent / "cases" / "language.txt"
PIECES = re.compile(r"\\[A-Za-z]+|[A-Za-z]+|\d+|.", re.S)

NASTY = {
    "nothing": "",
    "space": " \n ",
    "comment": "# nothing",
    "brackets": "(" * 10_000,
    "blocks": "[" * 10_000,
    "bars": "‖" * 5_001,
    "braces": "{" * 10_000,
    "letters": "x" * 1_000_000,
    "sum": "A+" * 15_000 + "A",
    "product": "A" * 5_000,
    "primes": "X" + "'" * 10_000,
    "signs": "-" * 10_000 + "λ",
    "functions": "tr " * 5_000 + "X",
    "exponents": "λ^{" * 500 + "2" + "}" * 500,
    "large exponent": "X^{1000000000}",
    "large power": "2^{1000000000}",
    "large number": "1e999999999999",
    "digits": "9" * 10_000,
    "zero": "x/0",
    "zero power": "0^{-1}",
    "root": "(-1)^{1/2}",
    "NUL": "\0",
    "surrogate": "a\ud800b",
    "heart": "♥",
    "direction": "\u202e",
    "accents": "x\u0302\u0302\u0302",
    "raised digit": ".¹",
    "long sum": "sum_{i=1}^{1000000000} x_i",
    "endless macro": r"\def\a{\a\a}\a",
    "doubling macro": r"\def\a#1{#1#1}" + r"\a{" * 20 + "x" + "}" * 20,
    "fractions": r"\frac" * 200,
    "own definition": "A := A\nA",
    "circle": "A := B\nB := A\ntr A",
    "squares": "\n".join(f"X_{i + 1} := X_{i} X_{i}" for i in range(1, 40)) + "\ntr(X_40)",
    "kron squares": "\n".join(f"X_{i + 1} := X_{i}⊗X_{i}" for i in range(1, 40)) + "\ntr(X_40)",
    "block squares": "\n".join(f"X_{i + 1} := [X_{i},X_{i};X_{i},X_{i}]" for i in range(1, 60))
    + "\ntr(X_60)",
    "spaces": "x" + " " * 39_000 + "y",
    "line ends": "x" + "\n" * 39_000 + "+ y",
    "comments": "#\n" * 19_000,
    "ones": "1 " * 19_000,
    "sum signs": "Σ_i " * 9_000,
    "open braces": "{" * 20_000 + "}" * 19_000,
    "fonts": "\\text{" * 6_000,
    "names in a row": "A," * 15_000 + "B ∈ R^n",
    "keywords": "x'x " + "for " * 9_000,
    "large dimension": "x ∈ R^{99999999999}\nx'x",
    "deep dimension": "X∈R^{" + "(" * 3000 + "n" + ")" * 3000 + "}",
}


def attempt(text: str, context: Reading) -> None:
    for f in (
        lambda: read(text),
        lambda: read("x'x", text),
        lambda: read_expression(text, context, differentials=True),
    ):
        try:
            f()
        except MatcalcError as error:
            assert str(error)


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY.keys())
def test_nasty_texts_end_in_a_message(text: str) -> None:
    context = read("‖A x − b‖²")
    start = time.process_time()
    attempt(text, context)
    assert time.process_time() - start < 30  # about 2 s: what grows with the square of the length takes minutes


def mutated(draw: random.Random, texts: list[str]) -> str:
    parts = PIECES.findall(draw.choice(texts))
    for _ in range(draw.choice([1, 1, 2, 4])):
        place, other = draw.randrange(len(parts) + 1), PIECES.findall(draw.choice(texts))
        if draw.random() < 0.4 and parts:
            parts.pop(min(place, len(parts) - 1))
        else:
            first = draw.randrange(len(other))
            parts[place:place] = other[first: first + draw.randrange(1, 5)]
    return "".join(parts)


@pytest.mark.parametrize("seed", range(4))
def test_mutations_of_the_cases_never_crash(seed: int) -> None:
    lines = [
        line
        for line in CASES.read_text("utf-8").split("\n")
        if line and not line.startswith(("# ", "note:", ":"))
    ]
    texts = [re.sub(r"^(=|≠|with|given:|d:) ", "", line).replace("⏎", "\n") for line in lines]
    draw, context = random.Random(seed), read("‖A x − b‖² + tr(X'Y)")
    for _ in range(150):
        attempt(mutated(draw, texts), context)


def test_the_table_is_made_from_the_grammar() -> None:
    pytest.importorskip("lark")
    assert (GRAMMAR / "table.py").read_text("utf-8") == table()


@pytest.mark.parametrize("spelling", ["λ_u", "lambda_u", r"\lambda_u", r"\lambda_{u}", "λᵤ"])
def test_every_spelling_of_a_name_is_accepted(spelling: str) -> None:
    assert read("λ_u x'x").names(spelling) == "λ_u"


def test_an_unknown_name_says_what_there_is() -> None:
    with pytest.raises(
        MatcalcError, match="`z` is not a variable of this problem; its variables are A, x, b"
    ):
        read("‖A x − b‖²").names("z")


def test_a_variable_has_an_ascii_alias() -> None:
    reading = read("λ x'x + λ_u")
    assert [v.alias for v in reading.variables.values()] == ["lambda_", "x", "lambda_u"]


def test_over_sense_and_name() -> None:
    reading = read("g(U,V) = ‖Y − UV'‖²")
    assert (reading.name, reading.over, reading.sense) == ("g", ("U", "V"), "")
    reading = read("minimize ‖Y − UV'‖² over U, V")
    assert (reading.name, reading.over, reading.sense) == ("f", ("U", "V"), "minimize")
