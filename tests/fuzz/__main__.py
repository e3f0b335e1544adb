"""Open-ended runs: `python -m tests.fuzz --seed 0 --count 1000 --depth 8`.

Expression s is the same in every run; a failure is printed with its seed and with a smaller case.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from functools import partial
from random import Random

from matcalc.core.tree import Expr
from matcalc.derive.gradient import gradients
from matcalc.errors import UnsupportedError
from matcalc.notation.printing.printer import text
from tests.fuzz.expressions import Expressions
from tests.fuzz.properties import PATIENCE, PROPERTIES, declarations, failures, variables
from tests.fuzz.shrink import shrunk

WIDE = 600  # characters shown of a formula


def expression(seed: int, depth: int) -> Expr:
    """The expression of that seed; its depth is between 2 and `depth`."""
    return Expressions(seed).objective(2 + seed % (depth - 1))


def wanted(seed: int, only: list[str]) -> list[str]:
    """The properties that the expression of a seed is asked for."""
    rng = Random(f"properties {seed}")
    chosen = [name for name, (_, share) in PROPERTIES.items() if rng.random() < share]
    return only or chosen


def examine(seed: int, depth: int, only: list[str], small: bool = True, patience: int | None = PATIENCE) -> list[str]:
    """The failures of one expression, as lines; `small` looks for a smaller case."""
    out: list[str] = []
    try:
        e = expression(seed, depth)
    except Exception as error:
        return [f"seed {seed} depth {depth}: construction: {type(error).__name__}: {error}"]
    for name in wanted(seed, only):
        for found in list(failures(e, name, patience))[:1]:
            if not found.property:
                out.append(f"unsupported {found.detail}")
                continue
            quick = small and not found.property.startswith("time")
            case = shrunk(e, partial(has, name, found.property)) if quick else e
            why = next(failures(case, name)).detail if quick else found.detail
            given = "; ".join(declarations(case))
            shown = f"{text(case)[:WIDE]}   where {given}\n    {why[:WIDE]}"
            out.append(f"seed {seed} depth {depth}: {found.property}: {shown}")
    return out


def has(name: str, failure: str, e: Expr) -> bool:
    """Whether an expression fails in that property in that way."""
    return any(f.property == failure for f in failures(e, name))


def answers(seed: int, depth: int) -> str:
    """The expression and its gradients as text: the same bytes in every process."""
    e = expression(seed, depth)
    try:
        found = gradients(e, variables(e)) if e.is_scalar else {}
    except UnsupportedError as refused:
        return f"{text(e)}: {refused}"
    return "; ".join([text(e), *(text(G) for G in found.values())])


def main() -> int:
    """Examine as many expressions as were asked for; the status is 1 where one failed."""
    options = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--count", type=int, default=1000)
    options.add_argument("--depth", type=int, default=8)
    options.add_argument("--only", nargs="*", default=[], choices=PROPERTIES)
    options.add_argument("--answers", action="store_true", help="print the gradients, check nothing")
    options.add_argument("--as-found", action="store_true", help="do not look for smaller cases")
    chosen = options.parse_args()
    counts: Counter[str] = Counter()
    for seed in range(chosen.seed, chosen.seed + chosen.count):
        if chosen.answers:
            print(answers(seed, chosen.depth))
            continue
        counts["expressions"] += 1
        if counts["expressions"] % 500 == 0:
            print(f"{seed}: {sum(counts.values()) - counts['expressions']} remarks", file=sys.stderr, flush=True)
        for line in examine(seed, chosen.depth, chosen.only, not chosen.as_found):
            kind = line.split(": ")[1] if line.startswith("seed") else line
            counts[kind] += 1
            if line.startswith("seed"):
                print(line, flush=True)
    if not chosen.answers:
        print(", ".join(f"{kind} {number}" for kind, number in counts.most_common()))
    return int(any(not k.startswith(("expressions", "unsupported")) for k in counts))


if __name__ == "__main__":
    sys.exit(main())
