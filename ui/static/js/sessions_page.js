// Everybody's sessions.

import { agent, attempt, fail, row, when } from "./account_parts.js";
import { getJson, h } from "./dom.js";
import { post } from "./session.js";
import { startShell } from "./shell.js";
import { t } from "./texts.js";

const table = document.getElementById("sessions");

startShell();

async function load() {
  const { sessions } = await getJson("/api/sessions");
  table.tBodies[0].replaceChildren(...sessions.map((session) => row(table, session.name, t(`session.kind.${session.kind}`), t(`role.${session.role}`), h("span", { title: session.agent }, agent(session.agent)),
    session.origin, when(session.created_at), when(session.seen_at), when(session.expires_at),
    session.own ? h("span.muted", {}, t("session.own")) : h("button.button.small", { type: "button", onclick: () => attempt(() => post(`/api/sessions/${session.reference}/end`)).then(load) }, t("session.end")))));
}
load().catch(fail);
setInterval(() => { if (!document.hidden) load().catch(() => {}); }, 10000);
