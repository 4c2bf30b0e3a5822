"""`python -m cli`: the `diemnong` command where it is not installed."""

from cli import main

main()
