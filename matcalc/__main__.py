"""`python -m matcalc` is the command `matcalc`."""

from matcalc.app.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
