"""A draft worked through: what to cite at its places, which sentences lack a citation, what is wrong with its keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from app.services.annotating import BEST, CommentForm, annotated
from app.services.places import MAX_PLACES, Place, places_of, sections_above, sentence_text, uncited, whole_text
from app.services.suggestions import DEFAULTS, PlaceSuggestions, SuggestionService, SuggestOptions
from core.errors import GalaciteError, InputError, ModelError
from core.identifiers import find_doi
from core.records import Notice, Work
from core.text import title_key
from indexer.bibliographies.reading import read_bibliography
from indexer.latex.sources import OutsideError, Store, TooMuchTextError, decode
from indexer.manuscripts import Listed, Manuscript, Sentence, read_manuscript
from indexer.manuscripts.records import Format

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    from model.worthiness import Sentence as Asked

_SHOWN_KEYS = 8
_WHOLE_CHARS = 5_000
"""A longer draft without marks is not asked about as a whole: what fits it all fits no place of it."""
_FEWEST_WORDS = 5
_MAX_SENTENCES = 20_000
_LEAST_TITLE = 20
"""Letters of a title that are looked for within an entry as printed."""


class Worthiness(Protocol):
    """Says how likely sentences need a citation."""

    @property
    def threshold(self) -> float:
        """From this probability on a sentence is told."""
        ...

    def probabilities(self, sentences: Sequence[Asked]) -> NDArray[float64]:
        """One probability for each sentence.

        Raises:
            core.errors.ModelError: The weights are missing or damaged.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft as read, the entries of its bibliographies, the text of its .bib files, and what is wrong with it."""

    manuscript: Manuscript
    entries: tuple[Listed, ...] = ()
    bib: str = ""
    findings: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedWork:
    """A suggested work that the draft cites already, under a key of its own."""

    work_id: int
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftSuggestions:
    """Suggestions place by place, in the order of the draft, and the findings among the notices.

    ``cited`` names the suggested works that stand in the draft's bibliographies: *you cite this already* at a place
    whose ``keys`` hold the key. ``model``, ``waiting`` and ``works`` as in ``SuggestResult``.
    """

    name: str
    format: Format
    title: str
    places: tuple[PlaceSuggestions, ...]
    works: int
    cited: tuple[CitedWork, ...] = ()
    notices: tuple[Notice, ...] = ()
    model: str = ""
    waiting: int = 0


class DraftService:
    """Reads drafts and suggests what to cite in them.

    Args:
        suggestions: Finds works for places.
        worthiness: Makes or gives what knows sentences that need a citation; asked for when it is wanted.
        keys: Gives works keys by their ids, those of a .bib file where they stand in its text.
    """

    def __init__(
        self,
        suggestions: SuggestionService,
        *,
        worthiness: Callable[[], Worthiness],
        keys: Callable[[Sequence[Work], str], Mapping[int, str]],
    ) -> None:
        self._suggestions = suggestions
        self._worthiness = worthiness
        self._keys = keys

    def read(self, data: bytes, name: str, *, beside: Store | None = None) -> Draft:
        """Read a draft and the bibliographies that it names.

        Args:
            data: The content of the file.
            name: What the user calls it; its ending tells the format.
            beside: Where its bibliographies lie; without it they are not looked for.

        Raises:
            InputError: The draft is empty, too large, or nothing that can be read.
        """
        if not data.strip():
            raise InputError("the draft is empty", hint="Write a sentence; mark places that need a citation with [?].")
        manuscript = read_manuscript(data, name)
        shelf = _Shelf(list(manuscript.listed))
        for file in manuscript.bibliographies if beside is not None else ():
            shelf.add(file, beside)
        return Draft(
            manuscript=manuscript,
            entries=tuple(shelf.entries),
            bib="\n".join(shelf.texts),
            findings=(
                *manuscript.notices,
                *_findings(manuscript),
                *shelf.notices,
                *_unknown_keys(manuscript, shelf.entries),
            ),
        )

    def suggest(self, draft: Draft, options: SuggestOptions = DEFAULTS, *, missing: bool = False) -> DraftSuggestions:
        """Suggest works for the places of a draft; see ``stream``."""
        *_, last = self.stream(draft, options, missing=missing)
        return last

    def stream(
        self, draft: Draft, options: SuggestOptions = DEFAULTS, *, missing: bool = False
    ) -> Iterator[DraftSuggestions]:
        """What retrieval finds at once, then again with each place that the language model has read.

        Of more than ``MAX_PLACES`` places only the first are answered, and a notice counts the others.

        Args:
            draft: As ``read`` gives it.
            options: How suggestions are wanted.
            missing: Tell sentences that cite nothing and should, too.

        Yields:
            At least one result; the last has nothing ``waiting``.
        """
        manuscript = draft.manuscript
        places, left_out = places_of(manuscript)
        notices = list(draft.findings)
        if left_out:
            notices.append(_too_many(len(places), left_out))
        if missing:
            lacking, told = self._missing(manuscript, room=MAX_PLACES - len(places))
            places = sorted([*places, *lacking], key=lambda place: place.start)
            notices += told
        elif not places and manuscript.plain and len(manuscript.plain) <= _WHOLE_CHARS:
            places = [whole_text(manuscript)]
        for result in self._suggestions.stream_places(places, options):
            yield DraftSuggestions(
                name=manuscript.name,
                format=manuscript.format,
                title=manuscript.title,
                places=result.places,
                works=result.works,
                cited=_cited(result.places, draft.entries),
                notices=(*notices, *result.notices),
                model=result.model,
                waiting=result.waiting,
            )

    def annotated(self, draft: Draft, found: DraftSuggestions, form: CommentForm) -> bytes:
        """The draft itself with the best suggestions as comments; see ``app.services.annotating``.

        Raises:
            InputError: The draft is of a format in which such comments mean nothing.
        """
        works = {one.work.id: one.work for each in found.places for one in each.suggestions[:BEST]}
        keys = {**self._keys(list(works.values()), draft.bib), **{each.work_id: each.key for each in found.cited}}
        return annotated(draft.manuscript, found.places, keys, form)

    def _missing(self, manuscript: Manuscript, *, room: int) -> tuple[list[Place], list[Notice]]:
        """The likeliest sentences that lack a citation, as many as there is room for."""
        asked = list(_asked(manuscript))
        if not asked:
            return [], []
        try:
            worthiness = self._worthiness()
            found = worthiness.probabilities([question for _, question in asked])
        except ModelError as error:
            return [], [Notice(code="worthiness_unavailable", message=error.in_full)]
        pairs = zip((sentence for sentence, _ in asked), found.tolist(), strict=True)
        lacking = [(need, sentence) for sentence, need in pairs if need >= worthiness.threshold]
        lacking.sort(key=lambda pair: (-pair[0], pair[1].start))
        count = len(lacking)
        seem = "sentence seems" if count == 1 else "sentences seem"
        message = f"{count or 'No'} {seem} to need a citation and to have none"
        if count > room:
            message += f"; the likeliest {room} are answered"
        places = [uncited(manuscript, sentence, need=need) for need, sentence in lacking[:room]]
        return places, [Notice(code="missing_citations", message=message)]


def _asked(manuscript: Manuscript) -> Iterator[tuple[Sentence, Asked]]:
    """The sentences of running text that cite nothing, as the model reads them; fragments are no sentences."""
    from model.worthiness import Reading

    reading = Reading()
    for sentence in manuscript.sentences[:_MAX_SENTENCES]:
        if sentence.kind != "body":
            continue
        text = sentence_text(sentence)
        sections = " / ".join(sections_above(manuscript, sentence.heading))
        question = reading.take(text, paragraph=sentence.block, section=sections, cites=sentence.cites)
        if not sentence.cites and len(text.split()) >= _FEWEST_WORDS:
            yield sentence, question


def _findings(manuscript: Manuscript) -> Iterator[Notice]:
    if not manuscript.plain:
        yield Notice(code="no_text", message="The draft holds no text of its own")
    elif not manuscript.marks:
        yield Notice(
            code="nothing_marked",
            message="No place of the draft is marked or cites anything. Mark places with [?], or look for sentences "
            "that lack a citation (--missing)",
        )
    if manuscript.inputs:
        names = ", ".join(manuscript.inputs[:_SHOWN_KEYS])
        yield Notice(code="inputs", message=f"Parts in other files are not read: {names}. Give each by itself")


@dataclass(slots=True)
class _Shelf:
    """What the draft's own list and its bibliographies hold, and which of these could not be read."""

    entries: list[Listed]
    texts: list[str] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def add(self, name: str, beside: Store | None) -> None:
        """Read a bibliography."""
        try:
            data = beside.find(name) if beside is not None else None
        except (OutsideError, TooMuchTextError):
            data = None
        if data is None:
            message = f"{name}: the draft names this bibliography, but it is not beside it"
            self.notices.append(Notice(code="bibliography_missing", message=message))
            return
        try:
            read = read_bibliography(data, name)
        except GalaciteError as error:
            self.notices.append(Notice(code="bibliography_unreadable", message=error.in_full))
            return
        if read.format == "bibtex":
            self.texts.append(decode(data))
        for record in read.records:
            self.entries.append(Listed(key=record.key, title=record.reference.title, doi=record.reference.doi))


