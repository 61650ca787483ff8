"""The difference of two revisions of a knowledge base, as knowledge rather than text."""
