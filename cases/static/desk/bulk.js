// Choosing many letters on a list; and a batch's page, which goes on by itself while it is open.
"use strict";
(() => {
  const bar = document.getElementById("bulk");
  if (bar) {
    const boxes = [...document.querySelectorAll("input[name=case][form=bulk]")];
    const all = document.getElementById("pick-all");
    const button = bar.querySelector("button[value=picked]");
    const show = () => {
      const picked = boxes.filter((box) => box.checked).length;
      bar.querySelector("[data-picked]").textContent = picked ? ` ${picked}` : "";
      button.disabled = picked === 0;
      bar.classList.toggle("has-picks", picked > 0);
      all.checked = picked === boxes.length;
      all.indeterminate = picked > 0 && picked < boxes.length;
    };
    all.closest("label").hidden = false;
    all.addEventListener("change", () => {
      for (const box of boxes) box.checked = all.checked;
      show();
    });
    // A click with Shift takes along all since the last one.
    let last = null;
    for (const box of boxes) {
      box.addEventListener("click", (event) => {
        if (event.shiftKey && last) {
          const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
          for (const one of boxes.slice(from, to + 1)) one.checked = box.checked;
        }
        last = box;
        show();
      });
    }
    window.addEventListener("pageshow", show);
    show();
  }

  const progress = document.querySelector("[data-on]");
  if (!progress) return;
  const drawn = progress.querySelector("progress");
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const headers = { Accept: "application/json", "X-CSRFToken": token };
  const goOn = async () => {
    let wait = 500;
    try {
      const answer = await fetch(progress.dataset.on, { method: "POST", headers });
      if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
      const now = await answer.json();
      drawn.value = now.taken;
      progress.querySelector("[data-taken]").textContent = now.taken;
      if (now.stage !== progress.dataset.stage) {
        location.reload();
        return;
      }
    } catch {
      wait = 5000;
    }
    setTimeout(goOn, wait);
  };
  goOn();
})();
