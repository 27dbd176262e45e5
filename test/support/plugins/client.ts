import { Client, credentials, type MethodDefinition } from "@grpc/grpc-js";
import type { Plugin } from "../../../providers/runtime/resource";
import { listen, type Served } from "../../../providers/runtime/server";

/** A plugin behind its real gRPC server, and the engine's end of the line. */
export class Conversation {
  private constructor(
    private readonly served: Served,
    private readonly client: Client,
  ) {}

  static async start(plugin: Plugin): Promise<Conversation> {
    const served = await listen(plugin, undefined);
    return new Conversation(served, new Client(`127.0.0.1:${served.port}`, credentials.createInsecure()));
  }

  /** One call of `ResourceProviderService`; rejects with the text that the engine would show. */
  ask<Q, A>({ path, requestSerialize, responseDeserialize }: MethodDefinition<Q, A>, request: Q): Promise<A> {
    return new Promise((resolve, reject) => {
      this.client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, answer) => {
        if (error === null && answer !== undefined) resolve(answer);
        else reject(new Error(error?.details));
      });
    });
  }

  async stop(): Promise<void> {
    this.client.close();
    await this.served.stop();
  }
}
