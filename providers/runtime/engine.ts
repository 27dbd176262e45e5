import { credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { printable } from "../../lib/text/printable";
import type { Context } from "./resource";

/** The engine's side of the conversation: log lines and progress. */
export class Engine {
  private readonly client: EngineClient | undefined;
  private readonly abort = new AbortController();
  private pending: Promise<unknown> = Promise.resolve();

  /** @param address host:port of the engine; absent when the plugin is started manually. */
  constructor(address: string | undefined) {
    this.client = address === undefined ? undefined : new EngineClient(address, credentials.createInsecure());
  }

  context(urn: string): Context {
    const logLine = (severity: LogSeverity, ephemeral: boolean) => (message: string) => {
      this.log({ urn, severity, ephemeral, message });
    };
    let shown = "";
    return {
      name: urn.split("::").at(-1) ?? urn,
      signal: this.abort.signal,
      info: logLine(LogSeverity.INFO, false),
      warn: logLine(LogSeverity.WARNING, false),
      progress: (message) => {
        if (message !== shown) logLine(LogSeverity.INFO, true)(message);
        shown = message;
      },
    };
  }

  cancel(): void {
    this.abort.abort(new Error("cancelled"));
  }

  /** Waits until every line has reached the engine: one sent after the answer may be lost. */
  async flush(): Promise<void> {
    await this.pending;
  }

  private log(line: { urn: string; severity: LogSeverity; ephemeral: boolean; message: string }): void {
    const request = new LogRequest();
    request.setSeverity(line.severity);
    request.setMessage(printable(line.message));
    request.setUrn(line.urn);
    request.setStreamid(0);
    request.setEphemeral(line.ephemeral);
    this.pending = this.pending.then(
      () =>
        new Promise<void>((resolve) => {
          if (this.client === undefined) resolve();
          else
            this.client.log(request, () => {
              resolve();
            });
        }),
    );
  }
}
