// A one-time link: what stands behind # is its secret, which only this page sends, in the body of a request.

import { post } from "./session.js";
import { startShell } from "./shell.js";
import { t } from "./texts.js";

const $ = (id) => document.getElementById(id);
const form = $("setup"), secret = location.hash.slice(1);

startShell();

function fail(message) {
  $("trouble").textContent = message;
  $("trouble").hidden = false;
}

async function look() {
  const { purpose, name, password_length } = await post("/api/link", { link: secret });
  $("setup-title").textContent = t(`setup.${purpose}`);
  $("setup-text").textContent = t(`setup.${purpose}.text`, { name });
  $("setup-hint").textContent = t("setup.hint", { n: password_length });
  $("setup-go").textContent = t(`setup.${purpose}.go`);
  $("setup-go").hidden = false;
  const screen = purpose === "screen";
  $("setup-fields").hidden = screen;
  for (const field of ["name", "password", "again"]) form.elements[field].required = !screen;
  if (purpose === "password") { form.elements.name.value = name; form.elements.name.readOnly = true; }
  form.dataset.purpose = purpose;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { name, password, again } = form.elements;
  if (password.value !== again.value) { fail(t("setup.differ")); return; }
  try {
    const screen = form.dataset.purpose === "screen";
    await post("/api/link/use", screen ? { link: secret } : { link: secret, name: name.value, password: password.value });
    location.replace(screen ? "/" : "/login");
  } catch (error) { fail(error.message); }
});

if (secret) look().catch((error) => fail(error.message)); else fail(t("setup.nolink"));
