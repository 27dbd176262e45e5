import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

/*
 * What every program of test/drivers does (see test/support/drivers/contract.ts): reads one JSON line from standard input, works until
 * that is done (`smoke`) or standard input ends (`load`), and prints one JSON document.
 */

const insert = "INSERT INTO driver_rows VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
const own = "SELECT count(*)::int AS value FROM driver_rows WHERE run = $1 AND driver = $2 AND worker = $3";
/** Statements that the session which answers has prepared; by their end, so that this one is not counted. */
const named = "SELECT count(*)::int AS value FROM pg_prepared_statements WHERE right(statement, length($1)) = $1";

/** SQLSTATE classes that a repeat cannot heal: data, constraint, prepared statement, syntax or right. */
const isHopeless = (code) => /^(22|23|26|42)/.test(code ?? "");

const valueOf = (rows) => rows[0]?.value;

/** Runs one check: `true`, null if the driver has no such thing, or what went wrong. */
async function tried(check) {
  try {
    return await check();
  } catch (error) {
    return error.message;
  }
}

const must = (condition, message) => {
  if (!condition) throw new Error(message);
};

/** A connection that has to be refused, because the server's certificate is not what was asked for. */
async function refuses(driver, connection) {
  const client = driver.open(connection);
  try {
    await client.transaction((query) => query("SELECT 1 AS value", []));
    return false;
  } catch (error) {
    return /certificate|altname|self-signed|verify|TLS/i.test(error.message);
  } finally {
    await client.close();
  }
}

async function isPrepared(client, { run, driver }) {
  // Of this driver alone: others use the same server connections.
  const tag = `AND n >= 0 /* ${driver} */`;
  const text = `${own} ${tag}`;
  let prepared = false;
  // Some drivers prepare at the fifth time, each connection for itself.
  for (let turn = 0; turn < 12 || (turn < 100 && !prepared); turn++)
    await client.transaction(async (query) => {
      must(valueOf(await query(text, [run, driver, -1])) === 0, "another answer than 0");
      prepared ||= valueOf(await query(named, [tag])) > 0;
    });
  return prepared || "no prepared statement in the server";
}

async function commits(client, { run, driver }) {
  await client.transaction((query) => query(insert, [run, driver, 0, 0]));
  await client
    .transaction(async (query) => {
      await query(insert, [run, driver, 0, 1]);
      throw new Error("undo");
    })
    .catch(() => undefined);
  const seen = await client.transaction((query) => query(own, [run, driver, 0]));
  return valueOf(seen) === 1 || `${valueOf(seen)} rows instead of 1`;
}

async function recovers(client) {
  let code;
  await client
    .transaction((query) => query("SELECT 1 / $1::int AS value", [0]))
    .catch((error) => (code = client.code(error)));
  must(code === "22012", `the error was ${code}`);
  return valueOf(await client.transaction((query) => query("SELECT 1 AS value", []))) === 1;
}

async function cancels(client, { run, driver }) {
  if (client.cancel === undefined) return null;
  const tag = `/* cancel ${run} ${driver} */`;
  await client.cancel(`SELECT pg_sleep(30) ${tag}`);
  const running = "SELECT count(*)::int AS value FROM pg_stat_activity WHERE state = 'active' AND query LIKE $1";
  for (let turn = 0; turn < 40; turn++) {
    const rows = await client.transaction((query) => query(running, [`SELECT pg_sleep%${tag}`]));
    if (valueOf(rows) === 0) return true;
    await sleep(50);
  }
  return "the query went on";
}

async function copies(client, { run, driver }) {
  if (client.copy === undefined) return null;
  await client.copy("driver_copies (run, driver, n)", [1, 2, 3].map((n) => `${run}\t${driver}\t${n}\n`).join(""));
  const sum = "SELECT sum(n)::int AS value FROM driver_copies WHERE run = $1 AND driver = $2";
  return valueOf(await client.transaction((query) => query(sum, [run, driver]))) === 6;
}

