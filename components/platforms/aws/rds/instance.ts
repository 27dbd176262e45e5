import * as rds from "@pulumi/aws/rds";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../../component";
import type { Endpoint } from "../../../ports";
import { pointInTimeDays } from "../backups/tiers";
import {
  common,
  groupOf,
  groupOptions,
  growth,
  instanceCommon,
  origin,
  originOptions,
  volume,
  zoneOf,
} from "./arguments";
import { finalSnapshot } from "./final-snapshot";
import { OwnPassword } from "./password";
import { administratorLogin, type Servers, type ServersArgs } from "./servers";

/** Names below the identifier; also what the logs are named after. */
export const instanceNames = (replicas: number): string[] => [
  "primary",
  ...Array.from({ length: replicas }, (_, index) => `replica${index + 1}`),
];

/**
 * RDS Multi-AZ instance: a primary with a standby in another zone, to which every commit is copied at once, and read replicas
 * spread over the zones.
 */
export class InstanceServers extends Component {
  readonly servers: Servers;

  constructor(
    private readonly name: string,
    private readonly args: ServersArgs,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("howdah:aws:InstanceServers", name, options);
    const { input, settings } = args;
    const password = new OwnPassword(`${name}-administrator`, args, { parent: this }).value;
    const parameters = this.parameters();
    const primary = this.primary(parameters, password);
    const replicas = instanceNames(input.postgres.replicas)
      .slice(1)
      .map((part, index) => this.replica(part, { primary, parameters, zone: zoneOf(settings, index + 1) }));
    const endpoint = (one: rds.Instance): Endpoint => ({ host: one.address, port: settings.port });
    const all = [primary, ...replicas];
    const readTargets = (replicas.length > 0 ? replicas : [primary]).map(endpoint);
    this.servers = {
      readWrite: endpoint(primary),
      readOnly: readTargets[0] ?? endpoint(primary),
      nodes: instanceNames(input.postgres.replicas).flatMap((part, index) => {
        const one = all[index];
        return one === undefined ? [] : [{ name: part, ...endpoint(one) }];
      }),
      readTargets,
      password,
      resourceIds: all.map((one) => one.resourceId),
      runningVersion: primary.engineVersionActual,
      protects: [{ name: "primary", kind: "instance", arn: primary.arn }],
      ready: all,
    };
    this.registerOutputs({});
  }

  private parameters(): rds.ParameterGroup {
    const { args, name } = this;
    // A blue/green deployment copies rows to the green server by logical replication.
    const group = groupOf(args, { engine: "postgres", logicalReplication: this.isBlueGreen(args.settings) });
    return new rds.ParameterGroup(`${name}-${group.family}`, group, { parent: this, ...groupOptions });
  }

  private isBlueGreen({ upgrade }: ServersArgs["settings"]): boolean {
    return upgrade.blueGreen && this.args.input.postgres.replicas === 0;
  }

  private primary(parameters: rds.ParameterGroup, password: pulumi.Output<string>): rds.Instance {
    const { args, name } = this;
    const { settings, identifier, observation } = args;
    return new rds.Instance(
      `${name}-primary`,
      {
        identifier: `${identifier}-primary`,
        engine: "postgres",
        instanceClass: settings.instanceClass,
        username: administratorLogin,
        password,
        multiAz: settings.multiAz ?? true,
        parameterGroupName: parameters.name,
        backupRetentionPeriod: pointInTimeDays(settings, args.input.backup),
        backupWindow: settings.backupWindow,
        maintenanceWindow: settings.maintenanceWindow,
        ...common(args),
        ...origin(args),
        ...finalSnapshot(args, name, this),
        ...instanceCommon(args),
        ...volume(settings),
        ...(this.isBlueGreen(settings) ? { blueGreenUpdate: { enabled: true } } : {}),
      },
      { parent: this, dependsOn: [...observation.ready], ...originOptions(settings) },
    );
  }

  private replica(
    part: string,
    { primary, parameters, zone }: { primary: rds.Instance; parameters: rds.ParameterGroup; zone: string },
  ): rds.Instance {
    const { args, name } = this;
    const { settings, identifier, observation } = args;
    return new rds.Instance(
      `${name}-${part}`,
      {
        identifier: `${identifier}-${part}`,
        replicateSourceDb: primary.identifier,
        availabilityZone: zone,
        instanceClass: settings.instanceClass,
        parameterGroupName: parameters.name,
        maintenanceWindow: settings.maintenanceWindow,
        ...common(args),
        ...instanceCommon(args),
        // As large as the primary's is by then; what the config says may be less.
        ...growth(settings),
        // Nothing is on a replica that the primary has not.
        skipFinalSnapshot: true,
      },
      { parent: this, dependsOn: [...observation.ready] },
    );
  }
}
