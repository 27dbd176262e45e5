import { primaryOf, psql, type LocalServer } from "../../../providers/host/psql";
import { CommandError } from "../../../providers/host/system/exec";
import { processes } from "../../../providers/host/system/processes";
import { startPostgres, type ThrowawayPostgres } from "../../support/throwaway-postgres";

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
  await expect(failed).rejects.toBeInstanceOf(CommandError);
  expect(await run("SELECT to_regclass('public.before'), to_regclass('public.after')")).toMatch(/before\|$/);
});

test("the user is postgres, or the one asked for", async () => {
  await run("CREATE ROLE other LOGIN");
  expect([await run("SELECT current_user"), await run("SELECT current_user", "other")]).toEqual(["postgres", "other"]);
});

test("no SQL is seen in a process list", async () => {
  const working = run("SELECT pg_sleep(0.5), 'a-secret-word'");
  await new Promise((resolve) => setTimeout(resolve, 250));
  const client = (await processes()).filter(
    ({ command }) => command[0]?.endsWith("/psql") === true && command.includes("--file=-"),
  );
  expect(client.length).toBeGreaterThan(0);
  expect(client.flatMap(({ command }) => command).join(" ")).not.toContain("a-secret-word");
  await working;
});

test("the primary is the server that is not in recovery; one that is down is passed over", async () => {
  const down = { ...server(), port: 1 };
  expect(await primaryOf([down, server()])).toEqual(server());
  expect(await primaryOf([down])).toBeUndefined();
});
