// One controller with its control panel: state, what can be commanded now and why not, what became of it.

import { getJson, h, setText } from "../dom.js";
import { post } from "../session.js";
import { startShell } from "../shell.js";
import { language, number, shown, t, unitWord, word } from "../texts.js";
import { devicePage } from "../maintenance/words.js";
import { askCommand } from "./dialog.js";
import { tell } from "../told.js";
import { lock, lockBanner, showForced } from "./locks.js";
import { progress } from "./progress.js";
import { own, valueText } from "./words.js";

const $ = (id) => document.getElementById(id);
const name = $("device").dataset.device;
const KINDS = ["mode", "engine", "breaker", "setting", "alarms", "output", "key"];
const STATES = ["gen_status", "genset_status", "gen_switch_status", "busbar_switch_status", "mains_switch_status", "mains_status"];
const PAUSE_MS = 1000;
/** Tags of which a change is news of a command or a lock: the feed tells at once, the pause is for all the rest. */
const NEWS = ["control_state", "control_command", "tagged_out", "tag_out"].map((point) => `${name}.${point}`);
const feed = startShell([`${name}.*`]);
let title = name, labels = new Map(), panelKey = "", followed = 0, timer = 0, asking = false, again = false;
/** Command -> how it stands now. */
const commands = new Map();

async function begin() {
  const directory = await getJson("/api/directory");
  const device = directory.devices.find((one) => one.name === name);
  if (device) {
    title = own(device.title) || name;
    setText($("device-title"), title);
    setText($("site-title"), own(directory.sites.find((site) => site.name === device.site)?.title) || device.site);
  }
  labels = new Map(directory.tags.filter((tag) => tag.device === name).map((tag) => [tag.tag, tag.label]));
  update();
}

/** Ask anew; never twice at a time: news that comes meanwhile is asked for right afterwards. */
async function update() {
  again = asking;
  if (asking) return;
  clearTimeout(timer);
  asking = true;
  if (!document.hidden) {
    try {
      const [told, { devices }] = await Promise.all([getJson(`/api/devices/${encodeURIComponent(name)}/commands`), getJson(`/api/devices?lang=${language}`)]);
      show(told, devices.find((one) => one.device === name));
      await showForced(name, labels, update);
    } catch { /* the header tells that the server is away */ }
  }
  asking = false;
  timer = setTimeout(update, again ? 0 : PAUSE_MS);
}

function show(told, device) {
  if (device) showState(device);
  $("lock").replaceChildren(...lockBanner(name, told, update));
  showPanel(told);
  const newest = told.operations[0];
  $("progress").replaceChildren(...progress(told.operations, told.commands, withdraw));
  if (newest && newest.id === followed && newest.verdict !== "under-way") {
    followed = 0;
    tell(`${own(newest.label)}: ${t(`control.verdict.${newest.verdict}`)}. ${own(newest.reason)}`, newest.verdict !== "done");
  }
}

function showState(device) {
  const point = (item) => item.tag.slice(item.tag.lastIndexOf(".") + 1);
  const states = device.key.filter((item) => STATES.includes(point(item)) && isItsOwn(point(item), device));
  const figures = device.key.filter((item) => !STATES.includes(point(item))).slice(0, 6);
  const text = (item) => {
    const match = /^-?\d+(\.\d+)?$/.exec(item.text);
    return match ? number(Number(item.text), match[1] ? match[1].length - 1 : 0) : shown("enum", item.value, item.text);
  };
  const fact = (key, value, level, href) => h(`div.fact.${level}`, {}, h("span.muted", {}, key), href ? h("a", { href }, value) : h("strong", {}, value));
  const comm = device.state === "online" ? "good" : device.state === "offline" ? "bad" : "uncertain";
  $("state").replaceChildren(
    fact(t("links.state"), t(`device.state.${device.state}`), comm),
    device.mode ? fact(t("device.mode"), device.mode, "good") : null,
    device.maintenance ? fact(t("nav.maintenance"), t(`maint.state.${device.maintenance.state}`), device.maintenance.state === "ok" ? "good" : "uncertain", devicePage(name)) : null,
    ...[...states, ...figures].map((item) => fact(word(`short.${point(item)}`, item.label), item.quality === "bad" ? "—" : `${text(item)} ${unitWord(item.unit)}`.trim(), item.quality, `/tags/${encodeURIComponent(item.tag)}`)));
}

