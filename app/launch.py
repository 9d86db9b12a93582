"""``python -m app.launch run …`` is ``streamlit run …`` with the modules of the first page imported beforehand.

Streamlit imports what a page needs when the first visitor comes, who would wait a second and a half for it. The models
are not among it: they load when somebody asks.
"""

from __future__ import annotations

import importlib

_NEEDED = ("app.wiring", "pandas", "pyarrow", "faiss", "tantivy", "huey")


def main() -> None:
    """Import, then hand over to Streamlit, which reads the arguments."""
    from streamlit.web.cli import main as streamlit

    for name in _NEEDED:
        importlib.import_module(name)
    streamlit()


if __name__ == "__main__":
    main()
