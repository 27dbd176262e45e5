import { z } from "zod";

const summarySchema = z.object({
  summaryEvent: z.object({
    durationSeconds: z.number(),
    /** Number of resources by operation: create, update, delete, same and so on. */
    resourceChanges: z.record(z.string(), z.number()),
  }),
});

/** How a run of the engine ended. */
export type Summary = z.output<typeof summarySchema>["summaryEvent"];

/** The summary in an event log of the engine (one JSON object a line), if the run got that far. */
export function readSummary(log: string): Summary | undefined {
  const line = log.split("\n").findLast((candidate) => candidate.includes('"summaryEvent"'));
  return line === undefined ? undefined : summarySchema.safeParse(JSON.parse(line)).data?.summaryEvent;
}

/** Operations that do not change a resource. */
const idle = new Set(["same", "read", "refresh"]);

const beginningSchema = z.object({
  resourcePreEvent: z.object({ metadata: z.object({ op: z.string(), type: z.string() }) }),
});

/** True if a run has begun to change something; a config that the program refuses never gets there. */
export function hasBegun(log: string): boolean {
  const lines = log.split("\n").filter((line) => line.includes('"resourcePreEvent"'));
  return lines.some((line) => {
    const metadata = beginningSchema.safeParse(JSON.parse(line)).data?.resourcePreEvent.metadata;
    // The stack itself is only an entry of the state.
    return metadata !== undefined && !idle.has(metadata.op) && metadata.type !== "pulumi:pulumi:Stack";
  });
}

/** One line for people: what a run has changed, or that it changed nothing. */
export function describeSummary({ durationSeconds, resourceChanges }: Summary): string {
  const changes = Object.entries(resourceChanges).filter(([operation, count]) => !idle.has(operation) && count > 0);
  const same = resourceChanges["same"] ?? 0;
  if (changes.length === 0) return `nothing changed: ${same} resources are as they should be (${durationSeconds} s)`;
  const list = changes.map(([operation, count]) => `${operation} ${count}`).join(", ");
  return `changed: ${list}; unchanged: ${same} (${durationSeconds} s)`;
}
