"""Model cards, one a family of networks: what it is for and not for, its data, its numbers, its limits.

The prose of a family is `families/<name>.yaml`; numbers are read from the reports, licences from the code that reads
what they belong to. `write(reports, output)` makes all cards, and the page of the data sets' licences.
"""

from xray_keras.reporting.cards.page import write

__all__ = ["write"]
