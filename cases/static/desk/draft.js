// Keeps what is typed for a step on the server, as it is typed: going back, closing the page or
// losing the network loses nothing. Nothing is kept in the browser, which others may use.
"use strict";
(() => {
  const PAUSE = 700, AGAIN = 3000;

  function keep(form) {
    const line = form.querySelector(".draft-said");
    const forget = form.querySelector("button.forget");
    const read = () => {
      const data = new FormData(form);
      data.delete("csrfmiddlewaretoken");
      data.delete("files");
      return new URLSearchParams(data).toString();
    };
    let kept = read(), timer = 0, running = null;
    form.dataset.keeping = "yes";
    if (form.classList.contains("refused") && !("kept" in form.dataset)) form.dataset.failing = "yes";

    const changed = () => read() !== kept;
    const later = (wait) => {
      clearTimeout(timer);
      timer = setTimeout(save, wait);
    };
    const say = (text) => {
      if (line.textContent !== text) line.textContent = text;
    };
    function failed(why) {
      form.dataset.failing = "yes";
      say(why);
      later(AGAIN);
    }
    function done(now, answer) {
      kept = now;
      delete form.dataset.failing;
      forget.hidden = !answer.saved;
      say(answer.saved ? `${line.dataset.saved} ${answer.saved}` : "");
    }
    async function save() {
      if (running || form.dataset.sent || !changed()) return;
      const now = read();
      running = new AbortController();
      try {
        const answer = await fetch(form.dataset.draft, {
          method: "POST", body: new FormData(form), redirect: "manual", signal: running.signal,
        });
        if (answer.ok) done(now, await answer.json());
        else if (answer.status === 400) failed((await answer.json()).error);
        else if (answer.status === 404) failed(line.dataset.gone);
        else if (answer.type === "opaqueredirect" || answer.status === 403) failed(line.dataset.signedOut);
        else failed(line.dataset.away);
      } catch {
        if (!form.dataset.sent) failed(line.dataset.away);
      }
      running = null;
      if (!form.dataset.sent && changed()) later("failing" in form.dataset ? AGAIN : PAUSE);
    }
    // Whoever leaves before the pause is over sends what is there; no answer is waited for.
    function leave() {
      if (form.dataset.sent || !changed()) return;
      const now = read();
      const sent = navigator.sendBeacon(form.dataset.draft, new FormData(form));
      if (sent && navigator.onLine && !("failing" in form.dataset)) kept = now;
    }
    form.addEventListener("input", () => later(PAUSE));
    form.addEventListener("submit", () => {
      clearTimeout(timer);
      if (running) running.abort();
    });
    addEventListener("online", () => later(0));
    addEventListener("beforeunload", leave);
    addEventListener("pagehide", leave);
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") save();
    });
  }

  for (const form of document.querySelectorAll("form[data-draft]")) keep(form);
})();
