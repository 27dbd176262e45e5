import { version } from "@pulumi/aws/package.json";
import { type AnyResource, type Plugin, type Properties, sameValue } from "../../../providers/runtime/resource";
import { isTaken, named, simulated } from "../simulated";
import { underFaults } from "../faults";
import type { Thing, World } from "../world";
import { invoke } from "./invokes";
import { type Facts, factsOf, type Row, type Rows, text } from "./row";
import { network } from "./rows/network";
import { logging } from "./rows/observation";
import { rds } from "./rows/rds";
import { security } from "./rows/security";
import { storage } from "./rows/storage";
import { untagged } from "./untagged";

/** Every resource type that is simulated; add a row to add a type. */
export const rows: Rows = { ...network, ...logging, ...rds, ...security, ...storage };

/** What the provider was configured with. */
interface Configuration {
  readonly region: string;
  readonly account: string;
  readonly defaultTags: Properties;
}

/** The engine sends every configuration value that is no string as JSON in a string. */
function decoded(value: unknown): unknown {
  try {
    return typeof value === "string" ? JSON.parse(value) : value;
  } catch {
    return value;
  }
}

function readConfiguration(config: Properties): Configuration {
  const accounts = decoded(config["allowedAccountIds"]) as string[] | undefined;
  const defaults = decoded(config["defaultTags"]) as { tags?: Properties } | undefined;
  return {
    region: text(config["region"]) || "us-east-1",
    account: accounts?.[0] ?? "123456789012",
    defaultTags: defaults?.tags ?? {},
  };
}

type EngineEnvironmentInput = Configuration & { readonly world: World };

function rowResource(type: string, row: Row, surroundings: () => EngineEnvironmentInput): AnyResource {
  const regionOf = (inputs: Properties): string => text(inputs["region"]) || surroundings().region;
  const facts = (inputs: Properties, seed: string): Facts => {
    const { account, world } = surroundings();
    return factsOf(row, inputs, { account, world, region: regionOf(inputs), seed });
  };
  const clash = (inputs: Properties): string | undefined => {
    const { name } = row;
    if (name === undefined) return undefined;
    const place = placeOf(inputs);
    const others = surroundings()
      .world.all(type)
      .filter((thing) => thing.place === place && (row.id === undefined || uniqueNames.has(type)));
    return isTaken(others, name, inputs[name]) ? `AlreadyExists: ${type} ${text(inputs[name])} exists` : undefined;
  };
  const tagsOf = (inputs: Properties): Properties => ({
    ...surroundings().defaultTags,
    ...(inputs["tags"] as Properties | undefined),
  });
  const placeOf = (inputs: Properties): string => (row.global === true ? "global" : regionOf(inputs));
  return simulated(
    {
      type,
      replacing: [...(row.replacing ?? []), "region"],
      place: placeOf,
      complete: (news, naming) => (row.name === undefined ? news : named(news, naming, { property: row.name })),
      make: (inputs, seed) => {
        const all = facts(inputs, seed);
        const region = row.global === true ? {} : { region: all.region };
        const state = {
          ...row.defaults?.(all),
          ...region,
          ...inputs,
          ...row.computed?.(all),
          ...(untagged.has(type) ? {} : { tagsAll: tagsOf(inputs) }),
        };
        row.made?.(all);
        return { id: (row.id ?? (({ name }) => name))(all), state };
      },
      ...(row.accepts === undefined ? {} : { accepts: row.accepts }),
      // The provider's own tags have changed.
      also: (state, news) =>
        untagged.has(type) || sameValue(state["tagsAll"], tagsOf(news)) || !sameValue(state["tags"], news["tags"])
          ? []
          : [{ property: "tagsAll", kind: "update" }],
      refusal: (inputs, old) =>
        (old === undefined ? clash(inputs) : undefined) ?? row.refusal?.(facts(inputs, ""), old),
      deletionRefusal: (thing: Thing) => row.deletionRefusal?.(thing, surroundings().world),
    },
    () => surroundings().world,
  );
}

/** Types whose name is taken once per region, although their id is another. */
const uniqueNames = new Set([
  "aws:backup/restoreTestingPlan:RestoreTestingPlan",
  "aws:rds/instance:Instance",
  "aws:secretsmanager/secret:Secret",
  "aws:sns/topic:Topic",
]);

/** A double of the official `aws` plugin for tests: it simulates, and reaches nothing. */
export function awsPlugin(world: World): Plugin {
  let configuration = readConfiguration({});
  const surroundings = (): EngineEnvironmentInput => ({ ...configuration, world });
  return {
    name: "aws",
    version,
    previews: true,
    resources: Object.fromEntries(
      Object.entries(rows).map(([type, row]) => [type, rowResource(type, row, surroundings)]),
    ),
    configure: (config) => {
      configuration = readConfiguration(config);
      return Promise.resolve();
    },
    invoke: (token, args) =>
      underFaults(world.root, { type: token, name: "", operation: "invoke" }, () => invoke(world, token, args)),
  };
}
