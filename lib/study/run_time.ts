/**
 * How long notebooks take, roughly: tokens times arithmetic a token, over what a core does.
 *
 * @module
 */

/** What a notebook's time depends on. */
export interface RunTimeOptions {
  /** Parameters of one model. */
  parameters: number;
  /** Further checkpoints of the recipe. */
  variants: number;
  /** Samples of each task, if not the notebook's own number. */
  sampleSize?: number;
  device: string;
  cores: number;
}

/**
 * f32 operations a second of one core in batches of 32 rows: a 3584 x 18944 product of 32 rows took
 * 13 ms on 2 cores of a 2024 server processor with AVX-512. Older cores do a half or a third of it.
 */
const OPERATIONS_PER_CORE = 1.6e11;
/**
 * The same of a large GPU through WebGPU, in f16: 116 rows of a 7B model on an H100 generate 1,075
 * tokens a second, and prompts take 1,235 tokens a second.
 */
const OPERATIONS_WEBGPU = 1.6e13;
/** Bytes of bf16 weights whose singular values one core finds in a second. */
const SPECTRA_BYTES_PER_CORE = 8e6;
/** Bytes read and compared a second, all cores. */
const ENERGY_BYTES = 1e9;

/** Mean tokens: a prompt with an image, a prompt of text, a reasoner's response, a short answer. */
const TOKENS = { image: 1000, text: 200, response: 600, answer: 16 } as const;
/** Layers of the language model, by the parameters of Qwen2.5-VL's two sizes. */
const layersOf = (parameters: number) => parameters < 5e9 ? 36 : 28;

/** Responses of the three experiments on one model: image and black image, description, text. */
const ABILITY_TOKENS = 4 * (TOKENS.image + TOKENS.response) + TOKENS.text + TOKENS.response;

/** Tokens that run through a model in a notebook, by its number. */
const WORKLOADS: Readonly<Record<string, (options: RunTimeOptions) => number>> = {
  "01": ({ sampleSize: n = 100 }) => 3 * n * ABILITY_TOKENS,
  "02": ({ sampleSize: n = 50 }) =>
    3 * n * (2 * (TOKENS.image + TOKENS.response) + TOKENS.image + TOKENS.response),
  // A row joins at the layer of its swap, which halves the prompts.
  "03": ({ sampleSize: n = 50, parameters }) =>
    4 * n * (layersOf(parameters) + 1) * (TOKENS.image / 2 + TOKENS.answer),
  "04": ({ sampleSize: n = 100, parameters }) =>
    2 * n * (layersOf(parameters) + 1) * (TOKENS.text + TOKENS.response),
  "07": ({ sampleSize: n = 100 }) => 8 * n * ABILITY_TOKENS,
  "08": ({ sampleSize: n = 100, variants }) => variants * n * ABILITY_TOKENS,
};

/** Whether a notebook holds two models' weights at once: the splices are made of both. */
export function runsTwoModels(notebook: string): boolean {
  return notebook.startsWith("07");
}

/** Whether a notebook asks the recipe's models anything: the controls have models of their own. */
export function runsModel(notebook: string): boolean {
  return !/^0[569]/.test(notebook);
}

/**
 * Seconds that a notebook takes, within a factor of about three.
 *
 * @param notebook Its name or number; one that is not known takes none.
 */
export function runSeconds(notebook: string, options: RunTimeOptions): number {
  const { parameters, device, cores } = options;
  const number = notebook.slice(0, 2);
  const bytes = 2 * parameters;
  if (number === "05") return 3 * bytes / ENERGY_BYTES;
  if (number === "06") return 2 * bytes / (SPECTRA_BYTES_PER_CORE * cores);
  const tokens = WORKLOADS[number]?.(options) ?? 0;
  const speed = device === "webgpu" ? OPERATIONS_WEBGPU : OPERATIONS_PER_CORE * cores;
  return 2 * parameters * tokens / speed;
}
