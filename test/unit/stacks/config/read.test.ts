import * as pulumi from "@pulumi/pulumi";
import { readSettings } from "../../../../stacks/config/read";
import { ownKeys } from "../../../../stacks/config/keys";
import { ConfigError } from "../../../../stacks/config/error";

const databases = JSON.stringify({ app: { applications: { web: { pool: 3 } } } });

describe("Pulumi's config", () => {
  test("is read under this project's namespace only", () => {
    expect(
      ownKeys({
        "howdah:platform": "local",
        "howdah:databases": databases,
        "aws:region": "eu-central-1",
        "howdahx:platform": "aws",
      }),
    ).toEqual({ platform: "local", databases: { app: { applications: { web: { pool: 3 } } } } });
  });

  test("becomes the settings", () => {
    pulumi.runtime.setAllConfig({ "howdah:platform": "local", "howdah:databases": databases });
    expect(readSettings()).toMatchObject({
      platform: "local",
      databases: { app: { applications: { web: { pool: 3 } } } },
    });
  });

  test("with an unknown key is refused", () => {
    pulumi.runtime.setAllConfig({ "howdah:platform": "local", "howdah:databases": databases, "howdah:databse": "{}" });
    expect(readSettings).toThrow(ConfigError);
    expect(readSettings).toThrow(/howdah:databse: unknown key \(did you mean "databases"\?\)/);
  });
});
