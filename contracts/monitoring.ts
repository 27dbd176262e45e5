/** Login of Prometheus at what it scrapes, and of people at Prometheus and Alertmanager; HTTP basic authentication. */
export const monitoringUser = "prometheus";
