// Comfort only: every page works without this file.
"use strict";

// Characters as the server counts them (cases/identity.py, clean): code points, a line's end as
// one, without what is removed there and without space at the ends.
const count = (text) => {
  const kept = text.replace(/\r\n?/g, "\n").replace(/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]|\p{Cs}/gu, "");
  return [...kept.replace(/^[^\S\ufeff]+|[^\S\ufeff]+$/g, "")].length; // a mark at the start is no space there
};

for (const field of document.querySelectorAll("[data-count]")) {
  const limit = Number(field.dataset.count);
  const line = document.createElement("p");
  line.className = "count";
  line.setAttribute("aria-hidden", "true");
  const show = () => {
    const now = count(field.value);
    line.textContent = `${now} / ${limit}`;
    line.classList.toggle("late", now > limit);
  };
  field.after(line);
  field.addEventListener("input", show);
  show();
}

// Without a network nothing is sent, and what was typed stays on its page.
const offline = document.querySelector("[data-offline]");
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (navigator.onLine) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    form.append(offline);
    offline.hidden = false;
  });
}
window.addEventListener("online", () => (offline.hidden = true));

// A second click while the first request is on its way is not sent. The server would
// answer it with the same receipt anyhow.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, 10_000);
  });
  window.addEventListener("pageshow", () => delete form.dataset.sent);
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// A receipt's QR code ends in #PA-…: it is typed in here, and sent with the form alone.
const receipt = document.querySelector("#id_receipt");
const scanned = /^#([A-Z][A-Z0-9]{1,10}(-[0-9A-Z]{4}){2}-[0-9A-Z]{2})$/.exec(location.hash);
if (receipt && scanned) {
  receipt.value ||= scanned[1];
  history.replaceState(null, "", location.pathname);
  document.querySelector("#id_code")?.focus();
}

document.querySelector("[data-focus]")?.focus();
