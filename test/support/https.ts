import { request, type RequestOptions } from "node:https";

export interface Call extends RequestOptions {
  readonly body?: string;
}

/** One HTTPS call to a port of this machine; rejects where no answer comes. */
export function https(port: number, { body, ...options }: Call): Promise<{ status: number; body: string }> {
  return new Promise((done, reject) => {
    const call = request({ host: "localhost", port, agent: false, timeout: 5000, ...options }, (response) => {
      let text = "";
      response.on("data", (part: Buffer) => (text += part.toString()));
      response.on("end", () => {
        done({ status: response.statusCode ?? 0, body: text });
      });
    });
    call.on("timeout", () => call.destroy(new Error("no answer")));
    call.on("error", reject);
    call.end(body);
  });
}
