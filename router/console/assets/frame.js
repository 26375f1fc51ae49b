// The bar of what is opened beside the table.

import { h, icon } from "./dom.js";

export const title = (...text) => h("h2", { tabindex: "-1", "data-focus": "panel" }, ...text);

export const close = () =>
  h("button.button.icon-button", { type: "button", "data-act": "close", "aria-label": "Close", title: "Close (Esc)" }, icon("cross"));

// Keys keep both where they are while what they hold changes.
export const frame = (bar, ...body) => [h("div.panel-bar", { "data-key": "bar" }, bar), h("div.panel-body", { "data-key": "body" }, ...body)];

// What stands there until the route has come, or because it can't.
export const blank = (name, text) => frame([title(name), close()], h("p.faint", {}, text));
