import type { Rule } from "../../lib/values";

/** Profiles of `howdah:compliance`; `none` adds nothing to howdah's own defaults. */
export const complianceProfiles = ["none", "hipaa"] as const;

/** A minimum that config cannot loosen. */
export interface Minimum<T> {
  /** Name in the error, such as `hipaa-log-retention`. */
  readonly name: string;
  /** Source of the requirement, such as `45 CFR 164.312(b)`. */
  readonly source: string;
  readonly path: (string | number)[];
  readonly holds: (sections: T) => boolean;
  /** What was found, and what is allowed. */
  readonly message: (sections: T) => string;
}

/** A minimum of a profile as a rule of the config; its refusal names both. */
export const ruleOf =
  (profile: (typeof complianceProfiles)[number]) =>
  <T>({ name, source, path, holds, message }: Minimum<T>): Rule<T> => ({
    path: () => path,
    holds,
    message: (sections) => `${message(sections)}; required by ${name} (${source}) of howdah:compliance ${profile}`,
  });
