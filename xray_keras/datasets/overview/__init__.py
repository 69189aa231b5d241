"""Which of the suite's data sets a folder holds, and how to get the others; nothing is decoded, nothing is learned."""
