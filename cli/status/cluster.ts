import { request } from "node:https";
import { z } from "zod";
import { textOf } from "../../lib/text-of";
import type { Outputs } from "./outputs";

const memberSchema = z.object({
  name: z.string(),
  role: z.string(),
  state: z.string(),
  /** Bytes behind the primary; "unknown" while a member does not answer. Absent for the primary. */
  lag: z.union([z.number(), z.string()]).optional(),
});
const clusterSchema = z.object({ members: z.array(memberSchema) });

/** A member as Patroni's `GET /cluster` shows it. */
export type Member = z.output<typeof memberSchema>;

/** One node for the table. */
export interface NodeHealth {
  readonly name: string;
  readonly address: string;
  readonly role: string;
  readonly state: string;
  /** Bytes behind the primary. */
  readonly lag?: number;
  readonly sync: boolean;
  readonly healthy: boolean;
}

const healthyStates = new Set(["running", "streaming"]);
const roles: Readonly<Record<string, string>> = { leader: "primary", standby_leader: "standby primary" };

/** Joins the nodes of the stack with what Patroni knows; a node that Patroni does not list is absent. */
export function nodeHealth(nodes: Outputs["nodes"], members: readonly Member[]): NodeHealth[] {
  return nodes.map(({ name, host, port }) => {
    const address = `${host}:${port}`;
    const member = members.find((candidate) => candidate.name === name);
    if (member === undefined) return { name, address, role: "?", state: "absent", sync: false, healthy: false };
    const sync = member.role === "sync_standby" || member.role === "quorum_standby";
    const role = roles[member.role] ?? "replica";
    const lag = typeof member.lag === "number" ? { lag: member.lag } : {};
    return { name, address, role, state: member.state, ...lag, sync, healthy: healthyStates.has(member.state) };
  });
}

/** True when every node is healthy and exactly one is the primary. */
export const isHealthy = (nodes: readonly NodeHealth[]): boolean =>
  nodes.every(({ healthy }) => healthy) && nodes.filter(({ role }) => role === "primary").length === 1;

function get(url: string, ca: string): Promise<Member[]> {
  return new Promise((resolve, reject) => {
    const call = request(`${url}/cluster`, { ca, timeout: 3000, signal: AbortSignal.timeout(10_000) }, (response) => {
      textOf(response)
        .then((body) => clusterSchema.parse(JSON.parse(body)).members)
        .then(resolve, reject);
    });
    call.on("timeout", () => call.destroy(new Error(`${url} does not answer`)));
    call.on("error", reject);
    call.end();
  });
}

/** What the first member that answers knows about all; empty when none answers. */
export async function askCluster(outputs: Outputs, ca: string): Promise<Member[]> {
  try {
    return await Promise.any(outputs.nodes.flatMap(({ agent }) => (agent === undefined ? [] : [get(agent, ca)])));
  } catch {
    return [];
  }
}
