import { primaryOf, psql, psqlOnPrimary, type LocalServer } from "../../../../lib/sql/psql";
import { ProgramError } from "../../../../lib/process/task";
import { processes } from "../../../../lib/system/processes";
import { waitFor } from "../../../../lib/retry";
import { startReplica } from "../../../support/servers/postgres/replica";
import { startPostgres, type ThrowawayPostgres } from "../../../support/servers/postgres/throwaway-postgres";

let postgres: ThrowawayPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

const server = (): LocalServer => ({ socketDirectory: postgres.socketDirectory, port: postgres.port });
const run = (sql: string, user?: string): Promise<string> =>
  psql(server(), { database: "postgres", sql, ...(user === undefined ? {} : { user }) });

test("the answer is plain text, columns apart by |, rows by lines", async () => {
  expect(await run("SELECT 1, 'é ✓' UNION ALL SELECT 2, NULL ORDER BY 1")).toBe("1|é ✓\n2|");
});

test("an error ends the script at its statement, and says what PostgreSQL said", async () => {
  const failed = run("CREATE TABLE public.before (); SELECT nothing; CREATE TABLE public.after ()");
  await expect(failed).rejects.toThrow(/psql failed \(3\): .*column "nothing" does not exist/);
  await expect(failed).rejects.toBeInstanceOf(ProgramError);
  expect(await run("SELECT to_regclass('public.before'), to_regclass('public.after')")).toMatch(/before\|$/);
});

test("the user is postgres, or the one asked for", async () => {
  await run("CREATE ROLE other LOGIN");
  expect([await run("SELECT current_user"), await run("SELECT current_user", "other")]).toEqual(["postgres", "other"]);
});

/** The clients of this server, as everybody on this machine sees them; undefined while there is none. */
async function clients(): Promise<string | undefined> {
  const all = await processes();
  const lines = all.filter(
    ({ command, environment }) =>
      /(^|\/)psql$/.test(command[0] ?? "") && environment.get("PGPORT") === String(postgres.port),
  );
  return lines.length === 0 ? undefined : lines.flatMap(({ command }) => command).join(" ");
}

test("no SQL is seen in a process list", async () => {
  const working = run("SELECT pg_sleep(60), 'a-secret-word'");
  const ended = expect(working).rejects.toThrow(/canceling statement/);
  const patience = { timeout: 30_000, interval: 20 };
  expect(await waitFor(clients, patience)).not.toContain("a-secret-word");
  const cancel = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity
    WHERE query LIKE '%pg_sleep%' AND state = 'active' AND pid <> pg_backend_pid()`;
  expect(await waitFor(async () => ((await run(cancel)) === "t" ? true : undefined), patience)).toBe(true);
  await ended;
});

test("the primary is the server that is not in recovery; one that is down is passed over", async () => {
  const down = { ...server(), port: 1 };
  expect(await primaryOf([down, server()])).toEqual(server());
  expect(await primaryOf([down])).toBeUndefined();
});

test("SQL for the primary passes over a server that is down, and over a replica", async () => {
  const replica = await startReplica(postgres, "127.0.0.2", []);
  try {
    const others = [
      { ...server(), port: 1 },
      { ...server(), socketDirectory: replica.socketDirectory },
    ];
    const ask = (servers: readonly LocalServer[]): Promise<string> =>
      psqlOnPrimary(servers, { database: "postgres", sql: "SELECT pg_is_in_recovery()" });
    expect(await ask([...others, server()])).toBe("f");
    await expect(ask(others)).rejects.toBeInstanceOf(ProgramError);
    // Control: the replica takes sessions.
    expect(await psql(others[1] ?? server(), { database: "postgres", sql: "SELECT pg_is_in_recovery()" })).toBe("t");
  } finally {
    await replica.remove();
  }
});
