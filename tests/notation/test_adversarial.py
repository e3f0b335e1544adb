"""Broken texts: deleted, inserted and swapped pieces, stray Unicode, other tools' notation. Seeded and short.

Every one ends in a reading, or in one MatcalcError that shows its place or says what to write instead.
"""

from __future__ import annotations

import json
import random
import re
import time
from pathlib import Path

import pytest

import matcalc as mc

TESTS = Path(__file__).parent.parent
TOKENS = re.compile(r"\\[A-Za-z]+|[A-Za-z]+|\d+|.", re.S)
BLOCKS = ((32, 127), (0xA0, 0x180), (0x370, 0x400), (0x2000, 0x20A0), (0x2190, 0x2300), (0x1D400, 0x1D500))
UNICODE = [chr(c) for a, b in BLOCKS for c in range(a, b)] + list("\0\x7f\x85\u0301\u4e2d\ufeff\ufffd\U0001f600")
SECONDS = 10.0  # of processor time; a few milliseconds each
TEXTS = 400  # of each seed


def problems() -> list[str]:
    """The objectives of the public problems."""
    lines = (TESTS / "problems" / "public.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["objective"] for line in lines]


def typed() -> list[str]:
    """The cases of the language, in all its notations."""
    lines = (TESTS / "cases" / "language.txt").read_text("utf-8").splitlines()
    kept = [line for line in lines if line and not line.startswith(("# ", "note:", ":"))]
    return [re.sub(r"^(=|≠|with|given:|d:) ", "", line).replace("⏎", "\n") for line in kept]


def foreign() -> list[str]:
    """Formulas in the notation of other tools."""
    lines = (TESTS / "cases" / "other_tools.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("# ")]


SOURCES = (problems(), typed(), foreign())
PIECES = [piece for texts in SOURCES for text in texts for piece in TOKENS.findall(text)]


def broken(draw: random.Random) -> str:
    """One text with one to three changes."""
    text = draw.choice(draw.choice(SOURCES))
    if draw.random() < 0.05:
        return text.replace("\\", "")
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        parts = (TOKENS.findall(text) if draw.random() < 0.5 else list(text)) or ["x"]
        change, i = draw.randrange(6), draw.randrange(len(parts))
        if change == 0:
            del parts[i]
        elif change == 1:
            parts.insert(i, draw.choice(UNICODE if draw.random() < 0.4 else PIECES))
        elif change == 2:
            j = draw.randrange(len(parts))
            parts[i], parts[j] = parts[j], parts[i]
        elif change == 3:
            parts[i] = draw.choice(PIECES)
        elif change == 4:
            del parts[i:]
        else:
            parts[i:i] = parts[i : i + draw.randrange(1, 6)]
        text = "".join(parts)
    return text


def judge(text: str) -> str:
    """What is wrong with the answer to a text; nothing where all is well."""
    start = time.process_time()
    try:
        mc.problem(text)
    except mc.MatcalcError as error:
        said = str(error)
        if "this is a bug" in said or not (error.places or error.hint):
            return f"{text!r}: {said}"
        if any(c in error.message for c in "\n\0") or len(said) > 1500:
            return f"{text!r} has a message out of shape: {said!r}"
    return f"{text!r} takes too long" if time.process_time() - start > SECONDS else ""


@pytest.mark.parametrize("seed", range(8))
def test_broken_texts(seed: int) -> None:
    draw = random.Random(seed)
    assert [wrong for wrong in (judge(broken(draw)) for _ in range(TEXTS)) if wrong] == []


@pytest.mark.parametrize("text", foreign())
def test_notation_of_other_tools(text: str) -> None:
    assert judge(text) == ""
