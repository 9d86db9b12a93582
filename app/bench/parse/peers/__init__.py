"""Adapters that turn what other tools find into records as ``galacite parse --json`` prints them.

They run with the interpreter of the tool's own virtual environment, which knows nothing of this project: standard
library only. Each has ``MODULE``, what is imported of the tool, ``PROVIDES``, the measures that it has anything for,
and ``read`` for one file or ``read_all`` for files in their order.
"""
