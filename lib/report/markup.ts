/**
 * HTML that escapes by itself: whatever is put into a template is text, unless it is markup already.
 *
 * @module
 */

/** Text that is HTML. */
export class Markup {
  readonly html: string;

  constructor(html: string) {
    this.html = html;
  }

  toString(): string {
    return this.html;
  }
}

/** What may stand in a template. */
export type Content = Markup | string | number | null | undefined | readonly Content[];

// deno-lint-ignore no-control-regex
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]|\p{Surrogate}/gu;

/** Text as HTML text or attribute value. Characters that HTML forbids become U+FFFD. */
export function escapeHtml(text: string): string {
  return text.replace(FORBIDDEN, "\ufffd").replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;").replaceAll('"', "&quot;").replaceAll("'", "&#39;");
}

function contentHtml(content: Content): string {
  if (content === null || content === undefined) return "";
  if (content instanceof Markup) return content.html;
  return Array.isArray(content) ? content.map(contentHtml).join("") : escapeHtml(String(content));
}

/**
 * A template of HTML; null and undefined are nothing, arrays are joined.
 *
 * @example
 * ```ts
 * console.log(String(markup`<p title="${'"'}">${"a < b"}</p>`)); // <p title="&quot;">a &lt; b</p>
 * ```
 */
export function markup(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  return new Markup(parts.map((part, i) => part + contentHtml(contents[i])).join(""));
}

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
