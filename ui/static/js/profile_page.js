// One's own account.

import { agent, attempt, fail, row, sites, when } from "./account_parts.js";
import { getJson, h } from "./dom.js";
import { may, post } from "./session.js";
import { startShell } from "./shell.js";
import { t } from "./texts.js";

const $ = (id) => document.getElementById(id);
const full = Boolean($("password"));

startShell();

function fact(key, value) { return [h("dt", {}, t(key)), h("dd", {}, value)]; }

function showRights(me) {
  const names = ["view", "alarms", "command", "tag-out", "maintain", "out-of-service", "force", "engineer", "tag-out-any", "administer"];
  const list = h("ul.rights", {}, ...names.filter(may).map((name) => h("li", {}, t(`right.${name}`))));
  $("facts").replaceChildren(...(me.title ? fact("users.title", me.title) : []), ...fact("users.role", t(`role.${me.role}`)),
    ...fact("users.sites", sites(me.sites)), ...fact("profile.rights", list),
    ...(me.password_at ? fact("profile.password.at", when(me.password_at)) : []));
}

function showSessions(list) {
  const table = $("sessions");
  table.tBodies[0].replaceChildren(...list.map((session) => row(table, agent(session.agent), session.origin, when(session.created_at), when(session.seen_at), when(session.expires_at),
    session.own ? h("span.muted", {}, t("session.own")) : h("button.button", { type: "button", onclick: () => attempt(() => post(`/api/profile/sessions/${session.reference}/end`)).then(load) }, t("session.end")))));
}

function passwordField(label = "login.password") {
  const input = h("input", { type: "password", maxlength: 128, autocomplete: "current-password", required: true });
  return [h("label.field", {}, h("span", {}, t(label)), input), input];
}

function showFactor(me) {
  $("factor-state").textContent = t(me.second_factor ? "profile.factor.on" : "profile.factor.off");
  const parts = [h("p.muted", {}, t("profile.factor.text"))];
  if (me.second_factor_needed && !me.second_factor) parts.push(h("p.notice", {}, t("profile.factor.needed")));
  const another = (key) => h("p.actions", {}, h("button.button.primary", { type: "button", onclick: () => attempt(begin) }, t(key)));
  if (me.second_factor) parts.push(h("p", {}, t("profile.factor.left", { n: me.recovery_codes_left })));
  if (me.second_factor && me.second_factor_needed) {
    parts.push(another("profile.factor.another")); // a duty is not dropped; with a new phone it is set up anew
  } else if (me.second_factor) {
    const [label, input] = passwordField();
    parts.push(
      h("form", { onsubmit: (event) => { event.preventDefault(); attempt(() => post("/api/profile/second-factor/drop", { password: input.value })).then(load); } },
        label, h("p.actions", {}, h("button.button", {}, t("profile.factor.drop")))));
  } else {
    parts.push(another("profile.factor.begin"));
  }
  $("factor").replaceChildren(...parts);
}

async function begin() {
  const { key, svg } = await post("/api/profile/second-factor/new");
  const [label, password] = passwordField();
  const code = h("input", { type: "text", inputmode: "numeric", autocomplete: "one-time-code", maxlength: 10, required: true });
  const take = async () => {
    const { recovery_codes } = await post("/api/profile/second-factor", { password: password.value, key, code: code.value });
    await load();
    $("factor").prepend(h("div.notice", {}, h("p", {}, t("profile.factor.codes")), h("ul.codes.mono", {}, ...recovery_codes.map((text) => h("li", {}, text)))));
  };
  $("factor").replaceChildren(h("p", {}, t("profile.factor.scan")),
    h("img.qr", { src: `data:image/svg+xml,${encodeURIComponent(svg)}`, alt: t("profile.factor.qr"), width: 220, height: 220 }),
    h("p.mono.key", {}, key.replace(/(.{4})/g, "$1 ").trim()),
    h("form", { onsubmit: (event) => { event.preventDefault(); attempt(take); } }, label,
      h("label.field", {}, h("span", {}, t("login.code")), code), h("p.actions", {}, h("button.button.primary", {}, t("profile.factor.take")))));
}

async function load() {
  const me = await getJson(full ? "/api/profile" : "/api/session");
  showRights(me);
  if (!full) return;
  $("password-hint").textContent = t("setup.hint", { n: me.password_length });
  showFactor(me);
  showSessions(me.sessions);
}

$("password")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target, { old, again } = form.elements, chosen = form.elements.new;
  if (chosen.value !== again.value) { fail(new Error(t("setup.differ"))); return; }
  if (await attempt(() => post("/api/profile/password", { old: old.value, new: chosen.value }))) {
    form.reset();
    await load();
    $("password-hint").textContent = t("profile.password.done");
  }
});
$("log-out")?.addEventListener("click", () => attempt(async () => {
  await post("/api/logout");
  // Checklists that were kept for want of a network are not for whoever sits down here next.
  if ("caches" in window) await Promise.all((await caches.keys()).map((name) => caches.delete(name)));
  location.assign("/");
}));
load().catch(fail);
