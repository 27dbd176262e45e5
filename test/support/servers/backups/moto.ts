import { CreateBucketCommand, ListMultipartUploadsCommand, S3Client } from "@aws-sdk/client-s3";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Bucket } from "../../../../cli/dumps/store/s3/client";
import { installMoto } from "../../../../setup/moto";
import { locations } from "../../../../lib/paths";
import { createReporter } from "../../../../lib/reporter";
import { freePorts } from "../ports";

/** A simulated S3 on a free loopback port; all that it holds is gone after `stop`. */
export interface Moto {
  readonly port: number;
  readonly client: S3Client;
  /** Settings of a new bucket. @param port default: the server's own; another for a proxy before it */
  bucket(name: string, port?: number): Promise<Bucket>;
  /** Keys of the bucket's uploads that were neither completed nor taken back. */
  unfinished(bucket: string): Promise<string[]>;
  stop(): Promise<void>;
}

const region = "eu-central-1";

async function answers(port: number, server: ChildProcess): Promise<void> {
  while (server.exitCode === null) {
    if (await fetch(`http://127.0.0.1:${port}/`).then(Boolean, () => false)) return;
    await sleep(50);
  }
  throw new Error("moto_server ended before it answered");
}

/** Starts moto's server; installs it first if this machine has none, so allow three minutes. */
export async function startMoto(): Promise<Moto> {
  const program = await installMoto(locations(), createReporter());
  const [port = 0] = await freePorts(1);
  const folder = mkdtempSync(join(tmpdir(), "howdah-moto-"));
  const credentialsFile = join(folder, "credentials");
  const key = { accessKeyId: "test", secretAccessKey: "a-secret-word" };
  const lines = [
    "[default]",
    `aws_access_key_id = ${key.accessKeyId}`,
    `aws_secret_access_key = ${key.secretAccessKey}`,
  ];
  writeFileSync(credentialsFile, `${lines.join("\n")}\n`, { mode: 0o600 });
  const arguments_ = ["--pdeathsig=KILL", program, "-H", "127.0.0.1", "-p", String(port)];
  const server = spawn("setpriv", arguments_, { cwd: folder, stdio: "ignore" });
  const ended = once(server, "exit");
  await answers(port, server);
  const client = new S3Client({
    region,
    endpoint: `http://127.0.0.1:${port}`,
    forcePathStyle: true,
    credentials: key,
  });
  return {
    port,
    client,
    bucket: async (name, seen = port) => {
      await client.send(
        new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration: { LocationConstraint: region } }),
      );
      return { bucket: name, prefix: "team/db", region, endpoint: `http://127.0.0.1:${seen}`, credentialsFile };
    },
    unfinished: async (bucket) => {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
      return Uploads.map(({ Key = "" }) => Key);
    },
    stop: async () => {
      client.destroy();
      server.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
