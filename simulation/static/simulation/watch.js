// Refreshes the part of a page that carries data-poll, and keeps a form from being sent twice.
"use strict";

const EVERY_MS = 2000;

async function refresh(part) {
  // Whoever stands inside the part with the keyboard would lose their place.
  if (part.contains(document.activeElement)) return part;
  const answer = await fetch(part.dataset.poll, { credentials: "same-origin" });
  if (!answer.ok || answer.redirected) {
    location.reload();
    return null;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-poll]");
  if (!fresh) {
    location.reload(); // it has ended: the page now has something else to show
    return null;
  }
  part.replaceWith(fresh);
  return fresh;
}

async function watch(part) {
  while (part) {
    await new Promise((done) => setTimeout(done, EVERY_MS));
    if (document.hidden) continue;
    try {
      part = await refresh(part);
    } catch {
      // The server is away: ask again.
    }
  }
}

document.querySelectorAll("[data-poll]").forEach(watch);
document.querySelectorAll("form[data-once]").forEach((form) =>
  form.addEventListener("submit", () => {
    form.querySelector("[type=submit]").disabled = true;
  }),
);
addEventListener("pageshow", () =>
  document.querySelectorAll("form[data-once] [type=submit]").forEach((button) => {
    button.disabled = false;
  }),
);
