import type { PoolerCollector } from "../../../contracts/collector";
import { monitoringLogin } from "../../postgres/access/matrix";
import { paths, ports } from "../kit/image";
import { names } from "../kit/names";
import { scraping } from "../monitoring/certificates";

/** Settings of the collector in a pooler's pod. */
export const poolerCollector: PoolerCollector = {
  scraping,
  console: {
    host: "127.0.0.1",
    port: ports.pooler,
    user: monitoringLogin,
    passwordFile: paths.monitoringPassword,
  },
  certificates: {
    [names.certificate]: paths.certificate,
    [names.metricsCertificate]: paths.metricsCertificate,
  },
};
