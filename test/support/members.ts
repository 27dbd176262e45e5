import { request } from "node:https";
import { text } from "node:stream/consumers";

/** One member of the cluster as Patroni sees it. */
export interface MemberView {
  readonly name: string;
  readonly role: string;
  readonly state: string;
  readonly timeline?: number;
  readonly pending_restart?: boolean;
}

/** Members as one agent sees them. Rejects where it does not answer in two seconds. */
export function clusterView(agent: string, ca: string): Promise<MemberView[]> {
  return new Promise((done, reject) => {
    const call = request(`${agent}/cluster`, { ca, timeout: 2000, agent: false }, (response) => {
      text(response)
        .then((body) => (JSON.parse(body) as { members: MemberView[] }).members)
        .then(done, reject);
    });
    call.on("timeout", () => call.destroy(new Error("no answer")));
    call.on("error", reject);
    call.end();
  });
}
