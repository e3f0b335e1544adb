"""Judging written derivations: every line against the truth, by value."""
