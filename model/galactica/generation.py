"""Continuing text: whole and in batches, or piece by piece; ``galai`` gave the interface."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import InputError
from model.galactica.beams import beam_search
from model.galactica.network import require_finite
from model.galactica.sampling import Chooser, GenerationOptions
from model.galactica.tokenizer import GalacticaTokenizer
from model.tokens import safe_text

if TYPE_CHECKING:
    import torch

    from model.galactica.network import OptNetwork

_BATCH_ROWS = 32


@dataclass(slots=True)
class GrownRow:
    """New tokens, the one that ended them left out, their log-probability (nats), and whether they came to an end.

    ``end`` is the token that ended them; None when a string did, or nothing yet.
    """

    ids: list[int]
    log_probability: float = 0.0
    finished: bool = False
    end: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """A continued text. ``log_probability`` is that of the new tokens (nats); ``finished`` unless cut by length."""

    text: str
    log_probability: float
    finished: bool


def generate(
    network: OptNetwork, tokenizer: GalacticaTokenizer, texts: Sequence[str], options: GenerationOptions
) -> list[list[Generation]]:
    """Continue texts.

    Returns:
        ``num_return_sequences`` for each text, in the order of the texts; those of beams are best first.

    Raises:
        InputError: ``max_new_tokens`` leaves no room for a text.
        ModelError: The model's scores are not finite.
    """
    texts = [safe_text(text) for text in texts]
    prompts = [prompt_ids(tokenizer, text, options, network.context_tokens) for text in texts]
    found: list[list[GrownRow]]
    if options.num_beams > 1:
        found = [_by_beams(network, tokenizer, prompt, options) for prompt in prompts]
    else:
        repeated = [prompt for prompt in prompts for _ in range(options.num_return_sequences)]
        rows = complete(network, tokenizer, repeated, options)
        step = options.num_return_sequences
        found = [rows[start : start + step] for start in range(0, len(rows), step)]
    return [
        [_finished(tokenizer, text if options.return_full_text else "", row, options) for row in group]
        for text, group in zip(texts, found, strict=True)
    ]


def stream(
    network: OptNetwork, tokenizer: GalacticaTokenizer, text: str, options: GenerationOptions
) -> Generator[str, None, None]:
    """Continue a text piece by piece; pieces are whole characters. Closing it stops the generation.

    Raises:
        InputError: Beams or several sequences are asked for, which cannot be streamed.
        ModelError: The model's scores are not finite.
    """
    if options.num_beams > 1 or options.num_return_sequences > 1:
        raise InputError("Only one text can be streamed", hint="Use one beam and one sequence, or generate whole.")
    prompt = prompt_ids(tokenizer, text, options, network.context_tokens)
    return _stream(network, tokenizer, prompt, options)


def prompt_ids(tokenizer: GalacticaTokenizer, text: str, options: GenerationOptions, context_tokens: int) -> list[int]:
    """Ids of a prompt; a long one loses its beginning, so that the new tokens fit the context.

    Raises:
        InputError: ``max_new_tokens`` leaves no room.
    """
    room = context_tokens - options.max_new_tokens
    if room < 1:
        raise InputError(
            f"{options.max_new_tokens} new tokens do not fit a context of {context_tokens}",
            hint=f"Ask for at most {context_tokens - 1}.",
        )
    ids = tokenizer.encode(text, specials=options.specials)
    first = [tokenizer.eos] if options.new_doc else list(tokenizer.prefix)
    return (first + ids)[-room:] or [tokenizer.eos]


def complete(
    network: OptNetwork,
    tokenizer: GalacticaTokenizer,
    prompts: Sequence[list[int]],
    options: GenerationOptions,
    *,
    end: int | None = None,
) -> list[GrownRow]:
    """Continue prompts token by token, greedily or sampled, those of similar length together.

    Args:
        network, tokenizer: The model.
        prompts: Ids, each at least one; with ``max_new_tokens`` they must fit the context.
        options: How; ``num_beams`` and ``num_return_sequences`` are not looked at.
        end: A token that ends a row beside ``</s>``.
    """
    order = sorted(range(len(prompts)), key=lambda index: len(prompts[index]))
    rows = [GrownRow([]) for _ in prompts]
    ends = frozenset((tokenizer.eos,) if end is None else (tokenizer.eos, end))
    for start in range(0, len(order), _BATCH_ROWS):
        batch = order[start : start + _BATCH_ROWS]
        choose = Chooser(options, batch)
        stop = _Stop(tokenizer, ends, options.stop)
        for _ in _steps(network, [prompts[i] for i in batch], [rows[i] for i in batch], choose, stop, options):
            pass
    return rows


@dataclass(frozen=True, slots=True)
class _Stop:
    """What ends a row: a token, or a string."""

    tokenizer: GalacticaTokenizer
    tokens: frozenset[int]
    strings: tuple[str, ...]

    def reached(self, ids: Sequence[int]) -> bool:
        """Whether the last token, of all new ones, completed a string."""
        if not self.strings:
            return False
        # A token is at least a byte, so no string that the last one completes begins before these.
        tail = self.tokenizer.decode(ids[-max(len(each.encode()) for each in self.strings) - 1 :])
        return any(each in tail for each in self.strings)


def _steps(
    network: OptNetwork,
    prompts: Sequence[list[int]],
    rows: Sequence[GrownRow],
    choose: Chooser,
    stop: _Stop,
    options: GenerationOptions,
) -> Iterator[None]:
    """Grow rows by a token a step; those that are finished leave the batch."""
    import torch

    ids, padding = left_padded(prompts, stop.tokenizer.pad, network.device)
    states, cache = network.read(ids, padding=padding)
    active = list(range(len(rows)))
    for left in range(options.max_new_tokens - 1, -1, -1):
        tokens, gains = choose(require_finite(network.scores(states[:, -1])), active)
        for index, token, gain in zip(active, tokens, gains, strict=True):
            _grow(rows[index], token, gain, stop)
        yield
        kept = [spot for spot, index in enumerate(active) if not rows[index].finished]
        if not kept or not left:
            return
        if len(kept) < len(active):
            cache = cache.select(torch.tensor(kept, device=network.device))
            active = [active[spot] for spot in kept]
        last = torch.tensor([[rows[index].ids[-1]] for index in active], device=network.device)
        states, cache = network.read(last, cache)


def _grow(row: GrownRow, token: int, gain: float, stop: _Stop) -> None:
    row.log_probability += gain
    row.finished = token in stop.tokens
    if row.finished:
        row.end = token
    else:
        row.ids.append(token)
        row.finished = stop.reached(row.ids)


def left_padded(
    prompts: Sequence[Sequence[int]], pad: int, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Prompts side by side, shape (B, T), and the number of pad tokens before each, shape (B,); None without any."""
    import torch

    width = max(map(len, prompts))
    missing = [width - len(prompt) for prompt in prompts]
    ids = torch.tensor([[pad] * gap + list(prompt) for gap, prompt in zip(missing, prompts, strict=True)])
    return ids.to(device), torch.tensor(missing, device=device) if any(missing) else None


