/**
 * Answers that would take all time or memory if they were taken at their word.
 *
 * @module
 */

const nested = (open: string, inner: string, close: string, depth: number) =>
  open.repeat(depth) + inner + close.repeat(depth);

/** Ways to be absurd in any size. */
const FAMILIES: ((size: number) => string)[] = [
  (n) => nested("\\{", "1", "\\}", n),
  (n) => nested("\\{1,", "2", "\\}", n),
  (n) => nested("(1,", "2", ")", n),
  (n) => nested("(", "x", ")", n),
  (n) => nested("[", "x", "]", n),
  (n) => nested("{", "x", "}", n),
  (n) => nested("\\frac{1}{1+", "x", "}", n),
  (n) => nested("\\sqrt{2+", "x", "}", n),
  (n) => nested("\\sin(", "x", ")", n),
  (n) => nested("|", "x", "|", n),
  (n) => nested("9^{", "9", "}", n),
  (n) => nested("(", "x", "+1)^{99}", n),
  (n) => nested("(", "3", "!)!", n),
  (n) => nested("\\sum_{k=1}^{1000}(", "k", ")", n),
  (n) => nested("f(", "x", ")", n),
  (n) => nested("\\boxed{", "5", "}", n),
  (n) => nested("\\text{", "a", "}", n),
  (n) => nested("\\mathbf{", "a", "}", n),
  (n) => nested("-", "1", "", n),
  (n) => nested("\\left(", "1", "\\right)", n),
  (n) => "9".repeat(n) + "x",
  (n) => `\\frac{${"9".repeat(n)}}{7}`,
  (n) => `0.${"3".repeat(n)}...`,
  (n) => `0.${"123456789".repeat(n)}\\ldots`,
  (n) => `10^{${"9".repeat(n)}}`,
  (n) => `1e${"9".repeat(n)}`,
  (n) => `${"9".repeat(n)}!`,
  (n) => `\\binom{${"9".repeat(n)}}{${"4".repeat(n)}}`,
  (n) => `\\sqrt[${"9".repeat(n)}]{2}`,
  (n) => `\\sin ${"9".repeat(n)}`,
  (n) => `e^{${"9".repeat(n)}}`,
  (n) => `\\prod_{k=1}^{${"9".repeat(n)}} k`,
  (n) => `${"9".repeat(n)}_{7}`,
  (n) => "1,".repeat(n) + "1",
  (n) => "x+".repeat(n) + "1",
  (n) => "x^{2}".repeat(n),
  (n) => "2^".repeat(n) + "2",
  (n) => "1/".repeat(n) + "2",
  (n) => "1:".repeat(n) + "2",
  (n) => "x<".repeat(n) + "2",
  (n) => "x=".repeat(n) + "2",
  (n) => "\\pm1".repeat(n),
  (n) => "\\sin x\\cos x+".repeat(n) + "\\ln x",
  (n) => "ab".repeat(n),
  (n) => "word ".repeat(n),
  (n) => " ".repeat(n) + "1" + " ".repeat(n),
  (n) => "1 ".repeat(n),
  (n) => "1,000,".repeat(n) + "000",
  (n) => "$".repeat(n) + "1",
  (n) => "*".repeat(n) + "1",
  (n) => "\\".repeat(n) + "1",
  (n) => "\\left(".repeat(n),
  (n) => "\\text{ or }".repeat(n),
  (n) => "\\begin{pmatrix}".repeat(n),
  (n) => `\\begin{pmatrix}${"1&2\\\\".repeat(n)}\\end{pmatrix}`,
  (n) => "x \\in ".repeat(n) + "1",
  (n) => "(0,1)\\cup".repeat(n) + "(1,2)",
  (n) => "½".repeat(n),
  (n) => "٤".repeat(n) + "x",
  (n) => `\\text{${"a, ".repeat(n)}}`,
];
const SIZES = [3, 12, 30, 300, 20_000];

/** Absurd answers, each with one that is not the same and one that is written otherwise. */
export function absurdAnswers(): { answer: string; another: string; again: string }[] {
  return FAMILIES.flatMap((family) =>
    SIZES.map(family).map((answer) => ({
      answer,
      another: `${answer} + 7\\pi`,
      again: answer.replace(/(?<![\d.])1(?![\d.])/g, "1.0").replace(/(?<!\\)\bx/g, "(1x)"),
    }))
  );
}
