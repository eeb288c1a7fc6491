import { assertEquals } from "@std/assert";
import { isName, type Maths, readings, readMaths } from "./forms.ts";
import { bracketDepth, enclosed, splitOutside, tokenise } from "./tokens.ts";

/** A form as short text: kind, then its parts. */
function show(maths: Maths): string {
  switch (maths.kind) {
    case "value":
      return maths.tex;
    case "words":
      return `words ${maths.words}`;
    case "matrix":
      return `matrix ${maths.rows.map((row) => row.map(show).join(" ")).join("; ")}`;
    case "relation":
      return `relation ${
        maths.sides.map((side, i) => side + (maths.relations[i] ?? "")).join(" ")
      }`;
    case "tuple":
      return `${maths.variable ?? "tuple"} ${maths.brackets} ${maths.members.map(show).join(" ")}`;
    case "list":
      return `list ${maths.alternatives ? "or " : ""}${maths.members.map(show).join(" | ")}`;
    default:
      return `${maths.kind} ${maths.members.map(show).join(" | ")}`;
  }
}

const CASES: [tex: string, form: string][] = [
  ["5", "5"],
  ["(x+1)", "x+1"],
  ["{7}", "7"],
  ["1,2;3", "list 1 | 2 | 3"],
  ["\\{1,2\\}", "set 1 | 2"],
  ["{1,2}", "set 1 | 2"],
  ["\\{\\}", "set "],
  ["\\emptyset", "set "],
  ["\\{\\pm1,2\\}", "set 1 | -1 | 2"],
  ["(1,2)", "tuple () 1 2"],
  ["(1,2),(3,4)", "list tuple () 1 2 | tuple () 3 4"],
  ["2:3", "ratio 2 | 3"],
  ["1,2\\lor 3", "list or 1 | 2 | 3"],
  ["=5", "5"],
  ["[0,1)\\cup(2,3]", "list or tuple [) 0 1 | tuple (] 2 3"],
  ["\\mathbb{R}", "tuple () -\\infty \\infty"],
  ["x\\in[0,1)", "x [) 0 1"],
  ["x<y", "relation x< y"],
  ["2x>6", "relation 2x> 6"],
  ["x=5", "relation x= 5"],
  ["x=1,x=2", "list relation x= 1 | relation x= 2"],
  ["5\\pm2", "list or 5+2 | 5-2"],
  ["\\frac{-1\\pm\\sqrt{5}}{2}", "list or \\frac{-1+\\sqrt{5}}{2} | \\frac{-1-\\sqrt{5}}{2}"],
  ["\\begin{pmatrix}1&2\\\\3&4\\\\\\end{pmatrix}", "matrix 1 2; 3 4"],
  ["\\begin{array}{cc}1&2\\end{array}", "matrix 1 2"],
  ["\\begin{vmatrix}1&2\\\\3&4\\end{vmatrix}", "\\begin{vmatrix}1&2\\\\3&4\\end{vmatrix}"],
  ["\\text{no solution}", "words no solution"],
  ["\\{x|x>0\\}", "relation x> 0"],
  ["\\{2k|k>0\\}", "\\{2k|k>0\\}"],
  ["A(1,2)", "A () 1 2"],
  ["\\begin{cases}x=1\\\\y=2\\end{cases}", "list relation x= 1 | relation y= 2"],
];

Deno.test("the outer form of answers is read", () => {
  for (const [tex, form] of CASES) assertEquals(show(readMaths(tex)), form, tex);
});

Deno.test("commas outside of brackets may part thousands", () => {
  assertEquals(readings("1,000").map(show), ["1000", "list 1 | 000"]);
  assertEquals(readings("x=1,000,000").map(show)[0], "relation x= 1000000");
  assertEquals(readings("1,000,2,000").map(show)[0], "list 1000 | 2000");
  assertEquals(readings("(1,000)").map(show), ["tuple () 1 000"]);
  assertEquals(readings("1,00").map(show), ["list 1 | 00"]);
});

Deno.test("names are told from values", () => {
  for (
    const tex of [
      "x",
      "f(x)",
      "a_{1}",
      "\\theta",
      "\\text{Area}",
      "(x,y)",
      "x'",
      "AB",
      "|AB|",
      "f(2)",
    ]
  ) {
    assertEquals(isName(tex), true, tex);
  }
  for (const tex of ["2x", "x+1", "\\infty", "x(2)", "xy", "5", "\\sqrt{x}", "\\log"]) {
    assertEquals(isName(tex), false, tex);
  }
});

Deno.test("brackets are matched by tokens", () => {
  const tex = "\\{\\text{a (b}[0,\\frac{1}{2})\\}";
  assertEquals(tokenise(tex).join(""), tex);
  assertEquals(bracketDepth(tokenise(tex)), 3);
  assertEquals(bracketDepth(["}", "{"]), undefined);
  assertEquals(bracketDepth(["{"]), undefined);
  assertEquals(enclosed("(1)+(2)"), undefined);
  assertEquals(enclosed("[0,1)"), { open: "[", close: ")", inner: "0,1" });
  assertEquals(splitOutside("(a,b),c", (token) => token === ","), {
    parts: ["(a,b)", "c"],
    separators: [","],
  });
});
