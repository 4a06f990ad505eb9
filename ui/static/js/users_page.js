// The users: added, changed, disabled; links by which they choose their passwords.

import { attempt, confirmed, fail, row, showOnce, sites, when } from "./account_parts.js";
import { getJson, h } from "./dom.js";
import { post } from "./session.js";
import { startShell } from "./shell.js";
import { language, t } from "./texts.js";

const $ = (id) => document.getElementById(id);
const dialog = $("user"), form = $("user-form"), table = $("users");
let known = [], edited = null;

startShell();

const path = (user) => `/api/users/${encodeURIComponent(user.name)}`;
const button = (key, work) => h("button.button.small", { type: "button", onclick: work }, t(key));

function state(user) {
  if (user.disabled_at) return h("span.odd", {}, t("users.disabled"));
  return [user.password ? t("users.able") : h("span.muted", {}, t("users.nopassword")), user.second_factor ? ` · ${t("users.factor")}` : ""];
}

function show(users) {
  table.tBodies[0].replaceChildren(...users.map((user) => {
    const actions = [button("users.edit", () => edit(user)), button("users.link", () => attempt(() => link(user)))];
    if (user.second_factor) actions.push(button("users.factor.drop", () => asked("users.factor.drop.ask", user, "users.factor.drop", () => post(`${path(user)}/second-factor/drop`))));
    actions.push(user.disabled_at ? button("users.enable", () => attempt(() => post(path(user), { disabled: false })).then(load))
      : button("users.disable", () => asked("users.disable.ask", user, "users.disable", () => post(path(user), { disabled: true }))));
    return row(table, user.name, user.title || "—", t(`role.${user.role}`), sites(user.sites), state(user), when(user.seen_at), h("span.buttons", {}, ...actions));
  }));
}

async function asked(question, user, go, work) {
  if (await confirmed(t(question, { name: user.name }), t(go))) await attempt(work).then(load);
}

async function link(user) {
  const made = await post(`${path(user)}/link`);
  await showOnce(t("users.link"), t("users.link.text", { name: user.name }), location.origin + made.link);
}

function edit(user) {
  edited = user;
  $("user-title").textContent = user ? user.name : t("users.add");
  $("user-trouble").hidden = true;
  form.elements.name.value = user?.name ?? "";
  form.elements.name.readOnly = Boolean(user);
  form.elements.title.value = user?.title ?? "";
  form.elements.role.value = user?.role ?? "operator";
  const all = !user || user.sites.includes("*");
  const check = (value, label, checked) => h("label.check", {}, h("input", { type: "checkbox", name: "site", value, checked }), ` ${label}`);
  $("user-sites").replaceChildren(h("legend", {}, t("users.sites")), check("*", t("users.sites.all"), all),
    ...known.map((site) => check(site.name, site.title[language], !all && user.sites.includes(site.name))));
  dialog.showModal();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const chosen = [...form.querySelectorAll("[name=site]:checked")].map((box) => box.value);
  const { name, title, role } = form.elements;
  const body = { title: title.value, role: role.value, sites: chosen };
  try {
    const answer = edited ? await post(path(edited), body) : await post("/api/users", { name: name.value, ...body });
    dialog.close();
    await load();
    if (answer.link) await showOnce(t("users.link"), t("users.link.text", { name: answer.user.name }), location.origin + answer.link);
  } catch (error) {
    $("user-trouble").textContent = error.message;
    $("user-trouble").hidden = false;
  }
});
$("user-sites").addEventListener("change", (event) => {
  const boxes = [...form.querySelectorAll("[name=site]")];
  for (const box of boxes) if (event.target.checked && (event.target.value === "*") !== (box.value === "*")) box.checked = false;
});
$("user-cancel").addEventListener("click", () => dialog.close());
$("add").addEventListener("click", () => edit(null));

async function load() {
  const told = await getJson("/api/users");
  known = told.sites;
  show(told.users);
}
load().catch(fail);
