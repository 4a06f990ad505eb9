// The live feed: one WebSocket, reconnected and resumed by itself. Stage: server messages -> handlers of a page.

import { language } from "./texts.js";

const SILENT_MS = 6000; // the server sends something at least every 2 s
const NOBODY = 4401; // the session behind the feed has ended
const RETRY_MS = [250, 500, 1000, 2000, 4000, 8000];

export class LiveFeed extends EventTarget {
  /** patterns: globs of tag names; [] for heartbeats only. */
  constructor(patterns, { ages = false } = {}) {
    super();
    this.patterns = patterns;
    this.ages = ages;
    this.epoch = null;
    this.scan = null;
    this.failures = 0;
    this.connected = false;
    this.trouble = null;
    this.scanAt = null; // performance.now() of the newest scan's start
    addEventListener("pagehide", () => this.close());
    addEventListener("pageshow", (event) => { if (event.persisted) this.open(); });
    addEventListener("online", () => this.retry());
    this.open();
    setInterval(() => this.check(), 1000);
  }

  open() {
    this.closed = false;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/ws/tags?lang=${language}`);
    this.socket = socket;
    this.heardAt = performance.now();
    socket.onopen = () => {
      const message = { subscribe: this.patterns, ages: this.ages };
      if (this.epoch !== null) Object.assign(message, { epoch: this.epoch, since: this.scan });
      socket.send(JSON.stringify(message));
    };
    socket.onmessage = (event) => { if (socket === this.socket) this.take(JSON.parse(event.data)); };
    socket.onclose = (event) => {
      if (event.code === NOBODY) location.reload(); // to the log-in, and back
      else if (socket === this.socket) this.lost();
    };
  }

  /** Other patterns instead, on the same connection: a snapshot of them follows. */
  subscribe(patterns) {
    this.patterns = patterns;
    this.epoch = null;
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ subscribe: patterns, ages: this.ages }));
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    if (socket?.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close(); // closing now is an error in the console
    else socket?.close();
  }

  retry() {
    if (this.closed || this.connected) return;
    clearTimeout(this.timer);
    this.socket?.close();
    this.open();
  }

  lost() {
    this.socket = null;
    if (this.connected) { this.connected = false; this.tell("status"); }
    if (this.closed) return;
    const wait = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)];
    this.failures += 1;
    if (this.failures > 1) this.tell("status");
    this.timer = setTimeout(() => this.open(), wait * (0.75 + Math.random() / 2));
  }

  check() {
    if (this.socket && performance.now() - this.heardAt > SILENT_MS) {
      const socket = this.socket;
      this.lost();
      socket.close();
    }
  }

  take(message) {
    this.heardAt = performance.now();
    const was = this.connected;
    this.connected = true;
    this.failures = 0;
    if ("stale" in message) {
      this.trouble = message.stale ? message.reason : null;
      if (message.age_ms) this.scanAt = performance.now() - message.age_ms;
      this.tell("status");
    } else if ("heartbeat" in message) {
      this.noteScan(message.heartbeat, message.age_ms);
    } else if ("snapshot" in message) {
      this.epoch = message.epoch;
      this.noteScan(message.scan, 0);
      this.tell("snapshot", message);
    } else if ("changes" in message) {
      this.noteScan(message.scan, 0);
      this.tell("changes", message.changes);
    }
    if (!was) this.tell("status");
  }

  noteScan(scan, ageMs) {
    this.scan = scan;
    this.heartbeat = ageMs > 0 ? ageMs / 1000 : null;
    if (!this.trouble) this.scanAt = performance.now() - ageMs;
    this.tell("scan");
  }

  /** Seconds since the newest scan that is known here. */
  get ageSeconds() { return this.scanAt === null ? null : (performance.now() - this.scanAt) / 1000; }

  /** As long as messages come in time: what the last one said, which between heartbeats does not grow. */
  get liveSeconds() { return this.heartbeat ?? this.ageSeconds; }

  tell(name, detail) { this.dispatchEvent(new CustomEvent(name, { detail })); }
}
