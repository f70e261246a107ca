// Goes on with making letters findable, part by part, once an officer has begun it.
"use strict";
document.querySelector("form.goes-on")?.requestSubmit();
