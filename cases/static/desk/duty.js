// While on duty: a letter that has just come is said in the tab's title, and by a tone if wanted.
"use strict";
(() => {
  const nav = document.querySelector("[data-counts]");
  if (!nav) return;
  const KEY = "desk:duty-newest";
  let marked = "";

  const tone = () => {
    const sound = new AudioContext();
    [0, 0.35].forEach((start) => {
      const voice = sound.createOscillator();
      const volume = sound.createGain();
      voice.frequency.value = start ? 660 : 880;
      volume.gain.setValueAtTime(0.2, sound.currentTime + start);
      volume.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + start + 0.3);
      voice.connect(volume).connect(sound.destination);
      voice.start(sound.currentTime + start);
      voice.stop(sound.currentTime + start + 0.3);
    });
    setTimeout(() => sound.close(), 1500);
  };

  // Every open tab hears of a letter; the first one sounds, for all share what was last heard.
  document.addEventListener("desk:counts", ({ detail: { duty } }) => {
    if (!duty?.on) return;
    const heard = Number(localStorage.getItem(KEY));
    if (duty.newest > heard) {
      localStorage.setItem(KEY, duty.newest);
      if (heard) {
        marked = nav.dataset.come;
        if (nav.dataset.sound) tone();
      }
    }
    if (marked) document.title = `${marked} ${document.title}`;
  });
  for (const event of ["pointerdown", "keydown"]) {
    document.addEventListener(event, () => {
      if (marked) document.title = document.title.replace(`${marked} `, "");
      marked = "";
    });
  }

  const button = document.querySelector("[data-try-sound]");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", tone);
  }
})();
