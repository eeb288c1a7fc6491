import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { parseNotebook } from "./nbformat.ts";
import { notebookText } from "../testing/notebook_fixture.ts";
import { NotebookError } from "./notebook_error.ts";
import { declaredParameters, injectParameters, type NotebookParameters } from "./parameters.ts";

const DECLARATIONS = `// Where the models are
let base: string = "a"; // a path
let layers: number | null = null;
  var old = 1;
const fixed = 2;
let $ünïcode_1 = 3;`;

function notebookWith(...extra: string[]) {
  const cells = [
    { source: "# Title", type: "markdown" as const },
    { source: DECLARATIONS, tags: ["parameters"] },
    ...extra,
  ];
  return parseNotebook(notebookText(cells), "a.ipynb");
}

function inject(values: NotebookParameters, notebook = notebookWith("base;")) {
  return injectParameters(notebook, values, { name: "a.ipynb" });
}

Deno.test("the declared parameters are those of the tagged cell", () => {
  const declared = declaredParameters(notebookWith("let other = 1;"));
  const assignable = declared.filter((p) => p.assignable).map((p) => p.name);
  assertEquals(assignable, ["base", "layers", "old", "$ünïcode_1"]);
  assertEquals(declared.filter((p) => !p.assignable).map((p) => p.name), ["fixed"]);
  assertEquals(declaredParameters(parseNotebook(notebookText(["let a = 1;"]), "b.ipynb")), []);
});

Deno.test("the values are assigned in a cell of their own after the defaults", () => {
  const run = inject({ layers: [1, { "k e y": "v\n" }], base: "b" });
  const [, parameters, injected, rest] = run.cells;
  assertEquals(parameters.source, DECLARATIONS);
  assertEquals(injected.metadata, { tags: ["injected-parameters"] });
  const source = 'layers = [1,{"k e y":"v\\n"}];\nbase = "b";\nvoid 0;';
  assertEquals(injected.source, source);
  assertEquals(rest.source, "base;");
});

Deno.test("an earlier injected cell is replaced, or removed without values", () => {
  const once = inject({ base: "1" });
  const twice = inject({ base: "2" }, once);
  assertEquals(twice.cells.length, 4);
  assertEquals(twice.cells[2].source, 'base = "2";\nvoid 0;');
  assertEquals(inject({}, twice), notebookWith("base;"));
  assertEquals(once.cells[2].source, 'base = "1";\nvoid 0;');
});

Deno.test("an unknown parameter is refused with those that there are", () => {
  const error = assertThrows(() => inject({ bsae: "x" }), NotebookError);
  assertEquals(
    error.message,
    'a.ipynb: cannot set the parameter "bsae": the notebook\'s parameters are base, layers, old, ' +
      "$ünïcode_1",
  );
  const none = parseNotebook(notebookText(["let a = 1;"]), "b.ipynb");
  assertThrows(() => inject({ a: 1 }, none), NotebookError, "the notebook has no parameters");
  assertThrows(() => inject({ fixed: 1 }), NotebookError, "declared with const");
});

Deno.test("a value that is not JSON is refused", () => {
  const loop: unknown[] = [];
  loop.push(loop);
  const cases: [unknown, string][] = [
    [undefined, "a undefined"],
    [[NaN], "NaN"],
    [{ a: Infinity }, "Infinity"],
    [1n, "a bigint"],
    [() => 1, "a function"],
    [new Date(0), "a Date"],
    [new Map(), "a Map"],
    [loop, "holds itself"],
  ];
  for (const [value, message] of cases) {
    const values = { base: value } as NotebookParameters;
    assertThrows(() => inject(values), NotebookError, `"base": its value is not JSON (it`);
    assertThrows(() => inject(values), NotebookError, message);
  }
});

Deno.test("the injected source evaluates to the value, whatever JSON it is", () => {
  const value = fc.oneof(fc.jsonValue(), fc.constant(JSON.parse('{"__proto__": [1]}')));
  fc.assert(fc.property(value, (value) => {
    const json = JSON.parse(JSON.stringify(value));
    const { source } = inject({ base: json }).cells[2];
    const evaluated = new Function(`let base; ${source}; return base;`)();
    assertEquals(JSON.stringify(evaluated), JSON.stringify(json));
    assert(Object.is(Object.getPrototypeOf(evaluated ?? 0), Object.getPrototypeOf(json ?? 0)));
  }));
});
