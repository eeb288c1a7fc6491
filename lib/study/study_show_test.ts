import * as Plot from "@observablehq/plot";
import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { WEIGHTS_BASIS } from "../basis.ts";
import { plotFigure } from "../figures/mod.ts";
import { withTempFolder } from "../testing/temp_folder.ts";
import { openStudy } from "./study.ts";

const NOTE = "Repetition penalty 1.2 in place of the checkpoints' own.";

Deno.test("a figure of answers says a penalty that is not the checkpoints', one of weights does not", () =>
  withTempFolder(async (results) => {
    const draw = (data: string) =>
      plotFigure({ marks: [Plot.dot([[0, 1]])] }, {
        title: "A dot",
        description: "One dot.",
        notes: [`Data: ${data}.`],
      });
    const says = async (repetitionPenalty: number | undefined, data: string) => {
      const study = openStudy({ results, repetitionPenalty });
      await study.show("dot", draw(data));
      const svg = await Deno.readTextFile(join(study.folder, "figures", "dot.svg"));
      return svg.includes(`>${NOTE}</text>`);
    };
    assertEquals(await says(1.2, "GSM8K, n = 4"), true);
    assertEquals(await says(undefined, "GSM8K, n = 4"), false);
    assertEquals(await says(1.2, WEIGHTS_BASIS), false);
  }));
