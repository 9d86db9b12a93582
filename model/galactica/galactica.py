"""Galactica ready for use: weights, tokenizer, and what one asks of them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ModelError
from model.galactica.generation import Generation, generate, stream
from model.galactica.markers import split_reference
from model.galactica.network import OptNetwork
from model.galactica.references import GeneratedReference, generate_references
from model.galactica.sampling import GenerationOptions
from model.galactica.tokenizer import FINGERPRINT_KEY, GalacticaTokenizer
from model.galactica.weights import require_opt
from model.runtime import Tensors, check_folder, fast_dtype, load_tensors, load_weights, read_json, set_threads

if TYPE_CHECKING:
    import torch
    from transformers import OPTForCausalLM

    from model.galactica.titles import Title, TitleTrie

_LOG = logging.getLogger(__name__)


class Galactica:
    """A checkpoint that is loaded when first used. May be shared by threads.

    Args:
        folder: Folder of the checkpoint.
        name: What it is called where it is shown.
        dtype: Of the weights in memory; None for what the device is fast at.
        device: Where the weights go, in PyTorch's words.

    Raises:
        ModelError: The folder is no checkpoint of an OPT.
    """

    def __init__(self, folder: Path, *, name: str = "", dtype: torch.dtype | None = None, device: str = "cpu") -> None:
        with _told("Give the folder of a checkpoint, or a name such as facebook/galactica-125m."):
            check_folder(folder)
            self._config = read_json(folder / "config.json")
        self.folder = folder
        self.name = name or folder.name
        self._dtype = dtype
        self._device = device
        require_opt(self._config, str(folder / "config.json"))
        self.context_tokens: int = self._config["max_position_embeddings"]
        self._lock = threading.RLock()
        self._tokenizer: GalacticaTokenizer | None = None
        self._network: OptNetwork | None = None
        self._model: OPTForCausalLM | None = None

    def load(self) -> None:
        """Load tokenizer and weights now instead of at their first use.

        Raises:
            ModelError: The checkpoint is damaged.
        """
        _ = self.tokenizer, self.network

    @property
    def tokenizer(self) -> GalacticaTokenizer:
        """The tokenizer that the checkpoint was trained with."""
        with self._lock:
            if self._tokenizer is None:
                tokenizer = GalacticaTokenizer.load(self.folder)
                self._require_match(tokenizer)
                self._tokenizer = tokenizer
            return self._tokenizer

    @property
    def network(self) -> OptNetwork:
        """The weights in the lean network that answers and scores."""
        with self._lock:
            if self._network is None:
                set_threads(0)
                dtype = self._dtype or _fast_dtype(self._device)
                with _told("Copy or fetch the checkpoint anew."):
                    tensors = load_tensors(self.folder, dtype)
                    placed = {name: tensor.to(self._device) for name, tensor in tensors.named.items()}
                    self._network = OptNetwork(self._config, Tensors(self.folder, placed))
                _LOG.info("%s loaded as %s", self.name, dtype)
            return self._network

    @property
    def model(self) -> OPTForCausalLM:
        """The weights in transformers' own model, for training on and for programs that expect it."""
        with self._lock:
            if self._model is None:
                dtype = self._dtype or _fast_dtype(self._device)
                with _told("Copy or fetch the checkpoint anew."):
                    self._model = load_weights("OPTForCausalLM", self.folder, dtype).to(self._device)
            return self._model

    def generate(
        self,
        text: str | Sequence[str],
        *,
        max_new_tokens: int = 64,
        new_doc: bool = False,
        top_p: float | None = None,
        top_k: int | None = None,
        temperature: float | None = None,
        num_beams: int = 1,
        num_return_sequences: int = 1,
        return_full_text: bool = True,
        seed: int | None = None,
        stop: Sequence[str] = (),
        specials: bool = True,
    ) -> str | list[str] | list[list[str]]:
        """Continue a text or several, as ``galai`` does; ``generate_all`` tells more and is typed more closely.

        Args:
            text: One text or several.
            max_new_tokens, new_doc, top_p, top_k, temperature, num_beams, num_return_sequences, return_full_text,
                seed, stop, specials: See ``GenerationOptions``.

        Returns:
            A string for one text; with ``num_return_sequences`` above 1 a list of them. For several texts, a list of
            what one would give.

        Raises:
            InputError: An option is out of range, contradicts another, or leaves no room for the text.
            ModelError: The checkpoint is damaged.
        """
        options = GenerationOptions(
            max_new_tokens=max_new_tokens,
            new_doc=new_doc,
            top_p=top_p,
            top_k=top_k,
            temperature=temperature,
            num_beams=num_beams,
            num_return_sequences=num_return_sequences,
            return_full_text=return_full_text,
            seed=seed,
            stop=tuple(stop),
            specials=specials,
        )
        texts = [text] if isinstance(text, str) else text
        found = [[each.text for each in group] for group in self.generate_all(texts, options)]
        if num_return_sequences == 1:
            single = [group[0] for group in found]
            return single[0] if isinstance(text, str) else single
        return found[0] if isinstance(text, str) else found

    def generate_all(self, texts: Sequence[str], options: GenerationOptions) -> list[list[Generation]]:
        """Continue texts; see ``model.galactica.generation.generate``."""
        return generate(self.network, self.tokenizer, texts, options)

    def stream(self, text: str, options: GenerationOptions | None = None) -> Generator[str, None, None]:
        """Continue a text piece by piece, without the text itself; closing it stops the generation.

        Raises:
            InputError: The options ask for beams or several sequences, or leave no room for the text.
            ModelError: The checkpoint is damaged.
        """
        return stream(self.network, self.tokenizer, text, options or GenerationOptions())

    def generate_references(
        self, texts: Sequence[str], *, top: int = 1, beams: int = 1, specials: bool = True
    ) -> list[list[GeneratedReference]]:
        """Works to cite at the end of each text, as the model writes them freely; see ``generate_reference``."""
        return generate_references(self.network, self.tokenizer, texts, top=top, beams=beams, specials=specials)

    def generate_reference(
        self,
        text: str,
        *,
        top: int = 5,
        beams: int | None = None,
        titles: Sequence[Title] | TitleTrie | None = None,
        alpha: float = 0.0,
        specials: bool = True,
    ) -> list[GeneratedReference]:
        """Works to cite at the end of a text: different titles, best first, at most ``top``.

        Args:
            text: What stands before the place; ``[START_REF]`` is added when missing.
            top: How many, at least 1.
            beams: Hypotheses kept at each step. When not given: twice ``top``, or what ``rank_titles`` takes.
            titles: Only these can come out. A trie that was built once serves many calls; a list is built each time.
            alpha: With titles, how much of their log-probability without context is taken off before ranking.
            specials: Whether special tokens in the text are what they name; False for text that is not trusted.

        Returns:
            With titles, ``id`` is the position in the list, or the trie's number. Without, a title need not exist.

        Raises:
            InputError: A number is out of range.
            ModelError: The checkpoint is damaged or knows no citations.
        """
        if titles is not None:
            return self._among(titles, text, top=top, beams=beams, alpha=alpha, specials=specials)
        width = max(2 * top, 4) if beams is None else beams
        return self.generate_references([text], top=top, beams=width, specials=specials)[0]

    def _among(
        self,
        titles: Sequence[Title] | TitleTrie,
        text: str,
        *,
        top: int,
        beams: int | None,
        alpha: float,
        specials: bool,
    ) -> list[GeneratedReference]:
        from model.galactica.constrained import BEAMS, rank_titles
        from model.galactica.titles import TitleTrie, title_trie

        trie = titles if isinstance(titles, TitleTrie) else title_trie(self.tokenizer, titles)
        width = BEAMS if beams is None else beams
        ranked = rank_titles(self, text, trie, top=top, beams=width, alpha=alpha, specials=specials)
        found: list[GeneratedReference] = []
        for each in ranked:
            if isinstance(titles, TitleTrie):
                row = int(trie.rows.rows_of([each.id])[0])
                title, surname = split_reference(self.tokenizer.decode(trie.rows.sequence(row).tolist()))
            else:
                title, surname = titles[each.id].title, titles[each.id].surname
            found.append(
                GeneratedReference(title=title, surname=surname, log_probability=each.log_probability, id=each.id)
            )
        return found

    def _require_match(self, tokenizer: GalacticaTokenizer) -> None:
        hint = "Use the tokenizer.json that was saved with these weights."
        rows = self._config["vocab_size"]
        if tokenizer.vocabulary > rows:
            raise ModelError(f"{self.folder}: {tokenizer.vocabulary} tokens for a model of {rows}", hint=hint)
        named = self._config.get(FINGERPRINT_KEY)
        if named is not None and named != tokenizer.fingerprint:
            raise ModelError(f"{self.folder}: the tokenizer is not the one it was trained with", hint=hint)


def _fast_dtype(device: str) -> torch.dtype:
    """bf16 where the device multiplies it in hardware, else fp32."""
    import torch

    if not device.startswith("cuda"):
        return fast_dtype()
    return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32


@contextmanager
def _told(hint: str) -> Iterator[None]:
    """Give errors of files a hint that fits a checkpoint: no command installs it."""
    try:
        yield
    except ModelError as error:
        raise ModelError(error.message, hint=hint) from error
