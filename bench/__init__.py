"""How fast Termbook builds and how much its sites weigh, as ratios to its peers.

`python -m bench` writes one seeded corpus as each peer likes it, takes the peers through the same
measures in turn, several rounds over, and prints medians. A machine shared with other work slows
whatever runs at the moment, so a ratio is taken within one round, and then the median over the
rounds; every other round goes through the peers backwards. Peers that are not here, and measures
that fail, are told with the reason. A round before all others, of a small corpus, does not count.

What is measured, in this order:

- cold: a build with nothing left of earlier ones, caches included; then unchanged, the same build
  again; then one edit, after the definition of one term has got another word. CPU is of all
  processes of a command. The peak of memory is that of all of them together, with what they share
  counted once (PSS, looked at ten times a second), or that of the largest one if that is more.
- check: checking without building, which Termbook alone has.
- site: bytes of all files. page: one term's HTML with the styles and scripts that it names,
  compressed (gzip). search: what opening search fetches beside, compressed; where its data comes in
  parts, a query fetches some 10 to 40 KB more.
- edit to page: from the save of a term's file until the live server answers with the new text.

Every time includes starting the program. Files are in the disk cache.

What is compared, and where that is unfair:

- Authored text, pages and links are the same. Sphinx and the two peers with Material's looks keep
  terms out of their navigation, which else grows with their square.
- Material and Zensical have the same Markdown extensions, theme settings and site search as we do.
  Sphinx has its theme Furo, search, and one process for each core, as Termbook has.
- Unfair to Termbook: it does more. It checks every record and reference, finds two of the six
  links of a note by itself, cleans the HTML, gives links previews and pages descriptions, a list
  "Used in" and a security policy, makes search data of its own, slims the theme's styles, renders
  our theme's overrides, and keeps a second copy of the site until the swap. Its edit also shows in
  the index and in the previews of six links, where that of most peers changes one page. Peers have
  their links and "Cited by" lists written out, as if by hand.
- Unfair to Termbook, more so: Eleventy and Hugo have bare templates, without a theme, a style, a
  script or a search. They show how little a page of plain HTML takes.
- Unfair to the peers: nothing we know of in the build. Their users keep 1,000 definitions, their
  links and backlinks true by hand, and no time is counted for that.
- The words are made up and the corpus draws no warning (`check --strict`): a knowledge base in
  need of repair takes longer to check.
"""
