"""From a GGUF file to a transformers folder with bf16 weights and a fast tokenizer.

Reading GGUF costs seconds each time; the converted folder loads in well under one. The conversion runs as a process of
its own (``python -m model.convert SOURCE TARGET``), so its memory is given back and a crash of it is only an error.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from core.errors import ModelError

_DIGIT_SPLITTING = frozenset({"smollm", "starcoder", "refact"})
"""GGUF pre-tokenizers that cut numbers into digits, which transformers does not restore."""


def convert_gguf(source: Path, target: Path, *, timeout_s: float = 900.0) -> None:
    """Convert in a process of its own.

    Args:
        source: A GGUF file of an architecture that transformers reads.
        target: Existing folder that receives config, weights, tokenizer and chat template.
        timeout_s: For the whole conversion.

    Raises:
        ModelError: The file cannot be converted, or it took too long.
    """
    command = [sys.executable, "-m", "model.convert", str(source.resolve()), str(target.resolve())]
    packages = Path(__file__).resolve().parents[1]
    try:
        outcome = subprocess.run(
            command, cwd=packages, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired:
        raise ModelError(f"{source.name}: conversion took more than {timeout_s:.0f} s") from None
    if outcome.returncode != 0:
        lines = outcome.stderr.decode(errors="replace").strip().splitlines()
        reason = lines[-1][:300] if lines else f"exit code {outcome.returncode}"
        raise ModelError(
            f"{source.name}: conversion failed ({reason})",
            hint="It needs about 1.5 GB of memory; free some and try again.",
        )


def write_transformers_folder(source: Path, target: Path) -> None:
    """Convert in this process; see ``convert_gguf``."""
    import torch
    from transformers import AutoModelForCausalLM, GgufConfig

    from model.runtime import quiet_transformers

    with quiet_transformers():
        model: Any = AutoModelForCausalLM.from_pretrained(
            source.parent,
            gguf_file=source.name,
            quantization_config=GgufConfig(dequantize=True),
            dtype=torch.bfloat16,
            local_files_only=True,
        )
        model.save_pretrained(target, max_shard_size="50GB")
        _write_tokenizer(source, target)


def _write_tokenizer(source: Path, target: Path) -> None:
    from tokenizers.pre_tokenizers import Digits, Sequence
    from transformers import AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name, local_files_only=True)
    if _pre_tokenizer_name(source) in _DIGIT_SPLITTING:
        backend = tokenizer.backend_tokenizer
        backend.pre_tokenizer = Sequence([Digits(individual_digits=True), backend.pre_tokenizer])
    tokenizer.save_pretrained(target)


def _pre_tokenizer_name(source: Path) -> str:
    from gguf import GGUFReader

    field = GGUFReader(source).fields.get("tokenizer.ggml.pre")
    return str(field.contents()) if field is not None else ""


if __name__ == "__main__":
    write_transformers_folder(Path(sys.argv[1]), Path(sys.argv[2]))
