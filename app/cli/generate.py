"""The command that writes with the citation model."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.output import AsJson, emit, read_text

if TYPE_CHECKING:
    from model.galactica.galactica import Galactica
    from model.galactica.references import GeneratedReference
    from model.galactica.sampling import GenerationOptions


def register(cli: typer.Typer) -> None:
    """Hang the command of this module into the command line."""
    cli.command()(generate)


def generate(
    text: Annotated[str, typer.Argument(help="What to continue; `-` reads standard input.")],
    model: Annotated[str, typer.Option(help="Folder of a checkpoint, or a name such as facebook/galactica-125m.")] = "",
    reference: Annotated[bool, typer.Option("--reference", help="Name works to cite at the end of the text.")] = False,
    titles: Annotated[
        Path | None, typer.Option(help="Like --reference, but only titles of this file, one a line.")
    ] = None,
    top: Annotated[int | None, typer.Option(min=1, max=100, help="How many works (5) or continuations (1).")] = None,
    beams: Annotated[int | None, typer.Option(min=1, max=256, help="Hypotheses kept at each step.")] = None,
    max_new_tokens: Annotated[int, typer.Option(min=1, help="Longest continuation.")] = 64,
    temperature: Annotated[float | None, typer.Option(help="Draw at random: above 1 bolder, below 1 safer.")] = None,
    top_p: Annotated[float | None, typer.Option(help="Draw from the likeliest tokens of this probability.")] = None,
    top_k: Annotated[int | None, typer.Option(help="Draw from so many of the likeliest tokens.")] = None,
    seed: Annotated[int | None, typer.Option(help="Makes random draws repeatable.")] = None,
    stop: Annotated[list[str] | None, typer.Option(help="End before this string; may be repeated.")] = None,
    new_doc: Annotated[bool, typer.Option("--new-doc", help="The text begins a document.")] = False,
    as_json: AsJson = False,
) -> None:
    """Continue a text with the citation model, or name works to cite at its end; nothing here is checked for truth."""
    from app.services.generation import open_model, references
    from app.settings import load_settings
    from model.galactica.sampling import GenerationOptions

    prompt = read_text("-").rstrip("\n") if text == "-" else text
    sampled = any(each is not None for each in (temperature, top_p, top_k))
    options = None if reference or titles else GenerationOptions(
        max_new_tokens=max_new_tokens, new_doc=new_doc, top_p=top_p, top_k=top_k, temperature=temperature, seed=seed,
        num_beams=beams or (1 if sampled else top or 1), num_return_sequences=top or 1, stop=tuple(stop or ()),
    )  # fmt: skip
    galactica = open_model(load_settings(), model)
    if options is None:
        found = references(galactica, prompt, top=top or 5, beams=beams, titles=titles)
        emit(found, as_json=as_json, show=_show_references)
    elif as_json:
        emit(galactica.generate_all([prompt], options)[0], as_json=True, show=lambda _: None)
    else:
        _write(galactica, prompt, options)


def _write(galactica: Galactica, prompt: str, options: GenerationOptions) -> None:
    from app.services.generation import printable

    if options.num_beams > 1 or options.num_return_sequences > 1:
        texts = [each.text for each in galactica.generate_all([prompt], options)[0]]
        sys.stdout.write("\n\n".join(printable(text) for text in texts) + "\n")
        return
    sys.stdout.write(printable(prompt))
    for piece in galactica.stream(prompt, options):
        sys.stdout.write(printable(piece))
        sys.stdout.flush()
    sys.stdout.write("\n")


def _show_references(found: list[GeneratedReference]) -> None:
    from math import exp

    from core.text import clean

    for number, each in enumerate(found, 1):
        by = f", {clean(each.surname)}" if each.surname else ""
        sys.stdout.write(f"{number:>3}. {clean(each.title)}{by}  ({exp(each.log_probability):.1%})\n")
    if not found:
        sys.stdout.write("Nothing found.\n")
