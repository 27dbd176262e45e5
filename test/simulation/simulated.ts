import { randomBytes } from "node:crypto";
import { z } from "zod";
import { physicalName } from "../../providers/runtime/naming";
import {
  type AnyResource,
  type Change,
  type Context,
  type Naming,
  type Properties,
  type Recorded,
  sameValue,
  UNKNOWN,
} from "../../providers/runtime/resource";
import { differences } from "./difference";
import { type Call, underFaults } from "./faults";
import type { Thing, World } from "./world";

/** How a type behaves, beyond what all have in common. */
export interface Behaviour {
  readonly type: string;
  /** Dotted paths whose change needs a new thing. */
  readonly replacing: readonly string[];
  readonly deleteBeforeReplace?: AnyResource["deleteBeforeReplace"];
  /** Inputs with a physical name, where the program gives none. */
  complete(news: Properties, naming: Naming): Properties;
  /** Where the thing is to be. */
  place(inputs: Properties): string;
  /** The whole state of a thing: its inputs, and what the service computes. */
  make(inputs: Properties, seed: string): { id: string; state: Properties };
  /** True if a property that differs is left as it is: the service changes it by itself. */
  accepts?(property: string, state: Properties, news: Properties): boolean;
  /** Changes in addition to those of the inputs. */
  also?(state: Properties, news: Properties): Change[];
  /** Why the service refuses to make or change it. */
  refusal?(inputs: Properties, old: Thing | undefined): string | undefined;
  /** Why the service refuses to delete it. */
  deletionRefusal?(thing: Thing): string | undefined;
}

/** A resource type whose things live in a simulated world only. */
export function simulated(behaviour: Behaviour, world: () => World): AnyResource {
  const { type } = behaviour;
  const during = <T>(operation: Call["operation"], { name }: Context, work: () => T): Promise<T> =>
    underFaults(world().root, { type, name, operation }, work);
  const refuse = (reason: string | undefined): void => {
    if (reason !== undefined) throw new Error(reason);
  };
  const found = (old: Recorded<Properties, Properties>): Thing | undefined =>
    world().get({ type, id: old.id, place: behaviour.place(old.inputs) });
  return {
    schema: z.record(z.string(), z.unknown()),
    ...(behaviour.deleteBeforeReplace === undefined ? {} : { deleteBeforeReplace: behaviour.deleteBeforeReplace }),
    complete: (news, naming) => behaviour.complete(news, naming),
    diff: (old, news) => [
      ...differences(old, news, behaviour.replacing).filter(
        ({ property }) => behaviour.accepts?.(property, old.state, news) !== true,
      ),
      ...(behaviour.also?.(old.state, news) ?? []),
    ],
    preview: (old, news) => (old === undefined ? news : changed(old, news)),
    create: (inputs, context) =>
      during("create", context, () => {
        const seed = randomBytes(20).toString("hex");
        const place = behaviour.place(inputs);
        refuse(behaviour.refusal?.(inputs, undefined));
        const { id, state } = behaviour.make(inputs, seed);
        if (world().get({ type, id, place }) !== undefined) throw new Error(`AlreadyExists: ${type} ${id} in ${place}`);
        world().put({ type, id, name: context.name, place, seed, state });
        return { id, state };
      }),
    read: (old, context) => during("read", context, () => found(old)?.state),
    update: (old, news, context) =>
      during("update", context, () => {
        const thing = found(old);
        if (thing === undefined) throw new Error(`NotFound: ${type} ${old.id}`);
        refuse(behaviour.refusal?.(news, thing));
        const { state } = behaviour.make(news, thing.seed);
        world().put({ ...thing, state });
        return state;
      }),
    delete: (old, context) =>
      during("delete", context, () => {
        const thing = found(old);
        // Gone already: the engine's wish is fulfilled.
        if (thing === undefined) return;
        refuse(behaviour.deletionRefusal?.(thing));
        world().remove(thing);
      }),
  };
}

/** The state that an update will leave, as far as that is known: what is not an input stays. */
function changed({ inputs, state }: Recorded<Properties, Properties>, news: Properties): Properties {
  const gone = Object.keys(inputs).filter((key) => !(key in news));
  const kept = Object.entries(state).filter(([key]) => !gone.includes(key));
  return { ...Object.fromEntries(kept), ...news };
}

/** The inputs with a physical name at `property`: the given one, the one it has, or a new one. */
export function named(news: Properties, naming: Naming, { property, digits = 7 }: NameRule): Properties {
  if (news[property] !== undefined || naming.disabled) return news;
  const had = naming.old[property];
  return { ...news, [property]: typeof had === "string" && had !== UNKNOWN ? had : physicalName(naming, digits) };
}

/** Where a type keeps its physical name. */
export interface NameRule {
  readonly property: string;
  readonly digits?: number;
}

/** A property of one that exists already. */
export const isTaken = (things: readonly Thing[], property: string, value: unknown): boolean =>
  things.some(({ state }) => sameValue(state[property], value));