def _by_beams(
    network: OptNetwork, tokenizer: GalacticaTokenizer, prompt: list[int], options: GenerationOptions
) -> list[GrownRow]:
    stop = _Stop(tokenizer, frozenset((tokenizer.eos,)), options.stop)
    found = beam_search(
        network,
        prompt,
        beams=options.num_beams,
        wanted=options.num_return_sequences,
        max_new_tokens=options.max_new_tokens,
        is_end=lambda ids: ids[-1] in stop.tokens or stop.reached(ids),
    )
    return [
        GrownRow([token for token in each.ids if token not in stop.tokens], each.log_probability, each.finished)
        for each in found
    ]


def _finished(tokenizer: GalacticaTokenizer, before: str, row: GrownRow, options: GenerationOptions) -> Generation:
    text = tokenizer.decode(row.ids)
    kept = text[: _cut(text, options.stop)]
    return Generation(text=before + kept, log_probability=row.log_probability, finished=row.finished)


def _stream(
    network: OptNetwork, tokenizer: GalacticaTokenizer, prompt: list[int], options: GenerationOptions
) -> Generator[str, None, None]:
    from tokenizers.decoders import DecodeStream

    pieces = DecodeStream(skip_special_tokens=False)
    stop = _Stop(tokenizer, frozenset((tokenizer.eos,)), options.stop)
    row, held, read = GrownRow([]), "", 0
    for _ in _steps(network, [prompt], [row], Chooser(options, [0]), stop, options):
        for token in row.ids[read:]:
            held += pieces.step(tokenizer.backend, token) or ""  # None while a character's bytes are incomplete
        read = len(row.ids)
        cut = _cut(held, options.stop)
        ready = cut if cut is not None else len(held) - _may_begin(held, options.stop)
        if ready:
            yield held[:ready]
        held = held[ready:] if cut is None else ""
    if held:
        yield held


def _cut(text: str, stop: tuple[str, ...]) -> int | None:
    """Where the first stop string begins; None without one."""
    return min((text.find(each) for each in stop if each in text), default=None)


def _may_begin(text: str, stop: tuple[str, ...]) -> int:
    """Length of the longest end of a text that may be the beginning of a stop string."""
    return max((size for each in stop for size in range(1, len(each)) if text.endswith(each[:size])), default=0)
