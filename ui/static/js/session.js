// Who is logged in: what the page may offer, changes sent to the server, activity, the demo's switch.

import { h } from "./dom.js";
import { language, t, word } from "./texts.js";

const rights = new Set((document.documentElement.dataset.rights ?? "").split(" "));
const csrf = document.querySelector('meta[name="csrf"]')?.content ?? "";
const ACTIVE_MS = 60000;
const GONE = ["no-session", "session-expired", "session-ended"];

/** Whether to offer something; the server decides again. right: a word of tagdb.accounts.Right. */
export function may(right) { return rights.has(right); }

/** Name of who is logged in; "" = nobody. */
export const who = document.documentElement.dataset.who ?? "";

/** Send a change; the answer's body. Throws an Error with the server's message and its code. Asks for the password where
 *  the server wants it once more, and goes to the log-in when the session is over. */
export async function post(url, body = {}) {
  const response = await fetch(url, {
    method: "POST", headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf }, body: JSON.stringify(body),
  }).catch(() => { throw Object.assign(new Error(t("denied.no-answer")), { code: "no-answer" }); });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  const code = answer.error?.code;
  const error = Object.assign(new Error(answer.error?.words?.[language] ?? word(`denied.${code}`, answer.error?.message ?? response.statusText)), { code });
  if (error.code === "reauthenticate" && (await askPassword())) return post(url, body);
  if (GONE.includes(error.code) && may("view")) location.reload();
  throw error;
}

/** The password once more; whether it was right. */
function askPassword() {
  const trouble = h("p.notice.bad", { role: "alert", hidden: true });
  const password = h("input", { type: "password", name: "password", autocomplete: "current-password", maxlength: 128, required: true });
  const code = h("input", { type: "text", name: "code", inputmode: "numeric", autocomplete: "one-time-code", maxlength: 20 });
  const codeField = h("label.field", { hidden: true }, h("span", {}, t("login.code")), code);
  const form = h("form", { method: "dialog" }, h("h2", {}, t("login.again")), h("p.muted", {}, t("login.again.text")), trouble,
    h("label.field", {}, h("span", {}, t("login.password")), password), codeField,
    h("p.actions", {}, h("button.button", { type: "button", onclick: () => dialog.close() }, t("alarms.cancel")), " ", h("button.button.primary", {}, t("login.go"))));
  const dialog = h("dialog.again", {}, form);
  document.body.append(dialog);
  return new Promise((resolve) => {
    let right = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        await post("/api/login/again", { password: password.value, code: code.value });
        right = true;
        dialog.close();
      } catch (error) {
        if (error.code === "code-needed") codeField.hidden = false; else { trouble.textContent = error.message; trouble.hidden = false; }
      }
    });
    dialog.addEventListener("close", () => { dialog.remove(); resolve(right); });
    dialog.showModal();
  });
}

/** Tell the server that somebody is here: a page that is merely open does not keep a session alive. */
function reportActivity() {
  let told = performance.now();
  const active = () => {
    if (performance.now() - told < ACTIVE_MS) return;
    told = performance.now();
    post("/api/session/active").catch(() => {}); // post itself goes to the log-in when it is over
  };
  for (const name of ["pointerdown", "keydown", "wheel", "touchstart"]) addEventListener(name, active, { passive: true, capture: true });
}

function connectSwitch() {
  const act = document.getElementById("act-as");
  act?.addEventListener("change", async () => {
    try { await post("/api/demo/act", { role: act.value }); } finally { location.reload(); }
  });
}

export function startSession() {
  connectSwitch();
  if (csrf) reportActivity();
}
