"""Sentences with mathematics in them as LaTeX text."""

from __future__ import annotations

import re

from matcalc.notation.characters import GREEK_NAMES

_ESCAPED = {c: "\\" + c for c in "_%&#${}"} | {
    "\\": "\\textbackslash{}", "^": "\\textasciicircum{}", "~": "\\textasciitilde{}"}
_MATHEMATICS = {
    "∘": "\\circ", "⊘": "\\oslash", "⊗": "\\otimes", "−": "-", "×": "\\times", "·": "\\cdot", "‖": "\\|",
    "∂": "\\partial", "∑": "\\sum", "Σ": "\\Sigma", "√": "\\surd", "≠": "\\neq", "≥": "\\geq", "≤": "\\leq",
    "∞": "\\infty", "∈": "\\in", "⟨": "\\langle", "⟩": "\\rangle", "↦": "\\mapsto", "…": "\\ldots", "′": "'",
    "ᵀ": "^{\\top}", "⁻": "^{-}", "⁺": "^{+}", "†": "^{\\dagger}", "⇔": "\\Leftrightarrow", "⇒": "\\Rightarrow",
    "ᵖ": "^{p}", "ᵢ": "_{i}", "ⱼ": "_{j}",
    "ₖ": "_{k}", **{c: f"^{{{k}}}" for k, c in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
    **{c: f"_{{{k}}}" for k, c in enumerate("₀₁₂₃₄₅₆₇₈₉")},
}


# the marks of an alignment, not those between the entries of a matrix
MARKS_OF_ALIGNMENT = re.compile(r"\s*&+\s*(?![^{}]*(?:\\end|\\\\))")
_BARE_SCRIPT = re.compile(r"([_^])\s*(\\(?:mathbf|boldsymbol|bm|mathrm|mathcal|mathsf|text|rm)\s*\{[^{}]*\})")
_WORDS = re.compile(r"(?<![A-Za-z\\])[a-z]{2,}(?:_[a-z]+)?(?=\()|(?<![A-Za-z\\])logdet(?![A-Za-z])")


def latex_prose(sentence: str) -> str:
    r"""A sentence for LaTeX's text mode: special characters escaped, mathematical characters as mathematics.

    >>> latex_prose("λ_u ≠ 0, XᵀX nonsingular")
    '$\\lambda$\\_u $\\neq$ 0, X$^{\\top}$X nonsingular'
    """
    out = "".join(map(_character, sentence.replace("⁻¹", "\0")))
    return out.replace("\0", "$^{-1}$").replace("–", "--")


def latex_formula(text: str) -> str:
    r"""A formula that was typed, for LaTeX's math mode: LaTeX as it is, Unicode as commands.

    >>> latex_formula(r"d\phi &= 2M:dM"), latex_formula("df = −2(W∘X)Vᵀ:dU + tr(A)")
    ('d\\phi = 2M:dM', 'df = -2(W\\circ X)V^{\\top}:dU + \\operatorname{tr}(A)')
    """
    if "\\" in text:
        return _BARE_SCRIPT.sub(r"\1{\2}", MARKS_OF_ALIGNMENT.sub(" ", text)).replace("–", "-")
    text = _WORDS.sub(lambda m: f"\\operatorname{{{m[0]}}}".replace("_", "\\_"), text.replace("⁻¹", "^{-1}"))
    return "".join(_in_mathematics(c) for c in text).replace("^{-}^{\\top}", "^{-\\top}")


def settable(text: str) -> bool:
    """Whether a text can be set in math mode: braces and sized brackets come in pairs."""
    plain = re.sub(r"\\[{}]", "", text)
    return (
        plain.count("{") == plain.count("}")
        and len(re.findall(r"\\left(?![a-z])", plain)) == len(re.findall(r"\\right(?![a-z])", plain))
        and plain.count("\\begin") == plain.count("\\end")
        and "$" not in plain
        and "`" not in plain
    )


def _in_mathematics(c: str) -> str:
    if c in GREEK_NAMES:
        return f"\\{GREEK_NAMES[c]} "
    sign = _MATHEMATICS.get(c)
    if sign is not None:
        return sign + " " if sign[-1].isalpha() else sign
    return "\\" + c if c in "%&#$" else c


def _character(c: str) -> str:
    if c in GREEK_NAMES:
        return f"$\\{GREEK_NAMES[c]}$"
    if c in _MATHEMATICS:
        return f"${_MATHEMATICS[c]}$"
    return _ESCAPED.get(c, c)
