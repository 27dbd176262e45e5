import type { z } from "zod";
import type { Profile } from "../../contracts/tiers";
import type { Problem } from "../../lib/values";
import type { BackupSettings } from "../backup/schema";
import type { complianceProfiles } from "../compliance/rule";
import type { MonitoringSettings } from "../monitoring/schema";
import type { NetworkSettings } from "../network/schema";
import type { PoolerSettings } from "../pgbouncer/schema";
import type { Databases, Objectives, PostgresSection, PostgresSettings, ServerSize } from "../postgres/schema";
import type { EarlierKeys } from "./earlier-keys";
import type { Platform, PlatformInput } from "./platform";

/** The config sections of every stack; an invalid section is absent. */
export type SharedSections = {
  /** Name of the stack; absent if it is not known yet. */
  readonly stack?: string;
  readonly compliance?: (typeof complianceProfiles)[number];
  readonly objectives?: Objectives;
  readonly postgres?: PostgresSection;
  readonly pooler?: PoolerSettings;
  readonly databases?: Databases;
  readonly network?: NetworkSettings;
  readonly backup?: BackupSettings;
  readonly monitoring?: MonitoringSettings;
};

/** Schemas of the sections that only stacks on one platform have, by key. */
export type OwnSchemas = Readonly<Record<string, z.ZodType>>;

/** Those sections while the config is checked: absent if invalid, undefined if the config does not have them. */
export type OwnSections<Schemas extends OwnSchemas> = {
  readonly [Key in keyof Schemas]?: z.output<Schemas[Key]> | undefined;
};

/** Those sections of a config that was checked. */
export type CheckedSections<Schemas extends OwnSchemas> = { readonly [Key in keyof Schemas]: z.output<Schemas[Key]> };

/** What a platform's servers add to the computation of their parameters. */
export interface PlatformParameters {
  /** Size of the data disk, in bytes, if the program decides it. */
  readonly diskBytes?: number;
  /** The platform's defaults of parameters; the user may override them. */
  readonly defaults?: Readonly<Record<string, string>>;
}

/** What a platform needs of the machine that the command runs on, because its servers run there. */
export interface OwnMachine<Schemas extends OwnSchemas> {
  /** @throws UserError if the stack cannot be laid out on this machine */
  assertFits(stack: MachineStack, own: CheckedSections<Schemas>): void;
}

/** A stack, as a machine sees it. */
export interface MachineStack {
  readonly stack: string;
  readonly replicas: number;
  /** Folder of the stacks of this machine. */
  readonly stateRoot: string;
}

/** A stack before anything of it is registered. */
export interface PlannedStack {
  readonly stack: string;
  readonly postgres: PostgresSettings;
  readonly databases: Databases;
}

/** Creates a platform's resources; loaded only for stacks on that platform. */
export interface PlatformAdapter<Schemas extends OwnSchemas> {
  make(input: PlatformInput, own: CheckedSections<Schemas>): Platform;
  /** Resolves if a change is allowed, and rejects if it is not; absent if the engine's own protection is enough. */
  admit?(stack: PlannedStack, own: CheckedSections<Schemas>): Promise<void>;
  /** Keys of the stack's dumps that the engine's state has; absent if the platform keeps earlier ones by itself. */
  earlierKeys?(): Promise<EarlierKeys>;
}

/**
 * A platform: `components/platforms/<name>/platform.ts` exports it, and `stacks/platforms.ts` lists it. It loads no SDK.
 * @example
 * export const local = definePlatform({ name: "local", sections: { local: localSchema }, required: [], … });
 */
export interface PlatformDefinition<Name extends string = string, Schemas extends OwnSchemas = OwnSchemas> {
  /** Value of `howdah:platform`. */
  readonly name: Name;
  readonly sections: Schemas;
  /** Keys of the sections that a stack has to have; any other one has defaults. */
  readonly required: readonly string[];
  readonly defaults: {
    /** Profile of the backups if the config names none. */
    readonly profile: Profile;
    /** When dumps are taken (cron) if the config does not say; null: on demand only. */
    readonly dumps: string | null;
    /** Whether databases and roles are protected from being deleted with the stack. */
    readonly protect: boolean;
    /** Extensions that every database has without naming them. */
    readonly extensions: readonly string[];
  };
  /** Whether the platform can run Prometheus and Alertmanager for a stack. */
  readonly monitoring: boolean;
  /** Path of the setting that decides the servers' size; absent if `howdah:postgres` does. */
  readonly sizeSetting?: readonly string[];
  /** Size of each server; undefined if the config names none that is known. */
  size(postgres: PostgresSection, own: OwnSections<Schemas>): ServerSize | undefined;
  parameters?(own: OwnSections<Schemas>): PlatformParameters;
  /** The most poolers at a time; undefined if there is one, or the config does not say. */
  poolers?(own: OwnSections<Schemas>): number | undefined;
  /** Problems of a config on this platform. Invalid sections are absent; the checks of the others still run. */
  problems(settings: SharedSections & OwnSections<Schemas>): Problem[];
  /** Present if the servers run on the machine that the command runs on. */
  readonly machine?: OwnMachine<Schemas>;
  load(): PlatformAdapter<Schemas>;
}
