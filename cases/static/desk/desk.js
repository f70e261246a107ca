// Warns before unsaved text is lost, and takes a second click on the same form for the first.
"use strict";
(() => {
  let sending = false;
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return; // the page asks something first
    const form = event.target;
    const downloads = [form, event.submitter].some((part) => part && "download" in part.dataset);
    const once = event.submitter && "once" in event.submitter.dataset; // what it gives is given once
    if (form.method !== "post" || (downloads && !once)) return; // a download leaves the page open
    const sent = once ? event.submitter : form;
    if (sent.dataset.sent) {
      event.preventDefault();
      return;
    }
    sent.dataset.sent = "yes";
    if (downloads) return;
    sending = true;
  });
  // The Enter that ends a word of an input method sends no form. Safari ends the composition
  // before that Enter is heard, other browsers after it.
  const AT_ONCE = 50;
  let composed = -Infinity;
  document.addEventListener("compositionend", (event) => (composed = event.timeStamp));
  document.addEventListener("keydown", (event) => {
    const ending = event.isComposing || event.keyCode === 229 || event.timeStamp - composed < AT_ONCE;
    if (event.key === "Enter" && ending && event.target.matches("input")) event.preventDefault();
  }, true);
  // Coming back by the browser's own button, the page may be sent again.
  window.addEventListener("pageshow", () => {
    sending = false;
    for (const form of document.forms) delete form.dataset.sent;
  });
  // A refused step stands at the address it was posted to; to come back there, or to load it anew,
  // would ask to post it again. So the page takes the letter's own: what was typed is kept as a draft.
  const refusal = document.querySelector("#refusal[data-here]");
  if (refusal) history.replaceState(null, "", refusal.dataset.here + location.hash);
  // draft.js keeps what stands in its forms, as long as it can reach the server.
  const kept = (form) => form && "keeping" in form.dataset && !("failing" in form.dataset) && navigator.onLine;
  // A link to a step opens it, and what it is folded into.
  const unfold = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (!target) return;
    for (let around = target.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
    target.scrollIntoView();
  };
  window.addEventListener("hashchange", unfold);
  window.addEventListener("DOMContentLoaded", unfold);
  // What a refused form still holds is as unsaved as what was typed just now.
  const unsaved = (area) => !kept(area.form) && (area.value !== area.defaultValue || area.closest("form.refused") !== null);
  window.addEventListener("beforeunload", (event) => {
    const areas = [...document.querySelectorAll("textarea:not([readonly])")];
    if (!sending && areas.some((area) => area.value && unsaved(area))) event.preventDefault();
  });
})();
