"""Counting what a stream of papers holds, for the report."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from model.galactica.tokenizer import GalacticaTokenizer
from training.contexts import work_key
from training.corpus.config import CorpusConfig, Part
from training.corpus.records import SourcePaper
from training.corpus.report import CorpusReport, SourceReport
from training.corpus.shards import Counts, Manifest

_MOST_EXAMPLES = 20
_Key = tuple[str, Part]


@dataclass(slots=True)
class Tally:
    """Counts by source and part."""

    papers: Counter[_Key] = field(default_factory=Counter)
    duplicates: Counter[_Key] = field(default_factory=Counter)
    without_citations: Counter[_Key] = field(default_factory=Counter)
    works: dict[_Key, set[int]] = field(default_factory=dict)
    repeated: list[tuple[str, str]] = field(default_factory=list)

    def take(self, part: Part, paper: SourcePaper, repeated: str) -> None:
        """Count a paper; ``repeated`` is the identity of the earlier one, if there is one."""
        key = (paper.source, part)
        self.papers[key] += 1
        if repeated:
            self.duplicates[key] += 1
            if len(self.repeated) < _MOST_EXAMPLES:
                self.repeated.append((f"{paper.source}/{paper.id}", repeated))
            return
        titles = (work_key(entry) for entry in paper.document.references)
        self.works.setdefault(key, set()).update(_in_eight_bytes(title) for title in titles if title)
        if not any(not mention.ambiguous for mention in paper.document.mentions):
            self.without_citations[key] += 1

    def report(
        self, manifests: Mapping[Part, Manifest], *, config: CorpusConfig, tokenizer: GalacticaTokenizer
    ) -> CorpusReport:
        """The tally with what the shards hold."""
        packed = {
            (source, part): counts
            for part, manifest in manifests.items()
            for source, counts in manifest.sources.items()
        }
        keys = sorted({*self.papers, *packed}, key=lambda key: (key[1], key[0]))
        return CorpusReport(
            form=config.form,
            row_tokens=config.row_tokens,
            seed=config.seed,
            vocabulary=tokenizer.vocabulary,
            tokenizer=tokenizer.fingerprint,
            sources=tuple(self._source(key, packed.get(key, Counts())) for key in keys),
            rows={part: manifest.rows for part, manifest in manifests.items()},
            works=len(set().union(*self.works.values())),
            left_out=sum(counts.left_out for counts in packed.values()),
            repeated=tuple(self.repeated),
        )

    def _source(self, key: _Key, counts: Counts) -> SourceReport:
        source, part = key
        return SourceReport(
            source=source,
            part=part,
            papers=counts.papers,
            duplicates=self.duplicates[key],
            without_citations=self.without_citations[key],
            citations=counts.citations,
            works=len(self.works.get(key, ())),
            prompts=counts.prompts,
            tokens=counts.tokens,
            citation_tokens=counts.citation_tokens,
        )


def _in_eight_bytes(key: str) -> int:
    """Enough of a title to count works."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big")
