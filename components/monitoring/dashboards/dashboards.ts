import type { DashboardName } from "../alerts/alert";
import { type AlertName, type Alerts, areas } from "../catalogue";
import { backups } from "./backups";
import { coordination } from "./coordination";
import { host } from "./host";
import type { Dashboard, PanelOf } from "./kit/model";
import { locks } from "./locks";
import { objectives } from "./objectives";
import { overview } from "./overview";
import { pooler } from "./pooler";
import { queries } from "./queries";
import { query } from "./query";
import { replication } from "./replication";
import { sessions } from "./sessions";
import { tables } from "./tables";
import { vacuum } from "./vacuum";
import { wal } from "./wal";

const all = {
  overview,
  replication,
  pooler,
  sessions,
  locks,
  queries,
  query,
  tables,
  vacuum,
  wal,
  backups,
  host,
  coordination,
  objectives,
} as const satisfies Readonly<Record<DashboardName, Dashboard>>;

/** Every dashboard by its name. */
export const allDashboards: Readonly<Record<DashboardName, Dashboard>> = all;

/** Every panel. */
export type PanelName = { [Name in DashboardName]: `${Name}/${PanelOf<(typeof all)[Name]>}` }[DashboardName];

/** Panels of the alerts, as they are written down. */
const written = Object.fromEntries(
  Object.values(areas).flatMap((area) => Object.entries(area).map(([name, { panel }]) => [name, panel])),
) as { readonly [Name in AlertName]: Alerts[Name]["panel"] };

/** Where the figure of each alert is drawn: an alert that names a panel that is not there does not compile. */
export const panelOfAlert: Readonly<Record<AlertName, PanelName>> = written;
