import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { CronJob } from "@pulumi/kubernetes/batch/v1";
import { ConfigMap, Secret, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { ageIdentity, ageRecipient, seedShape, withEarlier } from "../../backup/age-identity";
import { Component } from "../../component";
import type { Cloud } from "../../ports/cloud";
import type { Logins } from "../../ports/logins";
import { remoteStackFile } from "./stack-file";
import type { TokenAuth } from "../../../contracts/stack-file";
import type { PlatformInput } from "../../ports/platform";
import { type ScheduledJob, scheduledJobs } from "./plan";
import { paths } from "../kit/image";
import {
  jobFileOf,
  jobLoginOf,
  type JobPodInput,
  jobPod,
  loginSecretNameOf,
  opensDumps,
  type ScheduledName,
} from "./pod";
import { labelsOf, names } from "../kit/names";
import { metadataOf, type KubeScope, within } from "../kit/scope";
import { loginSecretOf } from "../kit/secrets";
import type { KubernetesSettings } from "../schema";

export interface JobsArgs {
  readonly scope: KubeScope;
  readonly input: PlatformInput;
  readonly settings: KubernetesSettings;
  readonly cloud: Pick<Cloud, "server" | "dumps" | "identity">;
  readonly logins: Pick<Logins, "passwords">;
  /** What has to exist before a job can log in. */
  readonly needs: readonly pulumi.Resource[];
}

/** Dumps, drills and maintenance on schedules. */
export class Jobs extends Component {
  /** Key that decrypts the dumps. */
  readonly key: pulumi.Output<string>;
  private readonly ownKey: boolean;
  /** Public: what dumps are encrypted to. */
  private readonly recipient: pulumi.Output<string>;
  /** How jobs get a token to log in with; without it they have passwords. */
  private readonly tokens: TokenAuth | undefined;
  private readonly needs: readonly pulumi.Resource[];

  constructor(
    name: string,
    private readonly args: JobsArgs,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("howdah:kubernetes:Jobs", name, options);
    const { input, cloud, needs } = args;
    if (cloud.server.jobs === undefined) throw new Error("the platform of the servers provides no logins for jobs");
    this.tokens = cloud.server.jobs.tokens;
    const { recipient } = input.backup.logical;
    this.ownKey = recipient === undefined;
    const seed = this.ownKey ? this.seed(`${name}-dumps-seed`) : undefined;
    this.recipient = pulumi.unsecret(seed?.apply(ageRecipient) ?? pulumi.output(recipient ?? ""));
    this.key =
      seed === undefined
        ? pulumi.secret(`# The private key of ${recipient ?? ""} is not stored here.\n`)
        : this.keyFile(seed);
    this.needs = [...needs, ...(seed === undefined ? [] : [this.keySecret(`${name}-dumps-key`)])];
    const planned = scheduledJobs(input.backup);
    const jobs = [...new Set(planned.map(({ job }) => job))];
    const accounts = new Map(jobs.map((job) => [job, this.account(`${name}-${job}`, job)]));
    for (const one of planned) this.cronJob(`${name}-${one.name}-schedule`, one, accounts.get(one.job) ?? []);
    this.registerOutputs({});
  }

  /** Without it no dump of this stack can be opened, ever. */
  private seed(name: string): pulumi.Output<string> {
    const options = { parent: this, retainOnDelete: true };
    // Registered once more so that the engine may leave it out in the next `up`: it was protected.
    if (this.args.input.earlierKeys?.formerSeed === true)
      new random.RandomBytes(name, { length: 32 }, { ...options, protect: false });
    return pulumi.secret(new random.RandomPassword(name, seedShape, { ...options, protect: true }).result);
  }

  /** Dumps that were encrypted to an earlier key can still be opened. */
  private keyFile(seed: pulumi.Output<string>): pulumi.Output<string> {
    const earlier = this.args.input.earlierKeys?.identities ?? pulumi.output([]);
    return pulumi
      .all([seed, earlier])
      .apply(([password, identities]) => withEarlier(ageIdentity(password), identities));
  }

  private keySecret(name: string): Secret {
    const { scope } = this.args;
    return new Secret(
      name,
      { metadata: metadataOf(scope, names.dumpsKey), type: "Opaque", stringData: { "dumps.key": this.key } },
      within(this, scope),
    );
  }

  /** A job's service account, and its configuration. */
  private account(name: string, job: ScheduledName): pulumi.Resource[] {
    const { scope, cloud } = this.args;
    const login = this.tokens === undefined ? jobLoginOf(job) : undefined;
    const account = new ServiceAccount(
      `${name}-account`,
      {
        metadata: {
          ...metadataOf(scope, job, job),
          annotations: cloud.identity(job, { namespace: scope.namespace, serviceAccount: job }),
        },
        automountServiceAccountToken: false,
      },
      within(this, scope),
    );
    const configuration = new ConfigMap(
      `${name}-file`,
      { metadata: metadataOf(scope, `job-${job}`, job), data: { "job.json": this.file(job) } },
      within(this, scope),
    );
    return [account, configuration, ...(login === undefined ? [] : [this.loginSecret(`${name}-login`, job, login)])];
  }

  private loginSecret(name: string, job: ScheduledName, login: string): Secret {
    const { scope, logins } = this.args;
    const password = loginSecretOf(logins.passwords, login);
    return new Secret(
      name,
      {
        metadata: metadataOf(scope, loginSecretNameOf(job), job),
        type: "Opaque",
        stringData: { password },
      },
      within(this, scope),
    );
  }

  private file(job: ScheduledName): pulumi.Output<string> {
    const { input, cloud, settings } = this.args;
    const { tokens } = this;
    const { imagePostgres } = settings;
    const { readWrite } = cloud.server;
    const key = job === opensDumps && this.ownKey ? { identityFile: paths.dumpsKey } : undefined;
    return pulumi.all([readWrite.host, cloud.dumps.bucket, this.recipient]).apply(([host, bucket, recipient]) => {
      const { prefix, region } = cloud.dumps;
      const primary = { host, port: readWrite.port };
      const dumps = { bucket, prefix, region };
      return jobFileOf(
        remoteStackFile(job, { input, imagePostgres, primary, tokens, dumps, key: key ?? { recipient } }),
      );
    });
  }

  private podInput(): JobPodInput {
    const { ownKey, tokens, args } = this;
    return { settings: args.settings, region: args.cloud.dumps.region, ownKey, tokens: tokens !== undefined };
  }

  private cronJob(name: string, planned: ScheduledJob, account: readonly pulumi.Resource[]): void {
    const { scope } = this.args;
    const component = planned.job;
    const labels = labelsOf(scope.stack, component);
    new CronJob(
      name,
      {
        metadata: metadataOf(scope, planned.name, component),
        spec: {
          schedule: planned.schedule,
          timeZone: "Etc/UTC",
          concurrencyPolicy: "Forbid",
          startingDeadlineSeconds: 1800,
          successfulJobsHistoryLimit: 3,
          failedJobsHistoryLimit: 5,
          jobTemplate: {
            metadata: { labels },
            spec: {
              backoffLimit: 2,
              activeDeadlineSeconds: planned.deadlineSeconds,
              ttlSecondsAfterFinished: 7 * 86_400,
              template: { metadata: { labels }, spec: jobPod(planned.job, planned.args, this.podInput()) },
            },
          },
        },
      },
      within(this, scope, [...account, ...this.needs]),
    );
  }
}
