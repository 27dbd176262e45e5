/** Classes of statements that pgaudit distinguishes (its documentation, "pgaudit.log"; `misc_set` since its version for PostgreSQL 13). */
const classes = ["ddl", "function", "misc", "misc_set", "read", "role", "write"] as const;

/** What `pgaudit.log` lists: classes, all of them or none, and with `-` what is taken away again. */
export const auditTerms: readonly string[] = [
  ...classes,
  "all",
  "none",
  ...[...classes, "all"].map((name) => `-${name}`),
];

/** `pgaudit.log` if the config does not say: who changed the schema and the roles. */
export const usualAudit = "ddl,role";

/** Classes that a value of `pgaudit.log` logs. Like pgaudit, it applies the terms from left to right; those that are unknown name no class. */
export function auditedClasses(value: string): ReadonlySet<string> {
  const logged = new Set<string>();
  for (const term of value.split(",").map((part) => part.trim())) {
    const name = term.replace(/^-/, "");
    for (const one of classes.filter((known) => name === "all" || name === known)) {
      if (term === name) logged.add(one);
      else logged.delete(one);
    }
  }
  return logged;
}
