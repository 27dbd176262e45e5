import type { Problem } from "../../lib/values";
import type { OwnSchemas, PlatformDefinition } from "../ports";

/** The definition as it is, with the types of its sections. */
export const definePlatform = <const Name extends string, Schemas extends OwnSchemas>(
  definition: PlatformDefinition<Name, Schemas>,
): PlatformDefinition<Name, Schemas> => definition;

export type Present<Sections, Key extends keyof Sections> = Sections & {
  readonly [K in Key]-?: NonNullable<Sections[K]>;
};

/** Makes checks of a config, each of which runs if all the sections that it needs are right. */
export const checkOf =
  <Sections extends object>() =>
  <Key extends keyof Sections>(needs: readonly Key[], problems: (sections: Present<Sections, Key>) => Problem[]) =>
  (settings: Sections): Problem[] => {
    const has = (sections: Sections): sections is Present<Sections, Key> =>
      needs.every((key) => sections[key] !== undefined);
    return has(settings) ? problems(settings) : [];
  };
