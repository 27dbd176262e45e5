import * as postgresql from "@pulumi/postgresql";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../component";
import { connectionsPerDatabase } from "../../capacity/connections";
import type { Logins, Server } from "../../ports";
import { accessPlan } from "./plan";
import { loginSecret } from "./logins/login-secret";
import { type AccessContext, accessResource } from "./resource";
import { currentLogin } from "./logins/rotation";
import type { Databases } from "../schema";
import { type SessionSettings, sessionSettings } from "./logins/session-settings";
import { type AccessPlan, stepsOf } from "./steps";

export interface AccessArgs {
  /** Server that gets them; reached without the pooler, as its administrator. */
  readonly server: Server;
  readonly databases: Databases;
  /** The most poolers at a time. Default: one. */
  readonly poolers?: number;
  /** Refuse to delete databases and schemas, and keep them when they leave the program. */
  readonly protect: boolean;
  /** Major version of PostgreSQL, for the provider; by default it asks the server. */
  readonly version?: number;
}

/** Roles, databases, schemas and grants on one server, in the order of the plan. */
export class Access extends Component implements Logins {
  public readonly passwords: Readonly<Record<string, pulumi.Output<string>>>;
  /** SCRAM verifiers by login, for a pooler's own list of users. */
  public readonly verifiers: Readonly<Record<string, pulumi.Output<string>>>;
  public readonly current: Readonly<Record<string, string>>;
  public readonly sessionSettings: SessionSettings;
  public readonly ready: readonly pulumi.Resource[];

  public constructor(name: string, args: AccessArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("howdah:postgres:Access", name, options);
    const { server, databases, protect, poolers } = args;
    const plan = accessPlan(databases, { jobs: server.jobs, poolers });
    const secrets = stepsOf(plan, "login")
      .filter(({ byToken }) => byToken !== true)
      .map(({ role, passwordVersion }) => ({
        role,
        ...loginSecret(this, `${name}-login-${role}`, passwordVersion),
      }));
    this.passwords = Object.fromEntries(secrets.map(({ role, password }) => [role, password]));
    this.verifiers = Object.fromEntries(secrets.map(({ role, verifier }) => [role, verifier]));
    const provider = providerOf(`${name}-server`, this, args);
    const context = { server, protect, verifiers: this.verifiers };
    this.ready = inOrder(plan, context, { name, parent: this, provider });
    this.sessionSettings = sessionSettings(databases, plan);
    this.current = Object.fromEntries(
      Object.values(databases).flatMap(({ applications }) =>
        Object.entries(applications).map(([application, { rotations }]) => [
          application,
          currentLogin(application, rotations),
        ]),
      ),
    );
    this.registerOutputs({});
  }
}

const providerOf = (name: string, parent: pulumi.Resource, { server, version }: AccessArgs): postgresql.Provider =>
  new postgresql.Provider(
    name,
    {
      host: server.administrator.endpoint.host,
      port: server.administrator.endpoint.port,
      // Named, as PGDATABASE would decide it otherwise.
      database: "postgres",
      username: server.administrator.name,
      password: server.administrator.password,
      sslmode: server.administrator.sslmode,
      sslrootcert: server.caFile,
      superuser: false,
      connectTimeout: 15,
      // The plan is one chain, so two are used; reads of a refresh come several at a time.
      maxConnections: connectionsPerDatabase,
      ...(version === undefined ? {} : { expectedVersion: `${version}.0` }),
    },
    { parent, dependsOn: [...server.ready] },
  );

/** Makes every step of the plan after the one before it. */
function inOrder(
  plan: AccessPlan,
  context: AccessContext,
  { name, ...options }: pulumi.CustomResourceOptions & { readonly name: string },
): pulumi.Resource[] {
  const made = new Map<string, pulumi.Resource>();
  let previous: pulumi.Resource[] = [];
  for (const step of plan) {
    const resource = accessResource(step, context, {
      name: `${name}-${step.name}`,
      ...options,
      dependsOn: previous,
      deletedWith: step.within === undefined ? undefined : made.get(step.within),
    });
    made.set(step.name, resource);
    previous = [resource];
  }
  return [...made.values()];
}
