import { jobFileIn } from "../../../../cli/kit/find-stack";
import { Refusal } from "../../../../cli/kit/answer";

test("a stack of this machine names its job file", () => {
  expect(jobFileIn({ backup: { jobFile: "/somewhere/job.json" } }, "local")).toBe("/somewhere/job.json");
});

test("of a cloud stack, the refusal says where its jobs run and how to run one", () => {
  const outputs = { backup: { repository: "arn:aws:backup:…" }, pooler: { host: "pooler.databases.svc", port: 6432 } };
  const find = (): string => jobFileIn(outputs, "prod");
  expect(find).toThrow(Refusal);
  expect(find).toThrow("kubectl --namespace databases create job drill-by-hand --from=cronjob/drill");
  expect(find).toThrow("--job-file");
  expect(find).not.toThrow("make up");
});

test.each([{}, null, { backup: "soon" }])("outputs %j are of a stack that is not up", (outputs) => {
  expect(() => jobFileIn(outputs, "local")).toThrow("run `make up` first");
});
