"""Tests of the sentence encoder."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import ModelError
from model.config import EncoderConfig
from model.encoder import SentenceEncoder
from tests.model.tiny import CORPUS, write_bert

TEXTS = [
    *CORPUS,
    "",
    "recall",
    "Schrödinger α β γ " * 40,
    "a lone surrogate \ud800 in between",
    "BM25 is a strong baseline.",
    "one two three four five six seven",
]


def reference_vectors(folder: Path, texts: list[str], max_tokens: int) -> NDArray[np.float32]:
    """One text at a time, in fp32, straight from the definition."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    from model.runtime import quiet_transformers

    with quiet_transformers():
        tokenizer: Any = AutoTokenizer.from_pretrained(folder)
        model: Any = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    rows = []
    for text in texts:
        clean = text.encode("utf-8", "replace").decode()
        inputs = tokenizer(clean, truncation=True, max_length=max_tokens, return_tensors="pt")
        with torch.no_grad():
            state = model(**inputs).last_hidden_state[0].mean(dim=0)
        rows.append((state / state.norm()).numpy())
    return np.stack(rows)


def encoder(folder: Path, **options: int) -> SentenceEncoder:
    """An encoder with some settings of its own."""
    return SentenceEncoder(
        EncoderConfig(folder=folder, max_tokens=options.get("max_tokens", 48), batch_size=options.get("batch_size", 32))
    )


def test_vectors_agree_with_the_definition(bert_folder: Path) -> None:
    found = encoder(bert_folder, batch_size=3).encode(TEXTS)
    wanted = reference_vectors(bert_folder, TEXTS, 48)
    assert found.shape == (len(TEXTS), 32)
    assert found.dtype == np.float32
    cosines = (found * wanted).sum(axis=1)
    assert cosines.min() > 0.999
    # Other rows are told apart: the order has been restored.
    assert [int(row) for row in (found @ wanted.T).argmax(axis=1)] == list(range(len(TEXTS)))


def test_rows_have_unit_length(bert_folder: Path) -> None:
    norms = np.linalg.norm(encoder(bert_folder).encode(TEXTS), axis=1)
    assert np.allclose(norms, 1.0, atol=1e-5)


def test_no_texts_give_no_rows(bert_folder: Path) -> None:
    assert encoder(bert_folder).encode([]).shape == (0, 32)


def test_text_beyond_the_limit_is_ignored(bert_folder: Path) -> None:
    long = "recall " * 30
    limited = encoder(bert_folder, max_tokens=12)
    vectors = limited.encode([long + "Schrödinger", long + "papers", "papers"])
    assert np.allclose(vectors[0], vectors[1])
    assert not np.allclose(vectors[0], vectors[2], atol=1e-2)


def test_limit_never_exceeds_the_positions_of_the_model(bert_folder: Path) -> None:
    vectors = encoder(bert_folder, max_tokens=10_000).encode(["recall " * 500])
    assert vectors.shape == (1, 32)


def test_more_texts_than_a_window_keep_their_order(bert_folder: Path) -> None:
    words = ["recall", "papers", "dense baseline", "letters of 1998"]
    many = [words[index % 4] for index in range(1_500)]
    vectors = encoder(bert_folder).encode(many)
    singles = encoder(bert_folder).encode(words)
    assert np.allclose(vectors, singles[[index % 4 for index in range(1_500)]], atol=2e-2)


def test_name_follows_the_weights(bert_folder: Path, tmp_path: Path) -> None:
    same = shutil.copytree(bert_folder, tmp_path / "copy" / "bert")
    other = write_bert(tmp_path / "other" / "bert", seed=1)
    assert encoder(bert_folder).name == encoder(same).name
    assert encoder(bert_folder).name.startswith("bert-")
    assert encoder(bert_folder).name != encoder(other).name


def test_dimension_is_known_without_loading(bert_folder: Path) -> None:
    fresh = encoder(bert_folder)
    assert fresh.dimension == 32
    assert fresh._loaded is None