/** A genset behind a bus controller has a sequence for the mains breaker, too, and no such breaker. */
function isItsOwn(point, device) {
  const mains = [...commands.keys()].some((command) => command.startsWith("mains_"));
  return point !== "mains_switch_status" || mains || !device.key.some((item) => item.tag.endsWith(".gen_switch_status"));
}

/** Drawn anew only when something changed that is not a mere value: a button must not vanish under a finger. */
function showPanel(told) {
  commands.clear();
  for (const one of told.commands) commands.set(one.command, one);
  const key = JSON.stringify([told.commands.map((one) => ({ ...one, now: "", now_value: 0 })), told.may, told.denied, told.tag_out !== null, language]);
  if (key === panelKey) {
    for (const place of $("panel").querySelectorAll("[data-now]")) setText(place, nowText(commands.get(place.dataset.now)));
    return;
  }
  panelKey = key;
  const focused = document.activeElement?.dataset?.command;
  const groups = KINDS.map((kind) => [kind, told.commands.filter((one) => one.kind === kind)]).filter(([, list]) => list.length);
  const shared = sharedReason(told.commands);
  const note = !told.may.command ? h("p.notice.look", {}, lookOnly(told)) : null;
  const lockButton = told.may.tag_out && !told.tag_out ? h("button.button", { type: "button", id: "lock-button", onclick: () => lock(name, update) }, t("control.lock.go")) : null;
  $("panel").replaceChildren(...[note, shared && !told.tag_out ? h("p.notice.look", {}, shared) : null, ...groups.map(([kind, list]) => h("section.group", {}, h("h3", {}, t(`control.kind.${kind}`)), h("div.commands", {}, ...list.map((one) => commandRow(one, told, shared))))),
    groups.length ? null : h("p.muted.pad", {}, t("control.no-commands")), lockButton ? h("p.lock-row", {}, lockButton) : null].filter(Boolean));
  if (focused) $("panel").querySelector(`[data-command="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

function lookOnly(told) { return told.denied ? t(`denied.${told.denied}`) : t("control.look-only"); }

/** What stands in the way of every command is told once, not under each of them. */
function sharedReason(commands) {
  const reasons = new Set(commands.map((one) => (one.possible ? "" : own(one.reason))));
  return commands.length > 1 && reasons.size === 1 ? [...reasons][0] : "";
}

function commandRow(command, told, shared) {
  const can = command.possible && told.may.command;
  const why = command.possible ? "" : own(command.reason);
  return h(`div.command-row${can ? "" : ".off"}`, {},
    h(`button.command-button.danger-${command.danger}`, {
      type: "button", "data-command": command.command, "aria-disabled": can ? null : "true", "aria-describedby": why && !shared ? `why-${command.command}` : null,
      onclick: () => { if (can) askCommand(name, title, commands.get(command.command), given); else tell((told.may.command && why) || lookOnly(told), true); },
    }, h("span.command-label", {}, own(command.label)), command.value ? h("span.command-now", { "data-now": command.command }, nowText(command)) : null),
    why && !shared ? h("p.why", { id: `why-${command.command}` }, why) : null,
    command.confirmed ? null : h("p.why.unconfirmed", {}, t("control.unconfirmed")));
}

function nowText(command) { return command.now_value === null ? "—" : valueText(command.value, command.now_value); }

/** `operation`: what has begun; null: nobody knows whether it has. */
function given(operation) {
  followed = operation?.id ?? 0;
  update();
}

async function withdraw(operation) {
  try { await post(`/api/devices/${encodeURIComponent(name)}/commands/cancel`, { id: operation.id }); } catch (error) { tell(error.message, true); }
  update();
}

document.addEventListener("visibilitychange", () => { if (!document.hidden) update(); });
feed.addEventListener("changes", ({ detail }) => { if (detail.some((change) => NEWS.includes(change.tag))) update(); });
feed.addEventListener("status", () => document.getElementById("device").toggleAttribute("data-away", document.documentElement.hasAttribute("data-stale")));
begin().catch(() => { timer = setTimeout(begin, 3000); });
