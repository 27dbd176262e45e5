import { page } from "../alerts/host";
import { disks, free, freePercent } from "../alerts/storage";
import { hours, metric, minutes, promql, type Selector } from "../expression";
import { cpuUsed, memoryAvailable } from "../recording";
import { avg, count, max, min, percent, rate, sum } from "./kit/expressions";
import { barGauge, dashboard, gauge, stat, stateTimeline, timeseries } from "./kit/model";
import { above, below } from "./kit/thresholds";

const device = ["host", "device"] as const;
const disk = "{{host}} {{device}}";
const ofDevice = (counter: Selector) => sum(rate(counter), ...device);
const reads = ofDevice(metric("node_disk_reads_completed_total"));
const writes = ofDevice(metric("node_disk_writes_completed_total"));
const place = ["host", "mountpoint"] as const;

export const host = dashboard({
  title: "Hosts",
  about: "The machines: CPUs, memory, disks and network, and how long they suffice.",
  rows: [
    {
      title: "CPUs and memory",
      lines: [
        {
          up: stateTimeline({
            title: "Hosts",
            description: "Whether node_exporter answers; if a host is gone, so is everything on it.",
            unit: "none",
            states: { 0: "down", 1: "up" },
            marks: below("HostDown"),
            queries: { "{{host}}": metric("up", { job: "node" }) },
          }),
          cpu: timeseries({
            title: "CPUs",
            description: "Time of the CPUs that is not idle, in percent; near 100, queries wait for each other.",
            unit: "percent",
            max: 100,
            marks: above("CpuHigh"),
            queries: { "{{host}}": promql`${cpuUsed}` },
          }),
          "cpu-modes": timeseries({
            title: "CPUs by mode",
            description: "What the CPUs do, in percent; much iowait is a slow disk, much system time many connections.",
            unit: "percent",
            stacked: true,
            queries: {
              "{{host}} {{mode}}": promql`${100} * ${avg(rate(metric("node_cpu_seconds_total", { mode: { not: "idle" } })), "host", "mode")}`,
            },
          }),
        },
        {
          load: timeseries({
            title: "Load",
            description: "Processes that run or wait for a CPU or a disk; more than CPUs means that some of them wait.",
            unit: "short",
            queries: {
              "{{host}}": metric("node_load1"),
              "{{host}} CPUs": count(rate(metric("node_cpu_seconds_total", { mode: "idle" })), "host"),
            },
          }),
          steal: timeseries({
            title: "Steal",
            description: "CPU time that the hypervisor gives to others, in percent; everything is slower by as much.",
            unit: "percent",
            marks: above("StealHigh"),
            queries: {
              "{{host}}": promql`${100} * ${avg(rate(metric("node_cpu_seconds_total", { mode: "steal" })), "host")}`,
            },
          }),
          memory: timeseries({
            title: "Available memory",
            description: "Memory that programs can still get, in percent; near none, the kernel ends processes.",
            unit: "percent",
            max: 100,
            marks: below("MemoryLow"),
            queries: { "{{host}}": promql`${memoryAvailable}` },
          }),
        },
        {
          "memory-bytes": timeseries({
            title: "Memory",
            description: "Memory of the host, and what is still available; the difference is in use.",
            unit: "bytes",
            queries: {
              "{{host}} total": metric("node_memory_MemTotal_bytes"),
              "{{host}} available": metric("node_memory_MemAvailable_bytes"),
            },
          }),
          swap: timeseries({
            title: "Swap",
            description: "Bytes a second from and to swap; what is read back makes everything slow.",
            unit: "binBps",
            marks: above("SwapIn"),
            queries: {
              "{{host}} in": promql`${page} * ${rate(metric("node_vmstat_pswpin"))}`,
              "{{host}} out": promql`${page} * ${rate(metric("node_vmstat_pswpout"))}`,
            },
          }),
          oom: stat({
            title: "Processes ended for want of memory",
            description: "Processes that the kernel ended in the last ten minutes; sessions may have been lost.",
            unit: "short",
            marks: above("OomKill"),
            queries: { "{{host}}": promql`increase(${metric("node_vmstat_oom_kill").over(minutes(10))})` },
          }),
        },
      ],
    },
    {
      title: "Disks",
      lines: [
        {
          "disk-space": barGauge({
            title: "Free space",
            description: "Free space of file systems, in percent; without any, PostgreSQL stops.",
            unit: "percent",
            max: 100,
            marks: below("DiskSpace"),
            queries: { "{{host}} {{mountpoint}}": min(freePercent, ...place) },
          }),
          "disk-runway": timeseries({
            title: "Hours until full",
            description:
              "Hours until a file system is full if it goes on as in the last six; what does not grow has no line.",
            unit: "h",
            marks: below("DiskFills"),
            queries: {
              "{{host}} {{mountpoint}}": min(
                promql`${free} / (${0} - deriv(${free.over(hours(6))}) > ${0}) / ${hours(1)}`,
                ...place,
              ),
            },
          }),
          inodes: barGauge({
            title: "Free inodes",
            description: "Files that a file system can still hold, in percent; without any, PostgreSQL stops.",
            unit: "percent",
            max: 100,
            marks: below("Inodes"),
            queries: {
              "{{host}} {{mountpoint}}": min(
                percent(metric("node_filesystem_files_free", disks), metric("node_filesystem_files", disks)),
                ...place,
              ),
            },
          }),
        },
        {
          "disk-latency": timeseries({
            title: "Latency",
            description: "Mean time of a read or write; above the line, commits and reads wait for the disk.",
            unit: "s",
            marks: above("DiskLatency"),
            queries: {
              [disk]: promql`(${ofDevice(metric("node_disk_read_time_seconds_total"))} + ${ofDevice(metric("node_disk_write_time_seconds_total"))}) / (${reads} + ${writes} > ${0})`,
            },
          }),
          "disk-busy": timeseries({
            title: "Busy",
            description: "Time in which a disk has work, in percent; near 100, everything waits for it.",
            unit: "percent",
            max: 100,
            marks: above("DiskBusy"),
            queries: { [disk]: promql`${100} * ${ofDevice(metric("node_disk_io_time_seconds_total"))}` },
          }),
        },
        {
          operations: timeseries({
            title: "Operations",
            description: "Reads and writes a second; a cloud's disk has a limit for them, at which it slows down.",
            unit: "iops",
            queries: { [`${disk} reads`]: reads, [`${disk} writes`]: writes },
          }),
          throughput: timeseries({
            title: "Throughput",
            description: "Bytes a second; a cloud's disk has a limit for them, at which it slows down.",
            unit: "binBps",
            queries: {
              [`${disk} reads`]: ofDevice(metric("node_disk_read_bytes_total")),
              [`${disk} writes`]: ofDevice(metric("node_disk_written_bytes_total")),
            },
          }),
          "read-only": stateTimeline({
            title: "Read-only file systems",
            description: "File systems that refuse writes; the kernel makes one read-only after errors of its disk.",
            unit: "none",
            states: { 0: { text: "writable", color: "green" }, 1: { text: "read-only", color: "red" } },
            queries: { "{{host}} {{mountpoint}}": max(metric("node_filesystem_readonly", disks), ...place) },
          }),
        },
      ],
    },
    {
      title: "Network and kernel",
      lines: [
        {
          traffic: timeseries({
            title: "Traffic",
            description: "Bytes a second; near the limit of the device, replicas fall behind.",
            unit: "binBps",
            queries: {
              [`${disk} received`]: ofDevice(metric("node_network_receive_bytes_total")),
              [`${disk} sent`]: ofDevice(metric("node_network_transmit_bytes_total")),
            },
          }),
          "network-errors": timeseries({
            title: "Lost packets",
            description: "Packets that were lost, in percent; queries and replication are slow.",
            unit: "percent",
            marks: above("NetworkErrors"),
            queries: {
              [disk]: percent(
                promql`${ofDevice(metric("node_network_receive_errs_total"))} + ${ofDevice(metric("node_network_transmit_errs_total"))}`,
                promql`${ofDevice(metric("node_network_receive_packets_total"))} + ${ofDevice(metric("node_network_transmit_packets_total"))}`,
              ),
            },
          }),
        },
        {
          files: gauge({
            title: "Open files",
            description: "Open files in percent of what the host allows; at 100, connections and queries fail.",
            unit: "percent",
            max: 100,
            marks: above("FilesOpen"),
            queries: { "{{host}}": percent(metric("node_filefd_allocated"), metric("node_filefd_maximum")) },
          }),
          clock: timeseries({
            title: "Clock",
            description:
              "Difference between the clock of a host and that of Prometheus; leader keys and restores rely on clocks.",
            unit: "s",
            marks: above("ClockSkew"),
            queries: {
              "{{host}}": promql`abs(${metric("node_time_seconds")} - timestamp(${metric("node_time_seconds")}))`,
              "{{host}} by its own reference": promql`abs(${metric("node_timex_offset_seconds")})`,
            },
          }),
          "clock-sync": stateTimeline({
            title: "Synchronization",
            description: "Whether a clock follows another; one that does not makes times in data and logs wrong.",
            unit: "none",
            states: { 0: "on its own", 1: "synchronized" },
            marks: below("ClockUnsynced"),
            queries: { "{{host}}": metric("node_timex_sync_status") },
          }),
        },
      ],
    },
  ],
});
