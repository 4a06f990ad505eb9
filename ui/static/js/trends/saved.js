// Named views: kept in this browser, taken elsewhere as a file or as an address.

import { h } from "../dom.js";
import { t } from "../texts.js";

const KEY = "trend-views", MOST = 200;

export function savedViews() {
  try {
    const views = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(views) ? views.filter(sound).slice(0, MOST) : [];
  } catch { return []; }
}

const sound = (view) => typeof view?.name === "string" && typeof view?.view === "string" && view.view.startsWith("?");

function keep(views) {
  try { localStorage.setItem(KEY, JSON.stringify(views.slice(0, MOST))); return true; } catch { return false; }
}

/** The dialog's list and buttons. current(): the address of now. open(view): the user chose one. */
export function connectSaved(dialog, { current, open, file }) {
  const list = dialog.querySelector("#saved-list"), name = dialog.querySelector("#saved-name");

  function show() {
    const views = savedViews();
    list.replaceChildren(...views.map((view) => h("li", {},
      h("button.link", { type: "button", onclick: () => { dialog.close(); open(view.view); } }, view.name),
      h("button.icon.small", { type: "button", title: t("trends.saved.delete"), "aria-label": `${t("trends.saved.delete")}: ${view.name}`, onclick: () => { keep(savedViews().filter((other) => other.name !== view.name)); show(); } }, "✕"))));
    if (!views.length) list.append(h("li.hint", {}, t("trends.saved.none")));
  }

  function save() {
    const text = name.value.trim();
    if (!text) { name.focus(); return; }
    keep([{ name: text, view: current() }, ...savedViews().filter((view) => view.name !== text)].sort((a, b) => a.name.localeCompare(b.name)));
    name.value = "";
    show();
  }

  async function take(input) {
    try {
      const views = JSON.parse(await input.files[0].text()).filter(sound), names = new Set(views.map((view) => view.name));
      keep([...views, ...savedViews().filter((view) => !names.has(view.name))]);
    } catch { list.replaceChildren(h("li.hint", {}, t("trends.saved.unreadable"))); input.value = ""; return; }
    input.value = "";
    show();
  }

  dialog.querySelector("#saved-save").addEventListener("click", save);
  name.addEventListener("keydown", (event) => { if (event.key === "Enter") { save(); event.preventDefault(); } });
  dialog.querySelector("#saved-export").addEventListener("click", () => file("trend-views.json", new Blob([JSON.stringify(savedViews(), null, 1)], { type: "application/json" })));
  dialog.querySelector("#saved-import").addEventListener("change", (event) => take(event.target));
  return () => { show(); dialog.showModal(); };
}
