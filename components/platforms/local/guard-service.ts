import type * as pulumi from "@pulumi/pulumi";
import type { FailoverPlan } from "../../postgres/objectives";
import type { HostBase } from "./host-base";
import { guardFile, guardName, guardText, guardTiming, type Watched } from "../../../contracts/guard";
import type { Layout } from "./layout";
import type { Machine } from "./machine";
import { File, Service } from "./resources/host";
import { publicHash } from "../../public-hash";

export interface GuardArgs {
  readonly layout: Layout;
  readonly machine: Machine;
  readonly hostBase: HostBase;
  readonly plan: FailoverPlan;
  /** Whom it guards: the service is `guard-<who>`. */
  readonly who: string;
  readonly watch: readonly Watched[];
  /** The component that it is a part of. */
  readonly parent: pulumi.Resource;
  /** Services that it watches. */
  readonly needs: readonly pulumi.Resource[];
}

/** A service that ends a server which hangs, and sessions which keep everybody out: neither a supervisor nor Patroni notices. */
export function guardService(name: string, args: GuardArgs): Service {
  const { layout, machine, hostBase, parent } = args;
  const path = guardFile(layout, args.who);
  const content = guardText({ watch: [...args.watch], timing: guardTiming(args.plan) });
  const settings = new File(`${name}-settings`, { path, content }, { parent, dependsOn: [...hostBase.directories] });
  return new Service(
    name,
    {
      supervisor: layout.supervisor,
      name: guardName(args.who),
      command: [...machine.howdah, "guard", "--config", path],
      environment: { PATH: "/usr/bin:/bin" },
      restartTriggers: { settings: publicHash(content) },
    },
    { parent, dependsOn: [...args.needs, settings] },
  );
}
