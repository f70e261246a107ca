// The menu of further pages closes by Escape, by a click elsewhere and by leaving it.
"use strict";
(() => {
  const menu = document.querySelector(".nav-more");
  if (!menu) return;
  const close = () => { menu.open = false; };
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    const inside = menu.contains(document.activeElement);
    close();
    if (inside) menu.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => { if (!menu.contains(event.target)) close(); });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) close();
  });
})();
