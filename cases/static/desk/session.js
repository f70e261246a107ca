// Tells an officer in time that the session is about to end for want of doing anything. What was
// done in another window counts: the server is asked before anything is said.
"use strict";
(() => {
  const note = document.querySelector("form.session-note");
  if (!note) return;
  const WARN = 300, AGAIN = 30; // seconds
  const said = note.querySelector("p");
  const button = note.querySelector("button");
  const link = note.querySelector("a");
  let timer = null;

  const later = (seconds) => {
    clearTimeout(timer);
    timer = setTimeout(ask, Math.max(seconds, 1) * 1000);
  };
  const say = (text) => {
    if (said.textContent !== text) said.textContent = text;
    note.hidden = !text;
  };
  function over() {
    clearTimeout(timer);
    say(said.dataset.over);
    button.hidden = true;
    link.hidden = false;
  }
  // Who has signed in anew in another window goes on here: the forms of this page want another token.
  function renew(token) {
    for (const field of document.getElementsByName("csrfmiddlewaretoken")) field.value = token;
    for (const part of document.querySelectorAll("[data-csrf]")) part.dataset.csrf = token;
    button.hidden = false;
    link.hidden = true;
  }
  function show({ left, token }) {
    if (left <= 0) return over();
    renew(token);
    if (left > WARN) {
      say("");
      return later(left - WARN);
    }
    say(said.dataset.soon.replace("{n}", Math.ceil(left / 60)));
    later(Math.min(AGAIN, left + 1));
  }
  async function ask(method = "GET") {
    const sent = method === "POST" ? { method, body: new FormData(note) } : {};
    try {
      const answer = await fetch(note.action, { ...sent, redirect: "manual" });
      if (answer.ok) show(await answer.json());
      else if (answer.type === "opaqueredirect" || answer.status === 403) over();
      else later(AGAIN);
    } catch {
      later(AGAIN);
    }
  }
  note.addEventListener("submit", (event) => {
    event.preventDefault();
    ask("POST");
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && !note.hidden) ask();
  });
  later(Number(note.dataset.minutes) * 60 - WARN);
})();
