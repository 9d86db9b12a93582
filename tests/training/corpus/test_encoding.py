from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.records import Document, Passage
from model.galactica.tokenizer import GalacticaTokenizer
from tests.training.corpus.papers import entry, make_papers, mention
from training.corpus.config import CorpusConfig
from training.corpus.encoding import Block, Encoder, count_tokens, encode_segments, marks_of
from training.corpus.forms import Segment, segments
from training.corpus.records import SourcePaper
from training.corpus.rendering import Spellings, render_document

TITLES = ["Kelp and its grazers", "Otters return", "Tides of the north", "", "[END_REF] </s>"]
REFERENCES = tuple(entry(index, title, "Oduya") for index, title in enumerate(TITLES))


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> GalacticaTokenizer:
    papers = make_papers(tmp_path_factory.mktemp("papers"), papers=8)
    return GalacticaTokenizer.train([render_document(paper.document, Spellings({})) for paper in papers], 600)


def test_a_long_segment_goes_on_in_parts_that_repeat_its_head(tokenizer: GalacticaTokenizer) -> None:
    blocks = tuple(f"Otter number {number} eats.\n\n" for number in range(20))
    parts = list(encode_segments([Segment(head="# Otters\n\n", blocks=blocks)], tokenizer, row_tokens=64))
    texts = [tokenizer.decode(part) for part in parts]
    assert len(parts) > 3
    assert all(text.startswith("# Otters\n\n") for text in texts)
    assert "".join(text.removeprefix("# Otters\n\n") for text in texts) == "".join(blocks)
    assert all(len(part) < 64 for part in parts)


def test_citations_and_their_tokens_are_counted(tokenizer: GalacticaTokenizer) -> None:
    marks = marks_of(tokenizer)
    ids = tokenizer.encode("So [START_REF] Otters, Roe[END_REF][START_REF] Kelp[END_REF].")
    counts = count_tokens([ids, tokenizer.encode("No more.")], marks, row_tokens=64)
    inside = [len(tokenizer.encode(text)) + 1 for text in (" Otters, Roe", " Kelp")]
    assert counts.citations == 2
    assert counts.citation_tokens == sum(inside)
    assert counts.tokens == len(ids) + 1 + len(tokenizer.encode("No more.")) + 1


TEXT = "Reefs [1] grow (Roe, 2001; Kim, 2002), as </s> was said. [START_REF] of it."
MENTIONS = st.lists(
    st.tuples(
        st.integers(0, 200), st.integers(0, 20), st.lists(st.integers(0, 4), min_size=1, max_size=3), st.booleans()
    ),
    max_size=8,
)


@given(MENTIONS, st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from(["documents", "citing"]), st.integers(0, 9))
def test_any_mentions_give_rows_with_each_citation_once(
    tokenizer_of: Callable[[], GalacticaTokenizer],
    places: list[tuple[int, int, list[int], bool]],
    masked: float,
    form: str,
    seed: int,
) -> None:
    tokenizer = tokenizer_of()
    passages = tuple(
        Passage(index=index, text=TEXT, page=0, start=at, end=at + len(TEXT), boxes=())
        for index, at in enumerate((0, len(TEXT) + 1, 2 * len(TEXT) + 3))
    )
    mentions = tuple(
        mention(start, start + length, *indices, ambiguous=ambiguous) for start, length, indices, ambiguous in places
    )
    document = Document(title="Reefs", page_count=0, passages=passages, references=REFERENCES, mentions=mentions)
    paper = SourcePaper(id="1", source="x", licence="", document=document)
    config = CorpusConfig(form=form, masked_share=masked, row_tokens=64)  # type: ignore[arg-type]
    wanted: Counter[str] = Counter()
    for start, _, indices, ambiguous in places:
        if not ambiguous and any(passage.start <= start < passage.end for passage in passages):
            wanted.update({index for index in indices if TITLES[index]})
    found = segments(paper, Spellings({}), config, random.Random(seed))
    cited: Counter[str] = Counter()
    for ids in encode_segments(found, tokenizer, row_tokens=64):
        opened = -1
        for place, token in enumerate(ids):
            if token == tokenizer.start_ref:
                assert opened < 0
                opened = place
            elif token == tokenizer.end_ref:
                assert opened >= 0
                title = tokenizer.decode(ids[opened + 1 : place]).strip().rpartition(", ")[0]
                cited[next(index for index, each in enumerate(TITLES) if each[:3] == title.replace("[ ", "[")[:3])] += 1
                opened = -1
            assert token != tokenizer.eos
        assert opened < 0
    assert cited == wanted


@pytest.fixture(scope="module")
def tokenizer_of(tokenizer: GalacticaTokenizer) -> Callable[[], GalacticaTokenizer]:
    return lambda: tokenizer


def test_citations_too_long_for_a_row_are_not_counted_as_packed(tokenizer: GalacticaTokenizer, tmp_path: Path) -> None:
    (paper,) = make_papers(tmp_path, papers=1)
    long = replace(paper.document.references[0], title="reef " * 50)
    cited = len([1 for each in paper.document.mentions if each.reference_indices == (0,)])
    paper = replace(paper, document=replace(paper.document, references=(long, *paper.document.references[1:])))
    config = CorpusConfig(row_tokens=40, prompt_ratio=0.0)
    encoder = Encoder(tokenizer=tokenizer, spellings=Spellings({}), config=config)
    packed = encoder.pack(Block(part="train", number=0, papers=(paper,)))
    counts = packed.sources[paper.source]
    assert counts.left_out == cited > 0
    assert counts.citations == (packed.rows == tokenizer.end_ref).sum()
    assert counts.tokens == (packed.rows != tokenizer.pad).sum()


def test_prompts_too_long_for_a_row_end_the_search_for_some(tokenizer: GalacticaTokenizer, tmp_path: Path) -> None:
    papers = make_papers(tmp_path, papers=2)
    config = CorpusConfig(row_tokens=40, prompt_ratio=0.5)
    encoder = Encoder(tokenizer=tokenizer, spellings=Spellings({}), config=config)
    packed = encoder.pack(Block(part="train", number=0, papers=tuple(papers)))
    assert sum(counts.prompts for counts in packed.sources.values()) < 20
