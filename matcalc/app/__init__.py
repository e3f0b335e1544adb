"""The faces: what people hold (problems, formulas, functions) and the command line."""
