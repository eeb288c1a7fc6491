/**
 * SVG without a browser: elements as data, Plot's among them, and the standalone XML that they make.
 *
 * @module
 */
import { parseHTML } from "linkedom";

/** Attributes of an element; numbers are written as they are. */
export type Attributes = Readonly<Record<string, string | number>>;

/** An SVG element; a string among its children is text. */
export interface SvgNode {
  readonly name: string;
  readonly attributes: Attributes;
  readonly children: readonly (SvgNode | string)[];
}

/** A document for Observable Plot to build in; nothing of it is global. */
export function createDocument(): Document {
  return parseHTML("<!DOCTYPE html><html><body></body></html>").document as unknown as Document;
}

/** An element with attributes and children. */
export function svgNode(
  name: string,
  attributes: Attributes = {},
  ...children: readonly (SvgNode | string)[]
): SvgNode {
  return { name, attributes, children };
}

/** An element of a document; text beside elements is left out. */
export function nodeOf(element: Element): SvgNode {
  const elements = [...element.children];
  const text = element.childNodes.length > 0 ? [element.textContent ?? ""] : [];
  return {
    name: element.localName,
    // linkedom lists them from the last to the first.
    attributes: Object.fromEntries(
      [...element.attributes].reverse().map(({ name, value }) => [name, value]),
    ),
    children: elements.length > 0 ? elements.map(nodeOf) : text,
  };
}

/**
 * The element tree as a standalone XML document, one element a line.
 *
 * Numbers are rounded to a hundredth of a pixel, so that files are small and do not depend on the
 * last bit of an addition. Characters that XML 1.0 forbids become U+FFFD.
 */
export function serializeSvg({ name, attributes, children }: SvgNode): string {
  const root = { ...attributes, xmlns: "http://www.w3.org/2000/svg" };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${
    serialize({ name, attributes: root, children })
  }`;
}

const GEOMETRY = /^(d|transform|points|[xy][12]?|d[xy]|c[xy]|r|width|height|stroke-width)$/;
const NUMBER = /-?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/gi;
// deno-lint-ignore no-control-regex
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

function serialize({ name, attributes, children }: SvgNode, indent = ""): string {
  const start = `${indent}<${name}${
    Object.entries(attributes).reverse().map(([key, value]) =>
      ` ${key}="${escapeXml(GEOMETRY.test(key) ? roundNumbers(String(value)) : String(value))}"`
    ).join("")
  }`;
  if (children.length === 0) return `${start}/>\n`;
  const elements = children.filter((child) => typeof child !== "string");
  if (elements.length === 0) return `${start}>${escapeXml(children.join(""))}</${name}>\n`;
  const inner = elements.map((child) => serialize(child, `${indent}  `)).join("");
  return `${start}>\n${inner}${indent}</${name}>\n`;
}

function roundNumbers(value: string): string {
  // An angle or unit keeps its digits too: two decimals are below what a pixel shows.
  return value.replace(NUMBER, (match) => String(Math.round(Number(match) * 100) / 100 + 0));
}

function escapeXml(text: string): string {
  return text.replace(FORBIDDEN, "\ufffd").replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
