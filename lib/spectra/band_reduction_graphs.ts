/**
 * The matrix products of a reduction to band form and back, as ONNX Runtime sessions.
 *
 * @module
 */
import type { InferenceSession } from "onnxruntime-node";
import { OrtGraph } from "./ort_graph.ts";

/**
 * Sessions for a matrix of up to `blocks` blocks; blocks that are not there have no rows. Names:
 * a_i_j a tile; p_i and q_i the rows of [V W]^T and [W V]^T so far; v_i and x_i blocks of V and A V.
 */
export interface BandReductionSessions {
  /** g, c_i, q_i -> panel = [c_0 c_1 ...] - g^T [q_0 q_1 ...]. */
  panel: InferenceSession;
  /** a_i_j, p_i, q_i, v_i -> x = (A - P^T Q) V by blocks, vv = V^T V, vx = V^T x. */
  multiply: InferenceSession;
  /** t, m, x_i, v_i -> w_i = (x_i t - v_i m)^T. */
  vectors: InferenceSession;
  /** a_i_j, p_i, q_i -> b_i_j = a_i_j - p_i^T q_j. */
  update: InferenceSession;
  /** v, t, y -> reflected = y - v^T (t (v y)); any number of blocks. */
  reflect: InferenceSession;
}

function panelGraph(blocks: number): OrtGraph {
  const graph = new OrtGraph();
  const g = graph.input("g");
  const parts: string[] = [];
  for (let i = 0; i < blocks; i++) {
    const [c, q] = [graph.input(`c_${i}`), graph.input(`q_${i}`)];
    parts.push(graph.gemm(g, q, { add: c, alpha: -1, transposeA: true }));
  }
  graph.output(graph.concatColumns(parts, "panel"));
  return graph;
}

function multiplyGraph(blocks: number): OrtGraph {
  const graph = new OrtGraph();
  let qv: string | undefined, vv: string | undefined, vx: string | undefined;
  for (let i = 0; i < blocks; i++) {
    const [, q, v] = ["p", "q", "v"].map((name) => graph.input(`${name}_${i}`));
    qv = graph.gemm(q, v, { add: qv });
    vv = graph.gemm(v, v, { add: vv, transposeA: true, to: i === blocks - 1 ? "vv" : undefined });
  }
  const x: (string | undefined)[] = new Array(blocks).fill(undefined);
  for (let i = 0; i < blocks; i++) {
    for (let j = 0; j <= i; j++) {
      // A tile below the diagonal stands for itself and its mirror image: used twice while in cache.
      const a = graph.input(`a_${i}_${j}`);
      x[i] = graph.gemm(a, `v_${j}`, { add: x[i] });
      if (j < i) x[j] = graph.gemm(a, `v_${i}`, { add: x[j], transposeA: true });
    }
  }
  for (let i = 0; i < blocks; i++) {
    const to = `x_${i}`;
    graph.output(graph.gemm(`p_${i}`, qv!, { add: x[i], alpha: -1, transposeA: true, to }));
    const last = i === blocks - 1 ? "vx" : undefined;
    vx = graph.gemm(`v_${i}`, to, { add: vx, transposeA: true, to: last });
  }
  graph.output("vv");
  graph.output("vx");
  return graph;
}

function vectorsGraph(blocks: number): OrtGraph {
  const graph = new OrtGraph();
  const [t, m] = [graph.input("t"), graph.input("m")];
  const both = { transposeA: true, transposeB: true };
  for (let i = 0; i < blocks; i++) {
    const [x, v] = [graph.input(`x_${i}`), graph.input(`v_${i}`)];
    const add = graph.gemm(t, x, both);
    graph.output(graph.gemm(m, v, { ...both, add, alpha: -1, to: `w_${i}` }));
  }
  return graph;
}

function updateGraph(blocks: number): OrtGraph {
  const graph = new OrtGraph();
  const q: string[] = [];
  for (let i = 0; i < blocks; i++) {
    // Transposed first: products with a transposed right-hand side are the fastest.
    const p = graph.transpose(graph.input(`p_${i}`));
    q.push(graph.transpose(graph.input(`q_${i}`)));
    for (let j = 0; j <= i; j++) {
      const add = graph.input(`a_${i}_${j}`);
      graph.output(graph.gemm(p, q[j], { add, alpha: -1, transposeB: true, to: `b_${i}_${j}` }));
    }
  }
  return graph;
}

function reflectGraph(): OrtGraph {
  const graph = new OrtGraph();
  const [v, t, y] = ["v", "t", "y"].map((name) => graph.input(name));
  const product = graph.gemm(t, graph.gemm(v, y));
  const to = "reflected";
  graph.output(graph.gemm(v, product, { add: y, alpha: -1, transposeA: true, to }));
  return graph;
}

/** Builds the sessions; the caller releases each. */
export async function createBandReductionSessions(
  blocks: number,
  threads: number,
): Promise<BandReductionSessions> {
  return {
    panel: await panelGraph(blocks).session(threads),
    multiply: await multiplyGraph(blocks).session(threads),
    vectors: await vectorsGraph(blocks).session(threads),
    update: await updateGraph(blocks).session(threads),
    reflect: await reflectGraph().session(threads),
  };
}
