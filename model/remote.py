"""Phrasing with a server that speaks the OpenAI chat protocol, such as Ollama, vLLM or llama.cpp."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from typing import TYPE_CHECKING, Any

from core.errors import InputError, ModelError, SettingsError

if TYPE_CHECKING:
    from core.interfaces import ChatMessage

_CHARS_PER_TOKEN = 3.5
"""Below the four of English prose, so that the estimate errs towards too many tokens."""
_MAX_LINE_BYTES = 2**20
_MAX_ERROR_BYTES = 4_096


class OpenAICompatibleGenerator:
    """Phrases answers with ``POST {url}/chat/completions``, streamed.

    Args:
        url: Base address, usually ending in ``/v1``.
        model: The model's name at that server.
        api_key: Sent with each request; empty: none is sent.
        context_tokens: What prompt and answer may take together; servers do not tell.
        timeout_s: Longest silence of the server: before it accepts, before the first word and between two.
        max_answer_bytes: An answer that grows beyond this is cut off with an error.

    Raises:
        SettingsError: The address is not http or https, or no model is named.
    """

    def __init__(
        self,
        url: str,
        model: str,
        *,
        api_key: str = "",
        context_tokens: int = 8_192,
        timeout_s: float = 120.0,
        max_answer_bytes: int = 2**20,
    ) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingsError(f"{url!r}: not the address of a server", hint="Such as http://127.0.0.1:11434/v1")
        if not model:
            raise SettingsError(f"{url}: no model is named", hint="Name one that the server offers.")
        self._address = url.rstrip("/") + "/chat/completions"
        self._shown = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
        self._model = model
        self._api_key = api_key
        self._context_tokens = context_tokens
        self._timeout_s = timeout_s
        self._max_answer_bytes = max_answer_bytes

    @property
    def name(self) -> str:
        """Model and server, without what the address may hold of credentials."""
        return f"{self._model} at {self._shown}"

    @property
    def context_tokens(self) -> int:
        """Prompt and answer together must fit in this many tokens."""
        return self._context_tokens

    def count_tokens(self, text: str) -> int:
        """An estimate, rather too high than too low for English: the server's tokenizer is not at hand."""
        return round(len(text.encode("utf-8", "replace")) / _CHARS_PER_TOKEN) + 1 if text else 0

    def stream(self, messages: Sequence[ChatMessage], *, max_new_tokens: int) -> Generator[str, None, None]:
        """Generate greedily, piece by piece. Closing the iterator closes the connection.

        Raises:
            ModelError: The server cannot be reached, refuses, answers something else, or breaks off.
            InputError: The prompt does not fit.
        """
        prompt = sum(self.count_tokens(message.content) + 4 for message in messages)
        if max_new_tokens < 1 or prompt + max_new_tokens > self._context_tokens:
            raise InputError(
                f"The prompt has about {prompt} tokens and the answer may have {max_new_tokens}; {self.name} is set "
                f"to {self._context_tokens} together",
                hint="Give less evidence, or a shorter question.",
            )
        return self._pieces(messages, max_new_tokens)

    def _pieces(self, messages: Sequence[ChatMessage], max_new_tokens: int) -> Generator[str, None, None]:
        size, finished = 0, False
        with self._explained(), self._open(messages, max_new_tokens) as response:
            for data in self._events(response):
                if data == "[DONE]":
                    finished = True
                    break
                piece, ended = self._read_event(data)
                finished = finished or ended
                size += len(piece.encode("utf-8", "replace"))
                if size > self._max_answer_bytes:
                    raise ModelError(f"{self.name}: the answer exceeds {self._max_answer_bytes} bytes")
                if piece:
                    yield piece
        if not finished:
            raise ModelError(f"{self.name}: the answer broke off", hint="Look at the server's log, then ask again.")

    def _open(self, messages: Sequence[ChatMessage], max_new_tokens: int) -> HTTPResponse:
        body = {
            "model": self._model,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "max_tokens": max_new_tokens,
            "temperature": 0,
            "stream": True,
        }
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream"}
        if self._api_key:
            headers["Authorization"] = f"Bearer {self._api_key}"
        data = json.dumps(body).encode("utf-8")
        request = urllib.request.Request(self._address, data=data, headers=headers, method="POST")  # noqa: S310
        opener = urllib.request.build_opener(_NoRedirects)  # a redirect would carry the key elsewhere
        response: HTTPResponse = opener.open(request, timeout=self._timeout_s)
        return response

    def _events(self, response: HTTPResponse) -> Iterator[str]:
        """The data of each server-sent event; one line each in this protocol."""
        kind = response.headers.get_content_type()
        if kind != "text/event-stream":
            raise self._garbage(f"answered {kind} instead of an event stream")
        while line := response.readline(_MAX_LINE_BYTES + 1):
            if len(line) > _MAX_LINE_BYTES:
                raise self._garbage("sent an endless line")
            if line.startswith(b"data:"):
                yield line[5:].decode("utf-8", "replace").strip()

    def _read_event(self, data: str) -> tuple[str, bool]:
        """The text of one event, and whether the answer ends with it."""
        try:
            event = json.loads(data)
        except (ValueError, RecursionError):
            raise self._garbage("sent an event that is not JSON") from None
        if not isinstance(event, dict):
            raise self._garbage("sent an event that is not an object")
        if event.get("error"):
            raise ModelError(f"{self.name}: {_error_text(event)}", hint="Look at the server's log.")
        choices = event.get("choices")
        if not choices:  # usage and keep-alive events have none
            return "", False
        choice = choices[0] if isinstance(choices, list) and isinstance(choices[0], dict) else {}
        delta = choice.get("delta")
        content = delta.get("content") if isinstance(delta, dict) else None
        if content is not None and not isinstance(content, str):
            raise self._garbage("sent text that is not a string")
        return content or "", choice.get("finish_reason") is not None

    def _garbage(self, what: str) -> ModelError:
        return ModelError(f"{self.name}: {what}", hint="Is it an OpenAI-compatible address, ending in /v1?")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except urllib.error.HTTPError as error:
            with error:
                raise self._refusal(error) from error
        except TimeoutError as error:
            raise ModelError(
                f"{self.name}: silent for {self._timeout_s:.0f} s", hint="Is the server overloaded? Ask again later."
            ) from error
        except urllib.error.URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise ModelError(f"{self.name}: no connection within {self._timeout_s:.0f} s") from error
            raise ModelError(
                f"{self.name}: cannot be reached ({error.reason})", hint="Is the server running, and the address right?"
            ) from error
        except (OSError, HTTPException) as error:
            raise ModelError(
                f"{self.name}: the connection broke off ({type(error).__name__})",
                hint="Look at the server's log, then ask again.",
            ) from error

    def _refusal(self, error: urllib.error.HTTPError) -> ModelError:
        said = _body_text(error)
        if error.code in (401, 403):
            return ModelError(
                f"{self.name}: refused the key (HTTP {error.code})",
                hint="Put a valid key into the environment variable GALACITE_API_KEY.",
            )
        if error.code == 404:
            return ModelError(
                f"{self.name}: no such model or address{said}",
                hint="Ask the server for its models, and check that the address ends in /v1.",
            )
        if error.code == 429:
            return ModelError(f"{self.name}: too many requests{said}", hint="Wait a minute and ask again.")
        return ModelError(f"{self.name}: HTTP {error.code}{said}", hint="Look at the server's log.")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Refuse: the answer then surfaces as an HTTP error with its code."""


def _body_text(error: urllib.error.HTTPError) -> str:
    try:
        data = json.loads(error.read(_MAX_ERROR_BYTES))
    except (OSError, ValueError, HTTPException, RecursionError):
        return ""
    text = _error_text(data) if isinstance(data, dict) else ""
    return f" ({text})" if text else ""


def _error_text(data: dict[str, Any]) -> str:
    error = data.get("error")
    text = error.get("message") if isinstance(error, dict) else error
    return " ".join(str(text).split())[:300] if text else ""
