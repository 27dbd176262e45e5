import type { PostgresSection, PostgresSettings } from "../../components/postgres/schema";
import { definitionOf, type PlatformName, type PlatformSections } from "../platforms";

/** What the size of the servers depends on. */
export interface SizeSections extends PlatformSections {
  readonly platform: PlatformName;
  readonly postgres: PostgresSection;
}

/** The servers with the size that the platform or the config gives them; undefined if the platform knows no such size. */
export function sizedPostgres({ platform, postgres, ...own }: SizeSections): PostgresSettings | undefined {
  const size = definitionOf(platform).size(postgres, own);
  return size === undefined ? undefined : { ...postgres, ...size };
}
