import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.json import from_json, to_data, to_json
from core.records import Author, Box, Document, Passage


@given(st.text(), st.floats(allow_nan=False, allow_infinity=False))
def test_a_document_comes_back_as_it_was(text: str, x: float) -> None:
    text = text.encode("utf-8", "ignore").decode()
    passage = Passage(
        index=0, text=text, page=1, start=0, end=len(text), boxes=(Box(page=1, x0=x, y0=0.0, x1=1.0, y1=2.0),)
    )
    document = Document(title=text, page_count=1, passages=(passage,), authors=(Author(family="A"),))
    assert from_json(Document, to_json(document)) == document


@pytest.mark.parametrize("change", [{"title": 3}, {"page_count": "many"}, {"passages": [{"index": 0}]}])
def test_data_of_other_types_is_refused(change: dict[str, object]) -> None:
    data = to_data(Document(title="t", page_count=1)) | change
    with pytest.raises(ValueError, match="validation error"):
        from_json(Document, json.dumps(data))
