import { counter, gauge, group, histogram, type MetricDefinition } from "./definition";

/**
 * Labels that the scrape configuration adds to the targets of a job, in addition to those of every target; `targets` are series that
 * Prometheus itself makes for all of them. HAProxy gets no `server`, which is a label of its own: a server of a backend. The collector
 * sets its labels itself.
 */
export const targetLabels = {
  targets: ["server", "member", "host"],
  patroni: ["server", "host"],
  etcd: ["member", "host"],
  haproxy: ["host"],
  node: ["host"],
  prometheus: [],
  alertmanager: [],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Labels of every target. */
export const commonLabels = ["stack", "job", "instance"] as const;

const filesystem = ["device", "fstype", "mountpoint"] as const;

/**
 * What alerts, recording rules and panels use of other programs, whose names stand instead of a set. Names, types and labels as
 * Patroni 4.1 (patroni/api.py), etcd 3.4, HAProxy 2.6 with `prometheus-exporter`, node_exporter 1.5, Prometheus 2.42 and Alertmanager
 * 0.25 serve them; `targets` is what Prometheus itself says of every target.
 */
export const otherMetrics = {
  ...group("targets", ["job", "instance"], {
    up: gauge("1 if the last scrape succeeded.", "boolean"),
    scrape_duration_seconds: gauge("Duration of the last scrape.", "seconds"),
  }),
  ...group("patroni", ["scope", "name"], {
    patroni_postgres_running: gauge("1 if PostgreSQL is running.", "boolean"),
    patroni_primary: gauge("1 if this node is the leader.", "boolean"),
    patroni_sync_standby: gauge("1 if this node is a synchronous standby.", "boolean"),
    patroni_quorum_standby: gauge("1 if this node is a quorum standby.", "boolean"),
    patroni_xlog_received_location: counter("WAL that a replica has received; 0 on a primary.", "bytes"),
    patroni_xlog_replayed_location: counter("WAL that a replica has replayed; 0 on a primary.", "bytes"),
    patroni_cluster_unlocked: gauge("1 if the cluster has no leader key.", "boolean"),
    patroni_failsafe_mode_is_active: gauge("1 if failsafe mode is active.", "boolean"),
    patroni_dcs_last_seen: gauge("Last successful contact with etcd.", "timestamp"),
    patroni_pending_restart: gauge("1 if parameters wait for a restart.", "boolean"),
    patroni_is_paused: gauge("1 if automatic failover is off.", "boolean"),
  }),
  ...group("etcd", [], {
    etcd_server_has_leader: gauge("1 if the member knows a leader.", "boolean"),
    etcd_server_is_leader: gauge("1 if the member is the leader.", "boolean"),
    etcd_server_leader_changes_seen_total: counter("Leader changes that the member has seen."),
    etcd_server_proposals_failed_total: counter("Proposals that failed."),
    etcd_server_quota_backend_bytes: gauge("Size at which etcd refuses writes.", "bytes"),
    etcd_mvcc_db_total_size_in_bytes: gauge("Size of the database file.", "bytes"),
    etcd_disk_wal_fsync_duration_seconds: histogram("Time of an fsync of etcd's WAL.", "seconds"),
    etcd_disk_backend_commit_duration_seconds: histogram("Time of a commit to the database file.", "seconds"),
  }),
  ...group("haproxy", [], {
    haproxy_process_start_time_seconds: gauge("Start of the process.", "timestamp"),
  }),
  ...group("haproxy", ["proxy"], {
    haproxy_frontend_current_sessions: gauge("Sessions of a frontend."),
    haproxy_frontend_limit_sessions: gauge("Limit of sessions of a frontend."),
    haproxy_backend_active_servers: gauge("Servers of a backend that are up."),
  }),
  ...group("haproxy", ["proxy", "server", "state"], {
    haproxy_server_status: gauge("1 for the state of a server.", "boolean"),
  }),
  ...group("haproxy", ["proxy", "server"], {
    haproxy_server_current_sessions: gauge("Sessions of a server."),
    haproxy_server_check_up_down_total: counter("Transitions from up to down."),
  }),
  ...group("node", [], {
    node_boot_time_seconds: gauge("Boot.", "timestamp"),
    node_time_seconds: gauge("Clock of the host.", "timestamp"),
    node_load1: gauge("Load of the last minute."),
    node_memory_MemAvailable_bytes: gauge("Memory that programs can still get.", "bytes"),
    node_memory_MemTotal_bytes: gauge("Memory of the host.", "bytes"),
    node_vmstat_pswpin: counter("Pages read from swap."),
    node_vmstat_pswpout: counter("Pages written to swap."),
    node_vmstat_oom_kill: counter("Processes that the kernel has killed for want of memory."),
    node_filefd_allocated: gauge("Open files of the host."),
    node_filefd_maximum: gauge("Limit of open files of the host."),
    node_timex_sync_status: gauge("1 if the clock is synchronized.", "boolean"),
    node_timex_offset_seconds: gauge("Offset of the clock from its reference.", "seconds"),
  }),
  ...group("node", ["cpu", "mode"], {
    node_cpu_seconds_total: counter("Time of a CPU by mode.", "seconds"),
  }),
  ...group("node", ["device"], {
    node_disk_reads_completed_total: counter("Reads of a disk."),
    node_disk_read_time_seconds_total: counter("Time that reads took.", "seconds"),
    node_disk_writes_completed_total: counter("Writes of a disk."),
    node_disk_write_time_seconds_total: counter("Time that writes took.", "seconds"),
    node_disk_read_bytes_total: counter("Bytes read from a disk.", "bytes"),
    node_disk_written_bytes_total: counter("Bytes written to a disk.", "bytes"),
    node_disk_io_time_seconds_total: counter("Time in which a disk had work.", "seconds"),
    node_network_receive_packets_total: counter("Packets received."),
    node_network_receive_errs_total: counter("Packets that were not received."),
    node_network_transmit_packets_total: counter("Packets sent."),
    node_network_transmit_errs_total: counter("Packets that were not sent."),
    node_network_receive_bytes_total: counter("Bytes received.", "bytes"),
    node_network_transmit_bytes_total: counter("Bytes sent.", "bytes"),
  }),
  ...group("node", filesystem, {
    node_filesystem_avail_bytes: gauge("Space that users other than root can still get.", "bytes"),
    node_filesystem_size_bytes: gauge("Size of a file system.", "bytes"),
    node_filesystem_files: gauge("Inodes of a file system; 0 if it has no fixed number."),
    node_filesystem_files_free: gauge("Free inodes of a file system."),
    node_filesystem_readonly: gauge("1 if a file system is read-only.", "boolean"),
  }),
  ...group("prometheus", ["alertmanager"], {
    prometheus_notifications_errors_total: counter("Alerts that did not reach an Alertmanager."),
  }),
  ...group("prometheus", [], {
    prometheus_notifications_dropped_total: counter("Alerts that reached no Alertmanager."),
    prometheus_notifications_alertmanagers_discovered: gauge("Alertmanagers that Prometheus knows."),
    prometheus_config_last_reload_successful: gauge("1 if the last reload of the configuration succeeded.", "boolean"),
  }),
  ...group("prometheus", ["rule_group"], {
    prometheus_rule_evaluation_failures_total: counter("Evaluations of rules that failed."),
    prometheus_rule_group_iterations_missed_total: counter("Evaluations of rules that were too slow to happen."),
  }),
  ...group("prometheus", ["alertname", "alertstate", "severity", "nature", "area"], {
    ALERTS: gauge("1 for an alert that is pending or firing; it has the labels of its series, too.", "boolean"),
  }),
  ...group("alertmanager", ["integration"], {
    alertmanager_notifications_total: counter("Notifications that were tried."),
    alertmanager_notifications_failed_total: counter("Notifications that failed."),
  }),
  ...group("alertmanager", [], {
    alertmanager_config_last_reload_successful: gauge(
      "1 if the last reload of the configuration succeeded.",
      "boolean",
    ),
  }),
} as const satisfies Record<string, MetricDefinition>;

export type Program = keyof typeof targetLabels;
