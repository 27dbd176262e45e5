import { type DatabaseServer, inSession } from "../../session/sql";
import { howdahSchemas } from "./dump";
import { type DefaultPrivilege, defaultPrivilegesJson } from "./default-privileges";
import type { Extension } from "../store/manifest";
import { textFile } from "../../../lib/text/text-file";
import { fillSql } from "../../../lib/sql/fill";

/** What a restored database must show, or needs, and what its dump does not say by itself. */
export interface Contents {
  /** Tables in the database, without those of extensions. */
  readonly tables: number;
  /** Roles that policies and user mappings name; an archive makes none. */
  readonly roles: readonly string[];
  /** In the order in which they were made, as one may need another. */
  readonly extensions: readonly Extension[];
  /** A login without rights cannot give them back from the archive: they are other roles'. */
  readonly defaultPrivileges: readonly DefaultPrivilege[];
  /** What only a superuser reads, so that no dump has it: kinds of objects. */
  readonly hidden: readonly string[];
}

const statement = fillSql(textFile(__dirname, "contents.sql"), {
  parts: { default_privileges: defaultPrivilegesJson },
});

/** Looks into one database. */
export const contentsOf = (server: DatabaseServer, database: string): Promise<Contents> =>
  inSession(
    server,
    async (client) => {
      const { rows } = await client.query<Contents>(statement, [howdahSchemas[0]]);
      const [row] = rows;
      if (row === undefined) throw new Error("no answer");
      return row;
    },
    database,
  );
