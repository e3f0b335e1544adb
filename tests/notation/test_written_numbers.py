"""A declared number that must be a product of dimensions is written as that product, with a condition."""

from matcalc.notation.read import read


def test_twenty_beside_a_kronecker_product() -> None:
    reading = read("a'(x⊗c)", "x ∈ R^n", "c ∈ R^m", "a ∈ R^20")
    assert [str(d) for d in reading.variables["a"].shape] == ["mn", "1"]
    assert [(str(a), str(b)) for a, b in reading.conditions] == [("20", "mn")]
