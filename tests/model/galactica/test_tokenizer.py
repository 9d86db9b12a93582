"""Text to tokens and back: nothing lost, nothing merged that must stay apart, nothing smuggled in."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from core.errors import InputError, ModelError, StorageError
from model.galactica.markers import SEQUENCE_WRAPPERS, SPECIAL_TOKENS
from model.galactica.tokenizer import TOKENIZER_NAME, GalacticaTokenizer

_SAMPLE = [
    "The quick brown fox computes a == b, c >= 12.5 and f(x) = \\alpha^2 --- in 2023; naïve Bayes <s>bold</s> text.",
    "Ein Satz über Größen: 3.14159 ± 0.001, siehe [12] und https://example.org/a_b?c=d&e=f != \n\n  indented\ttext",
] * 3
_ANY = st.one_of(
    st.text(),
    st.text(alphabet=st.characters(codec="utf-8", categories=["Cc", "Cf", "Mn", "So", "Zs", "Nd", "Nl", "Sm"])),
    st.lists(st.one_of(st.sampled_from(SPECIAL_TOKENS), st.text(max_size=6), st.sampled_from("[]<>_/ \n"))).map(
        "".join
    ),
)
_QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def tokenizer() -> GalacticaTokenizer:
    return GalacticaTokenizer.train(_SAMPLE, 500)


def _tokens(tokenizer: GalacticaTokenizer, text: str) -> list[str]:
    """Tokens as text, where each is text by itself."""
    return [tokenizer.decode([token]) for token in tokenizer.encode(text)]


@_QUICK
@given(_ANY)
@example("[START_SMILES]C(=O) \u0301é😀\n[END_SMILES] x [START_DNA]AC GT")
@example("[START_DNA][START_DNA]A[END_DNA][START_AMINO][END_AMINO]</s>[START_AMINO]MK\nV[END_AMINO]")
@example("\x00\u200d👩\u200d🔬 e\u0301 \u202eabc \ufeff\r\n")
def test_nothing_is_lost(tokenizer: GalacticaTokenizer, text: str) -> None:
    assert tokenizer.decode(tokenizer.encode(text)) == text
    assert tokenizer.decode(tokenizer.encode(text, specials=False)) == text


@_QUICK
@given(_ANY)
def test_text_that_is_not_trusted_holds_no_special_token(tokenizer: GalacticaTokenizer, text: str) -> None:
    assert all(token >= len(SPECIAL_TOKENS) for token in tokenizer.encode(text, specials=False))


@_QUICK
@given(_ANY)
def test_the_file_alone_gives_the_same_ids(
    tokenizer: GalacticaTokenizer, tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    folder = tmp_path_factory.getbasetemp() / "plain-tokenizer"
    if not folder.is_dir():
        tokenizer.save(folder)
    if not any(start in text for start, _ in SEQUENCE_WRAPPERS):
        assert Tokenizer.from_file(str(folder / TOKENIZER_NAME)).encode(text).ids == tokenizer.encode(text)


def test_a_batch_equals_its_texts(tokenizer: GalacticaTokenizer) -> None:
    texts = ["plain", "[START_SMILES]CC=O[END_SMILES] mixed", "", "a\ud800b"]
    assert tokenizer.encode_batch(texts) == [tokenizer.encode(text) for text in texts]
    assert tokenizer.encode_batch([]) == []
    assert tokenizer.decode(tokenizer.encode("a\ud800b")) == "a?b"


def test_special_tokens_have_their_fixed_ids(tokenizer: GalacticaTokenizer) -> None:
    assert [tokenizer.encode(token) for token in SPECIAL_TOKENS] == [[index] for index in range(len(SPECIAL_TOKENS))]
    named = (tokenizer.bos, tokenizer.pad, tokenizer.eos, tokenizer.start_ref, tokenizer.end_ref)
    assert named == (0, 1, 2, 4, 5)
    assert tokenizer.prefix == ()


def test_digits_stand_alone(tokenizer: GalacticaTokenizer) -> None:
    found = _tokens(tokenizer, "in 2023 and 12.5e10")
    assert [token for token in found if any(char.isdigit() for char in token)] == list("2023125") + list("10")


def test_operators_are_parted_but_not_when_repeated() -> None:
    tokenizer = GalacticaTokenizer.train(["a==b a>=b a<=b a!=b x--y (( )) **kw"] * 50, 320)
    assert _tokens(tokenizer, "a==b") == ["a", "==", "b"]
    assert _tokens(tokenizer, "a>=b") == ["a", ">", "=", "b"]
    assert _tokens(tokenizer, "((x))") == ["(", "(", "x", ")", ")"]
    assert _tokens(tokenizer, "x--y") == ["x", "--", "y"]


@pytest.mark.parametrize(("start", "end"), SEQUENCE_WRAPPERS)
def test_molecules_are_split_by_character(start: str, end: str) -> None:
    tokenizer = GalacticaTokenizer.train(["CCO MKV ACGT CCO MKV ACGT"] * 50, 320)
    assert _tokens(tokenizer, "CCO MKV")[0] == "CCO"
    inside = _tokens(tokenizer, f"CCO {start}CCO MKV{end} CCO")
    assert inside == ["CCO", " ", start, *"CCO MKV", end, " CCO"]
    open_end = _tokens(tokenizer, f"{start}MKVMKV")
    assert open_end == [start, *"MKVMKV"]


def test_a_wrapper_that_never_ends_does_not_reach_the_next_line() -> None:
    tokenizer = GalacticaTokenizer.train(["ACGT\nACGT\nACGT"] * 50, 320)
    assert _tokens(tokenizer, "the token [START_DNA]\nACGT")[-1] == "ACGT"
    assert _tokens(tokenizer, "[START_DNA]ACGT[END_AMINO]")[1] == "ACGT"


def test_training_is_repeatable_and_keeps_its_bound() -> None:
    first, second = (GalacticaTokenizer.train(_SAMPLE, 400) for _ in range(2))
    assert first.fingerprint == second.fingerprint
    assert first.vocabulary <= 400
    assert GalacticaTokenizer.train(_SAMPLE, 300).fingerprint != first.fingerprint
    with pytest.raises(InputError, match="too small"):
        GalacticaTokenizer.train(_SAMPLE, 100)


def test_special_tokens_and_molecules_teach_no_words() -> None:
    text = "see [START_REF] A work[END_REF] and [START_SMILES]CCCCOCCCC[END_SMILES] "
    tokenizer = GalacticaTokenizer.train([text] * 200, 400)
    words = {token.strip() for token in (tokenizer.decode([each]) for each in range(tokenizer.vocabulary))}
    assert {"see", "work", "and"} <= words
    assert not {"START", "END", "REF", "CC", "SMILES"} & words


def test_saving_and_loading_keep_the_fingerprint(tokenizer: GalacticaTokenizer, tmp_path: Path) -> None:
    tokenizer.save(tmp_path)
    loaded = GalacticaTokenizer.load(tmp_path)
    loaded.save(tmp_path / "copy")
    assert loaded.fingerprint == tokenizer.fingerprint
    assert (tmp_path / "copy" / TOKENIZER_NAME).read_bytes() == (tmp_path / TOKENIZER_NAME).read_bytes()
    assert loaded.encode(_SAMPLE[0]) == tokenizer.encode(_SAMPLE[0])


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"model": 3}', "\x00\xff", '{"version": "1.0"'])
def test_a_damaged_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / TOKENIZER_NAME).write_text(content)
    with pytest.raises(ModelError, match=r"tokenizer\.json"):
        GalacticaTokenizer.load(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="missing"):
        GalacticaTokenizer.load(tmp_path)


def test_a_disk_that_refuses_is_told(tokenizer: GalacticaTokenizer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="not saved"):
        tokenizer.save(tmp_path / "file")


def test_a_tokenizer_without_citations_says_so() -> None:
    from tokenizers import models

    foreign = GalacticaTokenizer(Tokenizer(models.BPE()).to_str())
    with pytest.raises(ModelError, match="START_REF"):
        _ = foreign.start_ref


def test_what_a_foreign_tokenizer_puts_before_texts_is_known_but_not_added(tokenizer: GalacticaTokenizer) -> None:
    from tokenizers import processors

    foreign = Tokenizer.from_str(tokenizer.backend.to_str())
    foreign.post_processor = processors.TemplateProcessing(single="</s> $A", special_tokens=[("</s>", 2)])
    opened = GalacticaTokenizer(foreign.to_str())
    assert opened.prefix == (2,)
    assert opened.encode("naïve text") == tokenizer.encode("naïve text")
