import { assertEquals } from "@std/assert";
import { spellMaths } from "./spelling.ts";

const CASES: [text: string, spelled: string][] = [
  ["$\\dfrac12 \\text{ or } 3$.", "\\frac{1}{2}\\lor 3"],
  ["x = 5 or x = -3", "x=5\\lor x=-3"],
  ["-1, 0, and 1", "-1;0;1"],
  ["5 \\text{ cm}^2", "5\\text{cm}^{2}"],
  ["5 m/s", "5\\text{m/s}"],
  ["\\text{5 apples}", "5\\text{apples}"],
  ["There are 5 red pens", "\\text{There are}5\\text{red pens}"],
  ["$5.50", "5.50\\text{dollars}"],
  ["-\\$1,000", "-1,000\\text{dollars}"],
  ["$12 $ and $13$", "12;13"],
  ["12.5 percent", "12.5\\%"],
  ["90 degrees", "90^{\\circ}"],
  ["3 1/2", "3\\frac{1}{2}"],
  ["1 000 000", "1000000"],
  ["11,\\! 111", "11,111"],
  ["10{,}000", "10,000"],
  ["1.2 x 10^5", "1.2\\cdot10^{5}"],
  ["\\left( \\tfrac{4}{3}, -\\frac13 \\right)", "(\\frac{4}{3};-\\frac{1}{3})"],
  ["\\left\\{ 1 \\right\\}", "\\{1\\}"],
  ["\\begin{pmatrix} 1 \\\\[4pt] 2 \\end{pmatrix}", "\\begin{pmatrix}1\\\\2\\end{pmatrix}"],
  ["\\mathbf{v} + \\mathrm{e}^x", "v+e^{x}"],
  ["sqrt(2)/2", "\\sqrt(2)/2"],
  ["√2, √(x+1)", "\\sqrt{2};\\sqrt(x+1)"],
  ["x^(n+1) * x^-1", "x^(n+1)\\cdot x^{-1}"],
  ["\\log_2 8", "\\log_{2}8"],
  ["sin x + pi r", "\\sin x+\\pi r"],
  ["2 ≤ x ≤ ∞", "2\\le x\\le\\infty"],
  ["**The answer is**: 7", "7"],
  ["\\text{(C)}", "C"],
  ["red", "\\text{red}"],
  ["No solution.", "\\text{No solution}"],
  ["ab + xy", "ab+xy"],
  ["5!", "5!"],
  ["41,  275", "41;275"],
  ["2**3 + **x**", "2^{3}+x"],
  ["\\mathbf{\\frac{3}{8}} \\bm{x} \\fbox{7} \\mathcal{AB}", "{\\frac{3}{8}}x{7}AB"],
  ["\\textbf{Yes}", "\\text{Yes}"],
  ["\\color{red}{5}\\hspace{2pt}\\text{ cm}", "{5}\\text{cm}"],
  ["６８ ٤٢ ⅛ 3⁄4 x₁² 10⁻³", "6842\\frac{1}{8}3/4x_{1}^{2}10^{-3}"],
  ["（1，2）", "(1,2)"],
  ["12'500", "12500"],
  ["\\\\frac{1}{3}", "\\frac{1}{3}"],
  ["\\\\begin{matrix}1\\\\\\\\2\\\\end{matrix}", "\\begin{matrix}1\\\\2\\end{matrix}"],
  ["2e - 1, 2e-1", "2\\cdot e-1;2e-1"],
  ["", ""],
];

Deno.test("mathematics is spelled in one way", () => {
  for (const [text, spelled] of CASES) assertEquals(spellMaths(text), spelled, text);
});

Deno.test("what is spelled stays so", () => {
  for (const [, spelled] of CASES) assertEquals(spellMaths(spelled), spelled, spelled);
});
