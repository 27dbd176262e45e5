import { readText } from "../system/files";
import { type Answer, type Call, callHttps } from "./https";

/** One member of a cluster, and where its Patroni answers. */
export interface Member {
  readonly name: string;
  readonly host: string;
  /** Port of PostgreSQL. */
  readonly port: number;
  /** Port of Patroni's REST API. */
  readonly restPort: number;
}

/** Files for mutual TLS with the REST API. */
export interface RestCredentials {
  readonly caFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** Calls one member's REST API. Rejects if it does not answer in time. */
export async function callMember(member: Member, credentials: RestCredentials, call: Call): Promise<Answer> {
  const [ca = "", cert, key] = await Promise.all(
    [credentials.caFile, credentials.certificateFile, credentials.keyFile].map((path) => readText(path)),
  );
  const at = { name: `Patroni of ${member.name}`, host: member.host, port: member.restPort };
  return callHttps(at, { ca, cert, key }, call);
}
