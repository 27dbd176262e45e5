import * as proto from "@pulumi/pulumi/proto/provider_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { bookkeeping, checkInputs, ownProperties } from "./check";
import type { Engine } from "./engine";
import { namingOf } from "./naming";
import { type Before, bridgedOutputs, currentInputs, readProperties } from "./recorded";
import {
  type AnyResource,
  type Change,
  type Failure,
  type Plugin,
  type Properties,
  type Recorded,
  hasUnknown,
} from "./resource";
import { fromStruct, toStruct } from "./struct";

/** Type token of a URN: `urn:pulumi:stack::project::parent$type::name`. */
function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

function diffResponse(changes: Change[], deleteBeforeReplace: boolean): proto.DiffResponse {
  const response = new proto.DiffResponse();
  const replaces = changes.filter((change) => change.kind === "replace").map((change) => change.property);
  response.setChanges(
    changes.length > 0 ? proto.DiffResponse.DiffChanges.DIFF_SOME : proto.DiffResponse.DiffChanges.DIFF_NONE,
  );
  response.setDiffsList(changes.map((change) => change.property));
  response.setReplacesList(replaces);
  response.setDeletebeforereplace(deleteBeforeReplace && replaces.length > 0);
  response.setHasdetaileddiff(true);
  for (const change of changes) {
    const kind = change.kind === "replace" ? proto.PropertyDiff.Kind.UPDATE_REPLACE : proto.PropertyDiff.Kind.UPDATE;
    response
      .getDetaileddiffMap()
      .set(change.property, new proto.PropertyDiff().setKind(kind).setInputdiff(change.drift !== true));
  }
  return response;
}

/** The engine's calls on one resource, handed to its type. */
export class Operations {
  constructor(
    private readonly plugin: Plugin,
    private readonly engine: () => Engine,
  ) {}

  async check(q: proto.CheckRequest): Promise<{ inputs: Properties; failures: Failure[] }> {
    const definition = this.definition(q.getUrn());
    const news = ownProperties(fromStruct(q.getNews()));
    return checkInputs(definition, definition.complete?.(news, namingOf(q)) ?? news);
  }

  refreshes(urn: string): boolean {
    return this.definition(urn).refreshBeforeUpdate ?? false;
  }

  async diff(q: proto.DiffRequest): Promise<proto.DiffResponse> {
    const definition = this.definition(q.getUrn());
    const old = this.recorded(definition, { id: q.getId(), inputs: q.getOldInputs(), state: q.getOlds() });
    const news = readProperties(definition, fromStruct(q.getNews()));
    await this.run(q.getUrn(), async (_definition, context) => definition.refuse?.(old, news, context));
    const ignored = new Set(q.getIgnorechangesList());
    const changes = definition.diff(old, news).filter((change) => !ignored.has(change.property));
    // A value that is known only at `up` may turn out the same; the engine has to ask again then.
    const unsure = changes.map((change): Change =>
      hasUnknown(news[change.property]) ? { ...change, kind: "update" } : change,
    );
    const { deleteBeforeReplace: rule = false } = definition;
    return diffResponse(unsure, typeof rule === "function" ? rule(old, news) : rule);
  }

  async create(q: proto.CreateRequest): Promise<{ id: string; state: Properties }> {
    const inputs = ownProperties(fromStruct(q.getProperties()));
    const definition = this.definition(q.getUrn());
    if (q.getPreview()) return { id: "", state: definition.preview?.(undefined, inputs) ?? inputs };
    const { id, state } = await this.run(q.getUrn(), (_definition, context) => definition.create(inputs, context));
    return { id, state: this.outputs(definition, { id, recorded: {} }, state) };
  }

  async read(q: proto.ReadRequest): Promise<proto.ReadResponse> {
    const definition = this.definition(q.getUrn());
    const old = this.recorded(definition, { id: q.getId(), inputs: q.getInputs(), state: q.getProperties() });
    const state = await this.run(q.getUrn(), (_definition, context) => definition.read(old, context));
    if (state === undefined) return new proto.ReadResponse().setId("");
    const before = { id: q.getId(), recorded: fromStruct(q.getProperties()) };
    const response = new proto.ReadResponse()
      .setId(q.getId())
      .setProperties(toStruct(this.outputs(definition, before, state)));
    return response.setInputs(q.getInputs()).setRefreshBeforeUpdate(this.refreshes(q.getUrn()));
  }

  async update(q: proto.UpdateRequest): Promise<Properties> {
    const definition = this.definition(q.getUrn());
    const old = this.recorded(definition, { id: q.getId(), inputs: q.getOldInputs(), state: q.getOlds() });
    const news = ownProperties(fromStruct(q.getNews()));
    const state = q.getPreview()
      ? (definition.preview?.(old, news) ?? news)
      : await this.run(q.getUrn(), (_definition, context) => definition.update(old, news, context));
    return this.outputs(definition, { id: q.getId(), recorded: fromStruct(q.getOlds()) }, state);
  }

  async delete(q: proto.DeleteRequest): Promise<void> {
    const definition = this.definition(q.getUrn());
    const old = this.recorded(definition, { id: q.getId(), inputs: q.getOldInputs(), state: q.getProperties() });
    await this.run(q.getUrn(), (_definition, context) => definition.delete(old, context));
  }

  /** A resource as the engine sends it, as its type reads it. */
  private recorded(
    definition: AnyResource,
    { id, inputs, state }: { id: string; inputs: Struct | undefined; state: Struct | undefined },
  ): Recorded<Properties, Properties> {
    const had = readProperties(definition, fromStruct(inputs));
    return {
      id,
      // An official plugin may know more inputs than its stand-in: leaving those out would hide a change.
      inputs: this.plugin.bridged === true ? had : currentInputs(definition, had),
      state: readProperties(definition, fromStruct(state)),
    };
  }

  private outputs(definition: AnyResource, before: Before, state: Properties): Properties {
    if (this.plugin.bridged === true) return bridgedOutputs(definition, before, state);
    return { ...bookkeeping(before.recorded), ...state };
  }

  private definition(urn: string): AnyResource {
    const type = typeOf(urn);
    const found = this.plugin.resources[type];
    if (found !== undefined) return found;
    const known = Object.keys(this.plugin.resources).sort().join(", ");
    throw new Error(`${this.plugin.name} has no resource type ${type}; it has: ${known}`);
  }

  private async run<T>(
    urn: string,
    operation: (definition: AnyResource, context: ReturnType<Engine["context"]>) => Promise<T>,
  ): Promise<T> {
    const engine = this.engine();
    try {
      return await operation(this.definition(urn), engine.context(urn));
    } finally {
      await engine.flush();
    }
  }
}
