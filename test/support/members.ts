import { request } from "node:https";

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
      let body = "";
      response.on("data", (part: Buffer) => (body += part.toString()));
      response.on("end", () => {
        done((JSON.parse(body) as { members: MemberView[] }).members);
      });
    });
    call.on("timeout", () => call.destroy(new Error("no answer")));
    call.on("error", reject);
    call.end();
  });
}
