"""Titles, and texts that would cite them, for benchmarks: real ones from a corpus, else composed from lists of words.

The composed ones are cut into about as many tokens as titles of machine learning (17; those of biology take 26), and
become different from each other about as soon (after 4).
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InputError

if TYPE_CHECKING:
    from model.galactica.titles import Title
    from training.corpus.records import SourcePaper

CONTEXT_CHARS = 500

_QUALITIES = """
adaptive asymmetric autoregressive Bayesian bilateral causal cellular chronic clinical coarse cognitive collaborative
combinatorial comparative contrastive convolutional cortical deep dense differential discrete distributed dynamic
efficient embryonic emergent end-to-end epigenetic equivariant fast federated flexible functional generalized
generative genetic genome-wide graph-based hidden hierarchical high-dimensional human hybrid implicit improved
in-context inhibitory interpretable invariant large large-scale latent lightweight linear local long-term low-rank
masked metabolic microbial minimal mitochondrial molecular multi-agent multimodal multi-task mutual neural nonlinear
nonparametric online optimal parallel plastic predictive probabilistic quantum random rapid recurrent regional robust
scalable selective self-supervised semantic sensory sequential sparse spatial spectral spontaneous stochastic
structural supervised synaptic synthetic temporal tissue-specific transcriptional transient unified universal
unsupervised variational visual weighted zero-shot
""".split()
_THINGS = """
adaptation adhesion alignment allocation annotation ants architectures assembly attention axons bacteria bandits
behaviour benchmarks bias biosynthesis boundaries brains calcium cancer captions cells channels chromatin circuits
classification clustering codes cognition compression computation connectivity control convergence cortex crystals
data decisions decoding deformation dendrites denoising detection development diffusion distillation diversity domains
dynamics ecosystems edges embeddings embryos emotion energy enhancers entropy enzymes errors estimation evidence
evolution experts exploration expression eyes faces fairness features feedback fibres flows folding forests fields
gates genes genomes gradients grammar graphs growth habits hippocampus hormones identity images immunity imitation
inference infection inhibition insects instructions integration interactions interneurons kernels kinases knowledge
language layers learning lesions light likelihood localization locomotion loss malaria manifolds maps markets matching
membranes memory metabolism metrics mice microscopy migration mixtures models molecules mosquitoes motifs motion muscle
mutations navigation networks neurons noise nutrition objects odours oscillations outcomes parasites parsing parts
patterns perception perturbations phenotypes plants plasticity policies pollen populations potentials predators
prediction preferences priors processes programs proteins pruning queries reasoning receptors recognition recovery
regions regression regulation reinforcement replay representation repair resistance responses retrieval rewards
rhythms ribosomes risk robots sampling scenes schooling search segmentation selection sequences signalling signals
sleep smoothing societies sounds species speech spikes spines stability statistics stem stimuli strategies stress
structures surfaces symmetry synapses tasks teachers text thresholds timing tissues tokens tracking trajectories
transcription transfer transformers transport trees trials tumours uncertainty vaccines variance vectors video viruses
vision voices waves weights worms yeast zebrafish
""".split()
_DEEDS = """
Accelerating Aligning Analysing Approximating Benchmarking Bounding Bridging Characterizing Combining Comparing
Composing Controlling Decoding Defending Denoising Detecting Discovering Disentangling Estimating Evaluating
Explaining Exploiting Exploring Extending Generating Grounding Identifying Imaging Improving Inferring Integrating
Interpreting Learning Leveraging Mapping Measuring Mitigating Modelling Navigating Optimizing Predicting Probing
Quantifying Reconstructing Rethinking Revisiting Scaling Sensing Separating Simulating Steering Tracing Training
Understanding Unifying Visualizing
""".split()
_LINKS = "for in of with from under through across during without beyond by".split()
_FORMS = (
    "{quality} {thing} {link} {quality} {thing}",
    "{deed} {quality} {thing} {link} {quality} {thing} and {thing} {link} {thing}",
    "{quality} {thing} and {thing} {link} {quality} {quality} {thing}",
    "{thing} {link} {thing}: a {quality} study of {thing} in {quality} {thing}",
    "{deed} the {thing} of {quality} {thing} {link} {quality} {thing} and {thing}",
    "The role of {quality} {thing} in {quality} {thing} {link} {thing}",
    "On the {thing} of {quality} {thing}",
    "A {quality} view of {thing} {link} {quality} {thing} and their {thing}",
    "{name}: {deed} {quality} {thing} {link} {quality} {thing}",
    "{name}{name}: {thing} {link} {thing} for {quality} {thing} {link} {quality} {thing}",
)
_SYLLABLES = (
    "al an ar ba be bo chen da de el en fer ga gar go ha han hu ka ki kov lee li lo lu ma mar mi mo mu na ni no ol pa "
    "pe ra ri ro sa san sen shi so ta ter to tor va ve vi wa wang xu ya yu za zhou"
).split()


_WORDS = {"quality": _QUALITIES, "thing": _THINGS, "deed": _DEEDS, "link": _LINKS}
_SENTENCES = (
    "we ask how {quality} {thing} shape {thing} {link} {quality} {thing}.",
    "earlier work on {thing} found that {quality} {thing} depend on {thing} {link} {thing}.",
    "in contrast, {thing} are {quality} where {thing} and {thing} differ.",
)
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class CitationSample:
    """Different titles, texts whose next words would be a citation, and where both come from."""

    titles: list[Title]
    contexts: list[str]
    origin: str


def composed_sample(*, titles: int, contexts: int, seed: int = 0) -> CitationSample:
    """Titles and contexts from lists of words; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    different: dict[str, Title] = {}
    while len(different) < titles:
        title = _title(chance)
        different.setdefault(title.title, title)
    texts = [_context(chance) for _ in range(contexts)]
    return CitationSample(list(different.values()), texts, "composed from lists of words")


