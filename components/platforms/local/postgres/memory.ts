import { join } from "node:path";
import { GB } from "../../../../lib/units";
import { fillScript } from "../../../../lib/text/fill";
import { textFile } from "../../../../lib/text/text-file";

const script = textFile(__dirname, "postgres.sh");

/** Below this, the archiver could lack it: threads reserve memory that they do not use. */
const least = GB;

/**
 * Script that Patroni starts as `postgres`, with its arguments. It belongs to PostgreSQL and not to Patroni's service: another memory
 * must restart the servers one by one, and another service would restart them all at once.
 *
 * No process of the server takes more private memory than the whole server is meant to have. A session whose `work_mem` was lifted by SET
 * then gets "out of memory" for its statement; otherwise the kernel would kill some process of the server, upon which PostgreSQL ends
 * every session and recovers.
 *
 * If the machine's memory runs out all the same, the sessions are killed before the postmaster, and before etcd, Patroni and the pooler,
 * without which there would be no failover. (PostgreSQL's documentation, "Linux Memory Overcommit".)
 * @param memory bytes of `howdah:postgres.memory`
 */
export const postgresScript = (postgresBin: string, memory: number): string =>
  `${fillScript(script, { memory: Math.max(least, memory), postgres: join(postgresBin, "postgres") })}\n`;
