// The buttons around the chart: spans, live, dates, comparison, markers, named views, sharing, downloads, keys.

import { setText } from "../dom.js";
import { places, t } from "../texts.js";
import { fileName, picture, save, table } from "./download.js";
import { connectSaved } from "./saved.js";
import { namesIn, writeView } from "./view.js";

const $ = (id) => document.getElementById(id);
const day = new Intl.DateTimeFormat(places, { day: "2-digit", month: "2-digit", year: "numeric" });
const clock = new Intl.DateTimeFormat(places, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** page: {view(), change(part), lines(), chart, lanes, windowOf(), goLive(), open(address), hands(), add(tags)}. */
export function connectControls(page) {
  let said = 0;
  const say = (text) => { const box = $("told"); setText(box, text); box.hidden = false; clearTimeout(said); said = setTimeout(() => { box.hidden = true; }, 4000); };
  const closePicker = () => { $("picker").classList.remove("open"); $("picker-open").setAttribute("aria-expanded", "false"); };
  const title = () => document.title;

  for (const button of document.querySelectorAll("[data-span]")) {
    button.addEventListener("click", () => {
      const span = Number(button.dataset.span), { from, span: was } = page.view();
      page.change({ span, from: from === null ? null : from + was / 2 - span / 2 });
    });
  }
  $("span-more").addEventListener("change", () => { const span = Number($("span-more").value), { from, span: was } = page.view(); if (span) page.change({ span, from: from === null ? null : from + was / 2 - span / 2 }); });
  $("back").addEventListener("click", () => page.hands()?.pan(-0.5));
  $("forth").addEventListener("click", () => page.hands()?.pan(0.5));
  $("zoom-in").addEventListener("click", () => page.hands()?.zoom(0.5, 0.5));
  $("zoom-out").addEventListener("click", () => page.hands()?.zoom(2, 0.5));
  $("live").addEventListener("click", () => { const { from, span } = page.view(); if (from === null) page.change({ from: Date.now() / 1000 - span }, { load: false }); else page.goLive(); });
  $("compare").addEventListener("change", () => page.change({ compare: Number($("compare").value) }));
  $("marks").addEventListener("change", () => page.change({ marks: $("marks").checked }));
  $("clear").addEventListener("click", () => page.open("?"));
  $("picker-open").addEventListener("click", () => { const open = $("picker").classList.toggle("open"); $("picker-open").setAttribute("aria-expanded", String(open)); if (open) $("pick-search").focus({ preventScroll: true }); });
  $("picker-close").addEventListener("click", closePicker);

  $("share").addEventListener("click", async () => {
    // a view that is sent shows what its sender saw, wherever time has gone since
    const { from, span } = page.view(), [start] = page.windowOf(), address = `${location.origin}/trends${writeView({ ...page.view(), from: from ?? start, span })}`;
    try { await navigator.clipboard.writeText(address); say(t("trends.shared")); } catch { $("address").value = address; $("share-dialog").showModal(); $("address").select(); }
  });
  $("png").addEventListener("click", async () => { const [from, to] = page.windowOf(); save(fileName(from, "png"), await picture(title(), page.chart, page.lanes, page.lines().filter((line) => !line.hidden), [from, to])); });
  $("csv").addEventListener("click", () => { const [from, to] = page.windowOf(); save(fileName(from, "csv"), table(page.lines(), [from, to])); });
  const openSaved = connectSaved($("saved"), { current: () => writeView(page.view()), open: page.open, file: save });
  $("saved-open").addEventListener("click", openSaved);

  $("dates").addEventListener("submit", (event) => {
    event.preventDefault();
    const from = Date.parse($("from").value) / 1000, to = Date.parse($("to").value) / 1000;
    if (to > from) { page.change({ from, span: to - from }); $("dates-box").open = false; } else say(t("trends.dates.wrong"));
  });
  $("dates-box").addEventListener("toggle", () => {
    if (!$("dates-box").open) return;
    const [from, to] = page.windowOf().map(local);
    $("from").value = from;
    $("to").value = to;
  });

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]") || event.defaultPrevented) return;
    if (event.target.matches("input, select, textarea")) return;
    if (event.key === "/") { $("picker").classList.add("open"); $("pick-search").focus(); event.preventDefault(); return; }
    if (event.key === "Escape" && $("picker").classList.contains("open")) { closePicker(); event.preventDefault(); return; }
    if (!event.target.closest("#pick-list") && page.hands()?.key(event)) event.preventDefault();
  }, true);
  addEventListener("paste", (event) => { if (!event.target.matches("input, textarea")) page.add(namesIn(event.clipboardData.getData("text/plain"))); });

  return {
    say, closePicker, open: page.open,
    show(view) {
      for (const button of document.querySelectorAll("[data-span]")) button.setAttribute("aria-pressed", String(Number(button.dataset.span) === Math.round(view.span)));
      $("live").setAttribute("aria-pressed", String(view.from === null));
      $("compare").value = [...$("compare").options].some((option) => option.value === String(view.compare)) ? String(view.compare) : "0";
      $("marks").checked = view.marks;
      $("span-more").value = [...$("span-more").options].some((option) => option.value === String(view.span)) ? String(view.span) : "";
      $("lines").classList.toggle("comparing", view.compare > 0);
      for (const id of ["png", "csv", "share", "clear"]) $(id).disabled = !view.tags.length;
    },
    span([from, to]) {
      const [first, last] = [day.format(from * 1000), day.format(to * 1000)], seconds = to - from < 172800;
      const at = (time) => (seconds ? ` ${clock.format(time * 1000)}` : "");
      setText($("span-text"), `${first}${at(from)} – ${first === last ? at(to).trim() : last + at(to)}`);
    },
  };
}

function local(seconds) {
  const at = new Date(seconds * 1000);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
