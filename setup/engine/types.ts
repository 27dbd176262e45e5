/** A usable `pulumi`, its language host for Node next to it or on PATH. */
export interface Engine {
  readonly path: string;
  readonly version: string;
  readonly source: "found on PATH" | "built from its Go modules";
}
