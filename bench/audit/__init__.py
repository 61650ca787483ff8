"""What Lighthouse says of the site: its speed on a phone, barriers, good practice, search engines.

`python -m bench.audit` builds the site for an address on this machine, serves it there as GitHub
Pages would, and has Lighthouse open four kinds of page in this machine's Chromium, several times
over. A phone is simulated: a slow mobile network and a processor four times slower. It prints the
medians and whether each target is met, names every audit that failed, and keeps the numbers.

- The time a page takes depends on what else the machine does, so performance is a median, and the
  report keeps Lighthouse's own measure of the machine, its benchmark index.
- The server speaks HTTP/1.1 without encryption, where GitHub Pages has HTTP/2: a little slower.
"""