def test_threads_share_one_encoder(bert_folder: Path) -> None:
    shared = encoder(bert_folder)
    wanted = encoder(bert_folder).encode(TEXTS)
    results: dict[int, NDArray[np.float32]] = {}

    def work(index: int) -> None:
        for _ in range(5):
            results[index] = shared.encode(TEXTS)

    threads = [threading.Thread(target=work, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [0, 1, 2, 3]
    for vectors in results.values():
        assert np.allclose(vectors, wanted, atol=1e-6)


def test_missing_folder_is_named_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="nowhere") as caught:
        encoder(tmp_path / "nowhere").encode(["recall"])
    assert "models install" in caught.value.hint


def test_damaged_weights_are_an_error(bert_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(bert_folder, tmp_path / "bert")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[: weights.stat().st_size // 2])
    with pytest.raises(ModelError, match="cannot be loaded"):
        encoder(folder).encode(["recall"])


def test_other_architectures_encode_too(bert_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(bert_folder, tmp_path / "bert")
    config = json.loads((folder / "config.json").read_text())
    config["hidden_act"] = "relu"  # which only transformers computes
    (folder / "config.json").write_text(json.dumps(config))
    cosines = (encoder(folder, batch_size=3).encode(TEXTS) * reference_vectors(folder, TEXTS, 48)).sum(axis=1)
    assert cosines.min() > 0.999


def test_lacking_weights_are_not_made_up(bert_folder: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = shutil.copytree(bert_folder, tmp_path / "bert")
    tensors = load_file(folder / "model.safetensors")
    del tensors["encoder.layer.1.output.dense.weight"]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"lacks the weight encoder\.layer\.1\.output\.dense\.weight"):
        encoder(folder).encode(["recall"])


def test_weights_that_are_not_finite_are_an_error(bert_folder: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = shutil.copytree(bert_folder, tmp_path / "bert")
    tensors = load_file(folder / "model.safetensors")
    tensors["embeddings.LayerNorm.weight"].fill_(float("nan"))
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match="not finite"):
        encoder(folder).encode(["recall"])


@pytest.mark.parametrize("pooling", [{"pooling_mode_mean_tokens": False}, {"pooling_mode": "cls"}])
def test_other_pooling_is_refused(bert_folder: Path, tmp_path: Path, pooling: dict[str, object]) -> None:
    folder = shutil.copytree(bert_folder, tmp_path / "bert")
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    with pytest.raises(ModelError, match="does not pool by the mean"):
        encoder(folder).encode(["recall"])


def test_pickled_weights_are_not_read(bert_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(bert_folder, tmp_path / "bert")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"no \.safetensors"):
        encoder(folder).encode(["recall"])


def test_loading_writes_nothing_to_the_terminal(bert_folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    encoder(bert_folder).encode(["recall"])
    assert capfd.readouterr() == ("", "")


def test_the_default_architectures_need_no_transformers(bert_folder: Path, llama_folder: Path) -> None:
    code = f"""
        import sys
        from pathlib import Path
        from core.interfaces import ChatMessage
        from model.config import EncoderConfig, GeneratorConfig
        from model.encoder import SentenceEncoder
        from model.generator import LocalGenerator
        SentenceEncoder(EncoderConfig(folder=Path({str(bert_folder)!r}))).encode(["recall"])
        generator = LocalGenerator(GeneratorConfig(folder=Path({str(llama_folder)!r})))
        list(generator.stream([ChatMessage(role="user", content="recall")], max_new_tokens=5))
        print("transformers" in sys.modules)
    """
    run = [sys.executable, "-c", textwrap.dedent(code)]
    out = subprocess.run(run, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert (out.stdout, out.stderr) == ("False\n", "")


def test_import_is_light() -> None:
    code = "import sys, model.encoder, model.generator, model.remote, model.install; print(*sys.modules)"
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    ).stdout.split()
    assert not {"torch", "transformers", "tokenizers", "numpy", "pydantic"} & set(out)


@pytest.mark.models
def test_installed_encoder_agrees_with_the_definition(models_dir: Path) -> None:
    folder = models_dir / "all-minilm-l6-v2"
    texts = [text for text in TEXTS if text] * 2
    found = encoder(folder, max_tokens=256).encode(texts)
    wanted = reference_vectors(folder, texts, 256)
    assert (found * wanted).sum(axis=1).min() > 0.999


@pytest.mark.models
def test_installed_encoder_knows_paraphrases(models_dir: Path) -> None:
    query, near, far = encoder(models_dir / "all-minilm-l6-v2", max_tokens=256).encode(
        [
            "How can attention use less memory on long documents?",
            "We reduce the memory footprint of self-attention for long sequences by tiling.",
            "The library opens at nine and closes at six on weekdays.",
        ]
    )
    assert query @ near > 0.5
    assert query @ far < 0.2
