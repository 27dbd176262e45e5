import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import { parse } from "yaml";
import { ownKeys } from "../../stacks/config";
import { parseSettings, type Settings } from "../../stacks/settings";

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
}

/** Begins every generated secret: whatever holds it in clear gives one away. */
export const secretWord = "clear-text-of-";

const keyPair = (name: string) => ({ certificatePem: `public-part-of-${name}`, privateKeyPem: `${secretWord}${name}` });
const nothing = () => ({});

/** Outputs that each type adds to its inputs; a type that is not here is refused. */
const outputs: Readonly<Record<string, (name: string) => Record<string, string | number>>> = {
  "host:index:BackupStanza": nothing,
  "host:index:Certificate": keyPair,
  "host:index:CertificateAuthority": keyPair,
  "host:index:Directory": nothing,
  "host:index:File": nothing,
  "host:index:Fixed": nothing,
  "host:index:PostgresCluster": nothing,
  "host:index:RestoreDrill": () => ({ lastVerifiedAt: "2026-11-25T12:00:00.000Z", measuredRtoSeconds: 4.2 }),
  "host:index:Script": nothing,
  "host:index:Service": nothing,
  "host:index:Supervisor": nothing,
  "postgresql:index/database:Database": nothing,
  "postgresql:index/defaultPrivileges:DefaultPrivileges": nothing,
  "postgresql:index/grant:Grant": nothing,
  "postgresql:index/grantRole:GrantRole": nothing,
  "postgresql:index/role:Role": nothing,
  "postgresql:index/schema:Schema": nothing,
  "pulumi:providers:postgresql": nothing,
  "random:index/randomBytes:RandomBytes": () => ({ base64: Buffer.alloc(32, "0123456789abcdef").toString("base64") }),
  "random:index/randomPassword:RandomPassword": (name) => ({ result: `${secretWord}${name}` }),
};

/** What the monitor is asked and `MockResourceArgs` does not tell. */
interface Request {
  getParent(): string;
  /** `<urn>::<id>`, or empty. */
  getProvider(): string;
  getDependenciesList(): string[];
  getAdditionalsecretoutputsList(): string[];
}

const nameOf = (urn: string): string => urn.split("::")[3] ?? "";

/** Plays the engine strictly: an unknown type is refused, a secret output is one, and in a preview outputs are unknown. */
class Recorder implements pulumi.runtime.Mocks {
  readonly registrations: Registration[] = [];

  /** @param request what the monitor was asked last: it calls `newResource` at once */
  constructor(
    private readonly preview: boolean,
    private readonly request: () => Request,
  ) {}

  newResource({ type, name, inputs }: pulumi.runtime.MockResourceArgs): pulumi.runtime.MockResourceResult {
    const component = type.startsWith("howdah:");
    const extra = component ? nothing : outputs[type];
    if (extra === undefined) throw new Error(`unexpected type ${type}`);
    const request = this.request();
    const waitsFor = [...request.getDependenciesList(), request.getProvider()].filter((urn) => urn !== "");
    const parent = request.getParent() === "" ? {} : { parent: nameOf(request.getParent()) };
    const given = inputs as Record<string, unknown>;
    this.registrations.push({ type, name, inputs: given, dependencies: waitsFor.map(nameOf), ...parent });
    const secret = new Set(request.getAdditionalsecretoutputsList());
    const made = Object.entries(this.preview ? {} : extra(name)).map(
      ([key, value]) => [key, secret.has(key) ? pulumi.secret(value) : value] as const,
    );
    return { id: component || this.preview ? "" : `${name}-id`, state: { ...given, ...Object.fromEntries(made) } };
  }

  call({ token }: pulumi.runtime.MockCallArgs): never {
    throw new Error(`unexpected call ${token}`);
  }
}

/** What a program made. */
export interface Graph<T> {
  readonly registrations: readonly Registration[];
  readonly result: T;
}

/** Runs a program against a strict stand-in of the engine. @param preview outputs of new resources are unknown */
export async function graphOf<T>(program: () => T, preview = false): Promise<Graph<T>> {
  const asked = jest.spyOn(MockMonitor.prototype, "registerResource");
  const recorder = new Recorder(preview, () => asked.mock.calls.at(-1)?.[0] as Request);
  await pulumi.runtime.setMocks(recorder, "howdah", "local", preview);
  const result = program();
  await pulumi.runtime.disconnect();
  asked.mockRestore();
  return { registrations: recorder.registrations, result };
}

/** Settings of a `Pulumi.<stack>.yaml`, after a change of its keys. */
export function settingsOf(stack: string, change: (keys: Record<string, unknown>) => void = () => undefined): Settings {
  const file = parse(readFileSync(join(__dirname, `../../Pulumi.${stack}.yaml`), "utf8")) as { config: object };
  const texts = Object.entries(file.config).map(([key, value]): [string, string] => [key, JSON.stringify(value)]);
  const keys = ownKeys(Object.fromEntries(texts));
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
