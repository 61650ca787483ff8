"""Termbook: a knowledge base of terms, scenarios and debates, from YAML to a checked site."""

__version__ = "0.1.0"
