// Before the first paint: the theme the user chose; without a choice the system's.
(() => {
  let theme = null;
  try { theme = localStorage.getItem("theme"); } catch { /* storage may be off */ }
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();
