// Builds elements and brings shown ones up to date. Data becomes text or attributes, never markup.

const SVG = "http://www.w3.org/2000/svg";
const KEPT = new Set(["open"]);

// `name` may carry classes: "p.muted.small". Attributes that are null or false are left out. Children may be nested lists.
export const h = (name, attributes, ...children) => build(document.createElement.bind(document), name, attributes, children);
export const s = (name, attributes, ...children) => build((tag) => document.createElementNS(SVG, tag), name, attributes, children);

export const icon = (name) => s("svg.icon", { "aria-hidden": "true" }, s("use", { href: `#icon-${name}` }));
export const hidden = (text) => h("span.visually-hidden", {}, text);

function build(create, name, attributes, children) {
  const [tag, ...classes] = name.split(".");
  const element = create(tag);
  if (classes.length) element.setAttribute("class", classes.join(" "));
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (key === "class" && value) element.classList.add(...value.split(" "));
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...nodes(children));
  return element;
}

function nodes(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== "");
}

// Makes the children of `parent` like `children`, keeping what is alike: focus, scrolling and opened details survive.
// Children with `data-key` are found by it, others by their place.
export function fill(parent, ...children) {
  const focused = document.activeElement;
  replace(parent, nodes(children).map((child) => (child instanceof Node ? child : new Text(child))));
  if (focused !== document.activeElement && focused?.isConnected && parent.contains(focused)) focused.focus({ preventScroll: true });
}

function replace(parent, wanted) {
  const keyed = new Map();
  for (const child of parent.childNodes) if (keyOf(child)) keyed.set(keyOf(child), child);
  let place = parent.firstChild;
  for (const node of wanted) {
    const old = keyOf(node) ? keyed.get(keyOf(node)) : place && !keyOf(place) ? place : null;
    if (!old || old.nodeName !== node.nodeName) {
      parent.insertBefore(node, place);
      continue;
    }
    if (old === place) place = place.nextSibling;
    else parent.insertBefore(old, place);
    merge(old, node);
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

const keyOf = (node) => node.dataset?.key;

export function merge(old, node) {
  if (old === node) return;
  if (old instanceof Text) {
    if (old.data !== node.data) old.data = node.data;
    return;
  }
  for (const { name } of [...old.attributes]) if (!node.hasAttribute(name) && !KEPT.has(name)) old.removeAttribute(name);
  for (const { name, value } of node.attributes) if (old.getAttribute(name) !== value && !KEPT.has(name)) old.setAttribute(name, value);
  if (old instanceof HTMLInputElement && old.type === "checkbox") old.checked = node.hasAttribute("checked");
  replace(old, [...node.childNodes]);
}
