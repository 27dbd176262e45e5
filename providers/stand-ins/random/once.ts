import type { z } from "zod";
import { type AnyResource, type Properties, type Resource, resource, sameValue } from "../../runtime/resource";

/** What a random resource type has of its own; the rest is the same for all. */
export interface Drawn<I extends object> {
  readonly schema: z.ZodType<I>;
  /** Draws; called once in the life of a resource. */
  readonly draw: (inputs: I) => { id: string; state: Properties };
}

const isAbsent = (value: unknown): boolean => value === undefined || value === "";

/**
 * A resource whose value is drawn once and only ever replaced: every changed input asks for a new value. State made by the
 * official plugin holds all defaults, its inputs hold none, so the comparison is with the state.
 */
export function drawnOnce<I extends object>({ schema, draw }: Drawn<I>): AnyResource {
  const definition: Resource<I, Properties> = {
    schema,
    diff: (old, news) =>
      [...new Set([...Object.keys(old.inputs), ...Object.keys(news)])]
        .map((property) => ({ property, have: old.state[property], want: (news as Properties)[property] }))
        .filter(({ have, want }) => !sameValue(have, want) && !(isAbsent(have) && isAbsent(want)))
        .map(({ property }) => ({ property, kind: "replace" as const })),
    create: (inputs) => Promise.resolve(draw(inputs)),
    read: (old) => Promise.resolve(old.state),
    update: (old) => Promise.resolve(old.state),
    delete: () => Promise.resolve(),
  };
  return resource(definition);
}
