"""Tuning of the sentence encoder on places that cite and the works cited there."""
