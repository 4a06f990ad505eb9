// The alarm page without a mouse. Letters work on a Russian keyboard, too.

const LATIN = { ф: "a", о: "j", л: "k", ч: "x", с: "c", ы: "s", щ: "o", п: "g" };
const LEADER_MS = 1500;

/** deeds: key -> what it does: a (A with shift), j, k, x, c, s, o, Escape, "/". active(): whether the list is in front. */
export function connectAlarmKeys(active, deeds) {
  let leader = -LEADER_MS;
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !active() || document.querySelector("dialog[open]")) return;
    const typing = event.target.matches("input:not([type=checkbox]), select, textarea");
    if (event.key === "Escape") {
      leader = -LEADER_MS;
      if (typing) { event.target.blur(); event.preventDefault(); return; }
      if (deeds.Escape()) event.preventDefault();
      return;
    }
    if (typing) return;
    const letter = event.key.toLowerCase(), key = LATIN[letter] ?? letter;
    const going = event.timeStamp - leader < LEADER_MS; // "g a" goes to the alarms and acknowledges nothing
    leader = key === "g" ? event.timeStamp : -LEADER_MS;
    if (going || key === "g") return;
    const deed = deeds[{ arrowdown: "j", arrowup: "k", " ": "x" }[letter] ?? (key === "a" && event.shiftKey ? "A" : key)];
    if (!deed || (letter === " " && event.target.matches("button, a, input, summary"))) return;
    event.preventDefault();
    deed();
  }, { capture: true });
}
