"""Tests of the LaTeX reader."""
