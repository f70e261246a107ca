// The button opens the browser's own print dialogue; without this script its menu does the same.
"use strict";
const button = document.getElementById("print");
button.hidden = false;
button.addEventListener("click", () => print());
