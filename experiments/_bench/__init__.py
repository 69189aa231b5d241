"""How fast is the suite, line by line, beside a named peer: `make bench`, which writes reports/bench.md.

Every module but `lines` and `page` is one stage: its `lines(folder)` yields what is measured, and may write into the
folder for it.
"""
