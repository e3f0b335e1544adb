"""The grammar of the language and the parse table made from it (`python -m matcalc.notation.syntax.tables`)."""
