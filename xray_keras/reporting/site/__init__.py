"""The report site: the Markdown pages of reports/ as HTML, a page a paper, a front page; TensorFlow-free."""
