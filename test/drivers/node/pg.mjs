import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import copyStreams from "pg-copy-streams";
import { main } from "./contract.mjs";

/** A statement with a name is prepared once per connection. */
const nameOf = (text) => createHash("sha256").update(text).digest("hex").slice(0, 32);

function open({ url, settings }) {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: settings.applicationName,
    max: settings.poolSize + settings.maxOverflow,
    maxLifetimeSeconds: settings.recycle,
    connectionTimeoutMillis: settings.connectTimeout * 1000,
    query_timeout: settings.statementTimeout * 1000,
  });
  // Of an idle connection: the pool has dropped it.
  pool.on("error", () => undefined);
  const connected = async (body) => {
    const client = await pool.connect();
    let broken;
    const onError = (error) => (broken = error);
    client.on("error", onError);
    try {
      return await body(client);
    } catch (error) {
      // Only what the server has said leaves the connection usable; and not all of that.
      if (!(error instanceof pg.DatabaseError) || error.severity === "FATAL") broken ??= error;
      throw error;
    } finally {
      client.off("error", onError);
      client.release(broken);
    }
  };
  const transaction = (body) =>
    connected(async (client) => {
      await client.query("BEGIN");
      try {
        const query = async (text, values) => (await client.query({ name: nameOf(text), text, values })).rows;
        const result = await body(query);
        await client.query("COMMIT");
        return result;
      } catch (error) {
        await client.query("ROLLBACK").catch(() => undefined);
        throw error;
      }
    });
  return {
    transaction,
    code: (error) => error.code,
    close: () => pool.end(),
    cancel: (text) =>
      connected(async (client) => {
        const ended = client.query(text).catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, 300));
        // The driver has no cancel that connects as the pool does: a second connection sends the request.
        const { processID, secretKey } = client;
        const canceller = new pg.Client({ connectionString: url });
        canceller.on("error", () => undefined);
        canceller.connection.on("error", () => undefined);
        canceller.connection.once("connect", () => canceller.connection.requestSsl());
        canceller.connection.once("sslconnect", () => canceller.connection.cancel(processID, secretKey));
        canceller.connection.connect(canceller.port, canceller.host);
        await ended;
      }),
    copy: (target, text) =>
      connected((client) => pipeline([text], client.query(copyStreams.from(`COPY ${target} FROM STDIN`)))),
    listen: async (channel, onNotice) => {
      const client = await pool.connect();
      client.on("notification", onNotice);
      await client.query(`LISTEN "${channel}"`);
      return () => client.release(true);
    },
  };
}

await main({ version: createRequire(import.meta.url)("pg/package.json").version, open });
