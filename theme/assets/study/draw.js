// The seeded draw, the same as in termbook/study/draw.py: sfc32 (PractRand), seeded with SHA-256
// (FIPS 180-4) of the seed in normal form C. Pure logic on `window.termbookDraw`; an item is one of
// `termbookBank.items`. The browser's own SHA-256 is missing where a page comes from a folder.
(function (root) {
  "use strict";
  const WORD = 2 ** 32;

  // The first 32 bits of the fractional parts of the roots of the first primes.
  const primes = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime)) primes.push(n);
  const fraction = (number) => Math.floor((number % 1) * WORD);
  const ROUNDS = primes.map((prime) => fraction(Math.cbrt(prime)));
  const START = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));

  const turn = (word, by) => (word >>> by) | (word << (32 - by));

  function block(hash, view, at) {
    const w = Array.from({length: 16}, (_, i) => view.getUint32(at + 4 * i));
    let [a, b, c, d, e, f, g, h] = hash;
    for (let i = 0; i < 64; i++) {
      if (i > 15) {
        const [x, y] = [w[i - 15], w[i - 2]];
        w[i] = (w[i - 16] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3))
          + w[i - 7] + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10))) | 0;
      }
      const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g))
        + ROUNDS[i] + w[i]) | 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [a, b, c, d, e, f, g, h] = [(one + two) | 0, a, b, c, (d + one) | 0, e, f, g];
    }
    return [a, b, c, d, e, f, g, h].map((word, i) => (hash[i] + word) | 0);
  }

  // SHA-256 of a text's UTF-8, as eight 32-bit numbers.
  function sha256(text) {
    const bytes = new TextEncoder().encode(text);
    const padded = new Uint8Array(64 * Math.ceil((bytes.length + 9) / 64));
    padded.set(bytes);
    padded[bytes.length] = 0x80;
    const view = new DataView(padded.buffer);
    view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29));
    view.setUint32(padded.length - 4, bytes.length << 3);
    let hash = START;
    for (let at = 0; at < padded.length; at += 64) hash = block(hash, view, at);
    return hash.map((word) => word >>> 0);
  }

  function randomWords(seed) {
    let [a, b, c, count] = sha256(seed.normalize("NFC"));
    return () => {
      const word = (a + b + count) | 0;
      count = (count + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + word) | 0;
      return word >>> 0;
    };
  }

  function below(limit, random) {
    const fair = WORD - (WORD % limit);
    let word = random();
    while (word >= fair) word = random();
    return word % limit;
  }

  function shuffled(things, seed) {
    const random = randomWords(seed);
    const order = [...things];
    for (let last = order.length - 1; last > 0; last--) {
      const other = below(last + 1, random);
      [order[last], order[other]] = [order[other], order[last]];
    }
    return order;
  }

  // How many questions each domain gets; `weights` are pairs of a domain's id and its percentage.
  function quotas(weights, number) {
    const shares = weights.map(([domain, weight]) => ({
      domain, whole: Math.floor((weight * number) / 100), rest: (weight * number) % 100,
    }));
    const left = number - shares.reduce((sum, one) => sum + one.whole, 0);
    const up = [...shares].sort((one, other) => other.rest - one.rest).slice(0, left);
    return shares.map((one) => [one.domain, one.whole + (up.includes(one) ? 1 : 0)]);
  }

  // `derived` true or false asks for such items alone.
  function matching(items, {scenario, domain, task, derived} = {}) {
    return items.filter((item) => (!scenario || item.scenario === scenario)
      && (!domain || item.domain === domain) && (!task || item.tasks.includes(task))
      && (derived === undefined || Boolean(item.derived) === derived));
  }

  function practice(items, seed, number) {
    const sorted = [...items].sort((one, other) => (one.key < other.key ? -1 : 1));
    return shuffled(sorted, seed).slice(0, number);
  }

  // Throws RangeError when the bank cannot fill a quota.
  function exam(items, weights, seed, number) {
    const order = practice(items, seed, items.length);
    const chosen = new Set();
    for (const [domain, quota] of quotas(weights, number)) {
      const ours = matching(order, {domain});
      const first = [...matching(ours, {derived: false}), ...matching(ours, {derived: true})];
      if (first.length < quota) throw new RangeError(`${domain}: ${first.length} of ${quota}`);
      first.slice(0, quota).forEach((item) => chosen.add(item.key));
    }
    return order.filter((item) => chosen.has(item.key));
  }

  // The places of an item's options in the order in which they are shown.
  const optionOrder = (item, seed) => shuffled(item.options.keys(), `${seed}\n${item.key}`);

  // What the options of a question of matching belong to, each once, in the order shown.
  function matchOrder(item, seed) {
    const matches = item.options.map((option) => option.match).filter(Boolean);
    return shuffled(new Set(matches), `${seed}\n${item.key}\nmatch`);
  }

  root.termbookDraw = {
    sha256, randomWords, shuffled, quotas, matching, practice, exam, optionOrder, matchOrder,
  };
})(typeof window === "undefined" ? globalThis : window);
