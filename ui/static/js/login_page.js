// Logging in.

import { post } from "./session.js";
import { startShell } from "./shell.js";

const form = document.getElementById("login"), trouble = document.getElementById("trouble");
const codeField = document.getElementById("code-field");

startShell();
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { name, password, code } = form.elements, button = form.querySelector("button");
  button.disabled = true;
  trouble.hidden = true;
  try {
    await post("/api/login", { name: name.value, password: password.value, code: code.value });
    location.replace(form.dataset.next || "/");
  } catch (error) {
    button.disabled = false;
    if (error.code === "code-needed") {
      codeField.hidden = false;
      code.focus();
      return;
    }
    trouble.textContent = error.message;
    trouble.hidden = false;
    (error.code === "bad-code" ? code : password).select();
  }
});
