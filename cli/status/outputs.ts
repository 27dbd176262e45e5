import { z } from "zod";
import { Failure } from "../../lib/errors";
import { ask } from "../engine/managed";
import type { Session } from "../engine/session";

const outputsSchema = z.object({
  /** URLs by application, with password. */
  connections: z.record(
    z.string(),
    // Without the last if an older version of the program made the stack.
    z.object({ readWrite: z.string(), readOnly: z.string(), direct: z.string().optional() }),
  ),
  /** PEM file of the certificate authority. */
  ca: z.string(),
  pooler: z.object({ host: z.string(), port: z.number() }),
  /** `agent`: URL of Patroni's REST API. */
  nodes: z.array(z.object({ name: z.string(), host: z.string(), port: z.number(), agent: z.string().optional() })),
  /** Absent if the stack has no Prometheus. */
  monitoring: z.object({ prometheus: z.string(), alertmanager: z.string(), user: z.string() }).optional(),
  backup: z
    .object({
      repository: z.string(),
      stanza: z.string(),
      lastVerifiedAt: z.string().optional(),
      /** Of the `howdah` command; absent if jobs run elsewhere. */
      jobFile: z.string().optional(),
    })
    .optional(),
});

/** The part of a stack's outputs that the status needs. */
export type Outputs = z.output<typeof outputsSchema>;

/** Reads outputs of a stack, secrets included. Throws a `Failure` when there is no finished stack. */
export function outputsOf<T>(session: Session, schema: z.ZodType<T>): T {
  const ended = ask(session, ["stack", "output", "--json", "--show-secrets", "--stack", session.stack]);
  if (ended.code !== 0)
    throw new Failure(`stack "${session.stack}" has no outputs: run \`make up\` first.\n${ended.stderr}`);
  const parsed = schema.safeParse(JSON.parse(ended.stdout));
  // The value itself may hold passwords: only the paths are shown.
  if (!parsed.success) {
    const paths = parsed.error.issues.map(({ path }) => path.join(".")).join(", ");
    throw new Failure(
      `the outputs of stack "${session.stack}" are not complete (${paths}): run \`make up\` to the end.`,
    );
  }
  return parsed.data;
}

/** The outputs that the status needs, likewise. */
export const readOutputs = (session: Session): Outputs => outputsOf(session, outputsSchema);
