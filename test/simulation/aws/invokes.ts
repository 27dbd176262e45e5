import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Properties } from "../../../providers/runtime/resource";
import type { World } from "../world";
import { text } from "./row";

/** Environment variable with the password of every master user; without it each has one of its own. */
export const masterPasswordVariable = "HOWDAH_SIMULATION_MASTER_PASSWORD";

interface Managed {
  readonly secretArn: string;
}

/** The JSON that RDS keeps of a master user. */
function managedSecret(world: World, arn: string): string | undefined {
  const owner = [...world.all("aws:rds/instance:Instance"), ...world.all("aws:rds/cluster:Cluster")].find(
    ({ state }) =>
      (state["masterUserSecrets"] as Managed[] | undefined)?.some(({ secretArn }) => secretArn === arn) === true,
  );
  if (owner === undefined) return undefined;
  const password =
    process.env[masterPasswordVariable] ?? createHash("sha256").update(`${arn} password`).digest("base64url");
  return JSON.stringify({ username: owner.state["username"] ?? owner.state["masterUsername"], password });
}

const newest = (world: World, arn: string): unknown =>
  world.all("aws:secretsmanager/secretVersion:SecretVersion").findLast(({ state }) => state["secretId"] === arn)?.state[
    "secretString"
  ];

function getSecretVersion(world: World, { secretId }: Properties): Properties {
  const arn = text(secretId);
  const secretString = managedSecret(world, arn) ?? newest(world, arn);
  if (secretString === undefined)
    throw new Error(`ResourceNotFoundException: Secrets Manager can't find the specified secret ${arn}`);
  const versionId = createHash("sha256").update(arn).digest("hex").slice(0, 32);
  return { id: `${arn}|AWSCURRENT`, arn, secretId: arn, secretString, versionId, versionStages: ["AWSCURRENT"] };
}

const folderOf = (world: World, bucket: string): string => join(world.root, "objects", bucket);

function keysOf(world: World, bucket: string): string[] {
  const folder = folderOf(world, bucket);
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.map((file) => relative(folder, file)).sort();
}

function getObjects(world: World, { bucket, prefix, maxKeys }: Properties): Properties {
  const keys = keysOf(world, text(bucket)).filter((key) => key.startsWith(text(prefix)));
  const most = typeof maxKeys === "number" ? maxKeys : 1000;
  return { id: text(bucket), bucket, prefix, keys: keys.slice(0, most), commonPrefixes: [], owners: [] };
}

function getObject(world: World, { bucket, key }: Properties): Properties {
  const path = world.objectFile(text(bucket), text(key));
  if (!existsSync(path)) throw new Error(`NoSuchKey: The specified key does not exist: ${text(key)}`);
  const body = readFileSync(path, "utf8");
  return {
    id: `${text(bucket)}/${text(key)}`, arn: `arn:aws:s3:::${text(bucket)}/${text(key)}`, bucket, key, body,
    contentLength: body.length, contentType: "application/json",
  }; // prettier-ignore
}

const sources: Readonly<Record<string, (world: World, args: Properties) => Properties>> = {
  "aws:s3/getObject:getObject": getObject,
  "aws:s3/getObjects:getObjects": getObjects,
  "aws:secretsmanager/getSecretVersion:getSecretVersion": getSecretVersion,
};

/** Answers a data source. @throws for one that is not simulated, with its token */
export function invoke(world: World, token: string, args: Properties): Properties {
  const source = sources[token];
  if (source === undefined)
    throw new Error(`the simulated aws has no data source ${token}; it has: ${Object.keys(sources).join(", ")}`);
  return source(world, args);
}
