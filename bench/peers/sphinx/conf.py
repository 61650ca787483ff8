"""Sphinx with the theme Furo, and what a glossary needs: nothing more."""

project = "Bench"
html_theme = "furo"
