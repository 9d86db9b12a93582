"""Text to tokens: a folder's tokenizer and its chat template, without the seconds that importing transformers takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import ModelError
from model.manifest import INSTALL_HINT
from model.runtime import check_folder, first_line, prepare_environment, quiet_transformers, read_json

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from core.interfaces import ChatMessage


def load_tokenizer(folder: Path) -> Tokenizer:
    """Load a folder's fast tokenizer, which neither pads nor truncates.

    A folder without ``tokenizer.json`` is read by transformers, which can convert older formats.

    Raises:
        ModelError: The folder is missing or its tokenizer cannot be read.
    """
    check_folder(folder)
    prepare_environment()
    from tokenizers import Tokenizer

    try:
        path = folder / "tokenizer.json"
        tokenizer = Tokenizer.from_file(str(path)) if path.is_file() else _converted(folder)
    except Exception as error:  # the library raises bare Exception for damaged files
        raise ModelError(f"{folder}: tokenizer cannot be read ({first_line(error)})", hint=INSTALL_HINT) from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _converted(folder: Path) -> Any:
    from transformers import AutoTokenizer

    with quiet_transformers():
        return AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False).backend_tokenizer


def safe_text(text: str) -> str:
    """The text with lone surrogates replaced, which tokenizers refuse."""
    return text.encode("utf-8", "replace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class ChatTemplate:
    """A folder's Jinja template that spells a conversation; ``named`` holds tokens that it may mention."""

    folder: Path
    template: str
    named: dict[str, str]

    def render(self, messages: Sequence[ChatMessage]) -> str:
        """The conversation as text, ready for the model's turn.

        Raises:
            ModelError: The template is broken, or refuses these roles.
        """
        from jinja2 import TemplateError
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        # A template comes with a model from elsewhere: it runs in Jinja's sandbox, like in transformers.
        environment = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
        )
        environment.globals["raise_exception"] = _refuse
        turns = [{"role": message.role, "content": message.content} for message in messages]
        try:
            return environment.from_string(self.template).render(
                messages=turns, add_generation_prompt=True, **self.named
            )
        except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
            raise ModelError(f"{self.folder}: its chat template fails ({first_line(error)})") from error


def _refuse(message: str) -> None:
    raise ValueError(message)


def load_chat_template(folder: Path) -> ChatTemplate | None:
    """A folder's chat template; None for a model that has none.

    Raises:
        ModelError: A file that should hold it cannot be read.
    """
    path = folder / "tokenizer_config.json"
    config = read_json(path) if path.is_file() else {}
    named = {name: _token(config.get(name)) for name in ("bos_token", "eos_token", "pad_token", "unk_token")}
    template = config.get("chat_template")
    if isinstance(template, list):  # several, by name
        template = {each.get("name"): each.get("template") for each in template if isinstance(each, dict)}.get(
            "default"
        )
    separate = folder / "chat_template.jinja"
    if separate.is_file():
        template = separate.read_text(encoding="utf-8", errors="replace")
    return ChatTemplate(folder, template, named) if isinstance(template, str) else None


def _token(value: object) -> str:
    content = value.get("content") if isinstance(value, dict) else value
    return content if isinstance(content, str) else ""
