// The sound of alarms that nobody has acknowledged: made here, another one for each priority. No file, no library.
// Browsers keep a page silent until somebody has clicked or pressed a key in it; the bar says so.

const MUTED = "alarm-muted", SILENCED = "alarm-silenced", LEASE = "alarm-sound-tab";
const me = Math.random().toString(36).slice(2);
let fallback = {}; // where storage is off, this page's own memory

/** Seconds from one turn to the next, and the tones of a turn: [start s, length s, Hz]. A low alarm sounds once; 5 never does. */
const SOUNDS = {
  1: { every: 2.5, tones: [[0, .16, 988], [.2, .16, 784], [.4, .16, 988], [.6, .16, 784], [.8, .16, 988]] },
  2: { every: 5, tones: [[0, .2, 784], [.28, .2, 784], [.56, .2, 784]] },
  3: { every: 12, tones: [[0, .28, 587], [.4, .28, 587]] },
  4: { every: 0, tones: [[0, .35, 440]] },
};

function read(key) { try { return localStorage.getItem(key) ?? fallback[key] ?? null; } catch { return fallback[key] ?? null; } }
function write(key, value) {
  fallback = { ...fallback, [key]: value };
  try { localStorage.setItem(key, value); } catch { /* it holds for this page then */ }
}

export class AlarmSound extends EventTarget {
  constructor() {
    super();
    this.context = null;
    this.summary = null;
    this.lastTurn = -Infinity; // performance.now()
    this.woken = false; // by the press that is going on
    const wake = () => { this.woken = this.state === "blocked"; this.wake(); };
    for (const name of ["pointerdown", "keydown"]) addEventListener(name, wake, { capture: true, passive: true });
    addEventListener("storage", (event) => { if ([MUTED, SILENCED].includes(event.key)) this.changed(); });
    addEventListener("pageshow", () => this.changed());
    this.wake();
    setInterval(() => this.turn(), 250);
  }

  get muted() { return read(MUTED) === "1"; }

  /** "muted", "blocked" (the browser wants a click first) or "on". */
  get state() { return this.muted ? "muted" : this.context?.state === "running" ? "on" : "blocked"; }

  /** The most urgent priority that calls for somebody; null = silence. */
  get calling() {
    const heard = Number(read(SILENCED) ?? 0);
    const loud = [1, 2, 3, 4].find((n) => {
      const of = this.summary?.priorities[n];
      return of?.unacknowledged && Date.parse(of.newest) > heard;
    });
    return loud ?? null;
  }

  /** The switch: a click that has just woken the sound is not one that turns it off. */
  toggle() {
    this.mute(!this.muted && !this.woken);
  }

  mute(on) {
    write(MUTED, on ? "1" : "0");
    if (!on) { this.wake(); this.play([[0, .12, 660]]); }
    this.changed();
  }

  /** Quiet until the next alarm, on every page of this browser. */
  silence() {
    const newest = Object.values(this.summary?.priorities ?? {}).map((of) => Date.parse(of.newest ?? 0));
    write(SILENCED, String(Math.max(0, ...newest)));
    this.changed();
  }

  take(summary) {
    this.summary = summary;
    this.turn();
    this.changed();
  }

  /** Sound needs a click in most browsers, and none on a screen that was set up for it: so it is tried at once. */
  wake() {
    if (this.context?.state === "running" || typeof AudioContext === "undefined") return;
    if (!this.context) {
      this.context = new AudioContext();
      this.context.onstatechange = () => this.changed();
    }
    if (!navigator.userActivation?.hasBeenActive) return;
    this.context.resume().then(() => this.changed(), () => {});
  }

  turn() {
    const priority = this.calling;
    if (priority === null || this.state !== "on") return;
    const { every, tones } = SOUNDS[priority];
    const newest = Date.parse(this.summary.priorities[priority].newest);
    const last = readLease(), fresh = newest > last.newest; // a new alarm is heard at once
    if (!fresh && (!every || performance.now() - this.lastTurn < every * 1000)) return;
    if (!fresh && last.holder !== me && last.until > Date.now()) return;
    write(LEASE, [me, Date.now() + (every + 1) * 1000, Math.max(newest, last.newest)].join(" "));
    this.lastTurn = performance.now();
    this.play(tones);
    this.dispatchEvent(new CustomEvent("turn", { detail: priority }));
  }

  play(tones) {
    if (this.context?.state !== "running") return;
    const begin = this.context.currentTime + .02;
    for (const [start, length, hertz] of tones) {
      const tone = this.context.createOscillator(), volume = this.context.createGain();
      tone.type = "triangle";
      tone.frequency.value = hertz;
      const from = begin + start, to = from + length;
      volume.gain.setValueAtTime(0, from); // without ramps it clicks
      volume.gain.linearRampToValueAtTime(.35, from + .015);
      volume.gain.setValueAtTime(.35, to - .03);
      volume.gain.linearRampToValueAtTime(0, to);
      tone.connect(volume).connect(this.context.destination);
      tone.start(from);
      tone.stop(to);
    }
  }

  changed() { this.dispatchEvent(new Event("change")); }
}

/** Of several open pages one sounds: whoever holds the lease, which runs out by itself; with it, the newest alarm that was heard. */
function readLease() {
  const [holder = "", until = 0, newest = 0] = (read(LEASE) ?? "").split(" ");
  return { holder, until: Number(until), newest: Number(newest) };
}
