import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";
import { Component, transformed, type Transform } from "../../component";
import { connectionsPerDatabase } from "../../capacity/connections";
import type { Logins, Server } from "../../ports";
import { accessPlan, type AccessPlan, type Step } from "./plan";
import { loginSecret, type LoginSecret } from "./login-secret";
import { argumentsOf, locale } from "./arguments";
import { currentLogin } from "./rotation";
import type { Databases } from "../schema";
import { type SessionSettings, sessionSettings } from "./session-settings";

export interface AccessArgs {
  /** Server that gets them; reached without the pooler, as its administrator. */
  readonly server: Server;
  readonly databases: Databases;
  /** Refuse to delete databases and schemas, and keep them when they leave the program. */
  readonly protect: boolean;
  /** Major version of PostgreSQL, for the provider; by default it asks the server. */
  readonly version?: number;
  readonly transform?: {
    readonly database?: Transform<postgresql.DatabaseArgs>;
    readonly login?: Transform<postgresql.RoleArgs>;
  };
}

/** Makes the resource of a step, given its name and options. */
type Maker = (name: string, options: pulumi.CustomResourceOptions) => pulumi.Resource;

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
    const plan = accessPlan(args.databases, args.server.jobs);
    const withPassword = plan.logins.filter(({ byToken }) => byToken !== true);
    const secrets = new Map(
      withPassword.map(({ role, passwordVersion }) => [
        role,
        loginSecret(this, `${name}-login-${role}`, passwordVersion),
      ]),
    );
    const steps = makers(args, plan, secrets);
    const provider = providerOf(`${name}-server`, this, args);
    this.ready = inOrder(steps, (step, make, { after, within }) =>
      make(`${name}-${step.name}`, { parent: this, provider, dependsOn: after, ...within }),
    );
    this.sessionSettings = sessionSettings(args.databases, plan);
    this.passwords = Object.fromEntries([...secrets].map(([login, { password }]) => [login, password]));
    this.verifiers = Object.fromEntries([...secrets].map(([login, { verifier }]) => [login, verifier]));
    this.current = Object.fromEntries(
      Object.values(args.databases).flatMap(({ applications }) =>
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

/** What makes each step of the plan. */
function makers(args: AccessArgs, plan: AccessPlan, secrets: ReadonlyMap<string, LoginSecret>): [Step, Maker][] {
  const { transform = {}, server } = args;
  const kept = (removable: boolean) => ({
    protect: args.protect && !removable,
    retainOnDelete: args.protect && !removable,
  });
  const each = <S extends Step>(steps: readonly S[], maker: (step: S) => Maker): [Step, Maker][] =>
    steps.map((step) => [step, maker(step)]);
  return [
    ...each(plan.groups, (step) => (name, options) => new postgresql.Role(name, argumentsOf.group(step), options)),
    ...each(plan.logins, (step) => (name, options) => {
      const login = argumentsOf.login(step, secrets.get(step.role)?.verifier);
      return new postgresql.Role(name, transformed(transform.login, login), options);
    }),
    ...each(
      plan.administratorMemberships,
      ({ group }) =>
        (name, options) =>
          new postgresql.GrantRole(name, { role: server.administrator.name, grantRole: group }, options),
    ),
    ...each(plan.databases, ({ database, owner, removable }) => (name, options) => {
      const computed = { name: database, owner, ...locale, isTemplate: false };
      const own = { ...options, ...kept(removable) };
      return new postgresql.Database(name, transformed(transform.database, computed), own);
    }),
    ...each(plan.schemas, ({ schema, database, owner, removable }) => (name, options) => {
      const own = { ...options, ...kept(removable) };
      return new postgresql.Schema(name, { name: schema, database, owner, dropCascade: removable }, own);
    }),
    ...each(plan.grants, (step) => (name, options) => new postgresql.Grant(name, argumentsOf.grant(step), options)),
    ...each(
      plan.defaultPrivileges,
      (step) => (name, options) => new postgresql.DefaultPrivileges(name, argumentsOf.defaultPrivileges(step), options),
    ),
  ];
}

/** What a step has to do with others. */
interface Place {
  readonly after: pulumi.Resource[];
  readonly within: Pick<pulumi.CustomResourceOptions, "deletedWith">;
}

/** Makes every step after those that it names, each once. */
function inOrder(
  steps: readonly [Step, Maker][],
  create: (step: Step, make: Maker, place: Place) => pulumi.Resource,
): pulumi.Resource[] {
  const waiting = new Map(steps.map(([step, make]) => [step.name, { step, make }]));
  const made = new Map<string, pulumi.Resource>();
  const resource = (name: string): pulumi.Resource => {
    const ready = made.get(name);
    if (ready !== undefined) return ready;
    const found = waiting.get(name);
    if (found === undefined) throw new Error(`no step ${name} in the plan, or it waits for itself`);
    waiting.delete(name);
    const { after, within } = found.step;
    const place = { after: after.map(resource), within: within === undefined ? {} : { deletedWith: resource(within) } };
    const result = create(found.step, found.make, place);
    made.set(name, result);
    return result;
  };
  return steps.map(([step]) => resource(step.name));
}
