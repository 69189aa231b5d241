"""Containers of weights and arrays that may come from anybody, looked through before a library parses them."""