/** True if a notification arrives, as it would with a session of one's own. */
async function hears(client, { run, driver }) {
  if (client.listen === undefined) return null;
  let heard = false;
  const channel = `c_${driver.replaceAll("-", "_")}_${run}`;
  const end = await client.listen(channel, () => (heard = true));
  await client.transaction((query) => query("SELECT pg_notify($1, '')::text AS value", [channel]));
  for (let turn = 0; turn < 20 && !heard; turn++) await sleep(50);
  await end();
  return heard;
}

/** True if a lock of one connection keeps another from it, as it would with sessions of their own. */
async function locks(client, { driver, run }) {
  const key = `hashtext($1 || $2)`;
  const values = [driver, run];
  await client.transaction((query) => query(`SELECT pg_advisory_lock(${key})::text AS value`, values));
  const others = Array.from({ length: 4 }, () =>
    client.transaction(async (query) => {
      const rows = await query(`SELECT pg_try_advisory_lock(${key}) AS value`, values);
      await query("SELECT pg_sleep(0.1)::text AS value", []);
      return valueOf(rows);
    }),
  );
  return (await Promise.all(others)).every((got) => !got);
}

async function smoke(driver, input) {
  const { url, settings, foreignCa, otherAddressUrl } = input;
  const client = driver.open({ url, settings });
  const foreign = new URL(url);
  foreign.searchParams.set("sslrootcert", foreignCa);
  const refusals = [
    { url: foreign.toString(), settings },
    { url: otherAddressUrl, settings },
  ];
  const verified = async () => {
    for (const connection of refusals) must(await refuses(driver, connection), "a wrong certificate was accepted");
    return true;
  };
  const steps = {
    prepared: () => isPrepared(client, input),
    transaction: () => commits(client, input),
    recovery: () => recovers(client),
    cancel: () => cancels(client, input),
    copy: () => copies(client, input),
    listen: () => hears(client, input),
    advisoryLock: () => locks(client, input),
    verified,
  };
  const answer = {};
  for (const [name, step] of Object.entries(steps)) answer[name] = await tried(step);
  await client.close();
  return answer;
}

/** Full jitter. */
const delay = ({ firstDelay, factor, largestDelay }, attempt) =>
  Math.random() * Math.min(largestDelay, firstDelay * factor ** attempt) * 1000;

async function load(driver, input, ended) {
  const { url, settings, run, workers, pause } = input;
  const client = driver.open({ url, settings });
  const report = { acknowledged: Array(workers).fill(0), retried: 0, failed: 0, errors: {} };
  const once = (worker, n) =>
    client.transaction(async (query) => {
      await query(insert, [run, input.driver, worker, n]);
      await query(own, [run, input.driver, worker]);
    });
  const repeat = async (worker, n) => {
    for (let attempt = 1; ; attempt++)
      try {
        return await once(worker, n);
      } catch (error) {
        const message = `${client.code(error) ?? ""} ${error.message}`.trim();
        report.errors[message] = (report.errors[message] ?? 0) + 1;
        if (isHopeless(client.code(error)) || attempt === settings.retry.attempts) throw error;
        report.retried += 1;
        await sleep(delay(settings.retry, attempt - 1));
      }
  };
  const work = async (_, worker) => {
    while (!ended()) {
      try {
        await repeat(worker, report.acknowledged[worker]);
        report.acknowledged[worker] += 1;
      } catch {
        report.failed += 1;
      }
      await sleep(pause);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  await client.close();
  return report;
}

/** Runs a driver. */
export async function main(driver) {
  const lines = createInterface({ input: process.stdin });
  const first = new Promise((resolve) => lines.once("line", resolve));
  let isOver = false;
  lines.once("close", () => (isOver = true));
  process.once("SIGTERM", () => (isOver = true));
  const input = JSON.parse(await first);
  const result = input.mode === "smoke" ? await smoke(driver, input) : await load(driver, input, () => isOver);
  process.stdout.write(`${JSON.stringify({ version: driver.version, ...result })}\n`, () => process.exit(0));
}
