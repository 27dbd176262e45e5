import { services } from "../../../../cli/metrics/sets/services";
import { programStatus } from "../../../../lib/supervisor/supervisor";
import { freePorts } from "../../../support/servers/ports";
import { Supervised, until } from "../../../support/servers/supervised";

let world: Supervised;
beforeAll(async () => {
  world = await Supervised.start();
});
afterAll(() => world.stop());

const startOf = async (): Promise<number> => (await programStatus(world.at)).get("one")?.start ?? 0;

test("a service's first start is no restart; that it is started again is one", async () => {
  const collect = services.start({ supervisor: world.at.directory, services: ["one"] });
  const figures = async () => {
    const { howdah_service_up, howdah_service_restarts_total } = await collect();
    return [howdah_service_up, howdah_service_restarts_total].map((samples) => samples?.[0]?.[1]);
  };
  expect(await figures()).toEqual([0, 0]);

  const [port = 0] = await freePorts(1);
  const service = await world.stage.create("Service", world.inputs("one", port));
  expect(await figures()).toEqual([1, 0]);

  const before = await startOf();
  // The supervisor counts in seconds.
  await until(() => Promise.resolve(Date.now() / 1000 > before + 2));
  process.kill((await world.pidOf("one")) ?? 0, "SIGKILL");
  await until(async () => (await startOf()) > before && (await figures())[0] === 1);
  expect(await figures()).toEqual([1, 1]);
  await world.stage.delete(service);
});