def corpus_sample(paths: Sequence[Path], *, titles: int, contexts: int) -> CitationSample:
    """Titles of the reference lists of corpora, and places of their papers that cite.

    Raises:
        InputError: A file is no corpus, or there is nothing in them.
    """
    from model.galactica.titles import Title
    from training.contexts import cited_places, cited_works

    places: list[str] = []

    def watched() -> Iterator[SourcePaper]:
        from training.corpus.records import read_papers

        for path in paths:
            for paper in read_papers(path):
                if len(places) < contexts:
                    places.extend(place.before for place in cited_places(paper)[:2] if place.before)
                yield paper

    works = list(cited_works(watched()).values())
    if not works or not places:
        raise InputError("No citations in these corpora", hint="Name JSONL files of papers with references.")
    random.Random(0).shuffle(works)  # noqa: S311 - sorted by title, and a part must stand for the whole
    found = [Title(work.title, work.surname) for work in works[:titles]]
    return CitationSample(found, places[:contexts], ", ".join(path.name for path in paths))


def _title(chance: random.Random) -> Title:
    from model.galactica.titles import Title

    text = _filled(chance, chance.choice(_FORMS))
    return Title(text[:1].upper() + text[1:], _name(chance))


def _context(chance: random.Random) -> str:
    text = ""
    while len(text) < CONTEXT_CHARS:
        text += _filled(chance, chance.choice(_SENTENCES)).capitalize() + " "
    return f"{text[-CONTEXT_CHARS:]}As was shown by"


def _filled(chance: random.Random, form: str) -> str:
    return _SLOT.sub(lambda slot: _word(chance, slot[1]), form)


def _word(chance: random.Random, slot: str) -> str:
    if slot == "name":
        return _name(chance)
    words = _WORDS[slot]
    # The first are drawn far more often than the last, as words are: titles begin alike.
    return words[int(len(words) * chance.random() ** 2)]


def _name(chance: random.Random) -> str:
    return "".join(chance.choices(_SYLLABLES, k=chance.choice((1, 2, 2, 3)))).capitalize()
