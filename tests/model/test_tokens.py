"""Tests of tokenizers and chat templates."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from core.errors import ModelError
from core.interfaces import ChatMessage
from model.tokens import load_chat_template, load_tokenizer, safe_text

MESSAGES = [ChatMessage(role="system", content="Be brief."), ChatMessage(role="user", content="What is recall?")]


def folder_with(llama_folder: Path, target: Path, template: object, **config: object) -> Path:
    """A copy of a model whose template stands in its tokenizer's configuration."""
    folder = shutil.copytree(llama_folder, target)
    (folder / "chat_template.jinja").unlink(missing_ok=True)
    (folder / "tokenizer_config.json").write_text(json.dumps({"chat_template": template, **config}))
    return folder


def test_conversations_are_spelled_as_by_transformers(llama_folder: Path) -> None:
    from transformers import AutoTokenizer

    from model.runtime import quiet_transformers

    with quiet_transformers():
        theirs: Any = AutoTokenizer.from_pretrained(llama_folder)
    turns = [{"role": message.role, "content": message.content} for message in MESSAGES]
    template = load_chat_template(llama_folder)
    assert template is not None
    assert template.render(MESSAGES) == theirs.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)


def test_templates_in_the_configuration_are_found(llama_folder: Path, tmp_path: Path) -> None:
    loop = "{% for message in messages %}\n    {% if true %}\n{{ message.content }}|{% endif %}\n{% endfor %}"
    text = "{{ bos_token }}" + loop
    bos = {"content": "<s>", "lstrip": False}
    one = load_chat_template(folder_with(llama_folder, tmp_path / "one", text, bos_token=bos))
    several = [{"name": "tools", "template": "x"}, {"name": "default", "template": text}]
    two = load_chat_template(folder_with(llama_folder, tmp_path / "two", several, bos_token="<s>"))
    assert one is not None
    assert two is not None
    assert one.render(MESSAGES) == two.render(MESSAGES)
    assert one.render(MESSAGES) == "<s>Be brief.|What is recall?|"


def test_a_model_without_template_has_none(llama_folder: Path, tmp_path: Path) -> None:
    assert load_chat_template(folder_with(llama_folder, tmp_path / "base", None)) is None


@pytest.mark.parametrize(
    "template",
    [
        "{% for %}",
        "{{ raise_exception('no system role') }}",
        "{{ messages[0].nothing.more }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ 1 / 0 }}",
    ],
)
def test_broken_or_hostile_templates_are_errors(llama_folder: Path, tmp_path: Path, template: str) -> None:
    found = load_chat_template(folder_with(llama_folder, tmp_path / "bad", template))
    assert found is not None
    with pytest.raises(ModelError, match="chat template fails"):
        found.render(MESSAGES)


def test_a_damaged_tokenizer_is_named(llama_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(llama_folder, tmp_path / "cut")
    (folder / "tokenizer.json").write_text('{"version": "1.0"')
    with pytest.raises(ModelError, match=r"cut: tokenizer cannot be read"):
        load_tokenizer(folder)


def test_older_formats_are_converted(bert_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(bert_folder, tmp_path / "older")
    vocabulary = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
    (folder / "vocab.txt").write_text("\n".join(sorted(vocabulary, key=vocabulary.get)) + "\n", encoding="utf-8")
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "BertTokenizer"}))
    text = "Dense retrieval helps: recall at ten."
    assert load_tokenizer(folder).encode(text).tokens == load_tokenizer(bert_folder).encode(text).tokens


def test_lone_surrogates_are_replaced() -> None:
    assert safe_text("a\ud800b ü") == "a?b ü"
