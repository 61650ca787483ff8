// Where progress is kept: IndexedDB, by idb, on `window.termbookStore`.
//
// Each site has a database of its own, since many sites may share one host. The log only grows, one
// entry a transaction, so tabs that are open at once lose nothing of each other. Where the browser
// keeps nothing, or is full, the store goes on in memory and `trouble` says why.
(function (root) {
  "use strict";
  const { DEFAULTS, inOrder } = root.termbookSchedule;
  const { PREFIX, SETTINGS, Refusal, merge, checkEntry, canMerge } = root.termbookProgress;
  const MARK = "termbook-cards-kept:"; // in localStorage: that there was something to keep

  const newId = () => [...crypto.getRandomValues(new Uint8Array(8))]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("");

  class Store {
    log = [];
    settings = DEFAULTS;
    device = newId();
    exported = { at: 0, count: 0 };
    trouble = ""; // "", missing, full or evicted
    unreadable = 0;
    #unkept = [];
    #db = null;
    #channel = null;

    constructor(site, changed) {
      this.site = site;
      this.changed = changed;
    }

    async open() {
      try {
        this.#db = await root.idb.openDB(`termbook-${this.site}`, 1, {
          upgrade(db) {
            db.createObjectStore("log", { keyPath: "id" });
            db.createObjectStore("facts");
          },
          blocking: (current, blocked, event) => event.target.close(),
          terminated: () => { this.#fail("missing"); },
        });
        this.device = await this.#sameDevice();
        await this.refresh();
        if (!this.log.length && mark(this.site)) this.trouble = "evicted";
        this.#listen();
      } catch (error) {
        this.#fail(error.name === "QuotaExceededError" ? "full" : "missing");
      }
      return this;
    }

    #fail(trouble) {
      this.trouble = trouble;
      this.changed();
    }

    /** The id of this browser, made in one transaction so that two tabs agree on it. */
    async #sameDevice() {
      const facts = this.#db.transaction("facts", "readwrite");
      const known = await facts.store.get("device");
      if (!known) await facts.store.put(this.device, "device");
      await facts.done;
      return known ?? this.device;
    }

    #listen() {
      if ("BroadcastChannel" in root) {
        this.#channel = new BroadcastChannel(`termbook-${this.site}`);
        this.#channel.onmessage = () => this.#catchUp();
      }
      document.addEventListener("visibilitychange", () => {
        if (!document.hidden) this.#catchUp();
      });
    }

    async #catchUp() {
      try {
        await this.refresh();
        this.changed();
      } catch {
        this.#fail("missing");
      }
    }

    /** Read what is kept. What could not be kept stays in memory. */
    async refresh() {
      const [log, settings, exported] = await Promise.all([
        this.#db.getAll("log"), this.#db.get("facts", "settings"),
        this.#db.get("facts", "exported"),
      ]);
      const readable = log.filter(isEntry);
      this.unreadable = log.length - readable.length;
      const known = new Set(readable.map((entry) => entry.id));
      this.log = [...readable, ...this.log.filter((entry) => !known.has(entry.id))].sort(inOrder);
      if (settings && areSettings(settings)) this.settings = settings;
      this.exported = exported ?? this.exported;
    }

    /** Run a change of the database; false when it was not kept. */
    async #keep(change) {
      if (!this.#db) return false;
      try {
        await change(this.#db);
        if (this.trouble !== "missing") this.trouble = "";
        this.#channel?.postMessage("changed");
        return true;
      } catch (error) {
        this.trouble = error.name === "QuotaExceededError" ? "full" : "missing";
        return false;
      }
    }

    /** Add an entry to the log: its type, day and what the type asks for; gives the whole entry. */
    async append(fields) {
      // In order even within a millisecond, and when the clock was set back a little.
      const last = this.log.filter((entry) => entry.device === this.device).at(-1)?.at ?? 0;
      const now = Date.now();
      const at = last >= now && last < now + 6e4 ? last + 1 : now;
      const entry = { id: newId(), device: this.device, at, ...fields };
      this.log = [...this.log, entry].sort(inOrder);
      this.#unkept.push(entry);
      // What could not be kept before is tried again.
      const kept = await this.#keep((db) => write(db, this.#unkept));
      if (kept) {
        this.#unkept = [];
        mark(this.site, true);
      }
      return entry;
    }

    async set(settings) {
      this.settings = { ...this.settings, ...settings, at: Date.now() };
      await this.#keep((db) => db.put("facts", this.settings, "settings"));
    }

    async noteExport() {
      this.exported = { at: Date.now(), count: this.log.length };
      await this.#keep((db) => db.put("facts", this.exported, "exported"));
    }

    /** All of the progress, with the answers of the pages for practice. */
    progress() {
      const { site, log, settings } = this;
      return { site, log, settings, answers: answers() };
    }

    /**
     * Merge progress in, wholly or not at all; gives how many entries were new. Throws a Refusal
     * when it contradicts what is here, or cannot be kept.
     */
    async take(progress) {
      const merged = merge(this.progress(), progress);
      const known = new Set(this.log.map((entry) => entry.id));
      const added = merged.log.filter((entry) => !known.has(entry.id));
      const before = answers();
      try {
        writeAnswers(merged.answers);
        if (this.#db) await write(this.#db, added, merged.settings);
      } catch {
        forgetAnswers(merged.answers);
        writeAnswers(before);
        throw new Refusal("This browser has no room for it.");
      }
      this.log = merged.log;
      this.settings = merged.settings;
      if (merged.log.length) mark(this.site, true);
      if (this.trouble === "evicted") this.trouble = "";
      this.#channel?.postMessage("changed");
      return added.length;
    }

    /** Ask the browser not to clear what is kept here; gives whether it will not. */
    async persist() {
      try {
        return await navigator.storage.persisted() || await navigator.storage.persist();
      } catch {
        return false;
      }
    }
  }

  /** Write entries, and settings if given, in one transaction. */
  async function write(db, entries, settings) {
    const both = db.transaction(["log", "facts"], "readwrite");
    // A request that fails ends the transaction, whose error is the one to tell.
    const quietly = (request) => request.catch(() => {});
    entries.forEach((entry) => quietly(both.objectStore("log").put(entry)));
    if (settings) quietly(both.objectStore("facts").put(settings, "settings"));
    await both.done;
  }

  function isEntry(entry) {
    try {
      checkEntry(entry);
      return true;
    } catch (error) {
      if (error instanceof Refusal) return false;
      throw error;
    }
  }

  const areSettings = (settings) => Object.entries(SETTINGS)
    .every(([name, isGood]) => isGood(settings[name]));

  /** Whether there is a mark that progress was kept, after making one if asked to. */
  function mark(site, make = false) {
    try {
      if (make) localStorage.setItem(MARK + site, "yes");
      return localStorage.getItem(MARK + site) === "yes";
    } catch {
      return false;
    }
  }

  // The pages for practice keep their answers for a path of the host, as it may have several sites.
  const place = new URL(`${JSON.parse(document.getElementById("__config").textContent).base}/`,
    location.href).pathname;

  /** What is kept of practice here and can be merged: key without its place → text. */
  function answers() {
    try {
      return Object.fromEntries(Object.entries({ ...localStorage })
        .filter(([key, text]) => key.startsWith(PREFIX) && key.endsWith(`:${place}`)
          && canMerge(text))
        .map(([key, text]) => [key.slice(0, -place.length - 1), text]));
    } catch {
      return {};
    }
  }

  function writeAnswers(all) {
    Object.entries(all).forEach(([key, text]) => localStorage.setItem(`${key}:${place}`, text));
  }

  function forgetAnswers(all) {
    try {
      Object.keys(all).forEach((key) => localStorage.removeItem(`${key}:${place}`));
    } catch {
      // Nothing was written either.
    }
  }

  root.termbookStore = { open: (site, changed) => new Store(site, changed).open() };
})(window);
