import { type MemberView, PatroniCluster } from "../../providers/host/patroni/cluster";

export type Reason = MemberView["pending_restart_reason"];

/** A cluster in memory: node1 leads, the others follow; the last one synchronously. */
export class FakeCluster extends PatroniCluster {
  leader = "node1";
  /** The synchronous standby; undefined while Patroni looks for another one. */
  standby: string | undefined;
  synchronous = false;
  refusal: string | undefined;
  /** How often a switchover is refused. */
  refusals = Infinity;
  /** How often a member that is to restart has something else to do. */
  busy = 0;
  /** Whether a replica streams. */
  streaming = (): boolean => true;
  /** Whether the replicas have replayed what the leader wrote. */
  follows = (): boolean => true;
  /** What a reload of a member does. */
  reloaded = (): void => undefined;
  /** Whether a switchover is answered once it is done. */
  answers = true;
  /** Members that Patroni still shows after they have left. */
  strangers: string[] = [];
  readonly pending: Map<string, Reason>;

  /** @param steps what happened, in order */
  constructor(
    private readonly steps: string[],
    names: readonly string[],
    pending: Readonly<Record<string, Reason>> = {},
  ) {
    super(
      names.map((name) => ({ name, host: "127.0.0.1", port: 1, restPort: 1 })),
      { caFile: "", certificateFile: "", keyFile: "" },
    );
    this.standby = names.at(-1);
    this.pending = new Map(Object.entries(pending));
  }

  override isSynchronous(): Promise<boolean> {
    return Promise.resolve(this.synchronous);
  }

  override view(): Promise<MemberView[]> {
    return Promise.resolve([...this.members.map(({ name }) => name), ...this.strangers].map((name) => this.look(name)));
  }

  override restart(name: string): Promise<boolean> {
    if (this.refusal !== undefined) return Promise.reject(new Error(this.refusal));
    if (this.busy-- > 0) return Promise.resolve(false);
    this.steps.push(`restart ${name}`);
    this.pending.delete(name);
    return Promise.resolve(true);
  }

  override reload(name: string): Promise<void> {
    this.steps.push(`reload ${name}`);
    this.reloaded();
    return Promise.resolve();
  }

  override streams(name: string): Promise<boolean> {
    return Promise.resolve(name !== this.leader && this.streaming());
  }

  override switchover(leader: string, candidate: string): Promise<void> {
    if (this.refusal !== undefined && this.refusals-- > 0) {
      this.steps.push("refused");
      return Promise.reject(new Error(this.refusal));
    }
    this.steps.push(`switchover ${leader} to ${candidate}`);
    this.leader = candidate;
    return this.answers ? Promise.resolve() : new Promise(() => undefined);
  }

  /** Replicas take part in it once `follows` is true. */
  override position(name: string): Promise<number> {
    return Promise.resolve(name === this.leader || this.follows() ? 2 : 1);
  }

  override leads(name: string): Promise<boolean> {
    return Promise.resolve(name === this.leader);
  }

  private look(name: string): MemberView {
    return {
      name,
      role: name === this.leader ? "leader" : name === this.standby ? "sync_standby" : "replica",
      state: name === this.leader ? "running" : "streaming",
      pending_restart: this.pending.has(name),
      pending_restart_reason: this.pending.get(name) ?? {},
    };
  }
}
