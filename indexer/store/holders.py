"""What names works, papers and parts of imported bibliographies, under ids of one kind: those of parts are negative.

Whatever follows the library from its revisions, such as the search indexes, follows both alike.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from indexer.store import bibliographies, papers, works


def revisions(session: Session) -> dict[int, int]:
    """The revision of everything that names works."""
    return papers.revisions(session) | bibliographies.revisions(session)


def works_of(session: Session, holder: int) -> list[int]:
    """The works that one of them names, in ascending order."""
    if holder > 0:
        return works.works_of_paper(session, holder)
    return sorted(work for _, named in bibliographies.parts(session, [holder]).values() for work in named)
