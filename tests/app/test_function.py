"""What a compiled function does with what it is given, before the emitted source sees it."""

from __future__ import annotations

import pickle
import threading

import numpy as np
import pytest

from matcalc.app.function import Function, Parameter
from matcalc.core.dims import ONE, SCALAR, Dim
from matcalc.errors import ShapeError

M, N = Dim.name("m"), Dim.name("n")
SOURCE = '''
def value_and_gradient(*, A, x, λ):
    return λ, (A, x, x)
'''


def function() -> Function:
    parameters = (Parameter("A", "A", (M, N)), Parameter("x", "x", (N, ONE)), Parameter("λ", "λ", SCALAR))
    return Function(SOURCE, "value_and_gradient", parameters, {"A": "A", "x": "x", "λ": "λ", "lambda_": "λ"})


A, X = np.ones((3, 2)), np.ones(2)


def test_results_share_memory_with_nothing() -> None:
    value, (g, a, b) = function()(A=A, x=X, lambda_=2)
    assert value == 2.0 and isinstance(value, float)
    assert not np.shares_memory(g, A) and not np.shares_memory(a, X) and not np.shares_memory(a, b)


@pytest.mark.parametrize("spelling", ["λ", "lambda_", "lambda", "\\lambda"])
def test_every_spelling_of_a_name(spelling: str) -> None:
    assert function()(**{"A": A, "x": X, spelling: 3})[0] == 3.0


def test_kinds_of_numbers_are_kept() -> None:
    _, (g, a, _) = function()(A=A.astype(np.float32), x=[1, 2], λ=np.float64(1))
    assert g.dtype == np.float32 and a.dtype == np.float64


@pytest.mark.parametrize(("given", "message"), [
    ({"A": A, "x": X}, "missing: λ"),
    ({"A": A, "x": X, "λ": 1, "B": 1}, "no argument B"),
    ({"A": A, "x": X, "λ": 1, "lambda_": 1}, "given twice"),
    ({"A": A, "x": X[:, None], "λ": 1}, "x.ravel()"),
    ({"A": X, "x": X, "λ": 1}, "A[:, None]"),
    ({"A": A, "x": X, "λ": X}, "a scalar is a number"),
    ({"A": A, "x": np.ones(3), "λ": 1}, "n = 2 from A with shape (3, 2)"),
    ({"A": A * 1j, "x": X, "λ": 1}, "real numbers"),
    ({"A": [[1, 2], [3]], "x": X, "λ": 1}, "A is not an array"),
    ({"A": A, "x": "text", "λ": 1}, "x must be"),
])
def test_what_is_wrong_is_named(given: dict[str, object], message: str) -> None:
    with pytest.raises(ShapeError, match=None) as caught:
        function()(**given)
    assert message in str(caught.value)


def test_sizes_of_products_are_solved() -> None:
    f = Function("def f(*, y, A):\n    return 0.0", "f", (Parameter("y", "y", (M * N, ONE)), Parameter("A", "A", (M, N * N))),
                 {"y": "y", "A": "A"})
    assert f(y=np.ones(6), A=np.ones((2, 9))) == 0.0
    with pytest.raises(ShapeError):
        f(y=np.ones(6), A=np.ones((2, 8)))
    with pytest.raises(ShapeError):
        f(y=np.ones(7), A=np.ones((2, 9)))


def test_pickles_and_threads() -> None:
    f = pickle.loads(pickle.dumps(function()))
    assert f.source == SOURCE
    results: list[float] = []
    threads = [threading.Thread(target=lambda k=k: results.append(f(A=A, x=X, λ=k)[0])) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(results) == list(range(8))
