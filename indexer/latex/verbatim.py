"""Text that is taken as it stands, and environments that hold none."""

from __future__ import annotations

from indexer.latex.mouth import Mouth
from indexer.latex.reader import Environment, Handler, Reader
from indexer.latex.tokens import PAR, SPACE, source

_SKIPPED = ("comment", "CCSXML", "tikzpicture", "pspicture", "picture", "filecontents", "filecontents*", "pgfpicture",
            "forest", "circuitikz", "tikzcd", "asy", "highlights", "graphicalabstract", "axis",
            "IEEEbiography", "IEEEbiographynophoto", "biography", "thenomenclature")  # fmt: skip
_VERBATIM = ("verbatim", "verbatim*", "Verbatim", "lstlisting", "minted", "alltt", "BVerbatim", "LVerbatim", "code")
_MAX_VERB_CHARS = 1_000


def skipped(reader: Reader, mouth: Mouth, name: str) -> None:
    r"""An environment that holds no text: its source is passed over unread."""
    lexer = mouth.lexer
    end = f"\\end{{{name}}}"
    if lexer is not None:
        if lexer.until(end) is None:
            reader.notice("unclosed", f"The environment {name[:40]} never ends.")
        return
    depth = 0
    while (token := mouth.next()) is not None:
        if token == "\\begin":
            depth += mouth.peek() == "{" and source(mouth.argument()) == name
        elif token == "\\end" and mouth.peek() == "{" and source(mouth.argument()) == name:
            if depth == 0:
                return
            depth -= 1


def verbatim(reader: Reader, mouth: Mouth, name: str) -> None:
    """Code or other text that is taken as it stands, as a paragraph."""
    lexer = mouth.lexer
    body = lexer.until(f"\\end{{{name}}}") if lexer is not None else None
    if body is None:
        if lexer is not None:
            reader.notice("unclosed", f"The environment {name[:40]} never ends.")
        return
    if len(reader.flows) == 1:
        reader.end_paragraph()
    first, newline, rest = body.partition("\n")
    # Options of listings stand on the first line.
    reader.emit(rest if newline and first.lstrip().startswith(("[", "{")) else body)
    if len(reader.flows) == 1:
        reader.end_paragraph()


def verb(reader: Reader, mouth: Mouth, token: str) -> None:
    r"""``\verb|text|``."""
    lexer = mouth.lexer
    if token == "\\lstinline" and lexer is not None and lexer.text.startswith("[", lexer.position):
        mouth.optional()
        lexer = mouth.lexer
    if lexer is not None:
        lexer.position += lexer.text.startswith("*", lexer.position)
        delimiter = lexer.text[lexer.position : lexer.position + 1]
        lexer.position += 1
        line = lexer.text[lexer.position : lexer.position + _MAX_VERB_CHARS].partition("\n")[0]
        body, found, _ = line.partition("}" if delimiter == "{" else delimiter or "|")
        if found:
            lexer.position += len(body) + 1
            reader.emit(body)
        return
    mouth.star()
    following = mouth.next()
    if following is not None and following not in (PAR, SPACE):
        if len(following) > 1 and following[0] != "\\":
            mouth.push([following[1:]])
        reader.emit(source(mouth.upto([following[0]])))


def unread(reader: Reader, mouth: Mouth, name: str) -> None:
    """The end of an environment that was read to its end at its beginning: a stray one."""
    del reader, mouth, name


COMMANDS: dict[str, Handler] = {"\\verb": verb, "\\lstinline": verb}
ENVIRONMENTS: dict[str, Environment] = {
    **{name: Environment(skipped, unread) for name in _SKIPPED},
    **{name: Environment(verbatim, unread) for name in _VERBATIM},
}
