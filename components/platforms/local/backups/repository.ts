import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { Component } from "../../../component";
import type { HostBase } from "../host-base";
import type { Layout } from "../layout";
import { backrestConfiguration, jobConfigFile, nodeConfigFile, repositoryPath } from "./pgbackrest";
import { Directory, File } from "../resources/host";

export interface RepositoryArgs {
  readonly layout: Layout;
  readonly hostBase: HostBase;
  /** Cores of one server. */
  readonly cpus: number;
  /** What `pgbackrest version` prints. */
  readonly version: string;
}

/** The pgBackRest repository: its folder, its key, and the configuration of archivers and jobs. */
export class Repository extends Component {
  /** Passphrase of the repository; without it, no backup can be read. */
  readonly key: pulumi.Output<string>;
  /** What a backup job needs. */
  readonly jobFiles: readonly pulumi.Resource[];
  private readonly directories: readonly Directory[];
  private readonly byNode: ReadonlyMap<string, File>;

  constructor(name: string, args: RepositoryArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("howdah:local:Repository", name, options);
    const { layout, hostBase, cpus, version } = args;
    this.key = new random.RandomPassword(`${name}-cipher`, { length: 64, special: false }, { parent: this }).result;
    const below = { parent: this, dependsOn: [...hostBase.directories] };
    this.directories = [
      new Directory(`${name}-directory`, { path: repositoryPath(layout) }, below),
      new Directory(`${name}-spool`, { path: join(layout.backup, "spool") }, below),
    ];
    const write = (file: string, path: string, nodes: Layout["nodes"]): File => {
      const content = this.key.apply((cipherPass) =>
        backrestConfiguration({ layout, cpus, cipherPass, version }, nodes),
      );
      return new File(file, { path, content }, below);
    };
    const job = write(`${name}-configuration`, jobConfigFile(layout), layout.nodes);
    this.byNode = new Map(
      layout.nodes.map((node) => [
        node.name,
        write(`${name}-${node.name}-configuration`, nodeConfigFile(layout, node), [node]),
      ]),
    );
    this.jobFiles = [job, ...this.directories];
    this.registerOutputs();
  }

  /** What the archiver of one node needs. */
  nodeFiles(node: string): pulumi.Resource[] {
    const file = this.byNode.get(node);
    return file === undefined ? [...this.directories] : [file, ...this.directories];
  }
}
