import { z } from "zod";
import { monitoringUser } from "../../contracts/monitoring";
import type { LocalStackFile, Monitoring } from "../../contracts/stack-file";
import { callHttps } from "../../lib/servers/https";
import { readText } from "../../lib/system/files";
import { count } from "../../lib/text/format";
import { type Finding, good, neglected, unlessAny } from "./finding";

/** Milliseconds for one question. */
const timeout = 4_000;

/** Targets that Prometheus knows, each with the number of its scrapes in the last minute that succeeded; those with two at least. */
const query = "sum_over_time(up[1m]) and count_over_time(up[1m]) >= 2";

const answerSchema = z.object({
  data: z.object({
    result: z.array(
      z.object({
        metric: z.object({ job: z.string(), instance: z.string() }),
        /** Time, and the figure as a text. */
        value: z.tuple([z.number(), z.string()]),
      }),
    ),
  }),
});

/** A target, and whether Prometheus reached it in the last minute. */
export interface ScrapedTarget {
  readonly job: string;
  readonly instance: string;
  readonly reached: boolean;
}

/** What Prometheus does not see. */
export function judgeTargets(targets: readonly ScrapedTarget[]): readonly Finding[] {
  const bad = targets
    .filter(({ reached }) => !reached)
    .map(({ job, instance }) =>
      neglected("monitoring", `Prometheus cannot scrape ${job} (${instance}): no alert about it can fire`),
    );
  // As in the first half minute after a start.
  const seen = targets.length === 0 ? "no targets yet" : `${count(targets.length, "target")} seen`;
  return unlessAny(bad, good("monitoring", `Prometheus and Alertmanager answer, ${seen}`));
}

interface Question {
  readonly port: number;
  readonly path: string;
}

/** Asks a server of the monitoring. @throws Error if it does not answer with 200 */
async function body({ authority, passwordFile }: Monitoring, of: string, { port, path }: Question) {
  const [ca, password] = await Promise.all([readText(authority), readText(passwordFile)]);
  const call = { method: "GET", path, timeout, auth: `${monitoringUser}:${password}` } as const;
  const answer = await callHttps({ name: of, host: "127.0.0.1", port }, { ca }, call).catch(() => {
    throw new Error(`${of} does not answer`);
  });
  if (answer.status !== 200) throw new Error(`${of} answers ${answer.status}`);
  return answer.body;
}

/** Whether Prometheus and Alertmanager work, and see everything; nothing of a stack without them. */
export async function monitoringFindings({ monitoring }: LocalStackFile): Promise<readonly Finding[]> {
  if (monitoring === undefined) return [];
  const { prometheusPort, alertmanagerPort } = monitoring;
  const path = `/api/v1/query?query=${encodeURIComponent(query)}`;
  const [text] = await Promise.all([
    body(monitoring, "Prometheus", { port: prometheusPort, path }),
    body(monitoring, "Alertmanager", { port: alertmanagerPort, path: "/-/healthy" }),
  ]);
  const { data } = answerSchema.parse(JSON.parse(text));
  return judgeTargets(
    data.result.map(({ metric: { job, instance }, value: [, sum] }) => ({ job, instance, reached: Number(sum) > 0 })),
  );
}
