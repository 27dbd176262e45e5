import type { Command } from "commander";
import type { RemoteStackFile } from "../../contracts/stack-file";
import { messageOf } from "../../lib/errors";
import { type Answer, runRemoteVerb, type Surroundings } from "../kit/run-verb";
import { readStore, renderDumpMetrics, type StoreContent } from "../metrics/dump-metrics";
import { Cached, type Pages, parseListen, serve } from "../metrics/server";

/** Milliseconds: dumps come by the hour, and every scrape of a bucket costs requests. */
const freshness = 60_000;
/** Milliseconds; Prometheus waits for ten seconds unless told otherwise. */
const patience = 8_000;

/** Prometheus' text format. */
const textFormat = "text/plain; version=0.0.4; charset=utf-8";

function pagesOf({ job, context }: Surroundings<RemoteStackFile>): Pages {
  const content = new Cached<StoreContent>(freshness, () =>
    readStore(job).catch((error: unknown) => {
      context.note(`the store of the dumps cannot be read: ${messageOf(error)}`);
      throw error;
    }),
  );
  return async (path) => {
    if (path === "/healthz") return { type: "text/plain", text: "ok\n" };
    if (path !== "/metrics") return undefined;
    return { type: textFormat, text: await renderDumpMetrics(await content.get(patience), job.objectives) };
  };
}

async function run(given: Surroundings<RemoteStackFile>, words: { readonly listen: string }): Promise<Answer> {
  const { signal, note } = given.context;
  const listening = (port: number): void => {
    note(`metrics on port ${port}`);
  };
  await serve(parseListen(words.listen), pagesOf(given), { signal, listening });
  return { data: {}, text: "stopped" };
}

/** `howdah serve-metrics`. */
export function registerServeMetrics(program: Command): void {
  const command = program
    .command("serve-metrics")
    .description("Serve the metrics of a cloud's dumps and drills to Prometheus (/metrics, /healthz)")
    .option("--listen <address>", "address and port", "0.0.0.0:9188");
  command.action((words: { listen: string }) => runRemoteVerb(command, (given) => run(given, words)));
}
