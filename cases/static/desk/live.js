// Keeps the counts of an open page true: what waits for me, in the tab's title too, and what has
// come to the list. Rows are never moved under anyone's hand: new letters are told of, with a link.
"use strict";
(() => {
  const EVERY = 20000;
  const nav = document.querySelector("[data-counts]");
  if (!nav) return;
  const list = document.querySelector("[data-since]");
  const told = document.querySelector(".come");
  const title = document.title;
  let timer = null;
  let failures = 0;

  const address = () => {
    const asked = new URLSearchParams(list ? list.dataset.filters : "");
    if (list) asked.set("since", list.dataset.since);
    return `${nav.dataset.counts}?${asked}`;
  };

  const put = (element, count) => {
    const box = element.closest("li") || element;
    const shown = Boolean(count) && count !== "0";
    if (shown) element.textContent = count;
    if (box.hidden === shown) box.hidden = !shown;
  };

  const tell = (text, link) => {
    if (!told || told.textContent === text + (link || "")) return;
    told.replaceChildren(text);
    if (!link) return;
    told.append(Object.assign(document.createElement("a"), { href: location.href, textContent: link }));
  };

  const show = (counts) => {
    put(nav.querySelector("[data-count=waiting]"), counts.waiting);
    for (const name of ["reports", "undelivered"]) { // of leaders; of who sees what did not arrive
      const link = nav.querySelector(`[data-count=${name}]`);
      if (link) put(link, counts[name]);
    }
    document.title = counts.waiting === "0" ? title : `(${counts.waiting}) ${title}`;
    if (list) {
      for (const element of list.querySelectorAll("[data-count]")) put(element, counts.list[element.dataset.count]);
      if (counts.new === "0") tell("");
      else tell(`${told.dataset.says}${counts.new} `, told.dataset.link);
    }
    // Other scripts of the page hear the same answer.
    document.dispatchEvent(new CustomEvent("desk:counts", { detail: counts }));
  };

  const poll = async () => {
    clearTimeout(timer);
    if (document.hidden && !nav.dataset.sound) return; // who wants to hear it is told in any case
    try {
      const answer = await fetch(address(), { headers: { Accept: "application/json" } });
      if (answer.redirected || answer.status === 404) return; // signed out, or no longer an officer
      if (!answer.ok) throw new Error(answer.statusText);
      show(await answer.json());
      failures = 0;
    } catch {
      failures += 1;
      if (failures > 1 && told) tell(told.dataset.broken);
    }
    timer = setTimeout(poll, EVERY * Math.min(failures + 1, 6));
  };

  document.addEventListener("visibilitychange", poll);
  document.addEventListener("desk:poll", poll);
  poll();
})();
