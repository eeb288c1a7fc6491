/**
 * Headings that can be linked to.
 *
 * @module
 */
import { type Content, type Markup, markup } from "./markup.ts";

/** A sign that shows where a link to a place of the page is to be had. */
export function anchor(id: string, what: string): Markup {
  return markup` <a class="anchor" href="#${id}" aria-label="Link to ${what}"></a>`;
}

/** A section's heading; the section has the id, the heading `ID-title`. */
export function sectionHeading(id: string, text: Content): Markup {
  return markup`<h2 id="${id}-title">${text}${anchor(id, "this section")}</h2>`;
}

/** A link to a file beside the page, shown by its path. */
export function fileLink(path: string, text = path): Markup {
  return markup`<a href="${encodeURI(path)}"><code>${text}</code></a>`;
}
