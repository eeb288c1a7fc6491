import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { FINDING_KEYS, FINDINGS } from "../findings/mod.ts";
import { readNotebook } from "../notebook/mod.ts";
import { listNotebooks, NOTEBOOKS } from "./reproduce.ts";
import { parameterDefaults } from "./notebook_parameters.ts";
import { splitParameters } from "./record_part.ts";

for (const key of FINDING_KEYS) {
  Deno.test(`a shard asks for ${key} as its notebook does`, async () => {
    const name = listNotebooks().find((name) => name.startsWith(FINDINGS[key].notebook))!;
    const notebook = await readNotebook(join(NOTEBOOKS, `${name}.ipynb`));
    const sources = notebook.cells.map(({ source }) => source).join("\n");
    const [, given] = new RegExp(`study\\.find\\("${key}"(?:, \\{([^}]*)\\})?\\)`).exec(sources)!;
    // `sampleSize: sample_size` for every parameter that is not the study's; or one name for both.
    const pairs = [...(given ?? "").matchAll(/(\w+)(?::\s*(\w+))?/g)]
      .map(([, option, parameter = option]) => [option, parameter]);
    const { recipe: _, results: __, ...parameters } = parameterDefaults(notebook);
    const { study, options } = splitParameters(parameters);
    assertEquals(pairs.map(([option]) => option).sort(), Object.keys(options).sort());
    for (const [option, parameter] of pairs) {
      assertEquals(splitParameters({ [parameter]: 1 }).options, { [option]: 1 });
    }
    for (const option of Object.keys(study)) {
      assertEquals(new RegExp(`\\b${option}[,:]`).test(sources), true, option);
    }
  });
}
