"""Citations as the model writes them freely: each title once, however it is spelled and whomever it is ascribed to.

Beam search alone returns one title many times, in capitals and without, by its first author and its second. Here
hypotheses that spell one title are one, from the first word on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.text import title_key
from model.galactica.beams import Distinct, beam_search
from model.galactica.generation import complete, prompt_ids
from model.galactica.markers import START_REF, citation_prompt, split_reference
from model.galactica.sampling import GenerationOptions

if TYPE_CHECKING:
    from model.galactica.network import OptNetwork
    from model.galactica.tokenizer import GalacticaTokenizer

MOST_REFERENCE_TOKENS = 96
_SAME_BEFORE_NAME = 2
"""Unfinished hypotheses that may share all before what looks like a name: mostly one title by several authors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedReference:
    """A work as the model names it; ``log_probability`` (nats) is that of its whole text.

    ``id`` numbers it among the titles it was chosen from; without such a choice it is None: the work need not exist.
    """

    title: str
    surname: str
    log_probability: float
    id: int | None = None


def generate_references(
    network: OptNetwork,
    tokenizer: GalacticaTokenizer,
    texts: Sequence[str],
    *,
    top: int,
    beams: int,
    max_new_tokens: int = MOST_REFERENCE_TOKENS,
    specials: bool = True,
) -> list[list[GeneratedReference]]:
    """What the model would cite at the end of each text: different titles, best first, at most ``top``.

    Args:
        network, tokenizer: The model.
        texts: What stands before the places; ``[START_REF]`` is added where missing.
        top: At least 1.
        beams: Hypotheses kept at each step, at least ``top``. One is greedy decoding, which takes many texts at once.
        max_new_tokens: Longest citation; unfinished ones are not returned.
        specials: See ``GenerationOptions``; the final ``[START_REF]`` is always a marker.

    Raises:
        InputError: A number is out of range.
        ModelError: The tokenizer knows no citations, or the model's scores are not finite.
    """
    options = GenerationOptions(
        max_new_tokens=max(1, min(max_new_tokens, network.context_tokens // 2)),
        num_beams=beams,
        num_return_sequences=top,
        specials=specials,
    )
    prompts = [reference_prompt(tokenizer, text, options, network.context_tokens) for text in texts]
    if beams == 1:
        rows = complete(network, tokenizer, prompts, options, end=tokenizer.end_ref)
        found = [
            [_read(tokenizer, row.ids, row.log_probability)] if row.end == tokenizer.end_ref else [] for row in rows
        ]
    else:
        found = [_by_beams(network, tokenizer, prompt, options) for prompt in prompts]
    return [[each for each in group if each.title] for group in found]


def reference_prompt(
    tokenizer: GalacticaTokenizer, text: str, options: GenerationOptions, context_tokens: int
) -> list[int]:
    """Ids of a text that end with ``[START_REF]``; a long text loses its beginning."""
    before = citation_prompt(text).removesuffix(START_REF)
    return [*prompt_ids(tokenizer, before, options, context_tokens - 1), tokenizer.start_ref]


def _by_beams(
    network: OptNetwork, tokenizer: GalacticaTokenizer, prompt: list[int], options: GenerationOptions
) -> list[GeneratedReference]:
    found = beam_search(
        network,
        prompt,
        beams=options.num_beams,
        wanted=options.num_return_sequences,
        max_new_tokens=options.max_new_tokens,
        is_end=lambda ids: ids[-1] == tokenizer.end_ref,
        distinct=_Titles(tokenizer),
    )
    return [_read(tokenizer, each.ids[:-1], each.log_probability) for each in found if each.finished]


def _read(tokenizer: GalacticaTokenizer, ids: Sequence[int], log_probability: float) -> GeneratedReference:
    title, surname = split_reference(tokenizer.decode(ids))
    return GeneratedReference(title=title, surname=surname, log_probability=log_probability)


class _Titles(Distinct):
    """One hypothesis for each title, whatever its capitals, its punctuation and the name after it."""

    def __init__(self, tokenizer: GalacticaTokenizer) -> None:
        self._tokenizer = tokenizer
        self._done: set[str] = set()

    def ended(self, ids: tuple[int, ...]) -> Hashable | None:
        key = title_key(split_reference(self._tokenizer.decode(ids[:-1]))[0])
        self._done.add(key)
        return key or None

    def step(self) -> Callable[[tuple[int, ...]], bool]:
        seen: set[Hashable] = set()
        groups: Counter[str] = Counter()

        def passes(ids: tuple[int, ...]) -> bool:
            if ids[-1] == self._tokenizer.eos:  # the document would end within the citation
                return False
            text = self._tokenizer.decode(ids)
            title, surname = split_reference(text)
            if surname:
                group = title_key(title)
                groups[group] += 1
                if group in self._done or groups[group] > _SAME_BEFORE_NAME:
                    return False
            key = self._spelled(text, ids)
            new = key not in seen
            seen.add(key)
            return new

        return passes

    @staticmethod
    def _spelled(text: str, ids: tuple[int, ...]) -> Hashable:
        """What two hypotheses share that may be taken for one; what is open at the end counts as it is."""
        if not text[-1:].isalnum():
            return ids if text.endswith("\ufffd") else (title_key(text), text[-1:])
        return title_key(text)
