"""The command ``galacite``. Commands parse, call one service and print; heavy modules are imported inside them."""

from __future__ import annotations

import os
import sys

import typer

from app.cli import (
    bench,
    bibliography,
    collections,
    corpus,
    evaluate,
    generate,
    library,
    parse,
    questions,
    suggest,
    suggestion_models,
    system,
    train,
    train_encoder,
    worthiness,
)
from core.errors import GalaciteError
from core.text import clean

cli = typer.Typer(
    name="galacite",
    help="A citation-aware literature assistant: every answer points to a real page of a real paper.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
library.register(cli)
parse.register(cli)
questions.register(cli)
suggest.register(cli)
generate.register(cli)
system.register(cli)
cli.add_typer(system.models, name="models")
bibliography.register(cli)
cli.add_typer(collections.cli, name="collections")
cli.add_typer(bibliography.cli, name="bibliography")
cli.add_typer(bench.cli, name="bench")
cli.add_typer(corpus.cli, name="corpus")
train_encoder.register(train.cli)
suggestion_models.register(train.cli, evaluate.cli)
worthiness.register(train.cli, evaluate.cli)
cli.add_typer(train.cli, name="train")
cli.add_typer(evaluate.cli, name="evaluate")


def main() -> None:
    """Run the command line; errors a user can act on go to stderr as a message and a hint."""
    from model.runtime import prepare_environment

    prepare_environment()
    try:
        cli()
    except GalaciteError as error:
        sys.stderr.write(f"galacite: {clean(error.message)}\n")
        if error.hint:
            sys.stderr.write(f"  {clean(error.hint)}\n")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.stderr.write("galacite: interrupted\n")
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
