import type { RemoteStackFile } from "../../contracts/stack-file";
import { messageOf } from "../../lib/errors";
import type { Context } from "../kit/answer";
import { readStore, renderDumpMetrics, type StoreContent } from "./dump-metrics";
import { Cached, type Pages, parseListen, serve, textFormat } from "./server";

/** Milliseconds: dumps come by the hour, and every scrape of a bucket costs requests. */
const freshness = 60_000;
/** Milliseconds; Prometheus waits for ten seconds unless told otherwise. */
const timeout = 8_000;

function pagesOf(job: RemoteStackFile, { note }: Context): Pages {
  const content = new Cached<StoreContent>(freshness, () =>
    readStore(job).catch((error: unknown) => {
      note(`the store of the dumps cannot be read: ${messageOf(error)}`);
      throw error;
    }),
  );
  return async (path) => {
    if (path === "/healthz") return { type: "text/plain", text: "ok\n" };
    if (path !== "/metrics") return undefined;
    return { type: textFormat, text: renderDumpMetrics(await content.get(timeout), job.objectives) };
  };
}

/** Serves the metrics of a cloud's dumps until the signal. @param listen address and port */
export async function serveDumpMetrics(job: RemoteStackFile, listen: string, context: Context): Promise<void> {
  const listening = (port: number): void => {
    context.note(`metrics on port ${port}`);
  };
  await serve(parseListen(listen), pagesOf(job, context), { signal: context.signal, listening });
}
