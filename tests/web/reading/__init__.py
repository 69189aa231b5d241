"""Tests of how the page reads pictures, against Python."""
