"""The command `matcalc`: gradients, code, solvers and the table of identities from a shell.

A text may be a formula, a file that holds a problem, or `-` for standard input; one that starts with a minus
is a text. Exit status: 0 done, 1 a check or a derivation failed, 2 the input could not be used.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import matcalc
from matcalc.app.formula import Formula
from matcalc.app.problem import Problem, problem
from matcalc.errors import CheckError, MatcalcError, ParseError, UnsupportedError

DONE, FAILED, UNUSABLE = 0, 1, 2
FLAGS = {"--steps", "--latex", "--markdown", "--json", "--hvp", "--hessian", "--help", "-h", "--version"}
VALUED = {"--wrt", "--form", "--objective", "--declare", "-d", "--target", "--over", "--data", "-o", "--output"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        name = given[0] if given and given[0] in COMMANDS else ""
        options = _parser(name).parse_args([_guarded(given, i) for i in range(bool(name), len(given))])
        status = COMMANDS[name][1](options)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        return 130
    except CheckError as error:
        return _refuse(error, FAILED)
    except MatcalcError as error:
        return _refuse(error, UNUSABLE)
    except OSError as error:
        return _refuse(f"{error.strerror}: {error.filename}", UNUSABLE)
    return status


def _refuse(error: Exception | str, status: int) -> int:
    sys.stdout.flush()
    print(f"matcalc: {error}", file=sys.stderr)
    return status


def _guarded(given: list[str], i: int) -> str:
    """An argument for argparse; a space before a formula that starts with a minus makes it a text there."""
    argument = given[i]
    if not argument.startswith("-") or argument == "-":
        return argument
    is_value = i > 0 and given[i - 1] in VALUED
    is_option = argument in FLAGS | VALUED or argument.partition("=")[0] in FLAGS | VALUED
    looks_like_option = argument.startswith("--") and argument[2:3].isalpha()
    return " " + argument if is_value or not (is_option or looks_like_option) else argument


def _parser(command: str) -> argparse.ArgumentParser:
    says, _, options, examples = COMMANDS[command]
    others = "".join(f"\n  matcalc {name:<11} {row[0]}" for name, row in COMMANDS.items() if name)
    shown = "examples:" + "".join(f"\n  matcalc {example}" for example in examples)
    parser = argparse.ArgumentParser(
        prog=f"matcalc {command}".strip(),
        description=says,
        epilog=shown if command else f"{shown}\n\nother commands:{others}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for option in options:
        spellings, settings = OPTIONS[option]
        parser.add_argument(*spellings, **settings)
    if not command:
        parser.add_argument("--version", action="version", version=f"matcalc {matcalc.__version__}")
    return parser


# ── the texts that are given ──────────────────────────────────────────────────────────────────────────────
def _text(given: str) -> str:
    """The problem's text: what was typed, a file's content, or standard input.

    Raises:
        ParseError: the file or the standard input is no text.
    """
    if given == "-":
        return _decoded(sys.stdin.buffer.read(), "the standard input")
    if len(given) < 1000 and "\0" not in given and os.path.isfile(given):
        with open(given, "rb") as file:
            return _decoded(file.read(), given)
    if os.sep in given and len(given) < 1000 and os.path.isdir(given):
        raise ParseError(f"{given} is a folder, no file")
    return given


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ParseError(f"{name} is not UTF-8 text: {error.reason} at byte {error.start}") from None


def _problem(options: argparse.Namespace) -> Problem:
    return problem(_text(options.text), *options.declare)


def _names(listed: str | None) -> tuple[str, ...]:
    """The names in `U,V`; commas inside braces belong to a name."""
    names, depth, start = [], 0, 0
    text = (listed or "") + ","
    for i, c in enumerate(text):
        depth += (c == "{") - (c == "}")
        if c == "," and depth <= 0:
            names.append(text[start:i].strip())
            start = i + 1
    return tuple(n for n in names if n)


def _order(options: argparse.Namespace, what: str) -> Any:
    """1, 2 with --hessian, "hvp" with --hvp."""
    if options.hvp and options.hessian:
        raise UnsupportedError(f"--hvp and --hessian ask for two {what}", hint="one of them at a time")
    return "hvp" if options.hvp else 2 if options.hessian else 1


def _unicode() -> bool:
    """Whether the output can show the mathematics."""
    try:
        "‖Uᵀ∘λ⁻¹‖−∂".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


# ── the commands ──────────────────────────────────────────────────────────────────────────────────────────
def _gradient(options: argparse.Namespace) -> int:
    order = _order(options, "formulas")
    p = _problem(options)
    given = _names(options.wrt)
    formulas = _formulas(p, p.names(*given), order, options.form)
    if options.json:
        steps = [s for d in _derivations(p, given, order) for s in d.steps] if options.steps else None
        print(json.dumps(_record(p, formulas, steps, order), ensure_ascii=not _unicode(), indent=2))
        return DONE
    writing = "latex" if options.latex else "markdown" if options.markdown else "unicode" if _unicode() else "plain"
    print(p.reading.write(writing))
    if options.steps:
        print("\n\n".join(d.write(writing) for d in _derivations(p, given, order)))
    for formula in formulas.values():
        print(formula.report(writing))
    return DONE


def _formulas(p: Problem, names: tuple[str, ...], order: Any, form: str) -> dict[str, Formula]:
    """The gradients or Jacobians, the Hessians within and across the variables, or one times a direction."""
    if order == 2:
        return {x if x == y else f"{x},{y}": p.hessian(x, y) for x, y in _pairs(names)}
    if order == "hvp":
        found = p.hvp(*names)
        return dict(found) if len(names) > 1 else {names[0]: found}
    return {n: p.gradient(n, form=form) if form != "short" else p.derivative(n) for n in names}


def _pairs(names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(x, y) for i, x in enumerate(names) for y in names[i:]]


def _derivations(p: Problem, given: tuple[str, ...], order: Any) -> list[Any]:
    """The derivations behind the formulas: one for each Hessian, else one for all."""
    if order == 2:
        return [p.derivation(*dict.fromkeys(pair), order=2) for pair in _pairs(p.names(*given))]
    return [p.derivation(*given, order=order)]


KEYS = {1: "gradients", 2: "hessians", "hvp": "hvp"}


def _record(p: Problem, formulas: dict[str, Formula], steps: Any, order: Any) -> dict[str, Any]:
    """The object that --json prints."""
    record: dict[str, Any] = {
        "reading": str(p.reading),
        "variables": {name: v.record() for name, v in p.variables.items()},
        KEYS[order]: {n: {"text": str(f), "latex": f.latex()} for n, f in formulas.items()},
        "check": {n: f.check_record() for n, f in formulas.items()},
    }
    if steps is not None:
        record["steps"] = [
            {"expression": str(s.expression), "rule": s.rule, "explanation": s.explanation} for s in steps
        ]
    return record


def _code(options: argparse.Namespace) -> int:
    order = _order(options, "functions")
    p = _problem(options)
    function = p.compile(*_names(options.wrt), target=options.target, order=order)
    if options.json:
        record = {
            "reading": str(p.reading),
            "source": function.source,
            "variables": {name: v.record() for name, v in p.variables.items()},
        }
        print(json.dumps(record, ensure_ascii=not _unicode(), indent=2))
    else:
        _write(function.source, options.output)
    return DONE


def _write(source: str, output: str | None) -> None:
    """Source is UTF-8, as Python reads it, whatever the terminal speaks."""
    if output is None or output == "-":
        sys.stdout.flush()
        raw = getattr(sys.stdout, "buffer", None)
        _ = sys.stdout.write(source) if raw is None else raw.write(source.encode("utf-8"))
    else:
        with open(output, "w", encoding="utf-8") as file:
            file.write(source)


def _solve(options: argparse.Namespace) -> int:
    p, over = _problem(options), _names(options.over)
    if options.data is None:
        _write(p.solver(*over).source, options.output)
        return DONE
    data = _arrays(options.data)
    known = {p.variables.resolve(name) for name in data}
    if not over and not p.reading.reading.over:
        over = tuple(name for name in p.names() if name not in known)
    result = p.solver(*over)(**data)
    print(f"{result.status}: {result.why}")
    print(f"value {result.value:.12g}, gradient norm {result.gradient_norm:.3g}")
    for name, array in result.values.items():
        print(f"{name} =\n{array}")
    return FAILED if result.status == "not converged" else DONE


def _arrays(path: str) -> dict[str, Any]:
    """The arrays of an .npz file.

    Raises:
        ParseError: it is no such file.
    """
    import numpy as np

    with open(path, "rb") as file:
        if file.read(2) != b"PK":
            raise ParseError(f"{path} is no .npz file of arrays")
    try:
        with np.load(path, allow_pickle=False) as data:
            return {name: data[name] for name in data.files}
    except Exception as error:  # whatever a broken archive makes NumPy say
        raise ParseError(f"{path} is no .npz file of arrays: {error}") from None


def _verify(options: argparse.Namespace) -> int:
    from matcalc.app.verify import verify

    verdict = verify(_text(options.text), options.objective, options.declare)
    if not verdict.claims:
        named = options.text if not any(map(str.isspace, options.text)) and len(options.text) < 200 else ""
        missing = f"there is no file {named}; read as a text, " if named and not os.path.isfile(named) else ""
        raise ParseError(f"{missing}{verdict.summary}: a derivation is a text with lines such as df = 2(Ax - b):A dx")
    if options.json:
        print(json.dumps(verdict.record(), ensure_ascii=not _unicode(), indent=2))
    elif options.latex or options.markdown:
        print(verdict.latex() if options.latex else verdict.markdown())
    else:
        print(verdict.write(colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ, plain=not _unicode()))
    return DONE if verdict.ok else FAILED


def _practice(options: argparse.Namespace) -> int:
    from matcalc.app.practice import Practice, session
    from matcalc.app.verify import PLAIN

    practice = Practice(_text(options.text), _names(options.wrt), tuple(options.declare))
    for said in session(practice, sys.stdin):
        print(said if _unicode() else said.translate(PLAIN), flush=True)
    return DONE if practice.done else FAILED


def _identities(options: argparse.Namespace) -> int:
    from matcalc.explain.tables import identities_text

    print(identities_text())
    return DONE


OPTIONS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "text": (
        ("text",),
        {"metavar": "TEXT", "help": "a formula, a FILE that holds a problem, or - for standard input"},
    ),
    "declare": (
        ("-d", "--declare"),
        {
            "action": "append",
            "default": [],
            "metavar": "DECLARATION",
            "help": "such as 'M ∈ {0,1}^{m×n}'; may be repeated",
        },
    ),
    "objective": (("--objective",), {"metavar": "TEXT", "help": "the function that is differentiated"}),
    "wrt": (("--wrt",), {"metavar": "U,V", "help": "the variables (default: all)"}),
    "form": (
        ("--form",),
        {"default": "short", "metavar": "FORM", "help": "another writing: expanded, factored or blocks"},
    ),
    "steps": (("--steps",), {"action": "store_true", "help": "show the derivation"}),
    "latex": (("--latex",), {"action": "store_true", "help": "print LaTeX"}),
    "markdown": (("--markdown",), {"action": "store_true", "help": "print Markdown"}),
    "json": (("--json",), {"action": "store_true", "help": "print one JSON object"}),
    "target": (("--target",), {"default": "numpy", "help": "what to emit for (default: numpy)"}),
    "hvp": (("--hvp",), {"action": "store_true", "help": "the Hessian times a direction"}),
    "hessian": (("--hessian",), {"action": "store_true", "help": "the Hessian"}),
    "output": (("-o", "--output"), {"metavar": "FILE", "help": "write there instead of printing"}),
    "over": (("--over",), {"metavar": "U,V", "help": "the unknowns (default: those that FILE.npz does not hold)"}),
    "data": (("--data",), {"metavar": "FILE.npz", "help": "run the solver on these arrays"}),
}
Row = tuple[str, Callable[[argparse.Namespace], int], tuple[str, ...], tuple[str, ...]]
COMMANDS: dict[str, Row] = {
    "": (
        "The gradient of a typed objective, in matrix notation, with what was understood and how it was checked.",
        _gradient,
        ("text", "declare", "wrt", "form", "hessian", "hvp", "steps", "latex", "markdown", "json"),
        (
            '"‖Ax − b‖²" --wrt x --steps',
            '"||M.*(Y - UV\')||^2" -d "M in {0,1}^{m x n}" --wrt U,V',
            '"log(det(X))" -d "X in SPD(n)" --hessian --steps',
            "problem.txt --latex",
        ),
    ),
    "code": (
        "Emit a stand-alone function for value and gradient.",
        _code,
        ("text", "declare", "wrt", "target", "hvp", "hessian", "output", "json"),
        ('code "‖Ax − b‖²" --wrt x -o least_squares.py',),
    ),
    "verify": (
        "Judge a written derivation, line by line.",
        _verify,
        ("text", "objective", "declare", "latex", "markdown", "json"),
        ("verify derivation.tex", 'verify "df = 2(Ax - b):A dx" --objective "‖Ax - b‖²"'),
    ),
    "practice": (
        "Derive a gradient line by line; each line is judged.",
        _practice,
        ("text", "wrt", "declare"),
        ('practice "‖Ax − b‖²" --wrt x',),
    ),
    "solve": (
        "Emit a solver, or run it on data.",
        _solve,
        ("text", "declare", "over", "data", "output"),
        ('solve "‖Ax − b‖²" --over x -o solver.py', 'solve "‖Ax − b‖²" --over x --data data.npz'),
    ),
    "identities": ("The table of identities, each with its source.", _identities, (), ("identities",)),
}