def _unknown_keys(manuscript: Manuscript, entries: Sequence[Listed]) -> Iterator[Notice]:
    """Keys that are cited but in no bibliography at hand, with the line where each is cited first."""
    known = {entry.key.lower() for entry in entries}
    unknown: dict[str, int] = {}
    for mark in manuscript.marks:
        for key in mark.keys:
            if key.lower() not in known:
                unknown.setdefault(key, manuscript.line_of(mark.start))
    if unknown:
        shown = ", ".join(f"{key} (line {line})" for key, line in list(unknown.items())[:_SHOWN_KEYS])
        more = f" and {len(unknown) - _SHOWN_KEYS:,} more" if len(unknown) > _SHOWN_KEYS else ""
        keys = "key is" if len(unknown) == 1 else "keys are"
        message = f"{len(unknown):,} cited {keys} in no bibliography at hand: {shown}{more}"
        yield Notice(code="unknown_keys", message=message)


def _too_many(answered: int, left_out: int) -> Notice:
    return Notice(
        code="too_many_places",
        message=f"Only the first {answered} marked places are answered; {left_out:,} more are left out. "
        "Give one section at a time",
    )


def _cited(places: Sequence[PlaceSuggestions], entries: Sequence[Listed]) -> tuple[CitedWork, ...]:
    """The suggested works that the draft's bibliographies hold."""
    if not entries:
        return ()
    works = {each.work.id: each.work for place in places for each in place.suggestions}
    by_doi = {find_doi(entry.doi) or entry.doi.lower(): entry.key for entry in reversed(entries) if entry.doi}
    by_title = {title_key(entry.title): entry.key for entry in reversed(entries) if entry.title}
    printed = [(title_key(entry.raw), entry.key) for entry in entries if entry.raw]
    found = ((work.id, _key_of(work, by_doi, by_title, printed)) for work in works.values())
    return tuple(CitedWork(work_id=work_id, key=key) for work_id, key in found if key)


def _key_of(work: Work, by_doi: dict[str, str], by_title: dict[str, str], printed: Sequence[tuple[str, str]]) -> str:
    title = title_key(work.title)
    key = by_doi.get(work.doi.lower(), "") if work.doi else ""
    if key or not title:
        return key
    if title in by_title:
        return by_title[title]
    return next((key for raw, key in printed if len(title) >= _LEAST_TITLE and title in raw), "")
