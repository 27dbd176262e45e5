import { createServer, type Server as Listener } from "node:net";
import {
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerUnaryCall,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { type IResourceProviderServer, ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { printable } from "../../lib/text/printable";
import { Engine } from "./engine";
import { Operations } from "./operations";
import { onEngineGone } from "./orphan";
import { isTrusted } from "./peer";
import type { Plugin } from "./resource";
import { fromStruct, toStruct } from "./struct";

type Handler<Q, A> = (request: Q) => Promise<A>;

/** Also what a server or a user's object has put into it goes to the engine's terminal. */
function describe(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error));
}

/** Turns an async function into a gRPC handler; what it throws reaches the engine as the resource's error. */
function unary<Q, A>(handler: Handler<Q, A>): (call: ServerUnaryCall<Q, A>, callback: sendUnaryData<A>) => void {
  return (call, callback) => {
    // The promise starts first: a handler that throws before its own first await must not take the server down.
    Promise.resolve(call.request)
      .then(handler)
      .then(
        (answer) => {
          callback(null, answer);
        },
        (error: unknown) => {
          callback({ code: status.UNKNOWN, details: describe(error) }, null);
        },
      );
  };
}

const unimplemented = (name: string) => (_call: unknown, callback: sendUnaryData<never>) => {
  callback({ code: status.UNIMPLEMENTED, details: `${name} is not offered by this provider` }, null);
};

function checkResponse(result: {
  inputs: Record<string, unknown>;
  failures: { property: string; reason: string }[];
}): proto.CheckResponse {
  const failures = result.failures.map(({ property, reason }) =>
    new proto.CheckFailure().setProperty(property).setReason(reason),
  );
  return new proto.CheckResponse().setInputs(toStruct(result.inputs)).setFailuresList(failures);
}

const inputsOf = (value: Struct | undefined) => fromStruct(value);

/** Calls about the provider as a whole. */
function providerCalls(
  plugin: Plugin,
  engine: () => Engine,
  attach: (address: string) => void,
): Partial<IResourceProviderServer> {
  return {
    handshake: unimplemented("handshake"),
    parameterize: unimplemented("parameterize"),
    getSchema: unary(() => {
      const schema = JSON.stringify({ name: plugin.name, version: plugin.version, resources: {} });
      return Promise.resolve(new proto.GetSchemaResponse().setSchema(schema));
    }),
    checkConfig: unary((q: proto.CheckRequest) => {
      const response = checkResponse({ inputs: {}, failures: plugin.checkConfig?.(inputsOf(q.getNews())) ?? [] });
      // As it came, so that what is marked as a secret stays marked.
      return Promise.resolve(response.setInputs(q.getNews()));
    }),
    diffConfig: unimplemented("diffConfig"),
    configure: unary(async (q: proto.ConfigureRequest) => {
      await plugin.configure?.(inputsOf(q.getArgs()));
      // Without acceptSecrets the engine unwraps secrets for us and marks outputs of the same name again.
      const response = new proto.ConfigureResponse().setAcceptsecrets(false).setAcceptresources(false);
      return response.setAcceptoutputs(false).setSupportspreview(plugin.previews ?? false);
    }),
    getPluginInfo: unary(() => Promise.resolve(new PluginInfo().setVersion(plugin.version))),
    attach: unary((q: { getAddress(): string }) => {
      attach(q.getAddress());
      return Promise.resolve(new Empty());
    }),
    cancel: unary(() => {
      engine().cancel();
      return Promise.resolve(new Empty());
    }),
    invoke:
      plugin.invoke === undefined
        ? unimplemented("invoke")
        : unary(async (q: proto.InvokeRequest) => {
            const answer = await plugin.invoke?.(q.getTok(), inputsOf(q.getArgs()));
            return new proto.InvokeResponse().setReturn(toStruct(answer ?? {}));
          }),
    call: unimplemented("call"),
    construct: unimplemented("construct"),
    getMapping: unary(() => Promise.resolve(new proto.GetMappingResponse())),
    getMappings: unary(() => Promise.resolve(new proto.GetMappingsResponse())),
  };
}

/** Calls about one resource. */
function resourceCalls(operations: Operations): Partial<IResourceProviderServer> {
  return {
    check: unary(async (q: proto.CheckRequest) => checkResponse(await operations.check(q))),
    diff: unary((q: proto.DiffRequest) => operations.diff(q)),
    create: unary(async (q: proto.CreateRequest) => {
      const made = await operations.create(q);
      return new proto.CreateResponse()
        .setId(made.id)
        .setProperties(toStruct(made.state))
        .setRefreshBeforeUpdate(operations.refreshes(q.getUrn()));
    }),
    read: unary((q: proto.ReadRequest) => operations.read(q)),
    update: unary(async (q: proto.UpdateRequest) => {
      const state = await operations.update(q);
      return new proto.UpdateResponse()
        .setProperties(toStruct(state))
        .setRefreshBeforeUpdate(operations.refreshes(q.getUrn()));
    }),
    delete: unary(async (q: proto.DeleteRequest) => {
      await operations.delete(q);
      return new Empty();
    }),
  };
}

/** A plugin that is being served. */
export interface Served {
  /** Loopback port. */
  readonly port: number;
  /** Has what is under way stop, as at the engine's own `Cancel`. */
  cancel(): void;
  /** Ends the server and what the plugin holds open. */
  stop(): Promise<void>;
}

/** Hands the connections of a free loopback port to the server, those of other users left out. */
async function admitting(server: Server): Promise<Listener> {
  const connections = server.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    void isTrusted(socket).then((trusted) => {
      if (trusted && !socket.destroyed) connections.injectConnection(socket);
      else socket.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    listener.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  return listener;
}

/**
 * Serves a plugin on a free loopback port, to the user that we are and to root.
 * @param engineAddress host:port of the engine; absent when there is none to report to
 */
export async function listen(plugin: Plugin, engineAddress: string | undefined): Promise<Served> {
  let engine = new Engine(engineAddress);
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  const operations = new Operations(plugin, () => engine);
  const calls = {
    ...providerCalls(
      plugin,
      () => engine,
      (address) => {
        engine = new Engine(address);
      },
    ),
    ...resourceCalls(operations),
  } as UntypedServiceImplementation;
  server.addService(ResourceProviderService, calls);
  const listener = await admitting(server);
  const stop = async (): Promise<void> => {
    listener.close();
    server.forceShutdown();
    await plugin.close?.();
  };
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("the plugin does not listen on a port");
  const cancel = (): void => {
    engine.cancel();
  };
  return { port: address.port, cancel, stop };
}

/**
 * Serves a plugin and prints its port, as the engine expects; ends with the engine.
 * @param engineAddress host:port of the engine, the plugin's first argument
 */
export async function serve(plugin: Plugin, engineAddress: string | undefined): Promise<void> {
  const served = await listen(plugin, engineAddress);
  if (engineAddress !== undefined) onEngineGone(() => void end(served));
  process.stdout.write(`${served.port}\n`);
}

/** Milliseconds that operations have for their end once the engine does not wait for them. */
const grace = 3000;

async function end(served: Served): Promise<void> {
  setTimeout(() => process.exit(1), grace);
  served.cancel();
  await served.stop().catch(() => undefined);
  process.exit(1);
}

/** Entry of a plugin's executable. */
export function main(plugin: Plugin): void {
  serve(
    plugin,
    process.argv.slice(2).find((argument) => !argument.startsWith("-")),
  ).catch((error: unknown) => {
    process.stderr.write(`${plugin.name}: ${describe(error)}\n`);
    process.exitCode = 1;
  });
}
