import { oneLine } from "../../lib/text/printable";
import { canonicalCidr, isCidr } from "../network/cidr";
import { monitoringLogin, poolerLogin, probeLogin } from "../postgres/access/matrix";

/** Addresses that may connect, and why. */
export interface AllowedSource {
  /** Such as `"10.0.0.0/16"`. */
  readonly cidr: string;
  readonly reason: string;
}

const anywhere = ["0.0.0.0/0", "::/0"];

const reject = (database: string, user: string): string[] =>
  anywhere.map((cidr) => `host ${database} ${user} ${cidr} reject`);

/** PgBouncer skips a line whose range has host bits, with a warning in its log. */
function checkedCidr(cidr: string): string {
  if (!isCidr(cidr) || canonicalCidr(cidr) !== cidr)
    throw new Error(`${JSON.stringify(cidr)} is not a CIDR such as "10.0.0.0/16"`);
  return cidr;
}

/** A comment never ends before its line does. */
const comment = (reason: string): string => `# ${oneLine(reason.replace(/\s+/g, " ").trim())}`;

/**
 * Who may log in to PgBouncer, from where and how; the first line that fits decides.
 *
 * The console (database `pgbouncer`) is open to the user that runs PgBouncer, as `pgbouncer` on the Unix socket: built into
 * PgBouncer, by the peer's user id and with no line here. Over TCP only the monitoring login reads it. `pgbouncer` and the
 * login of `auth_query` are in PgBouncer's own list of users, the former with an empty password, so neither may come by TCP.
 * The monitoring login is in that list, too, and would need no lookup to enter a database: it gets the console alone, and the
 * availability probe what it probes.
 *
 * @param statisticsFrom CIDRs from which the monitoring login may read the console, in addition to those of `allow`
 * @param probed databases that the probe enters, from the addresses of `allow`
 * @throws if a CIDR is none
 */
export function hbaFile(
  allow: readonly AllowedSource[],
  statisticsFrom: readonly string[] = [],
  probed: readonly string[] = [],
): string {
  const sources = [...allow].sort((a, b) => (a.cidr < b.cidr ? -1 : 1));
  const allowed = sources.map(({ cidr }) => checkedCidr(cidr));
  const watchers = [...statisticsFrom.map(checkedCidr), ...allowed];
  const lines = [
    "# PgBouncer's own users stay on the Unix socket",
    ...reject("all", "pgbouncer"),
    ...reject("all", poolerLogin),
    "# statistics of the console",
    ...watchers.map((cidr) => `hostssl pgbouncer ${monitoringLogin} ${cidr} scram-sha-256`),
    ...reject("pgbouncer", "all"),
    ...reject("all", monitoringLogin),
    ...(probed.length === 0
      ? []
      : allowed.map((cidr) => `hostssl ${probed.join(",")} ${probeLogin} ${cidr} scram-sha-256`)),
    ...reject("all", probeLogin),
    ...sources.flatMap(({ cidr, reason }) => [comment(reason), `hostssl all all ${cidr} scram-sha-256`]),
    "# everything else",
    "local all all reject",
    ...reject("all", "all"),
  ];
  return `${lines.join("\n")}\n`;
}
