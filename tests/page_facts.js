// What tests/test_every_page.py asks of a page that is open: facts, without judging them.
window.facts = (() => {
  // Kept for screen readers or until they have the focus.
  const APART = ".skip, .unseen, .default, script, style, noscript, option";
  const CONTROLS = "a[href], button, input, select, textarea, summary, [tabindex]";
  const seen = (element) => element.checkVisibility({ visibilityProperty: true });
  const short = (element) => element.outerHTML.slice(0, 90);

  const texts = () => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const { data, parentElement } = walker.currentNode;
      if (data.trim() && !parentElement.closest(APART) && seen(parentElement)) found.push(walker.currentNode);
    }
    return found;
  };

  // Text and controls that stand outside of the window, or are cut off by their own box.
  const lost = () => {
    const found = [];
    const outside = ({ left, right, width }) => width > 0 && (left < -1 || right > innerWidth + 1);
    if (document.documentElement.scrollWidth > innerWidth) found.push("it scrolls sideways");
    for (const text of texts()) {
      const range = document.createRange();
      range.selectNodeContents(text);
      if ([...range.getClientRects()].some(outside)) found.push(`outside: ${text.data.trim().slice(0, 60)}`);
    }
    for (const element of document.querySelectorAll("body *")) {
      if (element.closest(APART) || !seen(element)) continue;
      if (element.matches(CONTROLS) && outside(element.getBoundingClientRect())) found.push(`outside: ${short(element)}`);
      const { overflowX, overflowY } = getComputedStyle(element);
      const cut = (overflowX !== "visible" && element.scrollWidth > element.clientWidth + 1)
        || (["hidden", "clip"].includes(overflowY) && element.scrollHeight > element.clientHeight + 1);
      if (cut && !element.matches("textarea, select, input, svg")) found.push(`cut off: ${short(element)}`);
    }
    return found;
  };

  const told = () => texts().map((text) => text.data.trim().replace(/\s+/g, " "));

  // What a control, a heading or a picture is called; what is in another language is left out.
  const names = () => {
    const found = [];
    const marked = "label, legend, button, a, summary, h1, h2, h3, option, [aria-label], img, svg";
    for (const element of document.querySelectorAll(marked)) {
      const strange = element.closest("[lang]") !== document.documentElement;
      const name = element.getAttribute("aria-label") ?? element.alt ?? element.textContent;
      if (!strange && name.trim()) found.push(name.trim().replace(/\s+/g, " "));
    }
    return found;
  };

  const marks = () => ({
    title: document.title,
    h1: [...document.querySelectorAll("h1")].filter(seen).length,
    header: document.querySelectorAll("body > header").length,
    main: document.querySelectorAll("main#main").length,
    footer: document.querySelectorAll("body > footer").length,
    strays: [...document.body.children].filter((e) => !e.matches("header, main, footer, section[aria-label], nav, script, .skip")).map(short),
  });

  const unfold = () => document.querySelectorAll("details").forEach((box) => (box.open = true));

  // WCAG 2.2, 1.4.12: what a reader may set without losing anything.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }");
  const space = (wide) => (document.adoptedStyleSheets = wide ? [sheet] : []);

  // -- The keyboard: what it should come to, and what it came to with which mark of the focus -----
  let reached = [];
  document.addEventListener("focusin", ({ target }) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(target);
    const box = target.matches("[type=radio], [type=checkbox]") ? target.closest("label") ?? target : target;
    const { left, right, width } = box.getBoundingClientRect();
    const marked = (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2) || boxShadow !== "none";
    reached.push({ target, marked, there: width > 0 && left >= 0 && right <= innerWidth + 1 });
  });
  const stops = () => {
    const groups = new Set();
    return [...document.querySelectorAll(CONTROLS)].filter((element) => {
      if (element.disabled || element.tabIndex < 0 || element.type === "hidden" || !seen(element)) return false;
      if (element.type !== "radio") return true;
      const group = `${element.form?.id} ${element.name}`;
      const first = !groups.has(group);
      groups.add(group);
      return first;
    });
  };
  const sameGroup = (one, other) => one === other || (one.type === "radio" && other.type === "radio" && one.name === other.name);
  const keyboard = () => ({
    missed: stops().filter((stop) => !reached.some(({ target }) => sameGroup(stop, target))).map(short),
    unmarked: reached.filter(({ target, marked, there }) => target !== document.body && !(marked && there)).map(({ target }) => short(target)),
  });
  const begin = () => {
    document.activeElement?.blur();
    getSelection().setPosition(document.body, 0);
    reached = [];
    return stops().length;
  };

  return { lost, told, names, marks, unfold, space, begin, keyboard };
})();
