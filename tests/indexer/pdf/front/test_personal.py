from __future__ import annotations

import pytest

from core.records import Author
from indexer.pdf.front.personal import is_name, tidy


@pytest.mark.parametrize("text", ["Ada Lovelace", "Anne O’Connor", "Björn Åkesson", "C. S. Lewis"])
def test_names(text: str) -> None:
    assert is_name(text)


@pytest.mark.parametrize("text", ["Ada", "New York", "Technical Report", "the quick fox", "Received May 3", "A. B."])
def test_no_names(text: str) -> None:
    assert not is_name(text)


def test_capitals() -> None:
    assert tidy(Author(family="VAN DER BERG", given="MARY")) == Author(family="van der Berg", given="Mary")
    assert tidy(Author(family="Ng", given="K. R.")) == Author(family="Ng", given="K. R.")
