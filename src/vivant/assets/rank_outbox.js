// Votes on their way. Each is in the browser's storage before it is sent, and leaves it when the server has acknowledged
// it: a closed tab, a lost network or a killed server loses none. The server knows a vote by its id, so that one sent
// twice counts once.

const PREFIX = "vivant-rank-vote:";
const LONGEST_WAIT = 8000;

export class Outbox {
  // set: which votes are sent, whoever gave them on this browser; those on other sets wait until that set is open.
  // changed: called whenever the number of waiting votes or the state of the line changes.
  // refused: called with a message when the server will never take a vote.
  constructor(set, changed, refused) {
    this.set = set;
    this.changed = changed;
    this.refused = refused;
    this.problem = "";
    this.sending = null;
    this.wait = 0;
    this.timer = 0;
    this.memory = new Map();
    this.counter = 0;
  }

  add(kind, vote) {
    // Names sort by time, so that a vote is sent before what undoes it.
    const number = String(this.counter++).padStart(6, "0");
    const name = `${PREFIX}${Date.now()}:${number}:${vote.id.slice(0, 8)}`;
    const entry = { kind, vote };
    try {
      localStorage.setItem(name, JSON.stringify(entry));
    } catch {
      this.memory.set(name, entry); // storage is full or forbidden: this tab still remembers
    }
    this.changed();
    this.send();
  }

  entries() {
    const found = [...this.memory];
    try {
      for (let index = 0; index < localStorage.length; index++) {
        const name = localStorage.key(index);
        if (name?.startsWith(PREFIX)) found.push([name, JSON.parse(localStorage.getItem(name))]);
      }
    } catch {
      // no storage: what this tab remembers is all there is
    }
    return found.filter(([, entry]) => entry?.vote?.set === this.set).sort(([one], [other]) => (one < other ? -1 : 1));
  }

  // Resolves when all are delivered, or one could not be.
  send() {
    this.sending ??= this.sendAll().finally(() => { this.sending = null; });
    return this.sending;
  }

  async sendAll() {
    clearTimeout(this.timer);
    for (let next = this.entries()[0]; next; next = this.entries()[0]) {
      if (!(await this.deliver(...next))) break;
    }
    this.changed();
  }

  async deliver(name, { kind, vote }) {
    let answer;
    try {
      answer = await fetch(`/api/${kind}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(vote),
        keepalive: true,
        signal: AbortSignal.timeout(15000),
      });
    } catch {
      return this.later("The server does not answer");
    }
    if (answer.status === 401) return this.later("This page needs its whole link again");
    if (answer.status >= 500 || answer.status === 429) return this.later("The server cannot write");
    this.drop(name);
    this.problem = "";
    this.wait = 0;
    if (!answer.ok) {
      const said = await answer.json().catch(() => ({}));
      this.refused(typeof said.detail === "string" ? said.detail : "The server did not take the last answer.");
    }
    this.changed();
    return true;
  }

  drop(name) {
    this.memory.delete(name);
    try {
      localStorage.removeItem(name);
    } catch {
      // nothing was stored
    }
  }

  later(problem) {
    this.problem = problem;
    this.wait = Math.min(LONGEST_WAIT, this.wait ? this.wait * 2 : 500);
    this.timer = setTimeout(() => this.send(), this.wait);
    return false;
  }

  close() {
    clearTimeout(this.timer);
    this.changed = () => {};
    this.refused = () => {};
  }
}
