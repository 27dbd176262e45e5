import type * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";

type Scalar = string | number | boolean | null | undefined;

/** As the program writes it: nothing in it changes. */
type Known<T> = unknown extends T ? T : T extends Scalar ? T : { readonly [Key in keyof T]: Known<T[Key]> };

/** The same, each part of which may be known only during `up`. */
type Late<T> = pulumi.Input<T extends Scalar ? T : { readonly [Key in keyof T]: Late<T[Key]> }>;

type LateProperties<T> = { readonly [Key in keyof T]: Late<T[Key]> };

/**
 * Arguments of a resource type of the `host` provider, by the schema that the provider checks them with.
 * `LateKey` names those that may be outputs of other resources.
 */
export type Arguments<Schema extends z.ZodType, LateKey extends keyof z.input<Schema> = never> = Known<
  Omit<z.input<Schema>, LateKey>
> &
  LateProperties<Pick<z.input<Schema>, LateKey>>;
