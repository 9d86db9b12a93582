"""Scholarly PDFs to documents: geometry, lines, columns, blocks, header, sections, references and mentions."""
