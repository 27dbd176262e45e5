import { z } from "zod";
import type { Failure } from "../../../runtime/resource";
import { privilegesSchema, wrongPrivileges } from "./privileges";
import { inSetOrder } from "../set-order";

const objectTypes = ["database", "schema", "table", "sequence", "function", "procedure", "routine"] as const;

/** Inputs of `postgresql:index/grant:Grant`. Without columns, foreign servers and foreign-data wrappers. */
export const grantSchema = z.strictObject({
  database: z.string().min(1),
  /** `public` stands for everybody. */
  role: z.string().min(1),
  objectType: z.enum(objectTypes, { error: `must be one of ${objectTypes.join(", ")}` }),
  /** Needed for every type but `database`. */
  schema: z.string().optional(),
  /** Names; none: all objects of the type in the schema. A function may carry its argument types. */
  objects: z.array(z.string()).optional(),
  /** All that the role shall hold; none revokes everything. */
  privileges: privilegesSchema,
  withGrantOption: z.boolean().default(false),
});

export type GrantInputs = z.output<typeof grantSchema>;

/** Checks across properties. */
export function checkGrant(inputs: GrantInputs): Failure[] {
  const { objectType, schema, objects = [], privileges } = inputs;
  const failures = wrongPrivileges(objectType, privileges);
  if (objectType !== "database" && (schema ?? "") === "") {
    failures.push({ property: "schema", reason: `is needed for objectType ${objectType}` });
  }
  if (objects.length > 0 && (objectType === "database" || objectType === "schema")) {
    failures.push({ property: "objects", reason: `cannot be given for objectType ${objectType}` });
  }
  return failures;
}

/** `role_database[_schema]_type[_object...]`, as the official plugin builds it. */
export function grantId({ role, database, schema, objectType, objects }: GrantInputs): string {
  const place = objectType === "database" ? [] : [schema ?? ""];
  return [role, database, ...place, objectType, ...inSetOrder(objects ?? [])].join("_");
}
