/** Contracts between the shared program and a platform, one a file. Types only: shared code never names a platform. */
export type { Verified } from "../../contracts/drill-record";
export type { Backups } from "./backups";
export type { Cloud, DumpStore } from "./cloud";
export type {
  CheckedSections,
  MachineStack,
  OwnMachine,
  OwnSchemas,
  OwnSections,
  PlannedStack,
  PlatformAdapter,
  PlatformDefinition,
  PlatformParameters,
  SharedSections,
} from "./definition";
export type { EarlierKeys } from "./earlier-keys";
export type { Address, Endpoint } from "./endpoint";
export type { JobName, JobSubject } from "./jobs";
export type { Logins } from "./logins";
export type { Monitoring } from "./monitoring";
export type { Platform, PlatformInput } from "./platform";
export type { Pooler } from "./pooler";
export type { Administrator, JobLogins, Server, ServerNode, SuperuserSql } from "./server";
export type { Workloads } from "./workloads";
