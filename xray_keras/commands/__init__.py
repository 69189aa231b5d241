"""The verbs of the command line, grouped by what they are about: each module says how its verbs are written and what
they do. Heavy imports happen inside the verbs, so that help and errors come at once."""
