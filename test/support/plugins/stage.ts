import { checkInputs } from "../../../providers/runtime/check";
import type { AnyResource, Change, Context, Plugin, Properties } from "../../../providers/runtime/resource";

/** What a resource said while it worked. */
export interface Said {
  readonly infos: string[];
  readonly warnings: string[];
  readonly progress: string[];
}

export function listener(signal: AbortSignal = new AbortController().signal): { context: Context; said: Said } {
  const said: Said = { infos: [], warnings: [], progress: [] };
  const context: Context = {
    name: "test",
    signal,
    info: (message) => said.infos.push(message),
    warn: (message) => said.warnings.push(message),
    progress: (message) => said.progress.push(message),
  };
  return { context, said };
}

/** A resource as the engine would keep it. */
export interface Kept {
  readonly type: string;
  readonly id: string;
  readonly inputs: Properties;
  readonly state: Properties;
}

/** Plays the engine's part for one plugin: check, create, diff, read, update and delete. */
export class PluginStage {
  readonly said: Said;
  protected readonly context: Context;

  constructor(readonly plugin: Plugin) {
    ({ context: this.context, said: this.said } = listener());
  }

  /** Inputs with defaults; rejects with every refused property and its reason. */
  async inputs(type: string, news: Properties): Promise<Properties> {
    const { inputs, failures } = await checkInputs(this.definition(type), news);
    if (failures.length > 0) throw new Error(failures.map((one) => `${one.property}: ${one.reason}`).join("\n"));
    return inputs;
  }

  async create(type: string, news: Properties): Promise<Kept> {
    const inputs = await this.inputs(type, news);
    return { type, inputs, ...(await this.definition(type).create(inputs, this.context)) };
  }

  async diff(kept: Kept, news: Properties): Promise<Change[]> {
    const inputs = await this.inputs(kept.type, news);
    await this.definition(kept.type).refuse?.(kept, inputs, this.context);
    return this.definition(kept.type).diff(kept, inputs);
  }

  /** What a refresh makes of a resource; undefined if it is gone. */
  async refresh(kept: Kept): Promise<Kept | undefined> {
    const state = await this.definition(kept.type).read(kept, this.context);
    return state && { ...kept, state };
  }

  async update(kept: Kept, news: Properties): Promise<Kept> {
    const inputs = await this.inputs(kept.type, news);
    return { ...kept, inputs, state: await this.definition(kept.type).update(kept, inputs, this.context) };
  }

  async delete(kept: Kept): Promise<void> {
    await this.definition(kept.type).delete(kept, this.context);
  }

  private definition(type: string): AnyResource {
    const found = Object.entries(this.plugin.resources).find(([token]) => token.endsWith(`:${type}`))?.[1];
    if (found === undefined) throw new Error(`no resource type ${type}`);
    return found;
  }
}
