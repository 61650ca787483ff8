"""How fast Termbook builds, as ratios to its peers.

`python -m bench` writes one seeded corpus as each peer likes it, runs the peers in turn, several
times over, in processes of their own, and prints medians. A machine shared with other work slows
whatever runs at the moment, so a ratio is taken between the runs of one round, and then the
median over the rounds; absolute times are for orientation. A run that fails, or writes fewer
pages than the corpus asks for, ends the bench: no time of a broken site is reported.

What is compared with plain mkdocs-material, and where that is unfair:

- Both have the same authored text, pages, links, nav, Markdown extensions, theme settings and
  site search. Plain Material gets its terms as Markdown files kept out of `nav`, for in `nav` it
  grows with their square; a Material site written without that care is several times slower.
- Unfair to Termbook: it does more. It checks every record and reference, finds two of the six
  links of a note by itself, cleans the HTML, gives links previews and pages descriptions, a list
  "Used in" and a security policy, makes search data of its own, slims the theme's styles, renders
  our theme's overrides, and keeps a second copy of the site until the swap. Plain Material has
  its links and "Cited by" lists written out, as if by hand, and derives nothing.
- Unfair to plain Material: nothing we know of in the build. Its users keep 1,000 definitions,
  their links and backlinks true by hand, and no time is counted for that.
- The words are made up and the corpus draws no warning (`check --strict`): a knowledge base in
  need of repair takes longer to check.
- Every time includes starting Python and importing the generator. Files are in the disk cache.
  Each process has one thread, so that on an idle machine its wall time is its CPU time.
"""
