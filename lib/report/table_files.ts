/**
 * The report's numbers as CSV and Parquet, beside the JSON of tables/.
 *
 * @module
 */
import { join } from "node:path";
import type pl from "nodejs-polars";
import { writeAtomically } from "../atomic_write.ts";
import { frameOf } from "../frame.ts";
import {
  FINDING_KEYS,
  findingFrames,
  type FindingKey,
  type Findings,
  type Ledger,
} from "../findings/mod.ts";

/** Formats of tables besides JSON, which there always is. */
export const TABLE_FORMATS = ["csv", "parquet"] as const;

/** A format of tables. */
export type TableFormat = typeof TABLE_FORMATS[number];

/** The claims' statements, a row each. */
function claimsFrame({ claims }: Ledger): pl.DataFrame {
  const rows = claims.flatMap(({ claim, verdict: claimVerdict, statements }) =>
    statements.map(({ id, text, verdict, reason, estimate, n, of }) => ({
      ...{ claim, claim_verdict: claimVerdict, statement: id, text, verdict },
      ...{ value: estimate?.value ?? null, low: estimate?.low ?? null },
      ...{ high: estimate?.high ?? null, n, of, reason },
    }))
  );
  return frameOf(rows, {
    ...{ claim: "int", claim_verdict: "string", statement: "string", text: "string" },
    ...{ verdict: "string", value: "float", low: "float", high: "float" },
    ...{ n: "int", of: "string", reason: "string" },
  });
}

const WRITERS: Readonly<Record<TableFormat, (frame: pl.DataFrame) => Uint8Array>> = {
  csv: (frame) => frame.writeCSV(),
  parquet: (frame) => frame.writeParquet(),
};

/**
 * Writes all frames of the findings, and the claims.
 *
 * @param folder The study's folder.
 * @returns The files' paths relative to it, by finding.
 */
export async function writeTables(
  folder: string,
  { findings, ledger }: { findings: Findings; ledger: Ledger },
  formats: readonly TableFormat[],
): Promise<Map<FindingKey, string[]>> {
  const write = async (frames: Record<string, pl.DataFrame>) => {
    const paths: string[] = [];
    for (const [name, frame] of Object.entries(frames)) {
      for (const format of formats) {
        const path = `tables/${name}.${format}`;
        await writeAtomically(join(folder, path), WRITERS[format](frame));
        paths.push(path);
      }
    }
    return paths;
  };
  await write({ claims: claimsFrame(ledger) });
  const written = new Map<FindingKey, string[]>();
  for (const key of FINDING_KEYS) written.set(key, await write(findingFrames(key, findings)));
  return written;
}
