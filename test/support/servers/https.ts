import { request, type RequestOptions } from "node:https";
import { text } from "node:stream/consumers";

export interface Call extends RequestOptions {
  readonly body?: string;
}

/** One HTTPS call to a port of this machine; rejects if no answer comes, or half of one. */
export function https(port: number, { body, ...options }: Call): Promise<{ status: number; body: string }> {
  return new Promise((done, reject) => {
    const call = request({ host: "127.0.0.1", port, agent: false, timeout: 5000, ...options }, (response) => {
      text(response)
        .then((answer) => ({ status: response.statusCode ?? 0, body: answer }))
        .then(done, reject);
    });
    call.on("timeout", () => call.destroy(new Error("no answer")));
    call.on("error", reject);
    call.end(body);
  });
}
