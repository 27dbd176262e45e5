import { MB } from "../../lib/units";

/** What an estimate of a B-tree's size needs. */
export interface IndexFigures {
  readonly rows: number;
  /** Average bytes of a row's indexed columns, where they are not null. */
  readonly width: number;
  readonly nullable: boolean;
  /** Percent. */
  readonly fillFactor: number;
  /** Bytes of the index's file. */
  readonly bytes: number;
  /** Bytes of a page. */
  readonly page: number;
}

const align = (bytes: number): number => Math.ceil(bytes / 8) * 8;

/** Bytes of an entry: tuple header, bitmap of nulls, data, and the line pointer. `IndexTupleData` in src/include/access/itup.h */
const entryBytes = ({ width, nullable }: IndexFigures): number => (nullable ? 16 : 8) + align(width) + 4;

/** Page header, and what a B-tree keeps at a page's end. src/include/storage/bufpage.h, src/include/access/nbtree.h */
const pageOverhead = 24 + 16;

/**
 * Bytes of an index that was just built, without deduplication: rows by entries per page at the fill factor, the levels above as a geometric
 * series, and the meta page. With deduplication it is smaller, so bloat is rather underestimated.
 * https://www.postgresql.org/docs/15/btree-implementation.html
 */
export function expectedBytes(index: IndexFigures): number {
  const usable = (index.page - pageOverhead) * (index.fillFactor / 100);
  const perPage = Math.max(2, Math.floor(usable / entryBytes(index)));
  const leaves = Math.ceil(Math.max(0, index.rows) / perPage);
  const above = Math.ceil(leaves / (perPage - 1));
  return (1 + leaves + above) * index.page;
}

/** Worth a rebuild: this share of the index is air, and that many bytes. */
const limits = { share: 0.5, bytes: 8 * MB } as const;

export interface Bloat {
  /** Of the file, 0 to 1. */
  readonly share: number;
  readonly bytes: number;
}

/** Air in an index, by the estimate. */
export function bloatOf(index: IndexFigures): Bloat {
  const bytes = Math.max(0, index.bytes - expectedBytes(index));
  return { share: index.bytes === 0 ? 0 : bytes / index.bytes, bytes };
}

/** Air in an index whose leaves are full to that percentage, as pgstattuple measures it. */
export function measuredBloat(index: Pick<IndexFigures, "bytes" | "fillFactor">, leafDensity: number): Bloat {
  const share = Math.max(0, 1 - leafDensity / index.fillFactor);
  return { share, bytes: share * index.bytes };
}

/** True if a rebuild pays. */
export const isBloated = ({ share, bytes }: Bloat): boolean => share >= limits.share && bytes >= limits.bytes;
