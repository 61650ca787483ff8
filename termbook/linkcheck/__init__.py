"""Checking links: those of the built site, on loopback, and the addresses of its sources."""
