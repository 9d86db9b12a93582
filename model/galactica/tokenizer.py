"""Text to tokens as Galactica has them: byte-level BPE, digits single, sequences of molecules by character.

The file ``tokenizer.json`` is complete for ordinary text: any program that reads it with ``tokenizers`` gets the same
ids. Only what stands inside the wrappers of molecules (``[START_SMILES]…``) is cut into characters here, because
that format cannot tell what surrounds a piece of text.

Source: Galactica, arXiv:2211.09085, section 3.1 (which characters are split).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InputError, ModelError, StorageError
from model.galactica.markers import (
    BOS,
    END_REF,
    EOS,
    PAD,
    SEQUENCE_WRAPPERS,
    SPECIAL_PATTERN,
    SPECIAL_TOKENS,
    START_REF,
)
from model.runtime import first_line, prepare_environment
from model.tokens import safe_text

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

TOKENIZER_NAME = "tokenizer.json"
FINGERPRINT_KEY = "tokenizer_fingerprint"
"""Where a configuration names the tokenizer it belongs to."""
_MOST_BYTES = 64 * 2**20
_OPERATORS = r"!-'*-/:-@\\^-`|~"
"""ASCII punctuation but brackets, as the inside of a character class."""
_PIECES = (
    r"\p{N}"
    r"| ?[()\[\]{}]"
    rf"| ?([{_OPERATORS}])\1*"
    r"| ?[\p{L}\p{M}]+"
    r"| ?[^\s\p{L}\p{M}\p{N}\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]+"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""What is never merged across: a digit, a bracket, a run of one operator, a word, other symbols, white space."""
_WRAPPED = re.compile(
    "|".join(rf"(?<={re.escape(start)})(?:(?!{SPECIAL_PATTERN.pattern}).)+(?={re.escape(end)})"
             for start, end in SEQUENCE_WRAPPERS)
    + "|"
    + "|".join(rf"(?<={re.escape(start)})(?:(?!{SPECIAL_PATTERN.pattern})[^\n])+\Z" for start, _ in SEQUENCE_WRAPPERS),
    re.DOTALL,
)  # fmt: skip
"""The inside of a wrapper that is closed, or that ends the text on the same line: a prompt to be continued."""


