// A table that fetches its next page when its end comes into view.

import { h } from "./dom.js";
import { t } from "./texts.js";

const AHEAD_PX = 400;

/** fetchPage(before) gives {rows, next}; next null = that was all. restart() begins anew, restartSoon() while somebody types. */
export function endless(body, columns, fetchPage) {
  const end = h("tr.end", {}, h("td", { colspan: columns }));
  const say = (text) => end.firstChild.replaceChildren(text);
  let next = null, busy = false, more = false, turn = 0, timer = 0;

  async function load() {
    if (busy || !more) return;
    busy = true;
    const mine = turn;
    say(t("journal.loading"));
    try {
      const page = await fetchPage(next);
      if (mine !== turn) return;
      end.before(...page.rows);
      next = page.next;
      more = next !== null;
      say(more ? "" : body.rows.length > 1 ? t("journal.end") : t("journal.none"));
    } catch (error) {
      if (mine === turn) { more = false; say(t("alarms.trouble", { message: error.message })); }
    } finally {
      if (mine === turn) busy = false;
    }
    if (mine === turn && more && near()) load();
  }

  // measured, since the observer tells only later what the page that came has moved
  const near = () => end.isConnected && end.getBoundingClientRect().top < innerHeight + AHEAD_PX && end.offsetParent !== null;
  new IntersectionObserver(() => { if (near()) load(); }, { rootMargin: `${AHEAD_PX}px` }).observe(end);

  function restart() {
    turn += 1;
    next = null;
    busy = false;
    more = true;
    body.replaceChildren(end);
    return load();
  }

  return {
    restart,
    restartSoon() { clearTimeout(timer); timer = setTimeout(restart, 300); },
  };
}
