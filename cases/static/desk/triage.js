// One key for each decision on a letter. What a key does stands on the page as data-key.
"use strict";
(() => {
  // A second stroke of an impatient finger must not decide the letter that has just appeared.
  const UNREAD = 350;
  const OFF = "desk-keys-off";
  const sending = document.getElementById("sending");
  const heed = document.getElementById("heed"); // of a letter with words of alarm
  const dialog = document.getElementById("keys");
  let shown = performance.now(), left = false;

  const typing = (element) =>
    element.matches("textarea, select, [contenteditable]") ||
    (element.matches("input") && !["radio", "checkbox", "submit", "button"].includes(element.type));

  function focusFirst(panel) {
    const field = panel.querySelector("input:checked") || panel.querySelector("input[type=radio]")
      || panel.querySelector("input:not([type=hidden]), textarea, select");
    if (field) field.focus();
  }
  function send(form) {
    if (left) return;
    if (form === sending && sending.querySelector(".units") && !chosen()) {
      const say = sending.querySelector(".choose");
      say.textContent = say.dataset.say;
      return;
    }
    form.requestSubmit();
  }
  const chosen = () =>
    sending.elements.other.value.trim() !== "" || sending.querySelector("input[name=unit]:checked");

  function act(target) {
    if (target.matches("form")) send(target);
    else if (target.matches("details")) {
      target.open = true;
      target.scrollIntoView({ block: "nearest" });
      focusFirst(target);
    } else if (target.matches("select")) {
      target.selectedIndex = (target.selectedIndex + 1) % target.options.length;
      target.dispatchEvent(new Event("change", { bubbles: true }));
    } else if (target.matches("input")) target.focus();
    else if (!left && !target.closest("[hidden]")) target.click();
  }
  // Digits choose within the panel that is in use, else among the suggested units.
  function choose(digit, from) {
    const panel = from.closest("details[open]") || sending;
    const radio = panel && panel.querySelectorAll("input[type=radio]")[digit - 1];
    if (radio) radio.click();
    if (radio && panel !== sending) radio.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.repeat || event.defaultPrevented) return;
    if (event.ctrlKey || event.altKey || event.metaKey || dialog.open) return;
    const at = event.target, key = event.key;
    if (key === "Escape" && at !== document.body) {
      at.blur();
      return;
    }
    if (typing(at) || (off.checked && key !== "?")) return;
    if (key === "Enter") {
      const free = at.matches("body, .letter-side") || (at.form === sending && at.type === "radio");
      if (free && sending) {
        event.preventDefault();
        if (performance.now() - shown >= UNREAD) send(sending);
      }
    } else if (/^[1-9]$/.test(key)) choose(Number(key), at);
    else {
      const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
      if (!target) return;
      event.preventDefault();
      if (target.matches("form, [type=submit]") && performance.now() - shown < UNREAD) return;
      act(target);
    }
  });

  if (sending && heed) {
    sending.addEventListener("submit", (event) => {
      if (event.submitter && event.submitter.name === "heeded") return;
      event.preventDefault();
      heed.hidden = false;
      heed.scrollIntoView({ block: "nearest" });
      heed.focus(); // read out; and no Enter confirms it
    });
  }
  if (sending) {
    const other = sending.elements.other;
    const forget = () => (sending.querySelector(".choose").textContent = "");
    sending.addEventListener("change", (event) => {
      forget();
      if (event.target.name === "unit") other.value = "";
    });
    if (other) {
      other.addEventListener("input", () => {
        forget();
        if (!other.value.trim()) return;
        for (const radio of sending.querySelectorAll("input[name=unit]")) radio.checked = false;
      });
    }
  }
  // One main letter: typed, or chosen among those that are similar.
  const merging = document.querySelector("#step-merge form");
  if (merging) {
    const text = merging.querySelector("input[name=into]:not([type=radio])");
    const radios = merging.querySelectorAll("input[type=radio]");
    text.addEventListener("input", () => radios.forEach((radio) => (radio.checked = false)));
    radios.forEach((radio) => radio.addEventListener("change", () => (text.value = "")));
  }
  // A reason to decline mostly says where the letter belongs.
  const declining = document.querySelector("form[data-elsewhere]");
  if (declining) {
    const places = new Map(declining.dataset.elsewhere.split(" ").map((pair) => pair.split(":")));
    declining.addEventListener("change", (event) => {
      if (event.target.name === "decline_reason") declining.elements.elsewhere.value = places.get(event.target.value) || "";
    });
  }

  const off = document.getElementById("keys-off");
  off.checked = localStorage.getItem(OFF) !== null;
  off.addEventListener("change", () => (off.checked ? localStorage.setItem(OFF, "1") : localStorage.removeItem(OFF)));
  const help = document.querySelector("[data-opens=keys]");
  if (help) {
    help.hidden = false;
    help.addEventListener("click", () => dialog.showModal());
  }
  document.addEventListener("submit", (event) => (left ||= event.target.method === "post" && !event.defaultPrevented));
  addEventListener("pageshow", () => {
    left = false;
    shown = performance.now();
    setTimeout(() => (document.documentElement.dataset.keys = "ready"), UNREAD);
  });
})();
