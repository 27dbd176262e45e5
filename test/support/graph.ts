import { checkout } from "../../lib/paths";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import { keysOfFile } from "../../stacks/config/keys";
import { parseSettings, type Settings } from "../../stacks/config/settings";
import { outputsOf } from "../../dev/graph/recorder";
import "./jest/traces";

/** One resource as the engine would hear of it. */
export interface Registration {
  readonly type: string;
  readonly name: string;
  /** A secret is still wrapped, see `clear` and `hidden`. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Name of the parent; absent at the top. */
  readonly parent?: string;
  /** Names of the resources that it waits for. */
  readonly dependencies: readonly string[];
  /** Neither deleted by accident nor with the stack; absent if it may go. */
  readonly kept?: true;
  /** Names that it had in earlier versions; absent if it had no other. */
  readonly aliases?: readonly string[];
}

/** What the setup tells a program of a local stack about this machine. */
export const localSurroundings = {
  HOWDAH_PYTHON: "/opt/python/bin",
  HOWDAH_SUPERCRONIC: "/opt/supercronic",
  HOWDAH_PGBOUNCER: "/opt/pgbouncer",
  HOWDAH_NODE: "/opt/node",
  HOWDAH_OPS: "/opt/howdah.cjs",
  HOWDAH_STATE_ROOT: "/var/lib/howdah",
};

/** Begins every generated secret: whatever holds it in clear gives one away. */
export const secretWord = "clear-text-of-";

/** Begins what is drawn in this run: with another one, everything random is different. */
let draw = "";

/** Runs programs in whose graphs everything random is different from that of another `name`. */
export async function drawnAs<T>(name: string, run: () => Promise<T>): Promise<T> {
  draw = name;
  try {
    return await run();
  } finally {
    draw = "";
  }
}

const drawn = (name: string): string => `${secretWord}${draw}${name}`;
/** Value, and in base64 the id, of the `RandomBytes` of that name. */
export const drawnBytes = (name: string): Buffer =>
  draw === "" ? Buffer.alloc(32, "0123456789abcdef") : createHash("sha256").update(drawn(name)).digest();
const keyPair = (name: string) => ({ certificatePem: `public-part-of-${name}`, privateKeyPem: drawn(name) });
const nothing = () => ({});

/** References, as `npm run graph` writes them. */
const refers =
  (...properties: readonly string[]) =>
  (name: string): Record<string, string> =>
    Object.fromEntries(properties.map((property) => [property, `\${${name}.${property}}`]));

/** Hosts are looked at by those who write files with them: the reference is one that could be a host. */
const hostOf = (name: string, property: string): string => `${name}.${property}.computed.invalid`;

/** A server, with its hosts and other properties; RDS manages its administrator's password. */
const server =
  (hosts: readonly string[], ...properties: readonly string[]) =>
  (name: string): Record<string, unknown> => ({
    ...refers(...properties)(name),
    ...Object.fromEntries(hosts.map((property) => [property, hostOf(name, property)])),
    masterUserSecrets: [{ secretArn: `\${${name}.masterUserSecrets.0.secretArn}` }],
  });

/**
 * Outputs that types of this machine add to their inputs, and those whose values a program looks at; of all others `npm run graph` knows
 * what they compute, and refuses a type that it does not know.
 */
const outputs: Readonly<Record<string, (name: string) => Record<string, unknown>>> = {
  "aws:rds/cluster:Cluster": server(["endpoint", "readerEndpoint"], "arn", "clusterResourceId", "engineVersionActual"),
  "aws:rds/clusterInstance:ClusterInstance": (name) => ({ endpoint: hostOf(name, "endpoint") }),
  "aws:rds/instance:Instance": server(["address"], "arn", "engineVersionActual", "resourceId"),
  "host:index:Certificate": keyPair,
  "host:index:CertificateAuthority": keyPair,
  "host:index:RestoreDrill": () => ({ lastVerifiedAt: "2026-11-25T12:00:00.000Z", measuredRtoSeconds: 4.2 }),
  "random:index/randomBytes:RandomBytes": (name) => ({ base64: drawnBytes(name).toString("base64") }),
  "random:index/randomId:RandomId": () => ({ hex: "01234567" }),
  "random:index/randomPassword:RandomPassword": (name) => ({
    result: drawn(name),
    bcryptHash: drawn(`${name}-hash`),
  }),
};

/** Ids as the plugins make them; of all other types they are of no interest. */
const ids: Readonly<Record<string, (name: string) => string>> = {
  // "cannot yet support secret markers on resource IDs" (pulumi-random, resources.go)
  "random:index/randomBytes:RandomBytes": (name) => drawnBytes(name).toString("base64"),
  "random:index/randomPassword:RandomPassword": () => "none",
};

/** What is found if a program reads an object that others made; a type that is not here is refused. */
const others: Readonly<Record<string, Record<string, unknown>>> = {
  "kubernetes:core/v1:Secret": {
    data: { "ca.crt": Buffer.from("public-part").toString("base64"), "tls.key": `${secretWord}others` },
  },
};

/** What the monitor is asked and `MockResourceArgs` does not tell. */
interface Request {
  getParent(): string;
  /** `<urn>::<id>`, or empty. */
  getProvider(): string;
  getDependenciesList(): string[];
  getProtect(): boolean | undefined;
  getRetainondelete(): boolean | undefined;
  getAdditionalsecretoutputsList(): string[];
  getAliasesList(): { getSpec(): { getName(): string } | undefined }[];
}

