import { layoutOf } from "../../../../../components/platforms/local/layout";
import { localSchema } from "../../../../../components/platforms/local/schema";

const rootOf = (stateDirectory: string): string =>
  layoutOf({
    stack: "local",
    settings: localSchema.parse({ stateDirectory }),
    replicas: 2,
    stateRoot: "/var/lib/howdah",
  }).root;

test.each(["/srv/howdah", "/home/some.body/.local/state/howdah_2", "/tmp/howdah-Ab12/e2e-stack", "/srv/..data/x"])(
  "state may live in %s",
  (path) => {
    expect(rootOf(path)).toBe(path);
  },
);

test.each([
  "/srv/x; touch /tmp/owned",
  "/srv/$(id)/x",
  "/srv/with space",
  "/srv/per%cent",
  "/srv/new\nline",
  "/srv/quo'te",
  '/srv/quo"te',
  "/srv/#comment",
  "/srv/../etc",
  "/srv/.",
  "/srv//howdah",
  "/srv/howdah/",
  "/etc",
  "/",
])("%j is refused: it would mean something else in a server's file, or give away a folder of the system", (path) => {
  expect(() => rootOf(path)).toThrow("howdah:local.stateDirectory: ");
});
