import { https } from "../servers/https";

/** One member of the cluster as Patroni sees it. */
export interface MemberView {
  readonly name: string;
  readonly role: string;
  readonly state: string;
  readonly timeline?: number;
  readonly pending_restart?: boolean;
}

/** Members as one agent sees them. Rejects if it does not answer in two seconds. */
export async function clusterView(agent: string, ca: string): Promise<MemberView[]> {
  const { body } = await https(Number(new URL(agent).port), { ca, path: "/cluster", timeout: 2000 });
  return (JSON.parse(body) as { members: MemberView[] }).members;
}

export const leaderOf = (view: readonly MemberView[]): MemberView | undefined =>
  view.find(({ role }) => role === "leader");
