import type { nodeAlerts } from "../../../components/monitoring/rules/nodes.js";
import type { Proof } from "../proof.js";

export const nodeProofs: Readonly<Record<keyof typeof nodeAlerts, Proof>> = {
  "NodeNotReady/warning": {
    fires: {
      series: { 'kube_node_status_condition{node="node-1",condition="Ready",status="true"}': "1x4 0x20" },
      at: 10,
      labels: { environment: "production", node: "node-1", severity: "warning" },
      summary: "Node node-1 is not ready",
      description: "node-1 has not been ready for 5 minutes: its pods go elsewhere.",
    },
    quiet: {
      series: {
        'kube_node_status_condition{node="node-1",condition="Ready",status="true"}': "1x4 0x4 1x20",
        'kube_node_status_condition{node="node-1",condition="DiskPressure",status="true"}': "0x60",
      },
      until: 20,
    },
  },
  "NodeCpuHigh/warning": {
    fires: {
      series: {
        'node_cpu_seconds_total{job="node-exporter",node="node-1",cpu="0",mode="idle"}': "0+6x60",
        'node_cpu_seconds_total{job="node-exporter",node="node-1",cpu="1",mode="idle"}': "0+5.8x60",
      },
      at: 16,
      labels: { environment: "production", node: "node-1", severity: "warning" },
      summary: "Node node-1 is busy",
      description: "node-1 uses 90 % of its cores.",
    },
    quiet: {
      series: {
        'node_cpu_seconds_total{job="node-exporter",node="node-1",cpu="0",mode="idle"}': "0+6x60",
        'node_cpu_seconds_total{job="node-exporter",node="node-1",cpu="1",mode="idle"}': "0+6.2x60",
      },
      until: 26,
    },
  },
  "NodeMemoryHigh/warning": {
    fires: {
      series: {
        'node_memory_MemAvailable_bytes{job="node-exporter",node="node-1"}': "99x60",
        'node_memory_MemTotal_bytes{job="node-exporter",node="node-1"}': "1000x60",
      },
      at: 10,
      labels: { environment: "production", node: "node-1", severity: "warning" },
      summary: "Node node-1 is short of memory",
      description: "node-1 uses 90 % of its memory.",
    },
    quiet: {
      series: {
        'node_memory_MemAvailable_bytes{job="node-exporter",node="node-1"}': "101x60",
        'node_memory_MemTotal_bytes{job="node-exporter",node="node-1"}': "1000x60",
      },
      until: 20,
    },
  },
  "NodeDiskFull/warning": {
    fires: {
      series: {
        'node_filesystem_avail_bytes{job="node-exporter",node="node-1",device="/dev/sda1",fstype="ext4",mountpoint="/"}':
          "199x60",
        'node_filesystem_size_bytes{job="node-exporter",node="node-1",device="/dev/sda1",fstype="ext4",mountpoint="/"}':
          "1000x60",
      },
      at: 10,
      labels: { environment: "production", mountpoint: "/", node: "node-1", severity: "warning" },
      summary: "A disk of node-1 is nearly full",
      description: "/ of node-1 is 80 % full.",
    },
    quiet: {
      series: {
        'node_filesystem_avail_bytes{job="node-exporter",node="node-1",device="/dev/sda1",fstype="ext4",mountpoint="/"}':
          "201x60",
        'node_filesystem_size_bytes{job="node-exporter",node="node-1",device="/dev/sda1",fstype="ext4",mountpoint="/"}':
          "1000x60",
        'node_filesystem_avail_bytes{job="node-exporter",node="node-1",device="/dev/sda1",fstype="tmpfs",mountpoint="/run"}':
          "1x60",
        'node_filesystem_size_bytes{job="node-exporter",node="node-1",device="/dev/sda1",fstype="tmpfs",mountpoint="/run"}':
          "1000x60",
      },
      until: 20,
    },
  },
  "NodeDiskFull/critical": {
    fires: {
      series: {
        'node_filesystem_avail_bytes{job="node-exporter",node="node-1",device="/dev/sda1",fstype="ext4",mountpoint="/"}':
          "99x60",
        'node_filesystem_size_bytes{job="node-exporter",node="node-1",device="/dev/sda1",fstype="ext4",mountpoint="/"}':
          "1000x60",
      },
      at: 10,
      labels: { environment: "production", mountpoint: "/", node: "node-1", severity: "critical" },
      summary: "A disk of node-1 is nearly full",
      description: "/ of node-1 is 90 % full.",
    },
    quiet: {
      series: {
        'node_filesystem_avail_bytes{job="node-exporter",node="node-1",device="/dev/sda1",fstype="ext4",mountpoint="/"}':
          "101x60",
        'node_filesystem_size_bytes{job="node-exporter",node="node-1",device="/dev/sda1",fstype="ext4",mountpoint="/"}':
          "1000x60",
        'node_filesystem_avail_bytes{job="node-exporter",node="node-1",device="/dev/sda1",fstype="tmpfs",mountpoint="/run"}':
          "1x60",
        'node_filesystem_size_bytes{job="node-exporter",node="node-1",device="/dev/sda1",fstype="tmpfs",mountpoint="/run"}':
          "1000x60",
      },
      until: 20,
    },
  },
  "NodeDiskFullSoon/warning": {
    fires: {
      series: {
        'node_filesystem_avail_bytes{job="node-exporter",node="node-1",device="/dev/sda1",fstype="ext4",mountpoint="/"}':
          "6000-1.1x200",
      },
      at: 61,
      labels: { environment: "production", mountpoint: "/", node: "node-1", severity: "warning" },
      summary: "A disk of node-1 will be full",
      description: "Going on as in the last 6 hours, / of node-1 is full within days.",
    },
    quiet: {
      series: {
        'node_filesystem_avail_bytes{job="node-exporter",node="node-1",device="/dev/sda1",fstype="ext4",mountpoint="/"}':
          "6000-1x200",
      },
      until: 190,
    },
  },
  "VolumeFull/warning": {
    fires: {
      series: {
        'kubelet_volume_stats_available_bytes{job="kubelet",namespace="agents-production",persistentvolumeclaim="data",node="node-1"}':
          "149x60",
        'kubelet_volume_stats_capacity_bytes{job="kubelet",namespace="agents-production",persistentvolumeclaim="data",node="node-1"}':
          "1000x60",
      },
      at: 5,
      labels: {
        environment: "production",
        namespace: "agents-production",
        persistentvolumeclaim: "data",
        severity: "warning",
      },
      summary: "Volume data is nearly full",
      description: "agents-production/data is 85 % full.",
    },
    quiet: {
      series: {
        'kubelet_volume_stats_available_bytes{job="kubelet",namespace="agents-production",persistentvolumeclaim="data",node="node-1"}':
          "151x60",
        'kubelet_volume_stats_capacity_bytes{job="kubelet",namespace="agents-production",persistentvolumeclaim="data",node="node-1"}':
          "1000x60",
      },
      until: 15,
    },
  },
  "VolumeFull/critical": {
    fires: {
      series: {
        'kubelet_volume_stats_available_bytes{job="kubelet",namespace="agents-production",persistentvolumeclaim="data",node="node-1"}':
          "49x60",
        'kubelet_volume_stats_capacity_bytes{job="kubelet",namespace="agents-production",persistentvolumeclaim="data",node="node-1"}':
          "1000x60",
      },
      at: 5,
      labels: {
        environment: "production",
        namespace: "agents-production",
        persistentvolumeclaim: "data",
        severity: "critical",
      },
      summary: "Volume data is nearly full",
      description: "agents-production/data is 95 % full.",
    },
    quiet: {
      series: {
        'kubelet_volume_stats_available_bytes{job="kubelet",namespace="agents-production",persistentvolumeclaim="data",node="node-1"}':
          "51x60",
        'kubelet_volume_stats_capacity_bytes{job="kubelet",namespace="agents-production",persistentvolumeclaim="data",node="node-1"}':
          "1000x60",
      },
      until: 15,
    },
  },
  "VolumeFullSoon/warning": {
    fires: {
      series: {
        'kubelet_volume_stats_available_bytes{job="kubelet",namespace="agents-production",persistentvolumeclaim="data",node="node-1"}':
          "6000-1.1x200",
      },
      at: 61,
      labels: {
        environment: "production",
        namespace: "agents-production",
        persistentvolumeclaim: "data",
        severity: "warning",
      },
      summary: "Volume data will be full",
      description: "Going on as in the last 6 hours, agents-production/data is full within days.",
    },
    quiet: {
      series: {
        'kubelet_volume_stats_available_bytes{job="kubelet",namespace="agents-production",persistentvolumeclaim="data",node="node-1"}':
          "6000-1x200",
      },
      until: 190,
    },
  },
};
