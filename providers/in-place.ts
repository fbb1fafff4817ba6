/**
 * For every Kubernetes provider: a Secret or ConfigMap whose content changes is changed. By default it would be deleted
 * and made again, and a pod that starts meanwhile would find none.
 */
export const IN_PLACE = { enableConfigMapMutable: true, enableSecretMutable: true } as const;
