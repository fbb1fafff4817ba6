import { nodeImages } from "../images/references.js";
import { account, deployment, type NodeObject } from "./objects.js";

const name = "local-path-provisioner";
/** Its own flag would say another one; the pods that it makes have it as well. */
const accountName = `${name}-service-account`;
const namespace = "local-path-storage";
const labels = { app: name };
const config = "local-path-config";

/** A folder of the node for each claim, as kind has them; claims that name no class get this one. */
export const disksObjects = (folder: string): readonly NodeObject[] => [
  { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
  ...account(accountName, namespace, [
    { apiGroups: [""], resources: ["nodes", "persistentvolumeclaims", "configmaps"], verbs: ["get", "list", "watch"] },
    { apiGroups: [""], resources: ["pods", "pods/log", "persistentvolumes"], verbs: ["*"] },
    { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
    { apiGroups: ["storage.k8s.io"], resources: ["storageclasses"], verbs: ["get", "list", "watch"] },
  ]),
  {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: {
      name: "standard",
      annotations: {
        "storageclass.kubernetes.io/is-default-class": "true",
        // Of the other type, volumes keep root for their group, whatever a pod's fsGroup says.
        defaultVolumeType: "local",
      },
    },
    provisioner: "rancher.io/local-path",
    volumeBindingMode: "WaitForFirstConsumer",
    reclaimPolicy: "Delete",
  },
  {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: config, namespace },
    data: {
      "config.json": JSON.stringify({ nodePathMap: [{ node: "DEFAULT_PATH_FOR_NON_LISTED_NODES", paths: [folder] }] }),
      setup: '#!/bin/sh\nset -eu\nmkdir -m 0777 -p "$VOL_DIR"\n',
      teardown: '#!/bin/sh\nset -eu\nrm -rf "$VOL_DIR"\n',
      "helperPod.yaml": JSON.stringify(helper),
    },
  },
  deployment(name, namespace, labels, {
    serviceAccountName: accountName,
    containers: [
      {
        name,
        image: nodeImages["local-path"],
        command: ["local-path-provisioner", "start", "--config", "/etc/config/config.json"],
        env: [
          { name: "POD_NAMESPACE", value: namespace },
          { name: "CONFIG_MOUNT_PATH", value: "/etc/config/" },
        ],
        volumeMounts: [{ name: "config", mountPath: "/etc/config/" }],
      },
    ],
    volumes: [{ name: "config", configMap: { name: config } }],
  }),
];

/** Makes and removes the folders. */
const helper = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "helper-pod" },
  spec: {
    priorityClassName: "system-node-critical",
    containers: [{ name: "helper-pod", image: nodeImages.busybox, imagePullPolicy: "IfNotPresent" }],
  },
};
