import { textFile } from "../../../lib/text/text-file";

/** Owner of the lookup function: a role without login that reads six columns of `pg_authid` and nothing else. */
export const lookupOwner = "howdah_pooler_lookup";

/**
 * SQL for a superuser, in every database, once `Access` has made `howdah_pooler`: PgBouncer's `auth_query` may look up the
 * password verifier of an application's login, and of no other. Made again in one transaction, so that an altered
 * function, owner or grant is gone afterwards.
 *
 * The owner is altered only if something differs: roles are shared by all databases, and two scripts at a time would collide on
 * the row. Drops without CASCADE: a schema of this name that holds something else stops the script, and nothing is lost.
 */
export const apply = `${textFile(__dirname, "superuser/apply.sql")}\n`;

/** Takes `apply` back; the role goes with its last database. Without effect if nothing was applied. */
export const revert = `${textFile(__dirname, "superuser/revert.sql")}\n`;

/**
 * One row with one text: `absent`, or a fingerprint of the function, its owner, every grant that bears on it, and the owner's
 * attributes and members. It differs as soon as one of them is altered; compare it with the one taken after `apply`.
 */
export const probe = textFile(__dirname, "superuser/probe.sql");
