"""Adapters that turn what other tools find into records as ``galacite parse --json`` prints them.

They run with the interpreter of the tool's own virtual environment, which knows nothing of this project: standard
library only. Each module has ``PROVIDES``, the measures that the tool has anything for, and ``read_all``, which reads
files in their order.
"""
