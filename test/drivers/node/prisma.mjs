import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { PrismaPg } from "@prisma/adapter-pg";
import { main } from "./contract.mjs";

const require = createRequire(import.meta.url);
const { PrismaClient } = require("prisma-client");

function open({ url, settings }) {
  const adapter = new PrismaPg(
    {
      connectionString: url,
      application_name: settings.applicationName,
      max: settings.poolSize + settings.maxOverflow,
      maxLifetimeSeconds: settings.recycle,
      connectionTimeoutMillis: settings.connectTimeout * 1000,
    },
    // Without it, statements are prepared each time.
    { statementNameGenerator: ({ sql }) => createHash("sha256").update(sql).digest("hex").slice(0, 32) },
  );
  const prisma = new PrismaClient({
    adapter,
    transactionOptions: { maxWait: settings.connectTimeout * 1000, timeout: settings.statementTimeout * 1000 },
  });
  return {
    transaction: (body) => prisma.$transaction((own) => body((text, values) => own.$queryRawUnsafe(text, ...values))),
    code: (error) =>
      error.meta?.driverAdapterError?.cause?.originalCode ?? error.cause?.originalCode ?? error.meta?.code,
    close: () => prisma.$disconnect(),
  };
}

await main({ version: require("@prisma/client/package.json").version, open });
