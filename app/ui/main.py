"""Entry point of the app: ``streamlit run app/ui/main.py``."""

from app.ui.shell import run

run()
