// Says that this letter is open here, and shows who else has it open and what they have done.
"use strict";
(() => {
  const EVERY = 15_000;
  const line = document.getElementById("presence");
  if (!line) return;

  function message(leaving) {
    const data = new FormData();
    data.append("csrfmiddlewaretoken", line.dataset.csrf);
    data.append("seen", line.dataset.seen);
    if (leaving) data.append("leave", "1");
    return data;
  }
  async function beat() {
    if (document.visibilityState !== "visible") return;
    try {
      const answer = await fetch(line.dataset.at, { method: "POST", body: message(false), redirect: "manual" });
      if (!answer.ok) return;
      const words = await answer.json();
      const text = [words.who, words.news].filter(Boolean).join(" ");
      if (text !== line.textContent) line.textContent = text; // said aloud only when it changes
    } catch {
      // Away from the network: the next beat tries again.
    }
  }
  beat();
  setInterval(beat, EVERY);
  document.addEventListener("visibilitychange", beat);
  addEventListener("pagehide", () => navigator.sendBeacon(line.dataset.at, message(true)));
  addEventListener("pageshow", (event) => event.persisted && beat());
})();
