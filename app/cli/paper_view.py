"""How a paper looks on a terminal and as JSON."""

from __future__ import annotations

from typing import Any

from rich.markup import escape
from rich.tree import Tree

from app.cli.output import console
from core.json import to_data
from core.records import Document, Paper, Section


def paper_data(paper: Paper, document: Document) -> dict[str, Any]:
    """A paper with its outline, references and mentions, as plain data."""
    return {
        "paper": to_data(paper),
        "sections": [to_data(section) for section in document.sections],
        "references": [to_data(reference) for reference in document.references],
        "mentions": [to_data(mention) for mention in document.mentions],
        "passages": len(document.passages),
    }


def show_paper(paper: Paper, document: Document, *, references: bool) -> None:
    """Print a paper: metadata, notices, abstract, outline, and its references when asked for."""
    out = console()
    out.print(f"[bold]{escape(paper.title)}[/]")
    out.print(escape(", ".join(author.name for author in paper.authors)) or "[dim]no authors read[/]")
    facts = [str(paper.year or ""), paper.venue, f"doi:{paper.doi}" if paper.doi else "", paper.arxiv_id]
    out.print(escape(" · ".join(fact for fact in facts if fact)), style="dim")
    out.print(
        f"id {paper.id}, key {paper.key}, {paper.page_count} pages, {len(document.passages)} passages, "
        f"{len(document.references)} references, {len(document.mentions)} citations in the text"
    )
    for notice in paper.notices:
        out.print(f"[yellow]! {escape(notice.message)}[/]")
    if paper.abstract:
        out.print(f"\n{escape(paper.abstract)}")
    out.print(outline(document.sections))
    if references:
        for reference in document.references:
            out.print(f"{reference.label or reference.index + 1}  {escape(reference.raw)}")


def outline(sections: tuple[Section, ...]) -> Tree:
    """The section tree with pages."""
    tree = Tree("")
    nodes: dict[int | None, Tree] = {None: tree}
    for section in sections:
        label = f"{section.number} {section.heading}".strip()
        nodes[section.index] = nodes.get(section.parent, tree).add(f"{escape(label)} [dim]p. {section.page}[/]")
    return tree
