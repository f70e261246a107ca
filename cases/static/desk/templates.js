// Puts a reply template where the cursor stands; without this script its link fills the form anew.
"use strict";
document.addEventListener("click", (event) => {
  const link = event.target.closest("a.template");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const area = link.closest("form").querySelector("textarea[name=text]");
  if (!area) return;
  event.preventDefault();
  const { selectionStart: from, selectionEnd: to, value } = area;
  const apart = from > 0 && value[from - 1] !== "\n" ? "\n" : "";
  area.setRangeText(apart + link.dataset.text, from, to, "end");
  area.focus();
  area.dispatchEvent(new Event("input", { bubbles: true }));
});
