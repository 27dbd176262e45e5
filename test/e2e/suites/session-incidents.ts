import { setTimeout as sleep } from "node:timers/promises";
import { Client, type ClientConfig } from "pg";
import { all, type End, goingOn, type Incident, type Incidents, repeating } from "../../support/monitoring/incidents";
import { type Node, signal } from "../../support/stack/nodes";
import { superuser, type TestStack } from "../../support/stack/stack";

const wait = "SELECT pg_sleep(1800)";

/** What sessions do to a cluster. @param nodes the primary, and a replica whose replay may hang */
export function sessionIncidents(
  incidents: Incidents,
  stack: TestStack,
  nodes: () => { readonly primary: Node; readonly edited: Node },
): readonly Incident[] {
  const primary = (): Node => nodes().primary;
  const edited = (): Node => nodes().edited;

  /** A session through the pooler. */
  async function pooled(application: string): Promise<Client> {
    const client = new Client(await stack.client(application));
    client.on("error", () => undefined);
    await client.connect();
    return client;
  }

  /** Server connections of a pool, for as long as the incident. */
  async function inUse(application: string, count: number): Promise<End> {
    const users = await Promise.all(Array.from({ length: count }, () => pooled(application)));
    return all(...users.map((client) => goingOn(client, wait)));
  }

  /** Logins through the pooler, which refuses them. */
  async function refused(times: number, how: ClientConfig): Promise<End> {
    const config = { ...(await stack.client("app")), ...how };
    for (let turn = 0; turn < times; turn++) await new Client(config).connect().catch(() => undefined);
    return () => undefined;
  }

  return [
    {
      what: "two transactions wait for each other",
      alerts: ["Deadlocks"],
      begin: async () => {
        const [one, other] = [
          await incidents.at(primary(), "app_migrator"),
          await incidents.at(primary(), "app_migrator"),
        ];
        await one.query("BEGIN; UPDATE held SET n = 1 WHERE id = 1");
        await other.query("BEGIN; UPDATE held SET n = 1 WHERE id = 2");
        const ended = [
          one.query("UPDATE held SET n = 1 WHERE id = 2; ROLLBACK"),
          other.query("UPDATE held SET n = 1 WHERE id = 1; ROLLBACK"),
        ];
        const outcomes = (await Promise.allSettled(ended)).map(({ status }) => status);
        expect(outcomes.sort()).toEqual(["fulfilled", "rejected"]);
        return () => Promise.all([one.end(), other.end()]);
      },
    },
    {
      what: "a table is locked, and eight sessions wait for it",
      alerts: ["LockWait", "BlockedSessions"],
      begin: async () => {
        const lock = await incidents.holding(primary(), "app_migrator", "BEGIN", "LOCK TABLE busy", wait);
        const waiting = Array.from({ length: 8 }, () =>
          incidents.holding(primary(), "app", "SET lock_timeout = 0", "SELECT FROM busy"),
        );
        return all(...(await Promise.all(waiting)), lock);
      },
    },
    {
      what: "an application forgets its transaction",
      alerts: ["IdleInTransaction"],
      begin: () => incidents.holding(primary(), "app_migrator", "BEGIN", "SELECT 1"),
    },
    {
      what: "a transaction stays open while others use up a quarter of a million transaction ids",
      alerts: ["XidAge", "XminHorizonHeld"],
      begin: async () => {
        const end = await incidents.holding(primary(), "app_migrator", "BEGIN", "SELECT txid_current()", wait);
        await superuser(
          stack,
          primary().port,
          "SET synchronous_commit = off; DO $$ BEGIN FOR i IN 1..250000 LOOP PERFORM txid_current(); COMMIT; END LOOP; END $$",
        );
        return end;
      },
    },
    {
      what: "a transaction locks seven hundred tables",
      alerts: ["LockTableFull"],
      begin: () =>
        incidents.holding(
          primary(),
          "app_migrator",
          "BEGIN",
          "DO $$ BEGIN FOR i IN 1..700 LOOP EXECUTE format('CREATE TABLE t%s ()', i); END LOOP; END $$",
          wait,
        ),
    },
    {
      what: "statements run into their time limit",
      alerts: ["StatementTimeouts"],
      begin: async () => {
        const client = await incidents.at(primary(), "app_migrator");
        await client.query("SET statement_timeout = 1");
        for (let turn = 0; turn < 1500; turn++) await client.query("SELECT pg_sleep(1)").catch(() => undefined);
        return () => client.end();
      },
    },
    {
      what: "a pool is used up, and clients wait for it",
      alerts: ["ClientMaxWait"],
      begin: async () => {
        const users = await inUse("reports", 6);
        await sleep(1000);
        const waiting = [0, 1, 2].map(async (turn) => {
          await sleep(turn * 10_000);
          return repeating(async () => {
            const client = await pooled("reports");
            await client.query("SELECT 1").finally(() => {
              client.connection.stream.destroy();
            });
          }, 0);
        });
        return async () => {
          await users();
          for (const one of await Promise.all(waiting)) await one();
        };
      },
    },
    {
      what: "most of another pool is in use",
      alerts: ["PoolUsage"],
      begin: () => inUse("app_migrator", 5),
    },
    {
      what: "clients connect with options that the pooler cannot pass on",
      alerts: ["PoolErrors"],
      begin: () => refused(100, { options: "-c geqo=off" }),
    },
    {
      what: "somebody tries passwords",
      alerts: ["AuthFailures"],
      begin: () => refused(15, { password: "guessed" }),
    },
    {
      what: "most connections of a replica are taken, and one login has most of its own",
      alerts: ["ConnectionsHigh", "RoleLimitNear"],
      begin: async () => {
        const ends: End[] = [];
        // The first has thirteen of its fourteen, the others what is left.
        for (const login of ["app", "reports", "app_migrator"]) {
          const sessions = Array.from({ length: 13 }, () => incidents.holding(edited(), login, wait));
          const taken = await Promise.allSettled(sessions);
          ends.push(...taken.flatMap((one) => (one.status === "fulfilled" ? [one.value] : [])));
        }
        return all(...ends);
      },
    },
    {
      what: "a replica's startup process hangs, while the primary writes",
      alerts: ["ReplicationLagSeconds"],
      begin: async () => {
        const startup = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'startup'";
        const pid = Number(await superuser(stack, edited().port, startup));
        signal([pid], "SIGSTOP");
        const writer = await incidents.at(primary(), "app_migrator");
        const end = repeating(() => writer.query("UPDATE held SET n = n + 1"), 1000);
        return async () => {
          await end();
          await writer.end();
          signal([pid], "SIGCONT");
        };
      },
    },
  ];
}
