import { ResourceProviderService as calls } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import type { Plugin, Properties } from "../../providers/runtime/resource";
import { fromStruct, toStruct } from "../../providers/runtime/struct";
import { Conversation } from "../support/plugins/client";

/** A resource as the engine keeps it. */
export interface Kept {
  readonly urn: string;
  readonly id: string;
  readonly inputs: Properties;
  readonly state: Properties;
}

/** Plays the engine for a plugin behind its real gRPC server. */
export class Talk {
  private constructor(private readonly line: Conversation) {}

  static async start(plugin: Plugin, config: Properties = {}): Promise<Talk> {
    const line = await Conversation.start(plugin);
    await line.ask(calls.configure, new proto.ConfigureRequest().setArgs(toStruct(config)));
    return new Talk(line);
  }

  stop(): Promise<void> {
    return this.line.stop();
  }

  /** Inputs with what the provider makes up. @param old of the resource that is there, unless it is to be replaced */
  async check(urn: string, news: Properties, old?: Properties): Promise<Properties> {
    const request = new proto.CheckRequest().setUrn(urn).setNews(toStruct(news));
    if (old !== undefined) request.setOlds(toStruct(old));
    return fromStruct((await this.line.ask(calls.check, request)).getInputs());
  }

  async create(type: string, name: string, news: Properties): Promise<Kept> {
    const urn = `urn:pulumi:stack::howdah::${type}::${name}`;
    const inputs = await this.check(urn, news);
    const request = new proto.CreateRequest().setUrn(urn).setProperties(toStruct(inputs));
    const made = await this.line.ask(calls.create, request);
    return { urn, id: made.getId(), inputs, state: fromStruct(made.getProperties()) };
  }

  /** What a change would do: `update` or `replace` by property. */
  async diff({ urn, id, inputs, state }: Kept, news: Properties): Promise<Record<string, "update" | "replace">> {
    const wanted = await this.check(urn, news, inputs);
    const request = new proto.DiffRequest().setUrn(urn).setId(id).setNews(toStruct(wanted));
    const answer = await this.line.ask(calls.diff, request.setOldInputs(toStruct(inputs)).setOlds(toStruct(state)));
    const replaces = answer.getReplacesList();
    const one = (property: string) => [property, replaces.includes(property) ? "replace" : "update"] as const;
    return Object.fromEntries(answer.getDiffsList().map(one));
  }

  /** Whether a replacement deletes first. */
  async deletesFirst({ urn, id, inputs, state }: Kept, news: Properties): Promise<boolean> {
    const request = new proto.DiffRequest().setUrn(urn).setId(id).setNews(toStruct(news));
    const answer = await this.line.ask(calls.diff, request.setOldInputs(toStruct(inputs)).setOlds(toStruct(state)));
    return answer.getDeletebeforereplace();
  }

  async update(kept: Kept, news: Properties, preview = false): Promise<Kept> {
    const inputs = await this.check(kept.urn, news, kept.inputs);
    const request = new proto.UpdateRequest().setUrn(kept.urn).setId(kept.id).setNews(toStruct(inputs));
    request.setOlds(toStruct(kept.state)).setOldInputs(toStruct(kept.inputs)).setPreview(preview);
    const state = fromStruct((await this.line.ask(calls.update, request)).getProperties());
    return { ...kept, inputs, state };
  }

  /** As a refresh finds it; undefined if it is gone. */
  async read({ urn, id, inputs, state }: Kept): Promise<Kept | undefined> {
    const request = new proto.ReadRequest().setUrn(urn).setId(id).setInputs(toStruct(inputs));
    const answer = await this.line.ask(calls.read, request.setProperties(toStruct(state)));
    return answer.getId() === "" ? undefined : { urn, id, inputs, state: fromStruct(answer.getProperties()) };
  }

  async delete({ urn, id, inputs, state }: Kept): Promise<void> {
    const request = new proto.DeleteRequest().setUrn(urn).setId(id).setOldInputs(toStruct(inputs));
    await this.line.ask(calls.delete, request.setProperties(toStruct(state)));
  }

  async invoke(token: string, args: Properties): Promise<Properties> {
    const request = new proto.InvokeRequest().setTok(token).setArgs(toStruct(args));
    return fromStruct((await this.line.ask(calls.invoke, request)).getReturn());
  }
}
