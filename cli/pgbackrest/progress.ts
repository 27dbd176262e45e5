import { formatBytes } from "../../lib/text/format";
import { sizeUnits, unitOf } from "../../lib/units";

/** `… backup file /path (8KB, 12.34%) checksum …`, likewise `restore file`; a bundled file has its bundle's name in between. */
const fileLine = /(?:backup|restore) file \S+ \((?:[^(),]+, )*([\d.]+)(B|KB|MB|GB|TB), ([\d.]+)%\)/;

/** Turns pgBackRest's detailed log into one line about how far it is, and how fast. */
export class BackrestProgress {
  private bytes = 0;
  private readonly began = performance.now();

  /** @param what for example "backing up" */
  constructor(
    private readonly what: string,
    private readonly report: (text: string) => void,
  ) {}

  /** Takes one line of the log. */
  readonly line = (text: string): void => {
    const found = fileLine.exec(text);
    if (found === null) return;
    const [, figure = "0", unit = "B", percent = "0"] = found;
    this.bytes += Number(figure) * (unitOf(sizeUnits, unit === "KB" ? "kB" : unit) ?? 1);
    const seconds = Math.max(0.001, (performance.now() - this.began) / 1000);
    this.report(
      `${this.what}: ${Number(percent).toFixed(0)} %, ${formatBytes(this.bytes)}, ${formatBytes(this.bytes / seconds)}/s`,
    );
  };
}
