"""Helping a contributor: new files, renames, suggestions, mechanical mending."""
