from core.records import Answer, Author, Document, Passage, SearchFilter


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


def test_names_are_read_in_the_order_of_their_script() -> None:
    assert Author(family="King", given="Martin Luther", suffix="Jr.").name == "Martin Luther King Jr."
    assert Author(family="王", given="小明").name == "王小明"
    assert Author(family="김", given="민수").name == "김민수"
    assert Author(family="CERN").name == "CERN"
