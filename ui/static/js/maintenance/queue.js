// Answers of one checklist on their way to the server: kept in the browser until it has taken them, whatever the network does.
//
// One entry for each task, the newest; each carries a stamp, so that it is stored once however often it is sent.

import { who } from "../session.js";
import { newId, send } from "./api.js";

const RETRY_MS = 4000;

export class AnswerQueue extends EventTarget {
  /** Events: "change" (what waits), "saved" {task, item}, "conflict" {task, said, current}, "refused" {task, message}, "denied" {message}. */
  constructor(service) {
    super();
    this.url = `/api/maintenance/services/${encodeURIComponent(service)}/items/`;
    // by who entered it: on a phone that several use nothing is signed with another's name
    this.key = `maint.queue.${who}.${service}`;
    this.waiting = this.#load();
    this.offline = false;
    this.busy = false;
    addEventListener("online", () => this.flush());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.flush(); });
    setInterval(() => this.flush(), RETRY_MS);
  }

  get size() { return this.waiting.size; }

  /** What somebody says to a task; revision: of the answer that was on the page, 0 = none. */
  put(task, said, revision) {
    const before = this.waiting.get(task);
    this.waiting.set(task, { said, revision: before?.revision ?? revision, stamp: newId() });
    this.#keep();
    this.flush();
  }

  /** Give up what waits for a task: the other answer holds. */
  drop(task) {
    this.waiting.delete(task);
    this.#keep();
  }

  /** Mine after all, over the answer that stands there now. */
  insist(task, said, revision) {
    this.waiting.delete(task);
    this.put(task, said, revision);
  }

  async flush() {
    if (this.busy) return;
    this.busy = true;
    try {
      for (const [task, entry] of [...this.waiting]) if (!entry.conflict && !(await this.#send(task, entry))) break;
    } finally {
      this.busy = false;
      this.#tell("change");
    }
  }

  /** False when the server cannot be reached: then the rest waits, too. */
  async #send(task, entry) {
    try {
      const item = await send("PUT", this.url + encodeURIComponent(task), { ...entry.said, revision: entry.revision, stamp: entry.stamp });
      this.offline = false;
      const newer = this.waiting.get(task);
      if (newer?.stamp === entry.stamp) this.waiting.delete(task);
      else if (newer) newer.revision = item.revision;
      this.#keep();
      this.#tell("saved", { task, item });
      return true;
    } catch (error) {
      // a session that is over is no reason to lose what was entered: it is sent after the next log-in
      if (error.status === undefined || error.status >= 500 || [401, 403, 429].includes(error.status)) {
        this.offline = true;
        if (error.status < 500 && error.message !== this.denied) this.#tell("denied", { message: error.message });
        this.denied = error.status < 500 ? error.message : "";
        return false;
      }
      this.offline = false;
      if (error.status === 409 && error.current?.revision !== undefined) {
        entry.conflict = error.current;
        this.#keep();
        this.#tell("conflict", { task, said: entry.said, current: error.current });
      } else {
        this.drop(task);
        this.#tell("refused", { task, message: error.message, said: entry.said });
      }
      return true;
    }
  }

  #load() {
    try { return new Map(JSON.parse(localStorage.getItem(this.key) ?? "[]")); } catch { return new Map(); }
  }

  #keep() {
    try {
      if (this.waiting.size) localStorage.setItem(this.key, JSON.stringify([...this.waiting]));
      else localStorage.removeItem(this.key);
    } catch { /* without storage it lasts for this page */ }
    this.#tell("change");
  }

  #tell(name, detail = {}) { this.dispatchEvent(new CustomEvent(name, { detail })); }
}
