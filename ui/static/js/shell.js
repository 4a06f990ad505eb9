// What every page has: scan indicator, banner, switches, help, keys. A page starts it with its own feed.

import { LiveFeed } from "./feed.js";
import { age, number, t } from "./texts.js";
import { showAlarmBar } from "./alarm_bar.js";
import { setText } from "./dom.js";
import { may, startSession } from "./session.js";

const $ = (id) => document.getElementById(id);
const LATE_S = 5; // heartbeats come every 2 s

/** Show the feed's state in the header; while it is not live, say so across the page. */
function showStatus(feed) {
  const update = () => {
    const seconds = feed.ageSeconds;
    const late = seconds !== null && seconds > LATE_S;
    const trouble = !feed.connected ? (feed.failures > 0 ? "lost" : null) : feed.trouble ?? (late ? "scan-stalled" : null);
    const state = trouble ? (trouble === "lost" || trouble === "no-runtime" ? "lost" : "stale") : feed.connected ? "live" : "connecting";
    $("scan").dataset.state = state;
    setText($("scan-state"), t(`scan.${state}`));
    setText($("scan-number"), feed.scan === null ? "" : number(feed.scan));
    setText($("scan-age"), seconds === null ? "" : state === "live" ? t("age.s", { n: number(feed.liveSeconds, 1) }) : age(seconds));
    document.documentElement.toggleAttribute("data-stale", trouble !== null);
    const banner = $("banner");
    if (trouble) setText(banner, t(`banner.${trouble}`, { age: age(seconds) }));
    banner.hidden = trouble === null;
  };
  feed.addEventListener("status", update);
  update();
  setInterval(update, 250);
}

function connectSwitches() {
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => {
      document.cookie = `lang=${button.dataset.language}; path=/; max-age=31536000; samesite=strict`;
      try { localStorage.setItem("language", button.dataset.language); } catch { /* the cookie suffices */ }
      const url = new URL(location.href);
      url.searchParams.delete("lang");
      location.replace(url);
    });
  }
  $("theme").addEventListener("click", () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch { /* it lasts for this page then */ }
    dispatchEvent(new Event("themechange"));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => dispatchEvent(new Event("themechange")));
}

// also as the same keys give in Russian
const KEYS = { t: "/", v: "/trends", a: "/alarms", j: "/journal", d: "/devices", o: "/reports", m: "/maintenance", s: "/runtime", r: "/rules", е: "/", м: "/trends", ф: "/alarms", о: "/journal", в: "/devices", щ: "/reports", ь: "/maintenance", ы: "/runtime", к: "/rules" };

/** A tag dropped onto the section of trends is shown there. */
function connectDrops() {
  const link = document.querySelector('.sections a[href="/trends"]');
  link?.addEventListener("dragover", (event) => { if (event.dataTransfer.types.includes("text/plain")) event.preventDefault(); });
  link?.addEventListener("drop", (event) => {
    event.preventDefault();
    const names = event.dataTransfer.getData("text/plain").split(/[\s,]+/).map((text) => text.split("/tags/").pop()).filter(Boolean);
    if (names.length) location.assign(`/trends?tags=${names.map(encodeURIComponent).join(",")}`);
  });
}

function connectKeys(bar) {
  const help = $("help");
  $("help-open").addEventListener("click", () => help.showModal());
  let leader = -1500;
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target.matches("input, select, textarea")) return;
    if (event.key === "?") { help.showModal(); event.preventDefault(); return; }
    if (event.timeStamp - leader < 1500) {
      const target = KEYS[event.key];
      if (target) location.assign(target);
    } else if (event.key === "m" || event.key === "ь") bar?.silence();
    leader = event.key === "g" || event.key === "п" ? event.timeStamp : -1500;
    if (event.key === "Escape" && !event.defaultPrevented && !$("scroller")) history.back();
  });
}

/** Begin the page; the feed that keeps it live. */
export function startShell(patterns = [], options = {}) {
  startSession();
  if (!may("view")) { // the log-in, and pages about errors, for nobody in particular
    connectSwitches();
    connectKeys(null);
    return null;
  }
  const feed = new LiveFeed([...patterns, "scada.alarms.*"], options);
  const bar = showAlarmBar(feed);
  showStatus(feed);
  connectSwitches();
  connectKeys(bar);
  connectDrops();
  return feed;
}

if (document.querySelector(".error-page")) startShell();
