"""How long our formulas are beside a person's, in symbols: `python -m tests.benchmarks.symbols [public more]`.

Every letter with its subscript, number, function name and operator counts one (transpose, inverse and inverse
transpose one each); spaces, brackets, commas, product signs and ^ count nothing. A problem's variables are
summed; problems with `let` lines are left out.
"""

from __future__ import annotations

import re
import statistics
import sys

import matcalc as mc
from tests.problems.corpus import rows

FUNCTIONS = (
    "logsumexp_rows logsumexp_cols softmax_rows softmax_cols logsumexp softmax softplus sigmoid khatri_rao "
    "face_split unvec vech vec rowsums colsums sum tril triu sym skew diag Diag kron logdet det inv pinv adj "
    "tr expm1 expm exp logm log1p log sqrtm sqrt abs sign sinh cosh tanh arcsin arccos arctan sin cos tan "
    "relu erf step lgamma digamma normcdf eigmax eigmin max min inner"
).split()
SUBSCRIPT = r"(?:_\{[^}]*\}|_[A-Za-z0-9α-ωΑ-Ω]|[₀-₉ₐ-ₜᵢᵣᵤᵥⱼ]+)?"
SYMBOL = re.compile(
    "|".join(
        [
            r"(?P<postfix>⁻ᵀ|⁻¹|[ᵀ⁺'′]|\^\{?-T\}?|\^\{?-1(?!\d)\}?|\^\{?T\}?)",
            r"(?P<skip>[\s()\[\]{},;·⋅*@^.])",
            rf"(?P<function>{'|'.join(FUNCTIONS)})(?![a-z])",
            rf"(?P<number>(?:\d+(?:\.\d+)?|[⁰¹²³⁴-⁹]+){SUBSCRIPT})",
            rf"(?P<letter>[\w∑][\u0300-\u036f]?{SUBSCRIPT})",
            r"(?P<bars>‖|\|)",
            r"(?P<operator>.)",
        ]
    ),
    re.DOTALL,
)
FRACTIONS = {"½": "1/2", "⅓": "1/3", "¼": "1/4", "¾": "3/4", "⅔": "2/3"}


def count(formula: str) -> int:
    """The number of symbols of a formula.

    >>> count("2Aᵀ(Ax − b)"), count("-2 A^{-1} B (C - B'A^{-1}B)^{-1}")
    (7, 13)
    """
    for sign, spelled in FRACTIONS.items():
        formula = formula.replace(sign, spelled)
    kinds = [m.lastgroup for m in SYMBOL.finditer(formula)]
    return sum(k not in ("skip", "bars") for k in kinds) + kinds.count("bars") // 2


def ratios(*names: str) -> list[tuple[float, str, list[tuple[str, str]]]]:
    """For each problem: ours/person's, its name, and the pairs of formulas."""
    found = []
    for row in rows(*names):
        if row.let:
            continue
        try:
            p = mc.problem(row.text, *row.declare)
            ours = {v: str(p.derivative(v)) for v in row.wrt}
        except Exception as error:
            print(f"failed  {row.id}: {error}")
            continue
        pairs = [(ours[v], row.gradient[v]) for v in row.wrt]
        found.append((sum(count(a) for a, _ in pairs) / sum(count(b) for _, b in pairs), row.id, pairs))
    return found


def main() -> None:
    """Print the table, longest last."""
    found = sorted(ratios(*sys.argv[1:]))
    for ratio, name, pairs in found:
        print(f"{ratio:5.2f}  {name}")
        for ours, theirs in pairs:
            print(f"         {ours}\n           person: {theirs}")
    values = [r for r, _, _ in found]
    median, mean = statistics.median(values), statistics.mean(values)
    print(f"{len(values)} problems: median {median:.2f}, mean {mean:.2f}, max {max(values):.2f}, "
          f"at most 1 in {sum(v <= 1 for v in values)}")


if __name__ == "__main__":
    main()
