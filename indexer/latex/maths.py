"""Mathematics: inline it stays in the text as source, displayed it becomes an equation with its number."""

from __future__ import annotations

from indexer.latex.flow import CITE, END, REF, Block, CrossReference, Target
from indexer.latex.mouth import Mouth
from indexer.latex.reader import Environment, Handler, Reader
from indexer.latex.tokens import PAR, source

_MAX_INLINE_TOKENS = 3_000
_MAX_DISPLAY_TOKENS = 50_000
_NUMBERED = ("equation", "align", "gather", "multline", "eqnarray", "flalign", "alignat", "dmath", "IEEEeqnarray",
             "dgroup", "mathletters", "empheq", "darray", "numcases", "subnumcases")  # fmt: skip
_BY_ROW = frozenset({"align", "gather", "eqnarray", "flalign", "alignat", "IEEEeqnarray", "dgroup", "mathletters"})
_UNNUMBERED = ("displaymath", "math*", "xalignat*")


class _Rows:
    """A displayed formula on its way: its source, and the numbers of its rows."""

    def __init__(self, reader: Reader, *, numbered: bool, by_row: bool) -> None:
        self.reader = reader
        self.numbered = numbered
        self.by_row = by_row
        self.parts: list[str] = []
        self.numbers: list[str] = []
        self.labels: list[str] = []
        self.tag: str | None = None
        self.silent = False
        self.has_content = False

    def end_row(self) -> None:
        """Give the row its number."""
        number = ""
        if self.tag is not None:
            number = self.tag
        elif self.numbered and not self.silent and self.has_content:
            self.reader.counters.step("equation")
            number = self.reader.number("equation")
        if number:
            self.numbers.append(number)
            self.reader.target = Target("equation", number)
        for name in self.labels:
            if self.reader.target is not None:
                self.reader.labels.setdefault(name, self.reader.target)
        self.labels.clear()
        self.tag, self.silent, self.has_content = None, False, False


def inline(reader: Reader, mouth: Mouth, token: str) -> None:
    r"""``$…$`` or ``\(…\)``; ``$$…$$`` is a display."""
    closing = "\\)" if token == "\\(" else "$"
    if closing == "$" and mouth.takes("$"):
        display(reader, mouth, "$$")
        return
    body = _collect_inline(reader, mouth, closing)
    if body.strip():
        reader.emit(f"${body.strip()}$")


def _collect_inline(reader: Reader, mouth: Mouth, closing: str) -> str:
    tokens: list[str] = []
    depth = 0
    while len(tokens) < _MAX_INLINE_TOKENS and (token := mouth.next()) is not None:
        if depth == 0 and token == closing:
            return source(tokens)
        if token == PAR:
            mouth.push([token])
            break
        if token == "{":
            depth += 1
        elif token == "}":
            if depth == 0:
                mouth.push([token])
                break
            depth -= 1
        elif token[0] == "\\" and _replaced(reader, mouth, token, tokens):
            continue
        tokens.append(token)
    return source(tokens)


def _replaced(reader: Reader, mouth: Mouth, token: str, tokens: list[str]) -> bool:
    """True when a command within mathematics was carried out: a macro, a label, a citation."""
    if token in ("\\label", "\\index"):
        name = reader.plain(mouth.argument())
        if reader.target is not None and name and token == "\\label":
            reader.labels.setdefault(name, reader.target)
        return True
    if token in ("\\ensuremath", "\\displaystyle", "\\textstyle", "\\protect", "\\relax", "\\xspace"):
        return True
    if token in ("\\ref", "\\eqref"):
        keys = (reader.plain(mouth.argument()),)
        reader.references.append(CrossReference(token[1:], keys))
        tokens.append(f"{REF}{len(reader.references) - 1}{END}")
        return True
    if token in reader.macros or not reader.is_known(token) or token in ("\\input",):
        return reader.expander.expand(token, mouth)
    handler = reader.handlers.get(token)
    if handler is not None and "cite" in token:
        before = len(reader.cites)
        parts = reader.flow.parts
        length = len(parts)
        handler(reader, mouth, token)
        del parts[length:]
        tokens.extend(f"{CITE}{index}{END}" for index in range(before, len(reader.cites)))
        return True
    return False


