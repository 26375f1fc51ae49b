// A question before something is done: what will happen, why, and what the console answered.

import { fill, h, icon } from "./dom.js";

let number = 0;

// Opens a dialog and resolves with what `send` returned, or null where it was closed.
//
// `fields`: [{ name, label, type, value, options, hint, required, when(values), ... }]; other members become attributes.
// `say(values)`: nodes that tell what will happen, asked for again when a field changes. `send(values)` may throw a
// `Refusal`; its message is shown at the field that it names. `refused()` is told before
// `say` is asked again; `explain(refusal, { again, end, values })` may return nodes for it.
export function question({ title, say = () => [], fields, button, danger = false, send, refused: note = () => null, explain = () => null }) {
  const id = `dialog-${(number += 1)}`;
  const said = h("div.said");
  const problem = h("div.problem", { role: "alert" });
  const rows = fields.map((field) => control(field, id));
  const submit = h("button.button", { type: "submit", class: danger ? "danger" : "primary" }, button);
  const form = h("form", { novalidate: true }, said, rows.map(({ row }) => row), problem,
    h("footer", {}, h("button.button", { type: "button", "data-close": true }, "Cancel"), submit));
  const dialog = h("dialog.question", { "aria-labelledby": id },
    h("header", {}, h("h2", { id }, title), h("button.button.icon-button", { type: "button", "data-close": true, "aria-label": "Close" }, icon("cross"))), form);
  const values = () => Object.fromEntries(rows.map(({ field, input }) => [field.name, value(field, input)]));
  const change = () => {
    const given = values();
    for (const { field, row } of rows) if (field.when) row.hidden = !field.when(given);
    fill(said, say(given));
  };
  return new Promise((resolve) => {
    const end = (result) => {
      dialog.close();
      dialog.remove();
      resolve(result);
    };
    const run = async () => {
      clear(rows, problem);
      const missing = rows.find(({ field, input, row }) => !row.hidden && field.required && !String(value(field, input) ?? "").trim());
      if (missing) return blame(missing, `${missing.field.label} is needed.`);
      submit.disabled = true;
      try {
        return end(await send(values()));
      } catch (refusal) {
        if (refusal.status === undefined) throw refusal;
        return refused(refusal);
      } finally {
        submit.disabled = false;
      }
    };
    const refused = (refusal) => {
      const at = rows.find(({ field, row }) => field.name === refusal.body.field && !row.hidden);
      if (at) return blame(at, refusal.message);
      note();
      change();
      fill(problem, explain(refusal, { again: run, end, values }) ?? h("p", {}, refusal.message));
      problem.scrollIntoView({ block: "nearest" });
      return null;
    };
    dialog.addEventListener("click", ({ target }) => target.closest("[data-close]") && end(null));
    dialog.addEventListener("cancel", (event) => (event.preventDefault(), end(null)));
    form.addEventListener("input", change);
    form.addEventListener("submit", (event) => (event.preventDefault(), run()));
    document.body.append(dialog);
    change();
    dialog.showModal();
    (rows.find(({ field }) => field.focus) ?? rows[0])?.input.focus();
  });
}

function control(field, id) {
  const { name, label, type = "text", value: given, options, hint, when: _, focus: __, required, ...rest } = field;
  const own = `${id}-${name}`;
  const attributes = { id: own, name, "aria-describedby": `${own}-hint ${own}-error`, "aria-required": required ? "true" : null, ...rest };
  const input = options
    ? h("select", attributes, options.map(([one, text]) => h("option", { value: one, selected: one === given }, text)))
    : h("input", { type, autocomplete: "off", ...attributes });
  if (!options && type !== "checkbox" && given !== undefined && given !== null) input.value = given;
  const texts = [h("p.hint", { id: `${own}-hint` }, hint ?? ""), h("p.field-error", { id: `${own}-error` })];
  const named = h("label", { for: own }, label);
  const row = type === "checkbox" ? h("div.field.tick", {}, h("div", {}, input, named), texts) : h("div.field", {}, named, input, texts);
  return { field, input, row };
}

function value({ type }, input) {
  if (type === "checkbox") return input.checked;
  if (type === "number") return input.value.trim() === "" ? null : Number(input.value);
  return input.value;
}

function clear(rows, problem) {
  fill(problem);
  for (const { input, row } of rows) {
    input.removeAttribute("aria-invalid");
    row.querySelector(".field-error").textContent = "";
  }
}

function blame({ input, row }, text) {
  input.setAttribute("aria-invalid", "true");
  row.querySelector(".field-error").textContent = text;
  input.focus();
}
