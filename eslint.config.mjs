import pulumi from "@pulumi/eslint-plugin";
import importX from "eslint-plugin-import-x";
import tseslint from "typescript-eslint";

/** Who may import whom: `target` may not import from `from`. The direction of the design, one row per rule. */
const zones = [
  { target: "./components", from: "./stacks" },
  { target: "./components", from: "./providers" },
  { target: "./components", from: "./ops" },
  { target: "./components/postgres", from: "./components/platforms" },
  { target: "./components/pgbouncer", from: "./components/platforms" },
  { target: "./components/backup", from: "./components/platforms" },
  { target: "./components/platforms/local", from: ["./components/platforms/aws", "./components/kubernetes"] },
  { target: "./components/platforms/aws", from: "./components/platforms/local" },
  { target: "./components/kubernetes", from: ["./components/platforms/local", "./components/platforms/aws"] },
  { target: "./providers", from: ["./stacks", "./components", "./ops"] },
  { target: "./providers/host", from: "./providers/stand-ins" },
  { target: "./providers/stand-ins", from: "./providers/host" },
  { target: "./policies", from: ["./components", "./stacks", "./providers", "./ops"] },
  { target: ["./stacks/!(platforms).ts", "./stacks/config"], from: "./components/platforms/*/**" },
];

export default tseslint.config(
  { ignores: ["node_modules", ".build", "coverage"] },
  ...tseslint.configs.strictTypeChecked,
  {
    files: ["**/*.ts"],
    plugins: { "@pulumi": pulumi, "import-x": importX },
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
      "import-x/no-restricted-paths": ["error", { zones }],
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
  { files: ["**/*.{js,mjs}"], ...tseslint.configs.disableTypeChecked },
);
