import { type BackupPlan, backupPlan, profileOf, usualDumps } from "../../components/backup/plan";
import type { BackupSettings } from "../../components/backup/schema";
import type { complianceProfiles } from "../../components/compliance/rule";
import type { NetworkSettings } from "../../components/network/schema";
import type { PoolerSettings } from "../../components/pgbouncer/schema";
import type { AwsSettings } from "../../components/platforms/aws/schema/schema";
import type { KubernetesSettings } from "../../components/kubernetes/schema";
import type { LocalSettings } from "../../components/platforms/local/schema";
import type { Databases, Objectives, PostgresSection } from "../../components/postgres/schema";
import type { Problem } from "../../lib/values";

/** The sections of a config that are right in themselves; one that is broken is left out. */
export interface Sections {
  /** Name of the stack; absent if nobody knows it yet. */
  readonly stack?: string;
  readonly platform?: "local" | "aws";
  readonly compliance?: (typeof complianceProfiles)[number];
  readonly objectives?: Objectives;
  readonly postgres?: PostgresSection;
  readonly pooler?: PoolerSettings;
  readonly databases?: Databases;
  readonly network?: NetworkSettings;
  readonly backup?: BackupSettings;
  readonly local?: LocalSettings | undefined;
  readonly aws?: AwsSettings | undefined;
  readonly kubernetes?: KubernetesSettings | undefined;
}

export type With<K extends keyof Sections> = Sections & { readonly [P in K]-?: NonNullable<Sections[P]> };

const has = <K extends keyof Sections>(given: Sections, needs: readonly K[]): given is With<K> =>
  needs.every((key) => given[key] !== undefined);

/** A check that runs where all the sections that it needs are right. */
export const check =
  <K extends keyof Sections>(needs: readonly K[], problems: (sections: With<K>) => Problem[]) =>
  (given: Sections): Problem[] =>
    has(given, needs) ? problems(given) : [];

/** Defaults of the plan are as good as values of the config: a profile must not loosen what compliance demands. */
export const planned = ({ platform, backup }: With<"platform" | "backup">): BackupPlan =>
  backupPlan(backup, profileOf(platform), usualDumps(platform));
