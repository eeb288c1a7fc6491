/**
 * SVG without a browser: elements from linkedom, and a serializer that gives standalone XML.
 *
 * @module
 */
import { parseHTML } from "linkedom";

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

/** Attributes of a new element; numbers are written as they are. */
export type Attributes = Readonly<Record<string, string | number>>;

/** A document for Observable Plot to build in; nothing of it is global. */
export function createDocument(): Document {
  return parseHTML("<!DOCTYPE html><html><body></body></html>").document as unknown as Document;
}

/** A detached SVG element with attributes and children; a string child is text. */
export function svgElement(
  document: Document,
  name: string,
  options: { attributes?: Attributes; children?: readonly (Element | string)[] } = {},
): Element {
  const element = document.createElementNS(SVG_NAMESPACE, name);
  for (const [key, value] of Object.entries(options.attributes ?? {})) {
    element.setAttribute(key, String(value));
  }
  element.append(...options.children ?? []);
  return element;
}

/**
 * The element tree as a standalone XML document, one element a line.
 *
 * linkedom writes HTML, where `&` and `<` may stand in attributes and no namespace is needed; a file
 * needs both right. Numbers are rounded to a hundredth of a pixel, so that files are small and do
 * not depend on the last bit of an addition. Characters that XML 1.0 forbids become U+FFFD.
 */
export function serializeSvg(root: Element): string {
  root.setAttribute("xmlns", SVG_NAMESPACE);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${serializeElement(root, "")}`;
}

const GEOMETRY = /^(d|transform|points|[xy][12]?|d[xy]|c[xy]|r|width|height|stroke-width)$/;
const NUMBER = /-?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/gi;
// deno-lint-ignore no-control-regex
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

function serializeElement(element: Element, indent: string): string {
  const name = element.localName;
  const attributes = [...element.attributes].map(({ name, value }) =>
    ` ${name}="${escapeXml(GEOMETRY.test(name) ? roundNumbers(value) : value)}"`
  ).join("");
  const children = [...element.childNodes];
  if (children.length === 0) return `${indent}<${name}${attributes}/>\n`;
  const elements = children.filter((child) => child.nodeType === 1) as Element[];
  if (elements.length === 0) {
    const text = escapeXml(children.map((child) => child.textContent ?? "").join(""));
    return `${indent}<${name}${attributes}>${text}</${name}>\n`;
  }
  const inner = elements.map((child) => serializeElement(child, `${indent}  `)).join("");
  return `${indent}<${name}${attributes}>\n${inner}${indent}</${name}>\n`;
}

function roundNumbers(value: string): string {
  // An angle or unit keeps its digits too: two decimals are below what a pixel shows.
  return value.replace(NUMBER, (match) => String(Math.round(Number(match) * 100) / 100 + 0));
}

function escapeXml(text: string): string {
  return text.replace(FORBIDDEN, "\ufffd").replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
