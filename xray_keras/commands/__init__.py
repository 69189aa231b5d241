"""The verbs of the command line: each module says how the verbs of one group are written, and what they do.

Heavy imports happen inside the verbs, so that help and errors come at once.
"""
