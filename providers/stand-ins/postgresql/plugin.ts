import { version } from "@pulumi/postgresql/package.json";
import type { Plugin } from "../../runtime/resource";
import { Connections } from "./session/connections";
import { database } from "./database/database";
import { defaultPrivileges } from "./grant/default-privileges";
import { extension } from "./database/extension";
import { grant } from "./grant/grant";
import { grantRole } from "./grant/grant-role";
import { role } from "./role/role";
import { schema } from "./database/schema";
import { checkSettings, readSettings } from "./session/settings";

/** A stand-in for the official `postgresql` plugin, for machines that cannot download it. */
export function postgresqlPlugin(): Plugin {
  let connections: Connections | undefined;
  const server = (): Connections => {
    if (connections === undefined) throw new Error("postgresql: the provider was not configured");
    return connections;
  };
  return {
    name: "postgresql",
    version,
    bridged: true,
    resources: {
      "postgresql:index/database:Database": database(server),
      "postgresql:index/defaultPrivileges:DefaultPrivileges": defaultPrivileges(server),
      "postgresql:index/extension:Extension": extension(server),
      "postgresql:index/grant:Grant": grant(server),
      "postgresql:index/grantRole:GrantRole": grantRole(server),
      "postgresql:index/role:Role": role(server),
      "postgresql:index/schema:Schema": schema(server),
    },
    checkConfig: checkSettings,
    configure: (config) => {
      connections = new Connections(readSettings(config));
      return Promise.resolve();
    },
    close: async () => {
      await connections?.close();
    },
  };
}
