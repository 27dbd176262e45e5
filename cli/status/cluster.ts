import { z } from "zod";
import { callHttps } from "../../lib/servers/https";
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

async function membersSeenBy(name: string, agent: string, ca: string): Promise<Member[]> {
  const { hostname: host, port } = new URL(agent);
  const call = { method: "GET", path: "/cluster", timeout: 3000 } as const;
  const { body } = await callHttps({ name: `Patroni of ${name}`, host, port: Number(port) }, { ca }, call);
  return clusterSchema.parse(JSON.parse(body)).members;
}

/** What the first member that answers knows about all; empty when none answers. */
export async function askCluster(outputs: Outputs, ca: string): Promise<Member[]> {
  try {
    return await Promise.any(
      outputs.nodes.flatMap(({ name, agent }) => (agent === undefined ? [] : [membersSeenBy(name, agent, ca)])),
    );
  } catch {
    return [];
  }
}
