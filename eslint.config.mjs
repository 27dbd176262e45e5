import pulumi from "@pulumi/eslint-plugin";
import tseslint from "typescript-eslint";
import { tsImport } from "tsx/esm/api";

const { imports } = await tsImport("./dev/import-rules.ts", import.meta.url);

export default tseslint.config(
  { ignores: ["node_modules", ".build", "coverage"] },
  ...tseslint.configs.strictTypeChecked,
  {
    files: ["**/*.ts"],
    plugins: { "@pulumi": pulumi, howdah: { rules: { imports } } },
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@pulumi/no-output-in-template-literal": "error",
      "@typescript-eslint/strict-boolean-expressions": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-unnecessary-condition": ["error", { allowConstantLoopConditions: true }],
      "@typescript-eslint/max-params": ["error", { max: 3 }],
      "max-lines": ["error", { max: 250 }],
      "max-lines-per-function": ["error", { max: 60 }],
      "howdah/imports": "error",
    },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      "max-lines": ["error", { max: 400 }],
      "max-lines-per-function": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
  { files: ["**/*.{js,mjs,cjs,cts}"], ...tseslint.configs.disableTypeChecked },
  // Of Node itself, without a step before it.
  { files: ["**/*.cjs"], rules: { "@typescript-eslint/no-require-imports": "off", "no-undef": "off" } },
);
