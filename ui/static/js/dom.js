// Small helpers to build and change elements.

/** An element: h("a.button", {href, onclick, "aria-label"}, ...children); null children are left out. */
export function h(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "class") element.className = `${element.className} ${value}`.trim();
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Set the text only when it is another one: layout and screen readers are left alone otherwise. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function setClass(element, name) {
  if (element.className !== name) element.className = name;
}

/** A share of 100 as a bar; above high it is amber. */
export function bar(percent, high = 101) {
  const fill = h(percent > high ? "span.fill.high" : "span.fill");
  fill.style.width = `${Math.max(0, Math.min(100, percent))}%`;
  return h("span.bar", { role: "meter", "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": Math.round(percent) }, fill);
}

export async function getJson(url) {
  const response = await fetch(url);
  const body = await response.json();
  if (!response.ok) throw new Error(body.error?.message ?? body.message ?? response.statusText);
  return body;
}

/** Call at once and then every so often, never twice at a time, and not while the page is hidden. */
export function repeat(seconds, work) {
  const turn = async () => {
    if (!document.hidden) await work().catch(() => {}); // the header tells that the server is away
    setTimeout(turn, seconds * 1000);
  };
  turn();
}
