// The act: the page prints itself.

import { startShell } from "../shell.js";

startShell();
document.getElementById("print").addEventListener("click", () => window.print());
