"""Reads LaTeX source from front to back: text into flows, structure into records; nothing is typeset or run."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from core.records import Notice, PassageKind
from indexer.latex.classes import Rules
from indexer.latex.counters import Counters
from indexer.latex.expansion import Expander, Quoted
from indexer.latex.flow import CITE, END, REF, Block, Cite, CrossReference, Flow, Heading, Target
from indexer.latex.macros import Macros, call
from indexer.latex.mouth import Budget, Mouth
from indexer.latex.sources import Sources
from indexer.latex.symbols import ACCENTS, accented, arguments, ligatures, symbols
from indexer.latex.tokens import PAR, SPACE, Lexer, source

_MAX_NESTING = 25
_MAX_NOTICES = 50
_DIMENSION_TOKENS = 12
_IN_PACKAGES = frozenset(
    f"\\{name}"
    for name in "RequirePackage usepackage LoadClass input newtheorem spnewtheorem citestyle setcitestyle bibpunct "
    "bibliographystyle addbibresource endinput".split()
)
"""What else than definitions counts in a package or class: all other commands there only stand in macros."""
CITING_COMMAND = re.compile(r"\\(?:[a-z]{0,12}(?<!ex)(?<!in))?[Cc]ites?(?:[a-zA-Z]{0,12})$")
_MAX_OPEN = 100
"""Environments open within one another that are told apart; no paper nests deeper."""


@dataclass(slots=True)
class Bibliography:
    """What is said about the reference list: its files, its style, and the entries that the source itself holds."""

    files: list[str] = field(default_factory=list)
    style: str = ""
    packages: dict[str, str] = field(default_factory=dict)
    cited: dict[str, None] = field(default_factory=dict)
    everything: bool = False
    wanted: bool = False
    items: list[Item] = field(default_factory=list)
    citation_style: str = ""
    uses_natbib: bool = False


@dataclass(slots=True)
class Item:
    r"""One entry of a thebibliography environment; ``fields`` are those that ``\bibinfo`` names."""

    key: str
    label: str | None
    flow: Flow
    year: str = ""
    links: list[str] = field(default_factory=list)
    fields: list[tuple[str, str]] = field(default_factory=list)
    file: str = ""
    line: int = 0
    text: str = ""


@dataclass(slots=True)
class Front:
    """Commands of the title block as met, in order: name, bracketed argument, and tokens."""

    commands: list[tuple[str, str, list[str]]] = field(default_factory=list)

    def add(self, name: str, tokens: list[str], *, mark: str = "") -> None:
        """Note a command."""
        self.commands.append((name, mark, tokens))


class Reader:
    """The state of reading one document.

    Args:
        sources: The files that it may input.
        budget: Work that may be done.
        handlers: Commands that leave text or structure: called with the reader, the mouth and the command.
        environments: What ``\\begin`` and ``\\end`` of an environment do: called with the reader and the mouth.
        structural: Commands that no document redefines.
    """

    def __init__(
        self,
        sources: Sources,
        budget: Budget,
        *,
        handlers: Mapping[str, Handler],
        environments: Mapping[str, Environment],
        structural: frozenset[str],
    ) -> None:
        self.sources = sources
        self.budget = budget
        self.handlers = handlers
        self.known_environments = environments
        self.counters = Counters()
        self.macros = Macros()
        self.expander = Expander(
            self.macros,
            self.counters,
            is_known=self.is_known,
            is_structural=lambda token: token in structural or token[7:-1] in environments,
        )
        self.flows = [Flow()]
        self.headings: list[Heading] = []
        self.cites: list[Cite] = []
        self.references: list[CrossReference] = []
        self.labels: dict[str, Target] = {}
        self.target: Target | None = None
        self.front = Front()
        self.bibliography = Bibliography()
        self.open_environments: list[str] = []
        self.document_class = ""
        self.class_options = ""
        self.class_rules = Rules()
        self.theorems: dict[str, tuple[str, str]] = {}
        self.appendix = False
        self.in_text = False
        self.begun = False
        self.ended = False
        self.notices: list[Notice] = []
        self.item: Item | None = None
        self.listing = False
        self.naming = False
        self.missing_bib: list[str] = []
        self.keyword_texts: list[str] = []
        self.before_keywords = False
        self.before_abstract: tuple[PassageKind, int | None, bool] = ("paragraph", None, True)
        self.subequation_form = ""
        self.only: frozenset[str] = frozenset()
        self.packages_read: set[str] = set()
        self.inputs: set[str] = set()
        self.package_depth = 0
        self._symbols = symbols()
        self._arguments = arguments()
        self._nesting = 0

    @property
    def flow(self) -> Flow:
        """Where text goes now."""
        return self.flows[-1]

    def is_known(self, token: str) -> bool:
        """True for a command that the reader itself understands."""
        return token in self.handlers or token in self._symbols or token in self._arguments

    def notice(self, code: str, message: str) -> None:
        """Tell the user something, once, and within reason."""
        notice = Notice(code=code, message=message)
        if notice not in self.notices and len(self.notices) < _MAX_NOTICES:
            self.notices.append(notice)

    def emit(self, text: str) -> None:
        """Add text to the paragraph; before the document begins nothing is text."""
        if self.in_text:
            self.flows[-1].parts.append(text)

    def read(self, mouth: Mouth) -> None:
        """Read until the mouth is empty, or the document has ended."""
        macros, emit = self.macros, self.emit
        while not self.ended and (token := mouth.next()) is not None:
            first = token[0]
            if first == "\\":
                self.command(token, mouth)
            elif first == SPACE:
                emit(SPACE)
            elif first == "{":
                macros.open()
            elif first == "}":
                macros.close()
            elif first == "$":
                self.handlers["$"](self, mouth, token)
            elif first == "~":
                emit("\xa0")
            elif first == "&":
                emit(" | ")
            elif first != "#":
                emit(ligatures(token) if first not in "^_" else "")

    def command(self, token: str, mouth: Mouth) -> None:
        """Carry out a command."""
        if token == PAR:
            self.end_paragraph()
            return
        quoted = isinstance(token, Quoted)
        if not quoted and self.expander.expand(token, mouth):
            return
        name = str(token)
        handler = self.handlers.get(name)
        if handler is not None:
            if not self.expander.in_package or name in _IN_PACKAGES:
                handler(self, mouth, name)
        elif name[1:] in ACCENTS and (len(name) == 2 or name in ("\\t",)):
            self.emit(accented(self.inline(mouth.argument()), name[1:]))
        elif (kinds := self._arguments.get(name)) is not None:
            self.skip(kinds, mouth)
            if name in ("\\hspace", "\\vspace", "\\hskip", "\\vskip", "\\kern"):
                self.emit(SPACE)
        elif (text := self._symbols.get(name)) is not None:
            self.emit(text)
        elif CITING_COMMAND.match(name) and mouth.peek() in ("{", "["):
            # A citing command of some package: keys are what all of them have in common.
            self.handlers["\\cite"](self, mouth, name)

    def end_paragraph(self) -> None:
        """A blank line: lists and inline text go on behind it."""
        flow = self.flows[-1]
        if flow.kind == "list" or (len(self.flows) > 1 and flow.kind in ("caption", "footnote")):
            self.emit(SPACE)
        else:
            flow.end_paragraph()

    def skip(self, kinds: str, mouth: Mouth) -> None:
        """Pass over arguments that are no text; kinds as in ``indexer.latex.symbols.arguments``."""
        for kind in kinds:
            if kind == "*":
                mouth.star()
            elif kind == "o":
                mouth.optional()
            elif kind == "p":
                if (following := mouth.peek()) is not None and following[0] == "(":
                    mouth.upto([")"])
            elif kind == "m":
                mouth.argument()
            elif kind in "dn":
                self._skip_dimension(mouth)

    def _skip_dimension(self, mouth: Mouth) -> None:
        """A length or number assigned: ``=10pt plus 1fil``, ``0.5\\textwidth``."""
        for _ in range(_DIMENSION_TOKENS):
            token = mouth.next()
            if token is None:
                return
            text = token.lstrip("=")
            if token == SPACE or text in ("plus", "minus", "by", "to", ""):
                continue
            if text[0] == "\\" and text != PAR and not self.is_known(text) and text not in self.macros:
                return
            if text[0].isdigit() or text[0] in "-.+":
                following = mouth.peek()
                if following in ("plus", "minus") or (text.rstrip("-.+0123456789") == "" and following is not None):
                    if following not in ("plus", "minus") and following[0] != "\\":
                        return
                    continue
                return
            mouth.push([token])
            return

    def inline(self, tokens: list[str]) -> str:
        """The text that tokens print, with marks; display mathematics and paragraphs in it run on."""
        if len(tokens) == 1 and tokens[0][0] not in "\\${}&#~":
            return ligatures(tokens[0])
        return " ".join(block.text for block in self.blocks(tokens, Flow(kind="caption"))).strip()

    def blocks(self, tokens: list[str], flow: Flow) -> list[Block]:
        """Read tokens into a flow of their own."""
        if self._nesting >= _MAX_NESTING:
            self.notice("nesting", "Commands are nested too deep: some text may be missing.")
            return []
        self._nesting += 1
        before, self.in_text = self.in_text, True
        self.flows.append(flow)
        depth = len(self.flows)
        try:
            self.read(Mouth(self.budget, tokens=tokens))
            while len(self.flows) > depth:
                self.leave_flow()
        finally:
            del self.flows[depth - 1 :]
            self._nesting -= 1
            self.in_text = before
        flow.end_paragraph()
        return flow.blocks

    def leave_flow(self) -> None:
        """End the innermost flow; its blocks wait for the paragraph around it to end."""
        flow = self.flows.pop()
        flow.end_paragraph()
        self.flows[-1].after.extend(flow.blocks)

    def plain(self, tokens: list[str]) -> str:
        """The source of an argument that is a name or a list of names, its macros expanded."""
        if all(token[0] != "\\" for token in tokens):
            return source(tokens).strip()
        return self.expander.text(tokens, Mouth(self.budget)).strip()

    def cite(self, cite: Cite) -> None:
        """Note a citation and mark its place."""
        if self.in_text:
            self.cites.append(cite)
            self.emit(f"{CITE}{len(self.cites) - 1}{END}")

    def refer(self, reference: CrossReference) -> None:
        """Note a reference to a label and mark its place."""
        self.references.append(reference)
        self.emit(f"{REF}{len(self.references) - 1}{END}")

    def number(self, counter: str) -> str:
        """A counter as it is printed."""
        tokens = Mouth(self.budget, tokens=[f"\\the{counter}"])
        before, self.in_text = self.in_text, True
        self.flows.append(Flow(kind="caption"))
        try:
            self.read(tokens)
            text = "".join(self.flows[-1].parts)
        finally:
            self.flows.pop()
            self.in_text = before
        return " ".join(text.split()).rstrip(".")

    def place(self, mouth: Mouth) -> tuple[str, int]:
        """File and line that are being read."""
        lexer: Lexer | None = mouth.file
        return (lexer.name, lexer.line()) if lexer is not None else ("", 0)

    def open(self, name: str) -> None:
        """Note that an environment is open, and begin its group."""
        if len(self.open_environments) < _MAX_OPEN:
            self.open_environments.append(name)
        self.macros.open()

    def close(self, name: str) -> bool:
        """Note that an environment has ended, with those within it; False when it was not open."""
        self.macros.close()
        if name not in self.open_environments:
            return False
        while self.open_environments.pop() != name:
            pass
        return True

    def begin(self, name: str, mouth: Mouth) -> None:
        """Begin an environment: the document's own, a known one, or one that is only a paragraph apart."""
        defined = self.macros.environments.get(name)
        if defined is not None:
            self.open(name)
            call(defined[0], mouth)
            return
        known = self.known_environments.get(name)
        if known is not None:
            known.begin(self, mouth, name)
            return
        self.open(name)
        if name in self.theorems:
            self.handlers["\\begin:theorem"](self, mouth, name)
            return
        if len(self.flows) == 1:
            self.end_paragraph()
        if mouth.peek() == "[":
            mouth.optional()

    def end(self, name: str, mouth: Mouth) -> None:
        """End an environment."""
        known = self.known_environments.get(name)
        if name not in self.macros.environments and known is not None:
            known.end(self, mouth, name)
            return
        defined = self.macros.environments.get(name)
        if defined is not None:
            call(defined[1], mouth)
        elif len(self.flows) == 1:
            self.end_paragraph()
        self.close(name)


Handler = Callable[[Reader, Mouth, str], None]


@dataclass(frozen=True, slots=True)
class Environment:
    """What happens at both ends of an environment."""

    begin: Handler
    end: Handler
