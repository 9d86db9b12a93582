from core.records import Answer, Document, Passage, SearchFilter


def test_text_of_a_document_puts_each_passage_at_its_span() -> None:
    passages = (
        Passage(index=0, text="One.", page=1, start=0, end=4, boxes=()),
        Passage(index=1, text="Two.", page=1, start=5, end=9, boxes=()),
        Passage(index=2, text="Three.", page=2, start=11, end=17, boxes=()),
    )
    text = Document(title="t", page_count=2, passages=passages).text
    assert text == "One. Two.\n\nThree."
    assert all(text[each.start : each.end] == each.text for each in passages)


def test_a_filter_without_conditions_is_empty() -> None:
    assert SearchFilter().is_empty
    assert not SearchFilter(paper_ids=()).is_empty


def test_an_answer_without_sentences_is_a_refusal() -> None:
    assert not Answer(question="q", sentences=(), evidence=(), generator="none").answered