class GalacticaTokenizer:
    """Encodes and decodes text without loss. May be shared by threads.

    Args:
        serialized: Content of a ``tokenizer.json``.
        place: Where it came from, for messages.

    Raises:
        ModelError: It is no tokenizer.
    """

    def __init__(self, serialized: str, *, place: str = TOKENIZER_NAME) -> None:
        self._serialized = serialized
        self._place = place
        self._tokenizer = _parse(serialized, place)
        self._plain = _parse(serialized, place)
        self._plain.encode_special_tokens = True

    @classmethod
    def train(cls, texts: Iterable[str], vocabulary: int) -> GalacticaTokenizer:
        """Learn merges from texts; special tokens come first, in their fixed order.

        Args:
            texts: Sample of the corpus; what stands inside wrappers of molecules teaches nothing.
            vocabulary: Most tokens, special ones and the 256 bytes included; a small sample gives fewer.

        Raises:
            InputError: The vocabulary cannot hold the special tokens and all bytes.
        """
        prepare_environment()
        from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

        alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
        least = len(SPECIAL_TOKENS) + len(alphabet)
        if vocabulary < least:
            raise InputError(f"A vocabulary of {vocabulary} tokens is too small", hint=f"Give at least {least}.")
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(_PIECES), behavior="isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
        tokenizer.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=vocabulary,
            special_tokens=[AddedToken(token, special=True, normalized=False) for token in SPECIAL_TOKENS],
            initial_alphabet=alphabet,
            show_progress=False,
        )
        tokenizer.train_from_iterator((piece for text in texts for piece in _lessons(text)), trainer)
        return cls(tokenizer.to_str(pretty=True))

    @classmethod
    def load(cls, folder: Path) -> GalacticaTokenizer:
        """Read the ``tokenizer.json`` of a folder.

        Raises:
            ModelError: It is missing, too large or damaged.
        """
        path = folder / TOKENIZER_NAME
        try:
            if path.stat().st_size > _MOST_BYTES:
                raise ModelError(f"{path}: larger than {_MOST_BYTES // 2**20} MB", hint="Is this a tokenizer?")
            serialized = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise ModelError(f"{path}: missing", hint="A checkpoint needs the tokenizer it was trained with.") from None
        except (OSError, ValueError) as error:
            raise ModelError(f"{path}: cannot be read ({type(error).__name__})", hint="Copy it anew.") from error
        return cls(serialized, place=str(path))

    def save(self, folder: Path) -> None:
        """Write ``tokenizer.json`` into a folder, the same bytes each time.

        Raises:
            StorageError: The disk refuses.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / TOKENIZER_NAME).write_text(self._serialized, encoding="utf-8", newline="\n")
        except OSError as error:
            raise StorageError(f"{folder}: tokenizer not saved ({error})", hint="Free some space.") from error

    def encode(self, text: str, *, specials: bool = True) -> list[int]:
        """Ids of a text, nothing added.

        Args:
            text: Any text; lone surrogates become question marks.
            specials: Read ``[START_REF]`` and the like as the tokens they name; False for text that is not trusted,
                in which they stay plain characters.
        """
        return self.encode_batch([text], specials=specials)[0]

    def encode_batch(self, texts: Sequence[str], *, specials: bool = True) -> list[list[int]]:
        """Ids of many texts, with all cores where ``TOKENIZERS_PARALLELISM`` allows; see ``encode``."""
        safe = [safe_text(text) for text in texts]
        if not specials:
            return _ids(self._plain.encode_batch_fast(safe, add_special_tokens=False))
        wrapped = [index for index, text in enumerate(safe) if _is_wrapped(text)]
        if not wrapped:
            return _ids(self._tokenizer.encode_batch_fast(safe, add_special_tokens=False))
        pieces = [list(_pieces(text)) if _is_wrapped(text) else [text] for text in safe]
        found = self._tokenizer.encode_batch_fast(pieces, is_pretokenized=True, add_special_tokens=False)
        return _ids(found)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids, special tokens included. Bytes that are no UTF-8 become the replacement character."""
        return str(self._tokenizer.decode(list(ids), skip_special_tokens=False))

    def id_of(self, token: str) -> int:
        """The id of a token.

        Raises:
            ModelError: The vocabulary lacks it.
        """
        found: int | None = self._tokenizer.token_to_id(token)
        if found is None:
            raise ModelError(f"{self._place}: has no token {token}", hint="Choose a checkpoint of Galactica.")
        return found

    @cached_property
    def vocabulary(self) -> int:
        """The least number of rows of an embedding: one more than the highest id, also where ids were left out."""
        return max(self._tokenizer.get_vocab(with_added_tokens=True).values(), default=-1) + 1

    @cached_property
    def fingerprint(self) -> str:
        """Tells tokenizers apart: a part of the SHA-256 of ``tokenizer.json``."""
        return hashlib.sha256(self._serialized.encode()).hexdigest()[:16]

    @cached_property
    def prefix(self) -> tuple[int, ...]:
        """What the tokenizer itself puts before each text: nothing in Galactica, ``</s>`` in OPT."""
        return tuple(self._tokenizer.encode("").ids)

    @cached_property
    def start_ref(self) -> int:
        """Id of ``[START_REF]``."""
        return self.id_of(START_REF)

    @cached_property
    def end_ref(self) -> int:
        """Id of ``[END_REF]``."""
        return self.id_of(END_REF)

    @cached_property
    def bos(self) -> int:
        """Id of ``<s>``."""
        return self.id_of(BOS)

    @cached_property
    def pad(self) -> int:
        """Id of ``<pad>``."""
        return self.id_of(PAD)

    @cached_property
    def eos(self) -> int:
        """Id of ``</s>``, the end of a document."""
        return self.id_of(EOS)

    @property
    def backend(self) -> Tokenizer:
        """The tokenizer as the library has it; not to be changed."""
        return self._tokenizer


def _parse(serialized: str, place: str) -> Tokenizer:
    prepare_environment()
    from tokenizers import Tokenizer

    try:
        tokenizer: Tokenizer = Tokenizer.from_str(serialized)
    except Exception as error:  # the library raises bare Exception for damaged files
        raise ModelError(f"{place}: is no tokenizer ({first_line(error)})", hint="Copy the file anew.") from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _ids(found: Sequence[Encoding]) -> list[list[int]]:
    return [each.ids for each in found]


def _is_wrapped(text: str) -> bool:
    return any(start in text for start, _ in SEQUENCE_WRAPPERS)


def _pieces(text: str) -> Iterator[str]:
    """The text in pieces that are encoded apart: each character inside a wrapper, all else whole."""
    end = 0
    for found in _WRAPPED.finditer(text):
        yield text[end : found.start()]
        yield from found[0]
        end = found.end()
    yield text[end:]


def _lessons(text: str) -> list[str]:
    """The text between special tokens, for these are no words, and without molecules, which are read by character."""
    text = safe_text(text)
    return SPECIAL_PATTERN.split(_WRAPPED.sub("", text) if _is_wrapped(text) else text)
