// The form in steps: comfort only. Every page works without this file.
"use strict";

// -- A draft on this device, if its owner wants one: title and body alone, for a week -------------
const DRAFT = "letter-draft";
const WEEK = 7 * 24 * 3600 * 1000;

// Storage may not be there, be full, or hold somebody else's words: then nothing is done with it.
const tried = (act) => {
  try {
    return act();
  } catch {
    return null;
  }
};
const stored = () => {
  const draft = tried(() => JSON.parse(localStorage.getItem(DRAFT)));
  return draft && Date.now() - draft.at < WEEK ? draft : null;
};
const forget = () => tried(() => localStorage.removeItem(DRAFT));

const keeper = document.querySelector("[data-device-draft]");
if (keeper) {
  const box = keeper.querySelector("input");
  const fields = keeper.dataset.fields.split(" ").map((name) => document.getElementById(`id_${name}`));
  const keep = () => {
    if (!box.checked) return;
    const draft = { at: Date.now() };
    for (const field of fields) draft[field.name] = field.value;
    const isDone = tried(() => (localStorage.setItem(DRAFT, JSON.stringify(draft)), true));
    if (!isDone) box.checked = false; // the box must not promise what is not so
  };
  const draft = stored();
  if (!draft) forget(); // what is older than promised
  keeper.hidden = false;
  box.checked = draft !== null;
  const kept = (field) => String(draft[field.name] ?? "");
  const restore = () => {
    const words = fields.map(kept); // before the first field's input keeps the others as they are
    fields.forEach((field, n) => (field.value = words[n]));
    for (const field of fields) field.dispatchEvent(new Event("input"));
    keeper.querySelector("[data-restored]").hidden = false;
    keeper.querySelector("[data-other]").hidden = true;
  };
  if (draft && fields.every((field) => !field.value)) restore();
  else if (draft && fields.some((field) => field.value !== kept(field))) {
    // The network failed before the last words were sent: their writer chooses.
    keeper.querySelector("[data-other]").hidden = false;
    keeper.querySelector("[data-other] button").addEventListener("click", restore);
  }
  for (const field of fields) field.addEventListener("input", keep);
  box.addEventListener("change", () => (box.checked ? keep() : forget()));
}

// -- What is typed stays when its page is left without a button: by “back”, or with the browser ---
const letter = document.querySelector("form[data-keeps]");
let isSent = false; // by a button, which keeps what was typed itself, or has it cleared
if (letter) {
  // When it is sent: what was typed earlier may arrive later.
  letter.addEventListener("formdata", ({ formData }) => formData.set("typed_at", Date.now()));
  const typed = () => {
    const now = new FormData(letter);
    now.delete("typed_at");
    return new URLSearchParams(now).toString();
  };
  let last = typed();
  const leave = () => {
    if (isSent || typed() === last) return;
    last = typed();
    const kept = new FormData(letter);
    kept.append("left", letter.dataset.keeps);
    navigator.sendBeacon(location.href, kept);
  };
  document.addEventListener("submit", () => (isSent = true));
  window.addEventListener("pageshow", () => (isSent = false));
  window.addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => document.hidden && leave());
}

// -- A page that “back” brings out of memory after sending or clearing is asked for anew ---------
const ENDED = "letter-ended";
const shownAt = Date.now();
if (document.querySelector("[data-forget-drafts]")) {
  forget();
  tried(() => sessionStorage.setItem(ENDED, String(Date.now())));
}
window.addEventListener("pageshow", ({ persisted }) => {
  if (persisted && tried(() => Number(sessionStorage.getItem(ENDED)) > shownAt)) {
    isSent = true;
    location.reload();
  }
});
for (const form of document.querySelectorAll("form[data-clears]")) form.addEventListener("submit", forget);

// -- Files go up with a bar that shows how far they are; what is not taken is told before ---------
const MOST = 10 * 1024 * 1024; // as cases/attachments.py, which judges
const find = (name) => document.querySelector(`[data-${name}]`);
const faultOf = (file) => {
  const said = find("refused").dataset;
  const fault = file.type.startsWith("video/") ? said.video : file.size > MOST && said.large;
  return fault && fault.replace("%s", () => file.name);
};
const tell = (faults) => {
  const lines = faults.map((fault) => Object.assign(document.createElement("p"), { className: "error", textContent: fault }));
  find("refused").replaceChildren(...lines);
};
let isUploading = false;
const watchUpload = () => {
  const files = document.querySelector("#letter input[type=file]");
  if (!files || !find("uploading")) return;
  const { form } = files;
  form.addEventListener("submit", (event) => {
    // A way back, or another display, changes the whole page.
    if (!files.files.length || !["", "upload"].includes(event.submitter?.name ?? "")) return;
    event.preventDefault();
    if (isUploading) return;
    const chosen = [...files.files];
    const faults = chosen.map(faultOf).filter(Boolean);
    const good = chosen.filter((file) => !faultOf(file));
    for (const old of document.querySelectorAll("#errors, #letter .field .error")) old.remove(); // of the try before
    tell(faults);
    if (good.length) return upload(form, files.name, good, faults, event.submitter);
    files.value = "";
    delete form.dataset.sent;
  });
};
const upload = (form, name, good, faults, button) => {
  const sent = new FormData(form);
  sent.delete(name);
  for (const file of good) sent.append(name, file);
  if (faults.length) sent.append("upload", "1"); // to stay on the page that tells of them
  else if (button?.name) sent.append(button.name, button.value);
  const request = new XMLHttpRequest();
  isUploading = true;
  request.addEventListener("loadend", () => (isUploading = false));
  find("uploading").hidden = false;
  find("broken").hidden = true;
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    find("uploading").querySelector("progress").value = (100 * loaded) / total;
  });
  // The network is gone, or what stands between: the page still has the files, for another try.
  const broken = () => {
    find("uploading").hidden = true;
    find("broken").hidden = false;
    delete form.dataset.sent;
  };
  request.addEventListener("error", broken);
  request.addEventListener("load", () => {
    const main = new DOMParser().parseFromString(request.responseText, "text/html").querySelector("main");
    if (!main) return broken();
    if (request.responseURL.split("#")[0] !== location.href.split("#")[0]) {
      location.assign(request.responseURL);
      return;
    }
    document.querySelector("main").replaceWith(main);
    find("focus")?.focus();
    if (find("refused")) tell(faults);
    watchUpload();
  });
  request.open("POST", location.href);
  request.send(sent);
};
watchUpload();
