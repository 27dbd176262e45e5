import { type BackupPlan, backupPlan } from "../../components/backup/plan";
import { checkOf, type Present } from "../../components/platforms/define";
import type { SharedSections } from "../../components/ports";
import { definitionOf, type PlatformName, type PlatformSections } from "../platforms";

/** The sections of a config that are right in themselves; one that is broken is left out. */
export type Sections = SharedSections & PlatformSections & { readonly platform?: PlatformName };

export type With<Key extends keyof Sections> = Present<Sections, Key>;

/** A check that runs if all the sections that it needs are right. */
export const check = checkOf<Sections>();

/** Defaults of the plan are as good as values of the config: a profile must not loosen what compliance demands. */
export const planned = ({ platform, backup }: With<"platform" | "backup">): BackupPlan =>
  backupPlan(backup, definitionOf(platform).defaults);
