// A list whose order is changed by dragging a grip, or with the arrow keys on it; works by mouse, pen and finger.

/** Items have data-key and a .maint-grip; done(keys) is told the new order. */
export function sortable(list, done) {
  const keys = () => [...list.children].map((item) => item.dataset.key);
  let before = "";

  list.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest(".maint-grip");
    if (!grip || event.button > 0) return;
    const item = grip.closest("[data-key]");
    before = keys().join();
    item.classList.add("dragged");
    const move = (at) => {
      if (at.pointerId !== event.pointerId) return;
      const over = [...list.children].find((other) => other !== item && within(other, at.clientY));
      if (over) {
        const box = over.getBoundingClientRect();
        if (at.clientY < box.top + box.height / 2) over.before(item); else over.after(item);
      }
      edge(at.clientY);
    };
    const end = (at) => {
      if (at.pointerId !== event.pointerId) return;
      for (const [name, work] of [["pointermove", move], ["pointerup", end], ["pointercancel", end]]) removeEventListener(name, work);
      item.classList.remove("dragged");
      if (keys().join() !== before) done(keys());
    };
    // at the window: an element that is moved in the page loses a capture
    for (const [name, work] of [["pointermove", move], ["pointerup", end], ["pointercancel", end]]) addEventListener(name, work);
    event.preventDefault();
    grip.focus();
  });

  list.addEventListener("keydown", (event) => {
    const grip = event.target.closest(".maint-grip");
    if (!grip || !["ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) return;
    const item = grip.closest("[data-key]");
    if (event.key === "ArrowUp") item.previousElementSibling?.before(item);
    else if (event.key === "ArrowDown") item.nextElementSibling?.after(item);
    else if (event.key === "Home") list.prepend(item);
    else list.append(item);
    event.preventDefault();
    grip.focus();
    done(keys());
  });
}

function within(element, y) {
  const box = element.getBoundingClientRect();
  return y >= box.top && y <= box.bottom;
}

/** Near the edge of the screen the page moves with the finger. */
function edge(y) {
  if (y < 90) scrollBy(0, -14);
  else if (y > innerHeight - 90) scrollBy(0, 14);
}
