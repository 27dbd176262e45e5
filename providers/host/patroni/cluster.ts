import type { Answer, Call } from "../../../lib/servers/https";
import { callMember, type Member, type RestCredentials } from "../../../lib/servers/patroni";

/** What Patroni says of one member in `GET /cluster`. */
export interface MemberView {
  readonly name: string;
  readonly role: string;
  readonly state: string;
  readonly pending_restart?: boolean;
  /** By parameter, what a restart would change. */
  readonly pending_restart_reason?: Readonly<
    Record<string, { readonly old_value: string; readonly new_value: string }>
  >;
  readonly lag?: number | string;
}

/** A Patroni cluster, reached through whichever member answers. */
export class PatroniCluster {
  constructor(
    readonly members: readonly Member[],
    private readonly credentials: RestCredentials,
  ) {}

  /** The members as the first one that answers sees them; undefined while none does. */
  async view(): Promise<MemberView[] | undefined> {
    const answer = await this.first({ method: "GET", path: "/cluster", timeout: 2000 });
    return answer === undefined ? undefined : (answer as { members: MemberView[] }).members;
  }

  /** The dynamic configuration in the DCS; undefined while no member answers. */
  async configuration(): Promise<Record<string, unknown> | undefined> {
    return this.first({ method: "GET", path: "/config" });
  }

  /** True if a commit waits for a replica, and only that replica may take over. */
  async isSynchronous(): Promise<boolean> {
    return (await this.configuration())?.["synchronous_mode"] === true;
  }

  /** Merges into the dynamic configuration; null removes a key. */
  async patch(changes: Record<string, unknown>): Promise<void> {
    const errors: string[] = [];
    for (const member of this.members) {
      const answer = await callMember(member, this.credentials, {
        method: "PATCH",
        path: "/config",
        body: changes,
      }).catch(String);
      if (typeof answer !== "string" && answer.status === 200) return;
      errors.push(typeof answer === "string" ? answer : `${member.name}: ${answer.status} ${answer.body}`);
    }
    throw new Error(`no member accepted the new configuration: ${errors.join("; ")}`);
  }

  /** True if the member itself reports that it leads and accepts writes, which it does a moment after it gets the lock. */
  async leads(name: string): Promise<boolean> {
    const answer = await this.ask(name, "/primary");
    return answer?.status === 200 && (JSON.parse(answer.body) as { role?: string }).role === "primary";
  }

  /** Bytes of WAL up to which a primary has written, or a replica has replayed; 0 while the member does not say. */
  async position(name: string): Promise<number> {
    const answer = await this.ask(name, "/patroni");
    if (answer?.status !== 200) return 0;
    const { xlog } = JSON.parse(answer.body) as { xlog?: { location?: number; replayed_location?: number } };
    return xlog?.location ?? xlog?.replayed_location ?? 0;
  }

  /** What a member says itself, at this moment; undefined if it does not answer. */
  private async ask(name: string, path: string): Promise<Answer | undefined> {
    const member = this.members.find((one) => one.name === name);
    if (member === undefined) return undefined;
    const call = { method: "GET", path, timeout: 2000 } as const;
    return callMember(member, this.credentials, call).catch(() => undefined);
  }

  /** True if the member follows its primary, by its own word and not by the DCS, which is a loop old. */
  async streams(name: string): Promise<boolean> {
    const answer = await this.ask(name, "/patroni");
    return (
      answer?.status === 200 &&
      (JSON.parse(answer.body) as { replication_state?: string }).replication_state === "streaming"
    );
  }

  /** Restarts PostgreSQL of one member, if it still has to. False if it is in the middle of something else: ask again. */
  async restart(name: string): Promise<boolean> {
    const call = { path: "/restart", body: { restart_pending: true }, timeout: 120_000 };
    const answer = await this.post(name, call);
    // Patroni answers 503 to all of it. One that still starts is waited for like any other.
    if (answer.body.includes("already in progress")) return false;
    const settled = ["restart conditions are not satisfied", "postgres is still starting"];
    if (answer.status === 503 && settled.some((words) => answer.body.includes(words))) return true;
    return accepted(name, call, answer);
  }

  /** Has a member write its server's configuration and read it again, changed or not. */
  async reload(name: string): Promise<void> {
    const call = { path: "/reload", body: {} };
    accepted(name, call, await this.post(name, call));
  }

  /** Hands the leadership over; answers when the candidate leads. */
  async switchover(leader: string, candidate: string): Promise<void> {
    const call = { path: "/switchover", body: { leader, candidate }, timeout: 60_000 };
    accepted(leader, call, await this.post(leader, call));
  }

  private post(name: string, call: Omit<Call, "method">): Promise<Answer> {
    const member = this.members.find((one) => one.name === name);
    if (member === undefined)
      throw new Error(`${name} is not a member; members are ${this.members.map((one) => one.name).join(", ")}`);
    return callMember(member, this.credentials, { ...call, method: "POST" });
  }

  private async first(call: Call): Promise<Record<string, unknown> | undefined> {
    for (const member of this.members) {
      const answer = await callMember(member, this.credentials, call).catch(() => undefined);
      if (answer?.status === 200) return JSON.parse(answer.body) as Record<string, unknown>;
    }
    return undefined;
  }
}

function accepted(name: string, { path }: Pick<Call, "path">, { status, body }: Answer): true {
  if (status === 200 || status === 202) return true;
  throw new Error(`${path} of ${name} answered ${status}: ${body}`);
}

export const leaderOf = (view: readonly MemberView[]): MemberView | undefined =>
  view.find((member) => member.role === "leader" || member.role === "standby_leader");

/** A replica that may be promoted without loss, the synchronous one first. */
export function bestCandidate(view: readonly MemberView[], allowed: readonly string[]): MemberView | undefined {
  const replicas = view.filter((member) => allowed.includes(member.name) && member.state === "streaming");
  return replicas.find((member) => member.role === "sync_standby" || member.role === "quorum_standby") ?? replicas[0];
}

/** Parameters that a replica may not have lower than its primary (PostgreSQL docs, 27.4.3 "Administrator's Overview"). */
const followed: readonly string[] = [
  "max_connections",
  "max_locks_per_transaction",
  "max_prepared_transactions",
  "max_wal_senders",
  "max_worker_processes",
];

/** True if a restart would lower what replicas have to follow, and raise nothing of it: then the primary goes first. */
export function lowersFirst(leader: MemberView): boolean {
  const changes = Object.entries(leader.pending_restart_reason ?? {}).filter(([name]) => followed.includes(name));
  return changes.length > 0 && changes.every(([, change]) => Number(change.new_value) < Number(change.old_value));
}

/** True if every expected member is healthy: the leader runs, the others stream. */
export function isHealthy(view: readonly MemberView[], expected: readonly string[]): boolean {
  const leader = leaderOf(view);
  return (
    leader?.state === "running" &&
    expected.every((name) =>
      view.some((member) => member.name === name && (member === leader || member.state === "streaming")),
    )
  );
}
