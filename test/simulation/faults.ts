import { appendFileSync, closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { writeWhole } from "./world";

const operation = z.enum(["create", "read", "update", "delete", "invoke"]);

const faultsSchema = z.strictObject({
  /** Calls that fail for good. */
  failures: z
    .array(
      z.strictObject({
        type: z.string(),
        /** Logical name; any if absent. */
        name: z.string().optional(),
        operation,
        error: z.string(),
        /** How many calls fail. */
        times: z.int().min(1).default(1),
      }),
    )
    .default([]),
  /** The first `calls` calls of a type are throttled; the plugin tries again, as the real one does. */
  throttle: z.array(z.strictObject({ type: z.string(), calls: z.int().min(1) })).default([]),
});

/** What goes wrong in a simulated world: the content of its `faults.json`. */
export type Faults = z.input<typeof faultsSchema>;

/** One call of the engine. */
export interface Call {
  readonly type: string;
  readonly name: string;
  readonly operation: z.output<typeof operation>;
}

/** A line of the world's `calls.jsonl`. */
export interface CallRecord extends Call {
  readonly outcome: "done" | "failed" | "throttled";
}

/** Attempts of a throttled call; the real provider's default. */
const attempts = 25;

const faultsFile = (root: string): string => join(root, "faults.json");
const callsFile = (root: string): string => join(root, "calls.jsonl");

/** Sets what goes wrong from now on; what was used up before counts again. */
export function setFaults(root: string, faults: Faults): void {
  writeWhole(faultsFile(root), JSON.stringify({ ...faultsSchema.parse(faults), epoch: Date.now() }));
}

/** Every call so far, in order. */
export function callsOf(root: string): CallRecord[] {
  if (!existsSync(callsFile(root))) return [];
  const lines = readFileSync(callsFile(root), "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as CallRecord);
}

function faultsOf(root: string): { faults: z.output<typeof faultsSchema>; epoch: number } {
  if (!existsSync(faultsFile(root))) return { faults: faultsSchema.parse({}), epoch: 0 };
  const { epoch, ...rest } = JSON.parse(readFileSync(faultsFile(root), "utf8")) as { epoch?: number };
  return { faults: faultsSchema.parse(rest), epoch: epoch ?? 0 };
}

/** Takes one of `times` tickets; several processes draw from the same ones. */
function takeTicket(root: string, rule: string, times: number): boolean {
  mkdirSync(join(root, "used"), { recursive: true });
  for (let ticket = 1; ticket <= times; ticket++) {
    try {
      closeSync(openSync(join(root, "used", `${rule}-${ticket}`), "wx"));
      return true;
    } catch {
      // Taken already.
    }
  }
  return false;
}

/** The error of this attempt, if it is to fail. */
function fault(root: string, call: Call): { error: string; throttled: boolean } | undefined {
  const { faults, epoch } = faultsOf(root);
  const slow = faults.throttle.findIndex(({ type }) => type === call.type);
  if (slow >= 0 && takeTicket(root, `throttle-${epoch}-${slow}`, faults.throttle[slow]?.calls ?? 0))
    return { error: "ThrottlingException: Rate exceeded", throttled: true };
  const index = faults.failures.findIndex(
    ({ type, name, operation: when }) =>
      type === call.type && when === call.operation && (name === undefined || name === call.name),
  );
  const failure = faults.failures[index];
  if (failure === undefined || !takeTicket(root, `failure-${epoch}-${index}`, failure.times)) return undefined;
  return { error: failure.error, throttled: false };
}

/** Does one call's work in a world if things go wrong; every attempt is recorded. */
export async function underFaults<T>(root: string, call: Call, work: () => T): Promise<T> {
  const record = (outcome: CallRecord["outcome"]): void => {
    mkdirSync(root, { recursive: true });
    appendFileSync(callsFile(root), `${JSON.stringify({ ...call, outcome })}\n`);
  };
  for (let attempt = 1; ; attempt++) {
    const wrong = fault(root, call);
    if (wrong?.throttled === true && attempt < attempts) {
      record("throttled");
      await pause(5);
      continue;
    }
    try {
      if (wrong !== undefined) throw new Error(wrong.error);
      const answer = work();
      record("done");
      return answer;
    } catch (error) {
      record("failed");
      throw error;
    }
  }
}
