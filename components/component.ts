import * as pulumi from "@pulumi/pulumi";

/** Throws unless `child` is `parent` or starts with `parent-`: a URN then says whose part it is, and names never clash. */
export function assertChildName(parent: string, child: string): void {
  if (child === parent || child.startsWith(`${parent}-`)) return;
  throw new Error(`the resource "${child}" is part of "${parent}": name it "${parent}-…"`);
}

/**
 * Base of every component: keeps the arguments out of the state, and enforces the child-name rule on all descendants.
 */
export abstract class Component extends pulumi.ComponentResource {
  /**
   * @param type `howdah:<folder>:<Name>`
   * @param name logical name, prefix of the names of all children
   * @throws later, when a child with another prefix is created
   */
  protected constructor(type: `howdah:${string}:${string}`, name: string, options: pulumi.ComponentResourceOptions) {
    super(type, name, {}, pulumi.mergeOptions(options, { transformations: [nameRule(name)] }));
  }
}

const nameRule =
  (parent: string): pulumi.ResourceTransformation =>
  ({ name }) => {
    assertChildName(parent, name);
    return undefined;
  };
