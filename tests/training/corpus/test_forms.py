from __future__ import annotations

import random
import re
from collections import Counter

import pytest

from model.galactica.markers import citation_prompt
from tests.training.corpus.papers import make_papers
from training.contexts import cited_places, cited_works
from training.corpus.config import CorpusConfig
from training.corpus.forms import Segment, citing_context, citing_head, last_words, segments
from training.corpus.records import SourcePaper
from training.corpus.rendering import Spellings

CITED = re.compile(r"\[START_REF\] (.*?), \w+\[END_REF\]")


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> list[SourcePaper]:
    return make_papers(tmp_path_factory.mktemp("papers"), papers=12)


def text_of(found: list[Segment]) -> str:
    return "".join(segment.head + "".join(segment.blocks) for segment in found)


@pytest.mark.parametrize("form", ["documents", "citing"])
@pytest.mark.parametrize("masked_share", [0.0, 0.5, 1.0])
def test_each_citation_is_to_be_predicted_once_a_pass(
    papers: list[SourcePaper], form: str, masked_share: float
) -> None:
    config = CorpusConfig(form=form, masked_share=masked_share)  # type: ignore[arg-type]
    spellings = Spellings.of(cited_works(papers))
    for paper in papers:
        document = paper.document
        wanted = Counter(
            document.references[index].title for mention in document.mentions for index in mention.reference_indices
        )
        assert Counter(CITED.findall(text_of(segments(paper, spellings, config, random.Random(1))))) == wanted


def test_the_citing_form_spends_its_text_on_citations(papers: list[SourcePaper]) -> None:
    spellings = Spellings.of(cited_works(papers))
    shares = []
    for config in (CorpusConfig(), CorpusConfig(form="citing", context_chars=80)):
        text = "".join(text_of(segments(paper, spellings, config, random.Random(1))) for paper in papers)
        shares.append(sum(map(len, CITED.findall(text))) / len(text))
    assert shares[1] > 1.3 * shares[0]


def test_masked_places_read_as_a_model_is_asked(papers: list[SourcePaper]) -> None:
    config = CorpusConfig(form="citing", masked_share=1.0, context_chars=100_000, untitled_share=0.0)
    paper = papers[0]
    asked = {
        citing_context("", heading, place.before) for place in cited_places(paper) for heading in ("", place.section)
    }
    found = segments(paper, Spellings({}), config, random.Random(1))
    blocks = [block for segment in found for block in segment.blocks]
    assert {segment.head for segment in found} == {citing_head(paper.document.title)}
    assert blocks
    for block in blocks:
        before, marker, _ = block.partition("[START_REF]")
        assert before + marker in asked


def test_masked_paragraphs_show_no_other_citation_before_a_place(papers: list[SourcePaper]) -> None:
    config = CorpusConfig(form="citing", masked_share=1.0)
    for segment in segments(papers[1], Spellings({}), config, random.Random(1)):
        for block in segment.blocks:
            assert re.fullmatch(r"[^\[]*(?:\[START_REF\][^\[]*\[END_REF\])+\n\n", block)


def test_the_title_is_left_out_at_times(papers: list[SourcePaper]) -> None:
    def heads(share: float) -> set[str]:
        config = CorpusConfig(form="citing", masked_share=1.0, untitled_share=share)
        return {
            segment.head for paper in papers for segment in segments(paper, Spellings({}), config, random.Random(1))
        }

    assert heads(1.0) == {""}
    assert "" not in heads(0.0)
    assert len(heads(0.5)) > 2
    assert "" in heads(0.5)


def test_a_masked_document_keeps_its_words_without_its_citations(papers: list[SourcePaper]) -> None:
    paper = papers[2]
    whole = segments(paper, Spellings({}), CorpusConfig(masked_share=1.0), random.Random(1))
    assert "[START_REF]" not in whole[0].blocks[0]
    assert paper.document.passages[1].text.split()[0] in whole[0].blocks[0]
    assert len(whole) > 1


@pytest.mark.parametrize(
    ("text", "chars", "expected"),
    [
        ("short", 10, "short"),
        ("kelp and otters", 9, "otters"),
        ("kelp and otters", 10, "and otters"),
        ("One ended here. Two begins and goes on", 26, "Two begins and goes on"),
        ("onewordthatislong", 6, "islong"),
    ],
)
def test_the_end_of_a_text_is_cut_between_words(text: str, chars: int, expected: str) -> None:
    assert last_words(text, chars) == expected


def test_a_prompt_has_title_and_section_where_they_are_known() -> None:
    assert citing_context("Reefs", "Methods", "as in") == "# Reefs\n\n## Methods\n\nas in [START_REF]"
    assert citing_context("", "", "as in </s>") == "as in < /s> [START_REF]"
    assert citing_context("", "", "as in (") == "as in ([START_REF]"


def test_a_place_at_the_beginning_of_a_section_is_asked_for_on_a_line_of_its_own() -> None:
    prompt = citing_context("Reefs", "Methods", "")
    assert prompt == "# Reefs\n\n## Methods\n\n[START_REF]"
    assert citation_prompt(prompt) == prompt
    assert citing_context("", "", "") == "[START_REF]"
