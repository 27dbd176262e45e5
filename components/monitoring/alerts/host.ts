import { MB } from "../../../lib/units";
import { metric, minutes, promql } from "../expression";
import { cpuUsed, memoryAvailable } from "../recording";
import { area } from "./alert";

/** Bytes of a page, in which Linux counts what it swaps, on amd64 and on arm64 with Debian's kernel. */
export const page = 4096;
/** Operations a second below which a mean says nothing. */
const fewOperations = 10;
/** Packets a second, likewise. */
const fewPackets = 10;

const window = minutes(5);

const reads = promql`rate(${metric("node_disk_reads_completed_total").over(window)})`;
const writes = promql`rate(${metric("node_disk_writes_completed_total").over(window)})`;
const received = promql`rate(${metric("node_network_receive_packets_total").over(window)})`;
const sent = promql`rate(${metric("node_network_transmit_packets_total").over(window)})`;

/** The machine. */
export const hostAlerts = area({
  HostDown: {
    nature: "cause",
    summary: "Host {{ $labels.host }} does not answer: everything that runs on it may be gone.",
    panel: "host/up",
    levels: { critical: { limit: 1, for: minutes(1) } },
    // Prometheus may run on the host itself, and answers itself then.
    expr: (limit) =>
      promql`max by (host) (${metric("up", { host: { not: "" }, job: { not: "prometheus" } })}) < ${limit}`,
    needs: ["node"],
  },
  CpuHigh: {
    nature: "cause",
    summary: "The CPUs of {{ $labels.host }} are nearly always busy: queries wait for each other.",
    panel: "host/cpu",
    levels: { critical: { limit: 90, for: minutes(15) }, warning: { limit: 75, for: minutes(15) } },
    expr: (limit) => promql`${cpuUsed} > ${limit}`,
  },
  MemoryLow: {
    nature: "cause",
    summary: "{{ $labels.host }} is nearly out of memory: then the kernel ends processes, PostgreSQL's among them.",
    panel: "host/memory",
    levels: { critical: { limit: 10, for: minutes(5) }, warning: { limit: 20, for: minutes(5) } },
    expr: (limit) => promql`${memoryAvailable} < ${limit}`,
  },
  SwapIn: {
    nature: "cause",
    summary: "{{ $labels.host }} fetches memory from its disk: everything on it is slow.",
    panel: "host/swap",
    levels: { warning: { limit: MB, for: minutes(5) } },
    expr: (limit) => promql`${page} * rate(${metric("node_vmstat_pswpin").over(window)}) > ${limit}`,
  },
  OomKill: {
    nature: "cause",
    summary: "{{ $labels.host }} ran out of memory and ended a process: sessions may have been lost.",
    panel: "host/oom",
    levels: { critical: { limit: 0, for: 0 } },
    expr: (limit) => promql`increase(${metric("node_vmstat_oom_kill").over(minutes(10))}) > ${limit}`,
  },
  DiskLatency: {
    nature: "cause",
    summary: "Disk {{ $labels.device }} of {{ $labels.host }} answers slowly: commits and reads wait for it.",
    panel: "host/disk-latency",
    levels: { warning: { limit: 0.05, for: minutes(10) } },
    expr: (limit) => {
      const reading = promql`rate(${metric("node_disk_read_time_seconds_total").over(window)})`;
      const writing = promql`rate(${metric("node_disk_write_time_seconds_total").over(window)})`;
      return promql`(${reading} + ${writing}) / (${reads} + ${writes}) > ${limit} and ${reads} + ${writes} > ${fewOperations}`;
    },
  },
  DiskBusy: {
    nature: "cause",
    summary: "Disk {{ $labels.device }} of {{ $labels.host }} is nearly always busy: commits and reads wait for it.",
    panel: "host/disk-busy",
    levels: { warning: { limit: 90, for: minutes(15) } },
    expr: (limit) => promql`${100} * rate(${metric("node_disk_io_time_seconds_total").over(window)}) > ${limit}`,
  },
  FilesOpen: {
    nature: "cause",
    summary: "{{ $labels.host }} can open few more files: then connections and queries fail.",
    panel: "host/files",
    levels: { warning: { limit: 80, for: minutes(5) } },
    expr: (limit) => promql`${100} * ${metric("node_filefd_allocated")} / ${metric("node_filefd_maximum")} > ${limit}`,
  },
  ClockUnsynced: {
    nature: "cause",
    summary: "The clock of {{ $labels.host }} follows no other: times in the data and in the logs become wrong.",
    panel: "host/clock-sync",
    levels: { warning: { limit: 1, for: minutes(10) } },
    expr: (limit) => promql`${metric("node_timex_sync_status")} < ${limit}`,
  },
  ClockSkew: {
    nature: "cause",
    summary: "The clock of {{ $labels.host }} is wrong: leader keys, certificates and restores to a moment rely on it.",
    panel: "host/clock",
    levels: { critical: { limit: 0.5, for: minutes(5) } },
    // Against the moment of the scrape, by the clock of Prometheus.
    expr: (limit) => promql`abs(${metric("node_time_seconds")} - timestamp(${metric("node_time_seconds")})) > ${limit}`,
  },
  NetworkErrors: {
    nature: "cause",
    summary:
      "Network device {{ $labels.device }} of {{ $labels.host }} loses packets: queries and replication are slow.",
    panel: "host/network-errors",
    levels: { warning: { limit: 1, for: minutes(5) } },
    expr: (limit) => {
      const receiving = promql`rate(${metric("node_network_receive_errs_total").over(window)})`;
      const sending = promql`rate(${metric("node_network_transmit_errs_total").over(window)})`;
      return promql`${100} * (${receiving} + ${sending}) / (${received} + ${sent}) > ${limit} and ${received} + ${sent} > ${fewPackets}`;
    },
  },
  StealHigh: {
    nature: "cause",
    summary: "{{ $labels.host }} gets less CPU time than it asks for: everything on it is slower than it should be.",
    panel: "host/steal",
    levels: { warning: { limit: 10, for: minutes(15) } },
    expr: (limit) =>
      promql`${100} * avg by (host) (rate(${metric("node_cpu_seconds_total", { mode: "steal" }).over(window)})) > ${limit}`,
  },
  ServiceFlapping: {
    nature: "cause",
    summary: "{{ $labels.service }} keeps crashing and restarting: what depends on it fails now and then.",
    panel: "coordination/restarts",
    levels: { critical: { limit: 3, for: 0, keep: minutes(10) } },
    expr: (limit) => promql`increase(${metric("howdah_service_restarts_total").over(minutes(10))}) > ${limit}`,
    quietDuringWork: true,
  },
  ServiceDown: {
    nature: "cause",
    summary: "{{ $labels.service }} does not run: what depends on it fails.",
    panel: "coordination/services",
    levels: { warning: { limit: 1, for: minutes(2) } },
    expr: (limit) => promql`${metric("howdah_service_up")} < ${limit}`,
    quietDuringWork: true,
  },
});
