// Who stays changes what happens: the page is asked anew. Without this file the button does it.

import "./pictures.js";

const form = document.getElementById("who");
form.addEventListener("change", ({ target }) => target.name === "into" && form.requestSubmit());
