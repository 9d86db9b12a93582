"""``python -m app.cli`` is ``galacite``."""

from app.cli import main

main()
