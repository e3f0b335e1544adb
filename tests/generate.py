"""Writes generated/: `python -m tests.generate`. For each reference problem derivation, code and checks.

Only what is the same on every machine is written; a test compares the folder byte for byte.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.reference import REFERENCES, Reference

FOLDER = Path(__file__).parent.parent / "generated"
DOCUMENT = r"""\documentclass{article}
\usepackage{amsmath}
\allowdisplaybreaks
\begin{document}
\noindent %s
%s
\end{document}
"""


def files(r: Reference) -> dict[str, str]:
    """Name → content of every file of one problem."""
    p = r.problem()
    derivation = p.derivation(*r.wrt)
    gradients = {name: p.gradient(name) for name in r.wrt}
    checks = {
        "problem": str(p.reading),
        "gradients": {name: {"text": str(g), **g.check_record()} for name, g in gradients.items()},
        "derivation": {
            "ok": derivation.check.ok,
            "method": derivation.check.method,
            "trials": derivation.check.trials,
        },
    }
    reading = p.reading.write("markdown")
    answers = "\n\n".join(g.report("markdown") for g in gradients.values())
    return {
        "derivation.md": f"# {r.name}\n\n{reading}\n\n{derivation.markdown()}\n{answers}\n",
        "derivation.tex": DOCUMENT % (r.name, derivation.latex()),
        "gradient_numpy.py": p.compile(*r.wrt).source,
        "solver.py": p.solver(*r.wrt).source,
        "checks.json": json.dumps(checks, ensure_ascii=False, indent=2) + "\n",
    }


def expected() -> dict[str, str]:
    """Path below generated/ → content."""
    return {f"{r.name}/{name}": content for r in REFERENCES for name, content in files(r).items()}


def write(wanted: dict[str, str]) -> None:
    """Make the folder hold exactly these files."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    for name, content in wanted.items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def present() -> dict[str, str]:
    """What the folder holds."""
    paths = sorted(p for p in FOLDER.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    return {p.relative_to(FOLDER).as_posix(): p.read_text("utf-8") for p in paths}


if __name__ == "__main__":
    write(expected())
