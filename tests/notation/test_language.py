"""The cases of tests/cases/language*.txt: texts that read the same, their shapes, their notes, their errors.

A case is a block of lines; blocks are separated by empty lines and `#` begins a comment.

    text                    what is read (`⏎` stands for a line end)
    with DECLARATIONS       passed as a declaration
    = other text            reads as the identical expression
    ≠ other text            reads as another one
    : A m×n, x n×1          the variables and their shapes, in order
    note: SENTENCE          an assumption of the reading; all of them are listed
    given: TEXT             a further formula of the problem that must read
    d: TEXT                 a further line of differentials
    ! MESSAGE               the exact error (the lines after it, up to the empty line, belong to it)
"""

from __future__ import annotations

from pathlib import Path

import pytest

from matcalc.errors import MatcalcError
from matcalc.notation.read import Reading, read, read_expression

CASES = Path(__file__).parent.parent / "cases"


def blocks() -> list[tuple[str, str]]:
    out = []
    for path in sorted(CASES.glob("language*.txt")):
        lines = [line for line in path.read_text(encoding="utf-8").split("\n") if not line.startswith("# ")]
        for block in "\n".join(lines).split("\n\n"):
            if block.strip():
                out.append((path.stem, block.strip("\n")))
    return out


def shapes(reading: Reading) -> str:
    return ", ".join(f"{v.name} {v.shape[0]}×{v.shape[1]}" for v in reading.variables.values())


@pytest.mark.parametrize(("where", "block"), blocks(), ids=[b.split("\n")[0][:60] for _, b in blocks()])
def test_case(where: str, block: str) -> None:
    first, *rest = block.split("\n")
    text = first.replace("⏎", "\n")
    declare = [line.removeprefix("with ") for line in rest if line.startswith("with ")]
    rest = [line for line in rest if not line.startswith("with ")]
    if rest and rest[0].startswith("! "):
        with pytest.raises(MatcalcError) as caught:
            read(text, *declare)
        assert str(caught.value) == "\n".join([rest[0][2:], *rest[1:]])
        return
    reading = read(text, *declare)
    notes = [line.removeprefix("note: ") for line in rest if line.startswith("note: ")]
    assert list(reading.assumptions) == notes
    for line in rest:
        mark, _, body = line.partition(" ")
        body = body.replace("⏎", "\n")
        if mark in ("=", "≠"):
            assert (read(body, *declare).objective is reading.objective) == (mark == "="), body
        elif mark == ":":
            assert shapes(reading) == body
        elif mark in ("given:", "d:"):
            read_expression(body, reading, differentials=mark == "d:")
        else:
            assert mark == "note:", line
