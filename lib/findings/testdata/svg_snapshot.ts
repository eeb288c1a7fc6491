/**
 * Committed SVGs that figures are compared with.
 *
 * @module
 */
import type { Figure } from "../../figures/mod.ts";

/**
 * Compares a figure with `testdata/NAME.svg`, byte for byte. With UPDATE_SNAPSHOTS=1 in the
 * environment the file is written instead: look at it before it is committed.
 */
export async function assertSnapshot(figure: Figure, name: string): Promise<void> {
  const file = new URL(`./${name}.svg`, import.meta.url);
  if (Deno.env.get("UPDATE_SNAPSHOTS") === "1") {
    await Deno.writeTextFile(file, figure.svg);
    return;
  }
  const expected = await Deno.readTextFile(file);
  if (figure.svg === expected) return;
  const [lines, expectedLines] = [figure.svg.split("\n"), expected.split("\n")];
  const line = lines.findIndex((text, i) => text !== expectedLines[i]);
  throw new Error(
    `The figure differs from ${file.pathname}, line ${line + 1}:\n` +
      `- ${expectedLines[line]?.trim()}\n+ ${lines[line]?.trim()}\n` +
      "If the change is meant, run the tests with UPDATE_SNAPSHOTS=1 and look at the file.",
  );
}
