/**
 * A headless Chromium driven over its DevTools protocol, to see what a page really does.
 *
 * @module
 */

const NAMES = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/** The browser's path, from CHROMIUM or the search path; null if there is none. */
export function findBrowser(): string | null {
  const given = Deno.env.get("CHROMIUM");
  if (given) return given;
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    for (const name of NAMES) {
      try {
        if (Deno.statSync(`${folder}/${name}`).isFile) return `${folder}/${name}`;
      } catch {
        // Not there.
      }
    }
  }
  return null;
}

type Params = Record<string, unknown>;

interface Message {
  id?: number;
  method?: string;
  params?: Params;
  result?: Params;
  error?: { message: string };
}

/** A page that is open in the browser. */
export interface Page {
  /** Errors and warnings of the console, and of the browser about the page. */
  readonly complaints: string[];
  /** URLs that the page asked for. */
  readonly requests: string[];
  send(method: string, params?: Params): Promise<Params>;
  /** The value of an expression in the page. */
  evaluate<T>(expression: string): Promise<T>;
  /** Opens a URL and waits until it has loaded. */
  open(url: string): Promise<void>;
  /** The page as wide as this, and as high as it is, as PNG. */
  screenshot(clip: { y: number; height: number; width: number }): Promise<Uint8Array>;
}

/** A running browser with one page. Dispose it to end its process. */
export class Browser implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #socket: WebSocket;
  readonly #folder: string;
  readonly #answers = new Map<number, (message: Message) => void>();
  readonly #events = new Map<string, ((params: Params) => void)[]>();
  #next = 1;

  private constructor(process: Deno.ChildProcess, socket: WebSocket, folder: string) {
    this.#process = process;
    this.#socket = socket;
    this.#folder = folder;
    socket.onmessage = ({ data }) => {
      const message: Message = JSON.parse(data);
      if (message.id !== undefined) this.#answers.get(message.id)?.(message);
      else for (const listen of this.#events.get(message.method!) ?? []) listen(message.params!);
    };
  }

  /** @throws {Error} if the browser does not start. */
  static async start(path: string): Promise<Browser> {
    const folder = await Deno.makeTempDir();
    const process = new Deno.Command(path, {
      args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-extensions",
        "--disable-component-update",
        "--no-first-run",
        "--remote-debugging-port=0",
        `--user-data-dir=${folder}`,
        "about:blank",
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const [port, target] = await portOf(folder);
    const response = await fetch(`http://127.0.0.1:${port}/json/list`);
    const pages: { type: string; webSocketDebuggerUrl: string }[] = await response.json();
    const url = pages.find(({ type }) => type === "page")?.webSocketDebuggerUrl ??
      `ws://127.0.0.1:${port}${target}`;
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error(`Cannot talk to ${path} at ${url}`));
    });
    return new Browser(process, socket, folder);
  }

  #on(method: string, listen: (params: Params) => void) {
    this.#events.set(method, [...this.#events.get(method) ?? [], listen]);
  }

  async #send(method: string, params: Params = {}): Promise<Params> {
    const id = this.#next++;
    const answer = new Promise<Message>((resolve) => this.#answers.set(id, resolve));
    this.#socket.send(JSON.stringify({ id, method, params }));
    const { result, error } = await answer;
    this.#answers.delete(id);
    if (error) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  /** The browser's page, with all that it asks for and complains of noted from now on. */
  async page(): Promise<Page> {
    const complaints: string[] = [];
    const requests: string[] = [];
    const send = (method: string, params?: Params) => this.#send(method, params);
    this.#on("Runtime.consoleAPICalled", ({ type, args }) => {
      if (type === "error" || type === "warning") complaints.push(JSON.stringify(args));
    });
    this.#on("Runtime.exceptionThrown", (params) => complaints.push(JSON.stringify(params)));
    this.#on("Log.entryAdded", ({ entry }) => complaints.push(JSON.stringify(entry)));
    this.#on("Network.requestWillBeSent", ({ request }) => {
      requests.push((request as { url: string }).url);
    });
    for (const domain of ["Runtime", "Log", "Network", "Page"]) await send(`${domain}.enable`);
    const evaluate = async <T>(expression: string) => {
      const { result, exceptionDetails } = await send("Runtime.evaluate", {
        expression,
        returnByValue: true,
        awaitPromise: true,
      });
      if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
      return (result as { value: T }).value;
    };
    const open = async (url: string) => {
      const loaded = new Promise<void>((resolve) => this.#on("Page.loadEventFired", () => resolve()));
      await send("Page.navigate", { url });
      await loaded;
    };
    const screenshot = async ({ y, height, width }: { y: number; height: number; width: number }) => {
      const { data } = await send("Page.captureScreenshot", {
        format: "png",
        captureBeyondViewport: true,
        clip: { x: 0, y, width, height, scale: 1 },
      });
      return Uint8Array.fromBase64(data as string);
    };
    return { complaints, requests, send, evaluate, open, screenshot };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#socket.onclose = resolve);
    await this.#send("Browser.close").catch(() => {});
    await closed;
    await this.#process.status;
    await Deno.remove(this.#folder, { recursive: true }).catch(() => {});
  }
}

/** Port and path that a starting browser writes into its profile. */
async function portOf(folder: string): Promise<string[]> {
  for (let waited = 0; waited < 30_000; waited += 50) {
    try {
      const lines = (await Deno.readTextFile(`${folder}/DevToolsActivePort`)).split("\n");
      if (lines.length > 1) return lines;
    } catch {
      // Not yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("The browser has not started within 30 s");
}
