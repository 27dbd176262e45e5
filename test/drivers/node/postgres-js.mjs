import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { main } from "./contract.mjs";

function open({ url, settings }) {
  const address = new URL(url);
  const ca = readFileSync(address.searchParams.get("sslrootcert"), "utf8");
  // The driver would send what it does not know of them to the server.
  address.search = "";
  const sql = postgres(address.toString(), {
    // Without the host, the certificate of an IP address is compared with "localhost".
    ssl: { ca, host: address.hostname },
    connection: { application_name: settings.applicationName },
    max: settings.poolSize + settings.maxOverflow,
    max_lifetime: settings.recycle,
    connect_timeout: settings.connectTimeout,
    prepare: settings.preparedStatements,
    onnotice: () => undefined,
  });
  return {
    transaction: (body) => sql.begin((own) => body((text, values) => own.unsafe(text, values, { prepare: true }))),
    code: (error) => error.code,
    close: () => sql.end({ timeout: 5 }),
    cancel: async (text) => {
      const running = sql.unsafe(text);
      const ended = running.catch(() => undefined);
      await sleep(300);
      running.cancel();
      await ended;
    },
    copy: async (target, text) => {
      const stream = await sql.unsafe(`COPY ${target} FROM STDIN`).writable();
      await new Promise((resolve, reject) => stream.on("error", reject).on("finish", resolve).end(text));
    },
    listen: async (channel, onNotice) => {
      const { unlisten } = await sql.listen(channel, onNotice);
      return unlisten;
    },
  };
}

const manifest = join(dirname(fileURLToPath(import.meta.resolve("postgres"))), "..", "package.json");
await main({ version: JSON.parse(readFileSync(manifest, "utf8")).version, open });
