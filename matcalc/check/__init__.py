"""The judge: formulas are checked by values, by means that share no code with the rules that made them."""
