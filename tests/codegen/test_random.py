"""Random objectives: what is emitted computes what the formulas say."""

from __future__ import annotations

from collections import Counter

from matcalc.check.program import check_program
from matcalc.codegen.emit import Task, program_of
from matcalc.core.algebra import dimnum
from matcalc.core.dims import Dim
from matcalc.core.tree import dims_of, walk
from matcalc.derive.gradient import gradient
from matcalc.ir.choose import choose
from matcalc.ir.program import check
from tests.check.test_random import objectives
from tests.codegen.emitting import compiled


def test_random_objectives() -> None:
    verdicts: Counter[str] = Counter()
    for f, x in objectives(80):
        gradients = ((x, gradient(f, x)),)
        leaves = [e for e in walk(f, gradients[0][1]) if e.op.name == "var"]
        free = sorted(dims_of(f, gradients[0][1]) - dims_of(*leaves))
        task = Task("random", f, gradients, (*leaves, *(dimnum(Dim.name(n)) for n in free)))
        check(choose(program_of(task)))
        evidence = check_program(compiled(task), f, gradients, parameters=task.parameters, trials=1)
        assert evidence.ok or evidence.method == "undecided", f"{f}: {evidence.why}"
        verdicts[evidence.method] += 1
    assert verdicts["undecided"] < 8
