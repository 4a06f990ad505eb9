// API tokens, and links for screens.

import { attempt, confirmed, fail, row, showOnce, sites, when } from "./account_parts.js";
import { getJson, h } from "./dom.js";
import { post } from "./session.js";
import { startShell } from "./shell.js";
import { language, t } from "./texts.js";

const $ = (id) => document.getElementById(id);
const table = $("tokens"), form = $("token-form"), screens = $("screen-form");

startShell();

function state(token) {
  if (token.ended_at) return h("span.muted", {}, t("tokens.ended"));
  return h("button.button.small", { type: "button", onclick: async () => {
    if (await confirmed(t("tokens.end.ask", { name: token.name }), t("tokens.end"))) attempt(() => post(`/api/tokens/${token.reference}/end`)).then(load);
  } }, t("tokens.end"));
}

async function load() {
  const told = await getJson("/api/tokens");
  table.tBodies[0].replaceChildren(...told.tokens.map((token) => row(table, h("span", { title: token.reference }, token.name), t(`role.${token.role}`), sites(token.sites), token.created_by,
    when(token.created_at), token.expires_at ? when(token.expires_at) : t("tokens.days.never"), when(token.seen_at), state(token))));
  if (!told.tokens.length) table.tBodies[0].append(h("tr", {}, h("td.muted", { colspan: 8, "data-title": "" }, t("tokens.none"))));
  const select = form.elements.site;
  if (select.options.length === 1) select.append(...told.sites.map((site) => h("option", { value: site.name }, site.title[language])));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const { name, role, site, days } = form.elements;
  attempt(async () => {
    const made = await post("/api/tokens", { name: name.value, role: role.value, sites: [site.value], days: days.value ? Number(days.value) : null });
    form.reset();
    await load();
    await showOnce(t("tokens.made"), t("tokens.made.text"), made.secret);
  });
});
screens.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    const made = await post("/api/screens", { name: screens.elements.name.value });
    screens.reset();
    await showOnce(t("screens.made"), t("screens.made.text"), location.origin + made.link);
  });
});
load().catch(fail);