def display(reader: Reader, mouth: Mouth, name: str) -> None:
    r"""A displayed formula: ``$$``, ``\[`` or an environment, up to its end."""
    plain_name = name.rstrip("*")
    rows = _Rows(reader, numbered=plain_name in _NUMBERED and not name.endswith("*"), by_row=plain_name in _BY_ROW)
    if plain_name in ("alignat", "dmath", "IEEEeqnarray", "empheq", "subnumcases", "numcases"):
        reader.skip("om", mouth)
    closing = {"$$": "$", "\\[": "\\]"}.get(name, "")
    _collect_display(reader, mouth, rows, name, closing)
    rows.end_row()
    text = "".join(rows.parts).strip()
    if not text or not reader.in_text:
        return
    if len(reader.flows) > 1 and reader.flow.kind in ("caption", "footnote"):
        reader.emit(f" ${text}$ ")
        return
    numbers = rows.numbers
    label = numbers[0] if len(numbers) == 1 else f"{numbers[0]}–{numbers[-1]}" if numbers else ""
    flow = reader.flow
    kept, flow.after = flow.after, []
    flow.end_paragraph()
    flow.blocks.append(Block("equation", text, flow.section, label))
    flow.after = kept


def _collect_display(reader: Reader, mouth: Mouth, rows: _Rows, name: str, closing: str) -> None:
    tokens: list[str] = []
    nested: list[str] = []
    depth = count = 0
    while count < _MAX_DISPLAY_TOKENS and (token := mouth.next()) is not None:
        count += 1
        if closing and depth == 0 and token == closing:
            if closing == "$":
                mouth.takes("$")
            break
        if token == "{":
            depth += 1
        elif token == "}":
            depth = max(0, depth - 1)
        elif token == PAR:
            continue
        elif token == "\\begin":
            inner = reader.plain(mouth.argument())
            if inner == "document":
                continue
            nested.append(inner)
            tokens.extend(["\\begin", "{", inner, "}"])
            continue
        elif token == "\\end":
            inner = reader.plain(mouth.argument())
            if not nested or (inner == name and inner not in nested):
                if inner == "document":
                    mouth.push(["\\end", "{", inner, "}"])
                break
            while nested and nested.pop() != inner:
                pass
            tokens.extend(["\\end", "{", inner, "}"])
            continue
        elif token[0] == "\\" and _row_command(reader, mouth, token, rows, tokens, outermost=not nested and depth == 0):
            continue
        if token.strip():
            rows.has_content = True
        tokens.append(token)
    rows.parts.append(source(tokens))


def _row_command(reader: Reader, mouth: Mouth, token: str, rows: _Rows, tokens: list[str], *, outermost: bool) -> bool:
    if token == "\\label":
        rows.labels.append(reader.plain(mouth.argument()))
        return True
    if token in ("\\nonumber", "\\notag", "\\IEEEnonumber"):
        rows.silent = True
        return True
    if token == "\\tag":
        mouth.star()
        rows.tag = reader.inline(mouth.argument())
        return True
    if token in ("\\\\", "\\cr") and outermost and rows.by_row:
        mouth.star()
        rows.end_row()
        tokens.append("\\\\")
        return True
    return _replaced(reader, mouth, token, tokens)


def begin_subequations(reader: Reader, mouth: Mouth, name: str) -> None:
    """Equations within are counted by letters: 2a, 2b."""
    del mouth, name
    reader.macros.open()
    if reader.subequation_form:
        return
    counters = reader.counters
    counters.step("equation")
    number = reader.number("equation")
    reader.target = Target("equation", number)
    counters.set("parentequation", counters.get("equation"))
    counters.set("equation", 0)
    reader.subequation_form = counters.default("equation")
    counters.set_form("equation", number.replace("\\", "") + "\\alph{equation}")


def end_subequations(reader: Reader, mouth: Mouth, name: str) -> None:
    """Counting goes on by numbers."""
    del mouth, name
    if reader.subequation_form:
        reader.counters.set_form("equation", reader.subequation_form)
        reader.counters.set("equation", reader.counters.get("parentequation"))
        reader.subequation_form = ""
    reader.macros.close()


def _stray(reader: Reader, mouth: Mouth, name: str) -> None:
    del reader, mouth, name


COMMANDS: dict[str, Handler] = {"$": inline, "\\(": inline, "\\[": display}
ENVIRONMENTS: dict[str, Environment] = {
    **{f"{name}{star}": Environment(display, _stray) for name in _NUMBERED for star in ("", "*")},
    **{name: Environment(display, _stray) for name in _UNNUMBERED},
    "subequations": Environment(begin_subequations, end_subequations),
}
