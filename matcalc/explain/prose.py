"""Sentences with mathematics in them as LaTeX text."""

from __future__ import annotations

from matcalc.notation.characters import GREEK_NAMES

_ESCAPED = {c: "\\" + c for c in "_%&#${}"} | {
    "\\": "\\textbackslash{}", "^": "\\textasciicircum{}", "~": "\\textasciitilde{}"}
_MATHEMATICS = {
    "∘": "\\circ", "⊘": "\\oslash", "⊗": "\\otimes", "−": "-", "×": "\\times", "·": "\\cdot", "‖": "\\|",
    "∂": "\\partial", "∑": "\\sum", "Σ": "\\Sigma", "√": "\\surd", "≠": "\\neq", "≥": "\\geq", "≤": "\\leq",
    "∞": "\\infty", "∈": "\\in", "⟨": "\\langle", "⟩": "\\rangle", "↦": "\\mapsto", "…": "\\ldots", "′": "'",
    "ᵀ": "^{\\top}", "⁻": "^{-}", "⁺": "^{+}", "†": "^{\\dagger}", "ᵖ": "^{p}", "ᵢ": "_{i}", "ⱼ": "_{j}",
    "ₖ": "_{k}", **{c: f"^{{{k}}}" for k, c in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
    **{c: f"_{{{k}}}" for k, c in enumerate("₀₁₂₃₄₅₆₇₈₉")},
}


def latex_prose(sentence: str) -> str:
    r"""A sentence for LaTeX's text mode: special characters escaped, mathematical characters as mathematics.

    >>> latex_prose("λ_u ≠ 0, XᵀX nonsingular")
    '$\\lambda$\\_u $\\neq$ 0, X$^{\\top}$X nonsingular'
    """
    out = "".join(map(_character, sentence.replace("⁻¹", "\0")))
    return out.replace("\0", "$^{-1}$").replace("–", "--")


def _character(c: str) -> str:
    if c in GREEK_NAMES:
        return f"$\\{GREEK_NAMES[c]}$"
    if c in _MATHEMATICS:
        return f"${_MATHEMATICS[c]}$"
    return _ESCAPED.get(c, c)