/** What functions of providers return, by token. */
export type Answers = Readonly<Record<string, (inputs: Readonly<Record<string, unknown>>) => Record<string, unknown>>>;

const nameOf = (urn: string): string => urn.split("::")[3] ?? "";

/** Plays the engine strictly: an unknown type is refused, a secret output is one, and in a preview outputs are unknown. */
class Recorder implements pulumi.runtime.Mocks {
  readonly registrations: Registration[] = [];
  readonly made: Made[] = [];

  /** @param request what the monitor was asked last: it calls `newResource` at once */
  constructor(
    private readonly preview: boolean,
    private readonly answers: Answers,
    private readonly request: () => Request,
  ) {}

  newResource({ type, name, inputs, id }: pulumi.runtime.MockResourceArgs): pulumi.runtime.MockResourceResult {
    if (id !== undefined && id !== "") return this.found(type, id);
    const component = type.startsWith("howdah:");
    const extra = component ? nothing : (outputs[type] ?? (() => outputsOf(type, name, {})));
    const request = this.request();
    const waitsFor = [...request.getDependenciesList(), request.getProvider()].filter((urn) => urn !== "");
    const parent = request.getParent() === "" ? {} : { parent: nameOf(request.getParent()) };
    const kept = request.getProtect() === true && request.getRetainondelete() === true ? ({ kept: true } as const) : {};
    const given = inputs as Record<string, unknown>;
    const earlier = request.getAliasesList().map((alias) => alias.getSpec()?.getName() ?? "");
    const aliases = earlier.length === 0 ? {} : { aliases: earlier };
    const dependencies = waitsFor.map(nameOf);
    this.registrations.push({ type, name, inputs: given, dependencies, ...parent, ...kept, ...aliases });
    const secret = new Set(request.getAdditionalsecretoutputsList());
    const made = Object.entries(this.preview ? {} : extra(name)).map(
      ([key, value]) => [key, secret.has(key) ? pulumi.secret(value) : value] as const,
    );
    // What the program gives is not computed.
    const state =
      outputs[type] === undefined
        ? { ...Object.fromEntries(made), ...given }
        : { ...given, ...Object.fromEntries(made) };
    const own = ids[type]?.(name) ?? `${name}-id`;
    this.made.push({ id: own, state });
    return { id: component || this.preview ? "" : own, state };
  }

  /** An object that others made: it is not registered. */
  private found(type: string, id: string): pulumi.runtime.MockResourceResult {
    const state = others[type];
    if (state === undefined) throw new Error(`unexpected read of ${type}`);
    const secrets = Object.entries(this.preview ? {} : state).map(
      ([key, value]) => [key, pulumi.secret(value)] as const,
    );
    return { id, state: Object.fromEntries(secrets) };
  }

  call({ token, inputs }: pulumi.runtime.MockCallArgs): Record<string, unknown> {
    const answer = this.answers[token];
    if (answer === undefined) throw new Error(`unexpected call ${token}`);
    return answer(inputs as Record<string, unknown>);
  }
}

/** What a state file has of a resource in addition to its name. */
export interface Made {
  readonly id: string;
  /** Inputs and outputs; a secret is still wrapped. */
  readonly state: Readonly<Record<string, unknown>>;
}

/** What a program made. */
export interface Graph<T> {
  readonly registrations: readonly Registration[];
  readonly made: readonly Made[];
  readonly result: T;
}

/**
 * Runs a program against a strict stand-in of the engine.
 * @param preview outputs of new resources are unknown
 * @param answers to what the program asks; anything else is refused
 */
export async function graphOf<T>(program: () => T, preview = false, answers: Answers = {}): Promise<Graph<T>> {
  const asked = jest.spyOn(MockMonitor.prototype, "registerResource");
  const recorder = new Recorder(preview, answers, () => asked.mock.calls.at(-1)?.[0] as Request);
  await pulumi.runtime.setMocks(recorder, "howdah", "local", preview, "organization");
  const { stackTraceLimit } = Error;
  // Node's own, as in an `up`: Pulumi takes a trace at every property of every resource, and jest makes them ten times as long.
  Error.stackTraceLimit = 10;
  try {
    const result = program();
    return { registrations: recorder.registrations, made: recorder.made, result };
  } finally {
    // Also after a program that threw: what it had begun must not end in the next one.
    await pulumi.runtime.disconnect();
    asked.mockRestore();
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Settings of a `Pulumi.<stack>.yaml`, after a change of its keys. */
export function settingsOf(stack: string, change: (keys: Record<string, unknown>) => void = () => undefined): Settings {
  const keys = keysOfFile(readFileSync(join(checkout, `Pulumi.${stack}.yaml`), "utf8"));
  change(keys);
  return parseSettings(keys);
}

const signature = "4dabf18193072939515e22adb298388d";

function walked(value: unknown, onSecret: (inner: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => walked(item, onSecret));
  if (typeof value !== "object" || value === null) return value;
  const properties = value as Record<string, unknown>;
  if (signature in properties) return onSecret(properties["value"]);
  return Object.fromEntries(Object.entries(properties).map(([key, item]) => [key, walked(item, onSecret)]));
}

/** Inputs with secrets unwrapped. */
export const clear = (value: unknown): unknown => walked(value, (inner) => clear(inner));

/** Inputs as somebody sees them who may not see secrets. */
export const hidden = (value: unknown): unknown => walked(value, () => "[secret]");
