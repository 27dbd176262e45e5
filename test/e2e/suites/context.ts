import { readFileSync } from "node:fs";
import { Client, type ClientConfig } from "pg";
import { generatedPasswords } from "../../support/clouds/secrets";
import type { TestStack } from "../../support/stack/stack";

/** A running stack, and what the tests of it look up once. */
export interface Running {
  readonly stack: TestStack;
  readonly ca: string;
  /** Ports, by what answers there. */
  readonly ports: { readonly pooler: number; readonly readWrite: number; readonly nodes: readonly number[] };
  /** Port of the primary when the tests began. */
  readonly primary: number;
  /** Generated passwords by logical name. */
  readonly passwords: Readonly<Record<string, string>>;
}

export async function look(stack: TestStack): Promise<Running> {
  const { ca, nodes, pooler } = await stack.outputs();
  const members = await stack.members();
  const leader = members.find(({ role }) => role === "leader")?.name;
  return {
    stack,
    ca: readFileSync(ca, "utf8"),
    ports: { pooler: pooler.port, readWrite: pooler.port + 1, nodes: nodes.map(({ port }) => port) },
    primary: nodes.find(({ name }) => name === leader)?.port ?? 0,
    passwords: await generatedPasswords(stack),
  };
}

/** Logs in with verify-full, runs `work`, and ends the session. */
export async function session<T>(
  running: Running,
  config: ClientConfig,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({ host: "127.0.0.1", ssl: { ca: running.ca }, connectionTimeoutMillis: 10_000, ...config });
  // A server that ends the session says so twice: to the query, and here.
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Why a login is refused; `"let in"` if it is not. */
export function refusal(running: Running, config: ClientConfig): Promise<string> {
  return session(running, config, () => Promise.resolve("let in")).catch((error: unknown) => (error as Error).message);
}
