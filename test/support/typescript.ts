/** Arguments of `node` that have it run TypeScript, as `make` and the scripts of package.json do. For a process in the checkout. */
export const typescript = ["--import", "tsx"] as const;
