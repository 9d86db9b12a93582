"""Reading and writing the library's records.

Every function takes the session first, so that its caller decides what is one transaction; none of them commits.
"""
