import type { hostAlerts } from "../../../../components/monitoring/alerts/host";
import { age, rise, value } from "../waves";
import { type Cases, of } from "./case";

const host = { host: "h1" } as const;
const idleHost = { host: "h2" } as const;
const disk = { ...host, device: "vda" } as const;
const network = { ...host, device: "eth0" } as const;

const cpu = (quiet: number, loud: number) =>
  of(
    host,
    rise("node_cpu_seconds_total", { ...host, cpu: "0", mode: "idle" }, [quiet, loud]),
    rise("node_cpu_seconds_total", { ...host, cpu: "1", mode: "idle" }, [quiet, loud]),
    rise("node_cpu_seconds_total", { ...host, cpu: "0", mode: "user" }, 0),
  );

const memory = (quiet: number, loud: number) =>
  of(
    host,
    value("node_memory_MemAvailable_bytes", host, [quiet, loud]),
    value("node_memory_MemTotal_bytes", host, 1000),
  );

export const hostCases: Cases<keyof typeof hostAlerts> = {
  HostDown: {
    critical: of(
      host,
      value("up", { job: "node", instance: "a", ...host }, 0),
      value("up", { job: "etcd", instance: "b", ...host }, [1, 0]),
      value("up", { job: "prometheus", instance: "c", ...host }, 1),
      value("up", { job: "collector", instance: "d" }, 0),
    ),
  },
  CpuHigh: { critical: cpu(0.101, 0.099), warning: cpu(0.251, 0.249) },
  MemoryLow: { critical: memory(100, 99), warning: memory(200, 199) },
  SwapIn: { warning: of(host, rise("node_vmstat_pswpin", host, [255, 257])) },
  OomKill: { critical: of(host, rise("node_vmstat_oom_kill", host, [0, 1 / 600])) },
  DiskLatency: {
    warning: of(
      disk,
      rise("node_disk_reads_completed_total", disk, 10),
      rise("node_disk_writes_completed_total", disk, 10),
      rise("node_disk_read_time_seconds_total", disk, [0.5, 0.6]),
      rise("node_disk_write_time_seconds_total", disk, 0.49),
      // Slow, but rarely asked.
      rise("node_disk_reads_completed_total", { ...disk, device: "vdb" }, 4),
      rise("node_disk_writes_completed_total", { ...disk, device: "vdb" }, 4),
      rise("node_disk_read_time_seconds_total", { ...disk, device: "vdb" }, 4),
      rise("node_disk_write_time_seconds_total", { ...disk, device: "vdb" }, 4),
    ),
  },
  DiskBusy: { warning: of(disk, rise("node_disk_io_time_seconds_total", disk, [0.899, 0.901])) },
  FilesOpen: {
    warning: of(host, value("node_filefd_allocated", host, [800, 801]), value("node_filefd_maximum", host, 1000)),
  },
  ClockUnsynced: { warning: of(host, value("node_timex_sync_status", host, [1, 0])) },
  ClockSkew: { critical: of(host, age("node_time_seconds", host, [0.5, 0.6]), age("node_time_seconds", idleHost, 0)) },
  NetworkErrors: {
    warning: of(
      network,
      rise("node_network_receive_packets_total", network, 50),
      rise("node_network_transmit_packets_total", network, 50),
      rise("node_network_receive_errs_total", network, [0.49, 0.51]),
      rise("node_network_transmit_errs_total", network, 0.5),
      rise("node_network_receive_packets_total", { ...network, device: "eth1" }, 4),
      rise("node_network_transmit_packets_total", { ...network, device: "eth1" }, 4),
      rise("node_network_receive_errs_total", { ...network, device: "eth1" }, 4),
      rise("node_network_transmit_errs_total", { ...network, device: "eth1" }, 4),
    ),
  },
  StealHigh: {
    warning: of(host, rise("node_cpu_seconds_total", { ...host, cpu: "0", mode: "steal" }, [0.099, 0.101])),
  },
  ServiceFlapping: {
    critical: of(
      { service: "haproxy" },
      rise("howdah_service_restarts_total", { service: "haproxy" }, [2.9 / 600, 4 / 600]),
    ),
  },
  ServiceDown: { warning: of({ service: "haproxy" }, value("howdah_service_up", { service: "haproxy" }, [1, 0])) },
};
